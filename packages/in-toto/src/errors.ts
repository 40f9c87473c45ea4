import type { DsseErrorCode } from './codes.js';
import type { Finding, FindingCode } from './finding.js';

export type { DsseErrorCode, PredicateErrorCode, StatementErrorCode, StatementWarningCode } from './codes.js';

/** Every code of this package: those of envelopes, of statements and of predicates. */
export type InTotoErrorCode = DsseErrorCode | FindingCode;

/** The one error that this package throws on bad input. */
export class InTotoError extends Error {
  /** Always `InTotoError`, which survives two copies of the package in one program. */
  override readonly name = 'InTotoError';
  /** What to switch on; the message is for people and may change. */
  readonly code: InTotoErrorCode;
  /** The member at fault, as a JSON pointer into the envelope or statement; `undefined` where the fault has no place. */
  readonly pointer: string | undefined;
  /**
   * Everything found in a statement, warnings too, in the order of its members; the first error is also `code` and `pointer`.
   * At most 1000. Empty for envelopes, which are refused at the first fault.
   */
  readonly findings: readonly Finding[];

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault, what caused it, and all that was found
   */
  constructor(
    code: InTotoErrorCode,
    message: string,
    options: { pointer?: string | undefined; cause?: unknown; findings?: readonly Finding[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.pointer = options.pointer;
    this.findings = options.findings ?? [];
  }
}
