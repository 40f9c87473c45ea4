import { object, optional } from './composites.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyText, purl } from './scalars.js';

/** That a registry released something: `https://in-toto.io/attestation/release/v0.1`. */
export interface ReleaseV01Predicate {
  /** A package URL with a version. */
  readonly purl: string;
  /** The release, as the registry calls it. */
  readonly releaseId?: string;
}

/** Releases of version 0.1. */
export const releaseV01: Predicate<'https://in-toto.io/attestation/release/v0.1', ReleaseV01Predicate> =
  definePredicate({
    type: 'https://in-toto.io/attestation/release/v0.1',
    name: 'release',
    check: object({ purl, releaseId: optional(anyText) }),
  });
