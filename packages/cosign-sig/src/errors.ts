/**
 * Why something was refused. Codes are public API: never renamed, never reused.
 *
 * Key files: `ERR_COSIGN_PEM` (no PEM block), `ERR_COSIGN_PEM_LABEL`, `ERR_COSIGN_KEY_FILE` (the body is not the JSON of a key
 * file), `ERR_COSIGN_KDF`, `ERR_COSIGN_SCRYPT`, `ERR_COSIGN_CIPHER`, `ERR_COSIGN_NONCE`, `ERR_COSIGN_CIPHERTEXT`,
 * `ERR_COSIGN_DECRYPT` (wrong password or damage: nobody can tell), `ERR_COSIGN_PKCS8`, `ERR_COSIGN_KEY_TYPE`,
 * `ERR_COSIGN_KEY_REFERENCE`.
 *
 * Payloads and layouts: `ERR_COSIGN_PAYLOAD`, `ERR_COSIGN_DIGEST`, `ERR_COSIGN_MANIFEST`, `ERR_COSIGN_PREDICATE_TYPE`,
 * `ERR_COSIGN_ENVELOPE`, `ERR_COSIGN_LIMIT`.
 *
 * Sigstore: `ERR_COSIGN_BUNDLE`, `ERR_COSIGN_TRUSTED_ROOT`, `ERR_COSIGN_SIGNING_CONFIG`, `ERR_COSIGN_CERTIFICATE` (malformed, or no
 * way to a trusted authority), `ERR_COSIGN_SCT`, `ERR_COSIGN_IDENTITY`, `ERR_COSIGN_LOG_ENTRY`, `ERR_COSIGN_PROOF` (Merkle proofs),
 * `ERR_COSIGN_CHECKPOINT`, `ERR_COSIGN_TIMESTAMP`, `ERR_COSIGN_TUF`, `ERR_COSIGN_SERVICE` (another machine did not do its part).
 * `ERR_COSIGN_NO_CERTIFICATE` (a signature without a key has none).
 *
 * Policies: `ERR_COSIGN_POLICY` (not a policy, or one that is not understood), `ERR_COSIGN_OPENPGP`.
 *
 * Verdicts over an image or blob: `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_NO_SIGNATURE` (there is none), `ERR_COSIGN_NO_MATCH` (there
 * are some, none of them will do), `ERR_COSIGN_CONFLICT` (another writer kept winning).
 */
export type CosignErrorCode =
  | 'ERR_COSIGN_PEM'
  | 'ERR_COSIGN_PEM_LABEL'
  | 'ERR_COSIGN_KEY_FILE'
  | 'ERR_COSIGN_KDF'
  | 'ERR_COSIGN_SCRYPT'
  | 'ERR_COSIGN_CIPHER'
  | 'ERR_COSIGN_NONCE'
  | 'ERR_COSIGN_CIPHERTEXT'
  | 'ERR_COSIGN_DECRYPT'
  | 'ERR_COSIGN_PKCS8'
  | 'ERR_COSIGN_KEY_TYPE'
  | 'ERR_COSIGN_PAYLOAD'
  | 'ERR_COSIGN_DIGEST'
  | 'ERR_COSIGN_MANIFEST'
  | 'ERR_COSIGN_PREDICATE_TYPE'
  | 'ERR_COSIGN_ENVELOPE'
  | 'ERR_COSIGN_LIMIT'
  | 'ERR_COSIGN_POLICY'
  | 'ERR_COSIGN_OPENPGP'
  | 'ERR_COSIGN_NO_IMAGE'
  | 'ERR_COSIGN_NO_SIGNATURE'
  | 'ERR_COSIGN_NO_MATCH'
  | 'ERR_COSIGN_CONFLICT'
  | 'ERR_COSIGN_BUNDLE'
  | 'ERR_COSIGN_TRUSTED_ROOT'
  | 'ERR_COSIGN_SIGNING_CONFIG'
  | 'ERR_COSIGN_CERTIFICATE'
  | 'ERR_COSIGN_SCT'
  | 'ERR_COSIGN_IDENTITY'
  | 'ERR_COSIGN_LOG_ENTRY'
  | 'ERR_COSIGN_PROOF'
  | 'ERR_COSIGN_CHECKPOINT'
  | 'ERR_COSIGN_TIMESTAMP'
  | 'ERR_COSIGN_TUF'
  | 'ERR_COSIGN_SERVICE'
  | 'ERR_COSIGN_NO_CERTIFICATE'
  | 'ERR_COSIGN_KEY_REFERENCE';

/** Why one layer, or one signature, did not count. */
export interface Finding {
  /** Digest of the layer; for a blob's envelope, a word for it. */
  readonly subject: string;
  /** What was expected and what was found. */
  readonly reason: string;
}

/** Where and why an error came about. */
export interface CosignErrorOptions {
  /** JSON pointer of the member at fault. */
  readonly pointer?: string;
  /** One entry for each thing that was looked at and refused. */
  readonly findings?: readonly Finding[];
  /** What caused it. */
  readonly cause?: unknown;
}

/** The one error that this package throws on bad input. Its message never quotes a key or a password. */
export class CosignError extends Error {
  /** Always `CosignError`, which survives two copies of the package in one program. */
  override readonly name = 'CosignError';
  /** What to switch on; the message is for people and may change. */
  readonly code: CosignErrorCode;
  /** JSON pointer of the member at fault, where the fault has such a place. */
  readonly pointer: string | undefined;
  /** Everything that was looked at and refused; empty where that makes no sense. */
  readonly findings: readonly Finding[];

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - place, findings and cause
   */
  constructor(code: CosignErrorCode, message: string, options: CosignErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.pointer = options.pointer;
    this.findings = options.findings ?? [];
  }
}

/**
 * The exit status that cosign's command line gives for the same refusal: 10 no signature, 11 no such image, 12 no matching
 * signature, 13 no certificate on the signature, 1 anything else.
 *
 * @param code - the code of a {@link CosignError}
 */
export function cosignExitCode(code: CosignErrorCode): number {
  if (code === 'ERR_COSIGN_NO_SIGNATURE') return 10;
  if (code === 'ERR_COSIGN_NO_IMAGE') return 11;
  if (code === 'ERR_COSIGN_NO_CERTIFICATE') return 13;
  return code === 'ERR_COSIGN_NO_MATCH' ? 12 : 1;
}
