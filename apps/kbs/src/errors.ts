/** What went wrong inside the service, apart from flags and configuration, which are `UsageError`s. */
export type KbsErrorCode =
  | 'ERR_KBS_DATA_KEY'
  | 'ERR_KBS_STORAGE'
  | 'ERR_KBS_EVIDENCE'
  | 'ERR_KBS_POLICY'
  | 'ERR_KBS_POLICY_UPLOAD'
  | 'ERR_KBS_BODY_LIMIT';

/**
 * The one error of this service.
 *
 * - `ERR_KBS_DATA_KEY`: the data key is missing, malformed, or not the one of this database
 * - `ERR_KBS_STORAGE`: the database cannot be used, or a record does not open under its own name
 * - `ERR_KBS_EVIDENCE`: evidence that is not bound to this session
 * - `ERR_KBS_POLICY`: a resource policy that is malformed, or that failed
 * - `ERR_KBS_POLICY_UPLOAD`: a request that does not hold a policy at all
 * - `ERR_KBS_BODY_LIMIT`: a request body over the configured cap
 */
export class KbsError extends Error {
  /** Always `KbsError`. */
  override readonly name = 'KbsError';
  /** What to switch on. */
  readonly code: KbsErrorCode;

  constructor(code: KbsErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
