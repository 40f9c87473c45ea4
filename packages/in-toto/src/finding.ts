import type { PredicateErrorCode, StatementErrorCode, StatementWarningCode } from './codes.js';

/** What a finding can say. */
export type FindingCode = StatementErrorCode | StatementWarningCode | PredicateErrorCode;

/** One thing that is wrong with a statement, or odd about it. */
export interface Finding {
  /** What to switch on. */
  readonly code: FindingCode;
  /** The member at fault, as a JSON pointer (RFC 6901) into the statement. */
  readonly pointer: string;
  /** What was expected; for people, and may change. */
  readonly message: string;
  /** Errors refuse the statement, warnings go with it. */
  readonly severity: 'error' | 'warning';
}

/**
 * How to read what others wrote. `strict`, the default, is what a producer must meet. `tolerant` turns what real producers get
 * wrong outside of subjects into warnings: empty resource descriptors, broken base64, digests that their algorithm cannot give.
 * What identifies an artifact is never softened.
 */
export type ReadMode = 'strict' | 'tolerant';
