import type { JsonValue } from '@sealwright/json';
import { list, object, optional } from './composites.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyText, anyValue, timestamp, uri } from './scalars.js';

/** What a verifier found true: `https://in-toto.io/attestation/svr/v0.1`. */
export interface SvrV01Predicate {
  /** Who verified. */
  readonly verifier: {
    /** A URI of the verifier. */
    readonly id: string;
    /** By which policy. */
    readonly policy?: JsonValue;
  };
  /** Timestamp. */
  readonly timeCreated: string;
  /** What holds, such as `SLSA_BUILD_LEVEL_3`. */
  readonly properties: readonly string[];
}

/** Simple verification results of version 0.1. */
export const svrV01: Predicate<'https://in-toto.io/attestation/svr/v0.1', SvrV01Predicate> = definePredicate({
  type: 'https://in-toto.io/attestation/svr/v0.1',
  name: 'svr',
  check: object({
    verifier: object({ id: uri, policy: optional(anyValue) }),
    timeCreated: timestamp,
    properties: list(anyText),
  }),
});
