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
 * - `ERR_DER_ALGORITHM`: a signature algorithm, or parameters of one, that nobody here uses
 * - `ERR_DER_UNTRUSTED`: a chain that ends at none of the trust anchors
 * - `ERR_DER_ISSUER`: an issuer that is not the subject above it
 * - `ERR_DER_SIGNATURE`: a signature that does not verify
 * - `ERR_DER_NOT_YET_VALID`: a certificate or list before its first moment
 * - `ERR_DER_EXPIRED`: a certificate or list after its last moment, or a list that does not say when that is
 * - `ERR_DER_CRITICAL`: a critical extension that is not known
 * - `ERR_DER_AUTHORITY`: an issuer that is no certificate authority, or may not sign what it signed
 * - `ERR_DER_PATH_LENGTH`: more certificate authorities below one than it allows
 * - `ERR_DER_NAME_CONSTRAINT`: a name that an authority above may not certify
 */
export type DerErrorCode =
  | 'ERR_DER_LENGTH'
  | 'ERR_DER_TAG'
  | 'ERR_DER_TRAILING'
  | 'ERR_DER_VALUE'
  | 'ERR_DER_KEY'
  | 'ERR_DER_PEM'
  | 'ERR_DER_LIMIT'
  | 'ERR_DER_ALGORITHM'
  | 'ERR_DER_UNTRUSTED'
  | 'ERR_DER_ISSUER'
  | 'ERR_DER_SIGNATURE'
  | 'ERR_DER_NOT_YET_VALID'
  | 'ERR_DER_EXPIRED'
  | 'ERR_DER_CRITICAL'
  | 'ERR_DER_AUTHORITY'
  | 'ERR_DER_PATH_LENGTH'
  | 'ERR_DER_NAME_CONSTRAINT';

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
