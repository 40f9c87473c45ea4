/**
 * Why an operation was refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_CRYPTO_KEY`: not a key, or one whose parts do not fit together
 * - `ERR_CRYPTO_UNSUPPORTED`: a key, scheme or size that is not offered
 * - `ERR_CRYPTO_AUTH`: sealed data that was changed, or sealed under another key
 * - `ERR_CRYPTO_ARGUMENT`: a key, nonce or input of the wrong length
 */
export type CryptoErrorCode =
  | 'ERR_CRYPTO_KEY'
  | 'ERR_CRYPTO_UNSUPPORTED'
  | 'ERR_CRYPTO_AUTH'
  | 'ERR_CRYPTO_ARGUMENT';

/** The one error that this package throws on bad input. Its message never quotes a key or data. */
export class CryptoError extends Error {
  /** Always `CryptoError`, which survives two copies of the package in one program. */
  override readonly name = 'CryptoError';
  /** What to switch on; the message is for people and may change. */
  readonly code: CryptoErrorCode;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - what caused it
   */
  constructor(code: CryptoErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
  }
}
