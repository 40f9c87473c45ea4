/**
 * Why a sealed secret was refused. Codes are public API: never renamed, never reused. They are safe to return to a caller.
 *
 * - `ERR_SEALED_FORMAT`: not the text form: segments, base64url, UTF-8, size
 * - `ERR_SEALED_HEADER`: a critical header member, which nobody here understands
 * - `ERR_SEALED_ALG`: an algorithm other than ES256
 * - `ERR_SEALED_KID`: no key identifier, or one that is not allowed
 * - `ERR_SEALED_KEY`: the identifier does not resolve to a P-256 key
 * - `ERR_SEALED_SIGNATURE`: the signature does not verify
 * - `ERR_SEALED_PAYLOAD`: not JSON, a member is missing or mistyped, an unknown type or wrapping
 * - `ERR_SEALED_VERSION`: a version other than 0.1.0
 * - `ERR_SEALED_PROVIDER`: an unknown provider, or the provider failed
 * - `ERR_SEALED_ENCODING`: a member of an envelope is not padded base64
 * - `ERR_SEALED_DECRYPT`: the envelope does not open
 */
export type SealedSecretErrorCode =
  | 'ERR_SEALED_FORMAT'
  | 'ERR_SEALED_HEADER'
  | 'ERR_SEALED_ALG'
  | 'ERR_SEALED_KID'
  | 'ERR_SEALED_KEY'
  | 'ERR_SEALED_SIGNATURE'
  | 'ERR_SEALED_PAYLOAD'
  | 'ERR_SEALED_VERSION'
  | 'ERR_SEALED_PROVIDER'
  | 'ERR_SEALED_ENCODING'
  | 'ERR_SEALED_DECRYPT';

/** The one error that this package throws on bad input. Its message never quotes a secret or the sealed text. */
export class SealedSecretError extends Error {
  /** Always `SealedSecretError`, which survives two copies of the package in one program. */
  override readonly name = 'SealedSecretError';
  /** What to switch on; the message is for people and may change. */
  readonly code: SealedSecretErrorCode;
  /** The member at fault in the header or payload, as a JSON pointer; `undefined` where the fault has no such place. */
  readonly pointer: string | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: SealedSecretErrorCode,
    message: string,
    options: { pointer?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.pointer = options.pointer;
  }
}
