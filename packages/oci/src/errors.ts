/**
 * Why an operation was refused. Codes are public API: never renamed, never reused.
 *
 * Text and files: `ERR_OCI_REFERENCE` (not an image reference), `ERR_OCI_CREDENTIALS` (a credential file, or an entry of it that
 * matches, cannot be read), `ERR_OCI_CONFIG` (a registries file says something impossible), `ERR_OCI_BLOCKED` (a registries file
 * forbids the image), `ERR_OCI_MEDIA_TYPE` (not a layer), `ERR_OCI_MANIFEST` (not a manifest or an index), `ERR_OCI_LAYOUT` (not an
 * image layout).
 *
 * Registries: `ERR_OCI_NOT_FOUND`, `ERR_OCI_DENIED` (the registry wants other credentials), `ERR_OCI_REGISTRY` (it answered something
 * else than the specification says, or not at all), `ERR_OCI_TIMEOUT` (it is too slow), `ERR_OCI_CONFLICT` (another writer kept
 * winning), `ERR_OCI_DIGEST` (bytes whose digest is not the one that was asked for), `ERR_OCI_SIZE` (bytes over a cap, or not as many
 * as were said).
 *
 * Encrypted layers: `ERR_OCI_UNWRAP` (no recipient gave the layer's key), `ERR_OCI_CIPHER` (unknown or incomplete cipher options),
 * `ERR_OCI_HMAC` (the ciphertext was changed), `ERR_OCI_KEY_PROVIDER` (a message of the key provider protocol cannot be read).
 */
export type OciErrorCode =
  | 'ERR_OCI_REFERENCE'
  | 'ERR_OCI_CREDENTIALS'
  | 'ERR_OCI_CONFIG'
  | 'ERR_OCI_BLOCKED'
  | 'ERR_OCI_MEDIA_TYPE'
  | 'ERR_OCI_MANIFEST'
  | 'ERR_OCI_LAYOUT'
  | 'ERR_OCI_NOT_FOUND'
  | 'ERR_OCI_DENIED'
  | 'ERR_OCI_REGISTRY'
  | 'ERR_OCI_TIMEOUT'
  | 'ERR_OCI_CONFLICT'
  | 'ERR_OCI_DIGEST'
  | 'ERR_OCI_SIZE'
  | 'ERR_OCI_UNWRAP'
  | 'ERR_OCI_CIPHER'
  | 'ERR_OCI_HMAC'
  | 'ERR_OCI_KEY_PROVIDER';

/** Where and why an {@link OciError} came about. */
export interface OciErrorOptions {
  /** The HTTP status of the registry's answer. */
  readonly status?: number | undefined;
  /** The codes that the registry gave with its answer. */
  readonly reasons?: readonly string[];
  /** JSON pointer of the member at fault, or the same path in a TOML file. */
  readonly pointer?: string | undefined;
  /** What caused it. */
  readonly cause?: unknown;
}

/** The one error that this package throws on bad input and bad answers. It never holds credentials, tokens or keys. */
export class OciError extends Error {
  /** Always `OciError`, which survives two copies of the package in one program. */
  override readonly name = 'OciError';
  /** What to switch on; the message is for people and may change. */
  readonly code: OciErrorCode;
  /** The HTTP status of the registry's answer, where there was one. */
  readonly status: number | undefined;
  /** The codes that the registry gave with its answer, such as `MANIFEST_UNKNOWN`. Empty where it gave none. */
  readonly reasons: readonly string[];
  /** JSON pointer of the member at fault, or the same path in a TOML file; where the fault has such a place. */
  readonly pointer: string | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - place, status and cause
   */
  constructor(code: OciErrorCode, message: string, options: OciErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.reasons = options.reasons ?? [];
    this.pointer = options.pointer;
  }
}
