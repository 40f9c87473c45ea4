import type { ResourceDescriptor } from '../descriptor.js';
import { list, object, optional } from './composites.js';
import { descriptor } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyText, oneOf, uri } from './scalars.js';

/** How a run of tests ended: `https://in-toto.io/attestation/test-result/v0.1`. */
export interface TestResultPredicate {
  /** The outcome as a whole. */
  readonly result: 'PASSED' | 'WARNED' | 'FAILED';
  /** What configured the run. */
  readonly configuration: readonly ResourceDescriptor[];
  /** Where to look at the run. */
  readonly url?: string;
  /** Names of tests. */
  readonly passedTests?: readonly string[];
  /** Names of tests. */
  readonly warnedTests?: readonly string[];
  /** Names of tests. */
  readonly failedTests?: readonly string[];
}

/** Test results of version 0.1. */
export const testResult: Predicate<'https://in-toto.io/attestation/test-result/v0.1', TestResultPredicate> =
  definePredicate({
    type: 'https://in-toto.io/attestation/test-result/v0.1',
    name: 'test-result',
    check: object({
      result: oneOf('PASSED', 'WARNED', 'FAILED'),
      configuration: list(descriptor),
      url: optional(uri),
      passedTests: optional(list(anyText)),
      warnedTests: optional(list(anyText)),
      failedTests: optional(list(anyText)),
    }),
  });
