import { canonicalJson, type JsonValue } from '@sealwright/json';
import type { SlsaErrorCode } from '../errors.js';

/** One thing that was looked at. Every check of an appraisal is in the verdict, whatever came of it. */
export interface Check {
  /** What was looked at; what went wrong if it failed. */
  readonly code: SlsaErrorCode;
  /** `skip` when nothing was expected, and so nothing was looked at. */
  readonly status: 'pass' | 'fail' | 'skip';
  /** What the caller wanted. */
  readonly expected?: JsonValue;
  /** What was there. */
  readonly actual?: JsonValue;
  /** Where in the statement it is. */
  readonly pointer?: string;
  /** Why, for people. */
  readonly message?: string;
}

/** What a check is about. */
export interface CheckDetails {
  /** What the caller wanted. */
  readonly expected?: JsonValue | undefined;
  /** What was there. */
  readonly actual?: JsonValue | undefined;
  /** Where in the statement it is. */
  readonly pointer?: string | undefined;
  /** Why, for people; kept only where the check failed. */
  readonly message?: string | undefined;
}

/**
 * Write down a check.
 *
 * @param code - what was looked at
 * @param passed - what came of it; `undefined` when it was skipped
 * @param details - what was wanted, what was there, and where
 */
export function check(code: SlsaErrorCode, passed: boolean | undefined, details: CheckDetails = {}): Check {
  const { expected, actual, pointer, message } = details;
  return {
    code,
    status: passed === undefined ? 'skip' : passed ? 'pass' : 'fail',
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    ...(pointer === undefined ? {} : { pointer }),
    ...(message === undefined || passed !== false ? {} : { message }),
  };
}

/**
 * Whether no check failed.
 *
 * @param checks - of a verdict
 */
export function allPass(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'fail');
}

/** Whether two JSON values are equal, the order of members aside. */
export function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || canonicalJson(a) === canonicalJson(b);
}
