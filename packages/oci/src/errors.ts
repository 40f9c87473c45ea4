/**
 * Why an operation was refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_OCI_REFERENCE`: text that is not an image reference
 * - `ERR_OCI_NOT_FOUND`: the registry has no such thing
 * - `ERR_OCI_DENIED`: the registry wants other credentials
 * - `ERR_OCI_REGISTRY`: the registry answered something else than the specification says, or not at all
 * - `ERR_OCI_DIGEST`: bytes whose digest is not the one that was asked for
 * - `ERR_OCI_SIZE`: an answer over its cap
 */
export type OciErrorCode =
  | 'ERR_OCI_REFERENCE'
  | 'ERR_OCI_NOT_FOUND'
  | 'ERR_OCI_DENIED'
  | 'ERR_OCI_REGISTRY'
  | 'ERR_OCI_DIGEST'
  | 'ERR_OCI_SIZE';

/** The one error that this package throws on bad input and bad answers. It never holds credentials or tokens. */
export class OciError extends Error {
  /** Always `OciError`, which survives two copies of the package in one program. */
  override readonly name = 'OciError';
  /** What to switch on; the message is for people and may change. */
  readonly code: OciErrorCode;
  /** The HTTP status of the registry's answer, where there was one. */
  readonly status: number | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the registry's status and what caused it
   */
  constructor(
    code: OciErrorCode,
    message: string,
    options: { status?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}
