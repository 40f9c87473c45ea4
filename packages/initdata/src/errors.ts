/**
 * Why init-data was refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_INITDATA_BASE64`: the annotation is not standard base64
 * - `ERR_INITDATA_GZIP`: not one whole gzip member, or its checksum does not hold
 * - `ERR_INITDATA_SIZE`: over a cap, or a length that its container does not have
 * - `ERR_INITDATA_FORMAT`: not UTF-8, not TOML, a member missing or mistyped
 * - `ERR_INITDATA_VERSION`: a version that is not taken
 * - `ERR_INITDATA_ALGORITHM`: a hash that is not taken
 */
export type InitDataErrorCode =
  | 'ERR_INITDATA_BASE64'
  | 'ERR_INITDATA_GZIP'
  | 'ERR_INITDATA_SIZE'
  | 'ERR_INITDATA_FORMAT'
  | 'ERR_INITDATA_VERSION'
  | 'ERR_INITDATA_ALGORITHM';

/** The one error that this package throws on bad input. */
export class InitDataError extends Error {
  /** Always `InitDataError`, which survives two copies of the package in one program. */
  override readonly name = 'InitDataError';
  /** What to switch on; the message is for people and may change. */
  readonly code: InitDataErrorCode;
  /** Offset of the fault, in bytes of the container or characters of the text, where it has a place. */
  readonly offset: number | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: InitDataErrorCode,
    message: string,
    options: { offset?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
  }
}
