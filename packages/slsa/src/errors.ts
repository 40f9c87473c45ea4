/**
 * Why a run or a part of it was refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_SLSA_RUN`: not a TaskRun or PipelineRun, or a member of another type than Tekton gives it
 * - `ERR_SLSA_FORMAT`: a format that does not exist
 * - `ERR_SLSA_IMAGE_ID`: a step or sidecar whose image id names no digest
 * - `ERR_SLSA_DIGEST`: text that is not a digest that Chains takes
 * - `ERR_SLSA_REFERENCE`: text that is not an image reference with a digest
 * - `ERR_SLSA_SCALAR`: a duration or quantity that Kubernetes does not take
 */
export type SlsaErrorCode =
  | 'ERR_SLSA_RUN'
  | 'ERR_SLSA_FORMAT'
  | 'ERR_SLSA_IMAGE_ID'
  | 'ERR_SLSA_DIGEST'
  | 'ERR_SLSA_REFERENCE'
  | 'ERR_SLSA_SCALAR';

/** The one error that this package throws on bad input. */
export class SlsaError extends Error {
  /** Always `SlsaError`, which survives two copies of the package in one program. */
  override readonly name = 'SlsaError';
  /** What to switch on; the message is for people and may change. */
  readonly code: SlsaErrorCode;
  /** The member at fault, as a JSON pointer, where the fault has a place. */
  readonly pointer: string | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: SlsaErrorCode,
    message: string,
    options: { pointer?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.pointer = options.pointer;
  }
}
