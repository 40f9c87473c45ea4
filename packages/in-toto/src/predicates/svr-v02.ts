import type { ResourceDescriptor } from '../descriptor.js';
import { list, object } from './composites.js';
import { descriptor } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyText, timestamp, uri } from './scalars.js';

/** What a verifier found true: `https://in-toto.io/attestation/svr/v0.2`. */
export interface SvrV02Predicate {
  /** Who verified. */
  readonly verifier: {
    /** A URI of the verifier. */
    readonly id: string;
    /** By which policies; there even when empty. */
    readonly policies: readonly ResourceDescriptor[];
  };
  /** Timestamp. */
  readonly timeCreated: string;
  /** What holds, such as `SLSA_BUILD_LEVEL_3`. */
  readonly properties: readonly string[];
}

/** Simple verification results of version 0.2. */
export const svrV02: Predicate<'https://in-toto.io/attestation/svr/v0.2', SvrV02Predicate> = definePredicate({
  type: 'https://in-toto.io/attestation/svr/v0.2',
  name: 'svr',
  check: object({
    verifier: object({ id: uri, policies: list(descriptor) }),
    timeCreated: timestamp,
    properties: list(anyText),
  }),
});
