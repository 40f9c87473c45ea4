/**
 * Why something was refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_KBS_MESSAGE`: a message that is not JSON, or lacks a member, or has one of the wrong type
 * - `ERR_KBS_LIMIT`: an input over its cap
 * - `ERR_KBS_VERSION`: a protocol version that is malformed or not served
 * - `ERR_KBS_TEE`: a TEE name that nobody knows, or that has no verifier here
 * - `ERR_KBS_HASH`: a hash algorithm that is unknown, or does not go with the TEE
 * - `ERR_KBS_TEE_KEY`: a TEE key of an unknown form, or not on its curve
 * - `ERR_KBS_JWE`: a response JWE that is malformed, or uses an algorithm that is not allowed
 * - `ERR_KBS_DECRYPT`: a response JWE that does not open with this key
 * - `ERR_KBS_RESOURCE_PATH`, `ERR_KBS_RESOURCE_URI`: a name of a resource that is not of the grammar
 * - `ERR_KBS_INIT_DATA`: init-data that is malformed, or not accepted here
 * - `ERR_KBS_SESSION`: no session cookie, or one of a session that is unknown or over
 * - `ERR_KBS_NONCE`: a nonce that is not the session's
 * - `ERR_KBS_EVIDENCE`: evidence that its verifier refused
 * - `ERR_KBS_EAR`: claims from which no EAR can be made
 * - `ERR_KBS_TOKEN`: a token that is not a JWS of a kind that is read here
 * - `ERR_KBS_TOKEN_KEY`: a token whose key is not trusted
 * - `ERR_KBS_TOKEN_SIGNATURE`: a token whose signature does not verify
 * - `ERR_KBS_TOKEN_EXPIRED`: a token that is over, or has no end
 * - `ERR_KBS_TOKEN_CLAIMS`: a token whose issuer, audience or TEE key is not the one wanted
 * - `ERR_KBS_CERTIFICATE`: a certificate that cannot be read or does not chain to a trusted one
 * - `ERR_KBS_NETWORK`: no answer from the key broker
 * - `ERR_KBS_REFUSED`: the key broker refused, and went on refusing
 * - `ERR_KBS_NOT_FOUND`: the key broker has no such resource
 * - `ERR_KBS_RESPONSE`: an answer that is not of the protocol
 */
export type KbsProtocolErrorCode =
  | 'ERR_KBS_MESSAGE'
  | 'ERR_KBS_LIMIT'
  | 'ERR_KBS_VERSION'
  | 'ERR_KBS_TEE'
  | 'ERR_KBS_HASH'
  | 'ERR_KBS_TEE_KEY'
  | 'ERR_KBS_JWE'
  | 'ERR_KBS_DECRYPT'
  | 'ERR_KBS_RESOURCE_PATH'
  | 'ERR_KBS_RESOURCE_URI'
  | 'ERR_KBS_INIT_DATA'
  | 'ERR_KBS_SESSION'
  | 'ERR_KBS_NONCE'
  | 'ERR_KBS_EVIDENCE'
  | 'ERR_KBS_EAR'
  | 'ERR_KBS_TOKEN'
  | 'ERR_KBS_TOKEN_KEY'
  | 'ERR_KBS_TOKEN_SIGNATURE'
  | 'ERR_KBS_TOKEN_EXPIRED'
  | 'ERR_KBS_TOKEN_CLAIMS'
  | 'ERR_KBS_CERTIFICATE'
  | 'ERR_KBS_NETWORK'
  | 'ERR_KBS_REFUSED'
  | 'ERR_KBS_NOT_FOUND'
  | 'ERR_KBS_RESPONSE';

/** Where a fault is and what caused it. */
export interface KbsProtocolErrorOptions {
  /** JSON pointer of the member at fault. */
  readonly pointer?: string;
  /** HTTP status of the answer at fault. */
  readonly status?: number;
  /** What caused it. */
  readonly cause?: unknown;
}

/** The one error that this package throws on bad input. Its message never quotes a key, a token or evidence. */
export class KbsProtocolError extends Error {
  /** Always `KbsProtocolError`, which survives two copies of the package in one program. */
  override readonly name = 'KbsProtocolError';
  /** What to switch on; the message is for people and may change. */
  readonly code: KbsProtocolErrorCode;
  /** JSON pointer of the member at fault, where the fault has a place. */
  readonly pointer: string | undefined;
  /** HTTP status of the answer at fault, where there was an answer. */
  readonly status: number | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - where the fault is and what caused it
   */
  constructor(code: KbsProtocolErrorCode, message: string, options: KbsProtocolErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.pointer = options.pointer;
    this.status = options.status;
  }
}
