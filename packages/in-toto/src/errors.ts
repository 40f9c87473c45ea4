import type { DsseErrorCode } from './codes.js';
import type { Finding, FindingCode } from './finding.js';

export type { DsseErrorCode, PredicateErrorCode, StatementErrorCode, StatementWarningCode } from './codes.js';

/**
 * Every code of this package. Beside those of envelopes and statements:
 *
 * - `LAYOUT_UNSUPPORTED_TYPE`: neither a classic layout nor a link where one is wanted
 * - `LAYOUT_BAD_EXPIRY`: not RFC 3339 in UTC with `Z`
 * - `LAYOUT_BAD_RULE`: an artifact rule of no known form, or a pattern that implementations read differently
 * - `LAYOUT_BAD_KEY`: a key whose type, scheme and text do not fit together
 * - `LAYOUT_BAD_HEX`: a signature that is not hexadecimal
 * - `LAYOUT_BAD_CERTIFICATE`: not one X.509 certificate
 * - `LAYOUT_NOT_CANONICAL`: something that canonical JSON cannot hold, such as a fraction
 * - `PROTOBUF_MALFORMED`: not the wire form of the message
 */
export type InTotoErrorCode =
  | DsseErrorCode
  | FindingCode
  | 'LAYOUT_UNSUPPORTED_TYPE'
  | 'LAYOUT_BAD_EXPIRY'
  | 'LAYOUT_BAD_RULE'
  | 'LAYOUT_BAD_KEY'
  | 'LAYOUT_BAD_HEX'
  | 'LAYOUT_BAD_CERTIFICATE'
  | 'LAYOUT_NOT_CANONICAL'
  | 'PROTOBUF_MALFORMED';

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
