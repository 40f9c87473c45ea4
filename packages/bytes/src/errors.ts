/**
 * Why bytes or their text were refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_BYTES_HEX`, `ERR_BYTES_BASE64`, `ERR_BYTES_UTF8`: text or bytes that are not of the encoding
 * - `ERR_BYTES_RANGE`: a read past the end, bytes left over, or a number that does not fit its field
 * - `ERR_BYTES_LIMIT`: an input over its cap
 */
export type BytesErrorCode =
  | 'ERR_BYTES_HEX'
  | 'ERR_BYTES_BASE64'
  | 'ERR_BYTES_UTF8'
  | 'ERR_BYTES_RANGE'
  | 'ERR_BYTES_LIMIT';

/** The one error that this package throws on bad input. Its message never quotes the input. */
export class BytesError extends Error {
  /** Always `BytesError`, which survives two copies of the package in one program. */
  override readonly name = 'BytesError';
  /** What to switch on; the message is for people and may change. */
  readonly code: BytesErrorCode;
  /** Where the fault is: a character offset in text, a byte offset in bytes; `undefined` where it has no place. */
  readonly offset: number | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(code: BytesErrorCode, message: string, options: { offset?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
  }
}
