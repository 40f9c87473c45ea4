/**
 * Why an envelope was refused. Codes are public API: never renamed, never reused.
 *
 * - `DSSE_MALFORMED_JSON`: not JSON, broken UTF-8, a byte order mark
 * - `DSSE_WRONG_TYPE`: a member, or the whole, has another JSON type
 * - `DSSE_MISSING_FIELD`: a required member is missing
 * - `DSSE_BAD_BASE64`: the payload or a signature does not decode
 * - `DSSE_NO_SIGNATURES`: an empty list of signatures
 * - `DSSE_DUPLICATE_KEY`: a member stands twice, and parsers disagree about which counts
 * - `DSSE_AMBIGUOUS_KEY`: a member that decoders which fold letter case take for another
 * - `DSSE_THRESHOLD_INVALID`: no keys, or a threshold that they can never meet
 * - `DSSE_NO_VALID_SIGNATURE`: nothing verified
 * - `DSSE_THRESHOLD_NOT_MET`: fewer keys than wanted
 * - `DSSE_PAYLOAD_TYPE`: signed, but of a type that is not accepted
 * - `DSSE_LIMIT_EXCEEDED`: over a cap
 */
export type DsseErrorCode =
  | 'DSSE_MALFORMED_JSON'
  | 'DSSE_WRONG_TYPE'
  | 'DSSE_MISSING_FIELD'
  | 'DSSE_BAD_BASE64'
  | 'DSSE_NO_SIGNATURES'
  | 'DSSE_DUPLICATE_KEY'
  | 'DSSE_AMBIGUOUS_KEY'
  | 'DSSE_THRESHOLD_INVALID'
  | 'DSSE_NO_VALID_SIGNATURE'
  | 'DSSE_THRESHOLD_NOT_MET'
  | 'DSSE_PAYLOAD_TYPE'
  | 'DSSE_LIMIT_EXCEEDED';

/**
 * Why a statement was refused.
 *
 * - `INTOTO_MALFORMED_JSON`, `INTOTO_WRONG_TYPE`, `INTOTO_MISSING_FIELD`, `INTOTO_DUPLICATE_KEY`, `INTOTO_LIMIT_EXCEEDED`: as for
 *   envelopes; empty text counts as missing where it must say something
 * - `INTOTO_UNSUPPORTED_STATEMENT_TYPE`: neither version 0.1 nor 1
 * - `INTOTO_EMPTY_SUBJECT`: a list of subjects that can match nothing
 * - `INTOTO_DIGEST_REQUIRED`: a subject without a digest
 * - `INTOTO_BAD_DIGEST_ENCODING`, `INTOTO_BAD_DIGEST_LENGTH`: a digest that its algorithm cannot give
 * - `INTOTO_DUPLICATE_NAME`: a name twice, which version 0.1 forbids
 */
export type StatementErrorCode =
  | 'INTOTO_MALFORMED_JSON'
  | 'INTOTO_WRONG_TYPE'
  | 'INTOTO_MISSING_FIELD'
  | 'INTOTO_UNSUPPORTED_STATEMENT_TYPE'
  | 'INTOTO_EMPTY_SUBJECT'
  | 'INTOTO_DIGEST_REQUIRED'
  | 'INTOTO_BAD_DIGEST_ENCODING'
  | 'INTOTO_BAD_DIGEST_LENGTH'
  | 'INTOTO_DUPLICATE_NAME'
  | 'INTOTO_DUPLICATE_KEY'
  | 'INTOTO_LIMIT_EXCEEDED';

/** Every code of this package. */
export type InTotoErrorCode = DsseErrorCode | StatementErrorCode;

/** The one error that this package throws on bad input. */
export class InTotoError extends Error {
  /** Always `InTotoError`, which survives two copies of the package in one program. */
  override readonly name = 'InTotoError';
  /** What to switch on; the message is for people and may change. */
  readonly code: InTotoErrorCode;
  /** The member at fault, as a JSON pointer into the envelope or statement; `undefined` where the fault has no place. */
  readonly pointer: string | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: InTotoErrorCode,
    message: string,
    options: { pointer?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.pointer = options.pointer;
  }
}
