import type { Check } from './check.js';
import { map, object } from './composites.js';
import { descriptorWith, type DescriptorWith } from './descriptors.js';
import { count, oneOf, timestamp, uri } from './scalars.js';

/** The levels that SLSA had before version 1. */
export type VsaV0Level =
  | 'SLSA_LEVEL_0'
  | 'SLSA_LEVEL_1'
  | 'SLSA_LEVEL_2'
  | 'SLSA_LEVEL_3'
  | 'SLSA_LEVEL_4'
  | 'FAILED';

/** What versions 0.1 and 0.2 have in common. */
export interface VsaV0Predicate {
  /** Who verified. */
  readonly verifier: {
    /** A URI of the verifier. */
    readonly id: string;
  };
  /** Timestamp. */
  readonly time_verified: string;
  /** By which policy. */
  readonly policy: DescriptorWith<'uri'>;
  /** The verdict. */
  readonly verification_result: 'PASSED' | 'FAILED';
  /** The level reached. */
  readonly policy_level: VsaV0Level;
  /** How many dependencies have which level. */
  readonly dependency_levels: Readonly<Record<string, number>>;
}

/** The checks of what both versions have. */
export const vsaV0Members: { readonly [K in keyof VsaV0Predicate]: Check<VsaV0Predicate[K]> } = {
  verifier: object({ id: uri }),
  time_verified: timestamp,
  policy: descriptorWith('uri'),
  verification_result: oneOf('PASSED', 'FAILED'),
  policy_level: oneOf(
    'SLSA_LEVEL_0',
    'SLSA_LEVEL_1',
    'SLSA_LEVEL_2',
    'SLSA_LEVEL_3',
    'SLSA_LEVEL_4',
    'FAILED',
  ),
  dependency_levels: map(count),
};
