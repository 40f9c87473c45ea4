/**
 * Why bytes or text were refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_DER_LENGTH`: an element that ends past its container, or a length not in its shortest form
 * - `ERR_DER_TAG`: another element than the structure has at this place
 * - `ERR_DER_TRAILING`: bytes after the end of a structure
 * - `ERR_DER_VALUE`: contents that DER does not allow for the type, such as a padded integer
 * - `ERR_DER_KEY`: a key of a kind, curve or size that nobody here uses
 * - `ERR_DER_PEM`: text that is not PEM
 * - `ERR_DER_LIMIT`: an input over its cap
 */
export type DerErrorCode =
  | 'ERR_DER_LENGTH'
  | 'ERR_DER_TAG'
  | 'ERR_DER_TRAILING'
  | 'ERR_DER_VALUE'
  | 'ERR_DER_KEY'
  | 'ERR_DER_PEM'
  | 'ERR_DER_LIMIT';

/** The one error that this package throws on bad input. Its message never quotes the input. */
export class DerError extends Error {
  /** Always `DerError`, which survives two copies of the package in one program. */
  override readonly name = 'DerError';
  /** What to switch on; the message is for people and may change. */
  readonly code: DerErrorCode;
  /** Byte offset of the element at fault (of PEM: the character), where the fault has a place. */
  readonly offset: number | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(code: DerErrorCode, message: string, options: { offset?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
  }
}
