import type { Check } from './check.js';
import { list, map, object, optional, refine } from './composites.js';
import { descriptorWith, type DescriptorWith } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyText, count, oneOf, text, timestamp, uri } from './scalars.js';
import { checkLevel, checkLevels } from './vsa-levels.js';

/** What a verifier concluded about an artifact: `https://slsa.dev/verification_summary/v1`. */
export interface VsaV1Predicate {
  /** Who verified. */
  readonly verifier: {
    /** A URI of the verifier. */
    readonly id: string;
    /** Versions of its components. */
    readonly version?: Readonly<Record<string, string>>;
  };
  /** Timestamp. */
  readonly timeVerified?: string;
  /** Where a consumer would fetch the artifact. */
  readonly resourceUri: string;
  /** By which policy. */
  readonly policy: DescriptorWith<'uri'>;
  /** All attestations that were used, when there are any here. */
  readonly inputAttestations?: readonly DescriptorWith<'digest'>[];
  /** The verdict. */
  readonly verificationResult: 'PASSED' | 'FAILED';
  /** At most one level of each track, and properties. */
  readonly verifiedLevels: readonly string[];
  /** How many dependencies have which level. Missing claims nothing; empty says that there are none. */
  readonly dependencyLevels?: Readonly<Record<string, number>>;
  /** `MAJOR.MINOR`. */
  readonly slsaVersion?: string;
}

const dependencyLevels: Check<Readonly<Record<string, number>>> = refine(map(count), (levels, context) => {
  for (const level of Object.keys(levels)) checkLevel(level, context.at(level));
});

/** Verification summaries of version 1. */
export const vsaV1: Predicate<'https://slsa.dev/verification_summary/v1', VsaV1Predicate> = definePredicate({
  type: 'https://slsa.dev/verification_summary/v1',
  name: 'vsa',
  check: object({
    verifier: object({ id: uri, version: optional(map(anyText)) }),
    timeVerified: optional(timestamp),
    resourceUri: uri,
    policy: descriptorWith('uri'),
    inputAttestations: optional(list(descriptorWith('digest'))),
    verificationResult: oneOf('PASSED', 'FAILED'),
    verifiedLevels: refine(list(text), checkLevels),
    dependencyLevels: optional(dependencyLevels),
    slsaVersion: optional(anyText),
  }),
});
