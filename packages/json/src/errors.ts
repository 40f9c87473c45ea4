/**
 * Why text is not JSON that we take, or a value not one that we write. Codes are public API: never renamed, never reused.
 *
 * - `ERR_JSON_SYNTAX`: not the grammar of RFC 8259, or something after its end
 * - `ERR_JSON_DUPLICATE`: an object names a member twice
 * - `ERR_JSON_DEPTH`: nested deeper than allowed
 * - `ERR_JSON_SIZE`: more bytes or more values than allowed
 * - `ERR_JSON_UTF8`: bytes that are not UTF-8, or that begin with a byte order mark
 * - `ERR_JSON_VALUE`: a value that the wanted text cannot hold, such as an infinite number or half a surrogate pair
 */
export type JsonErrorCode =
  | 'ERR_JSON_SYNTAX'
  | 'ERR_JSON_DUPLICATE'
  | 'ERR_JSON_DEPTH'
  | 'ERR_JSON_SIZE'
  | 'ERR_JSON_UTF8'
  | 'ERR_JSON_VALUE';

/** The one error that this package throws on bad input. Its message never quotes the input. */
export class JsonError extends Error {
  /** Always `JsonError`, which survives two copies of the package in one program. */
  override readonly name = 'JsonError';
  /** What to switch on; the message is for people and may change. */
  readonly code: JsonErrorCode;
  /** Where in the text the fault is, in UTF-16 code units; `undefined` where it has no place. */
  readonly offset: number | undefined;
  /** The value at fault or the one around it, as a JSON pointer (RFC 6901); the empty text is the whole document. */
  readonly pointer: string | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: JsonErrorCode,
    message: string,
    options: { offset?: number; pointer?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
    this.pointer = options.pointer;
  }
}
