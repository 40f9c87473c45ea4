import { object, optional } from './composites.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyText, purl } from './scalars.js';

/** That a registry released something: `https://in-toto.io/attestation/release/v0.2`. */
export interface ReleaseV02Predicate {
  /** A package URL with a version. */
  readonly purl: string;
  /** The package, as the registry calls it. */
  readonly packageId?: string;
}

/** Releases of version 0.2. */
export const releaseV02: Predicate<'https://in-toto.io/attestation/release/v0.2', ReleaseV02Predicate> =
  definePredicate({
    type: 'https://in-toto.io/attestation/release/v0.2',
    name: 'release',
    check: object({ purl, packageId: optional(anyText) }),
  });
