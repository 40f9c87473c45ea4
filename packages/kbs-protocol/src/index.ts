/**
 * The key broker's protocol: the handshake's messages, what evidence is bound to, TEE keys and the responses that
 * are sealed to them, names of resources, attestation tokens, and both sides as machines over injected `fetch`,
 * clock, randomness and store.
 *
 * @packageDocumentation
 */
export { KbsProtocolError, type KbsProtocolErrorCode, type KbsProtocolErrorOptions } from './errors.js';
export {
  encodeWireError,
  ERROR_TYPE_PREFIX,
  parseWireError,
  wireErrors,
  type KbsErrorName,
  type KbsWireError,
  type WireErrorBody,
} from './wire-error.js';
export { parseTeeName, TEE_NAMES, type TeeName } from './tee.js';
export {
  additionalEvidenceText,
  encodeAttestRequest,
  encodeAttestResponse,
  encodeAuthRequest,
  encodeChallenge,
  isPlainNonce,
  parseAttestRequest,
  parseAttestResponse,
  parseAuthRequest,
  parseChallenge,
  PROTOCOL_VERSIONS,
  type AttestRequest,
  type AttestRequestParts,
  type AuthRequest,
  type Challenge,
  type DeviceEvidence,
  type ParseAttestOptions,
  type ParseAuthOptions,
  type ProtocolVersion,
} from './messages.js';
export {
  reportData,
  RUNTIME_HASHES,
  runtimeDataObject,
  runtimeDataText,
  selectedHash,
  selectHash,
  type HashSelection,
  type RuntimeDataParts,
  type RuntimeHash,
} from './runtime-data.js';
export {
  generateTeeKey,
  importTeeKey,
  parseTeeKey,
  teeKeyOf,
  type EcTeeJwk,
  type RsaTeeJwk,
  type TeeJwk,
  type TeeKey,
  type TeeKeyAlgorithm,
  type TeeKeyKind,
  type TeeKeyOptions,
  type TeePublicKey,
} from './tee-key.js';
export {
  encodeResponseJwe,
  openResponse,
  parseResponseJwe,
  sealResponse,
  type OpenOptions,
  type ResponseJwe,
  type Rsa15Transport,
  type SealOptions,
} from './response-jwe.js';
export { formatResourcePath, parseResourcePath, type ResourcePath } from './resource-path.js';
export { formatResourceUri, parseResourceUri, resourceHttpPath, type ResourceUri } from './resource-uri.js';
export { SESSION_COOKIE, sessionCookie, sessionCookieFrom, sessionIdOf } from './cookie.js';
export {
  annotatedEvidence,
  earClaims,
  earStatus,
  issueEar,
  keyThumbprint,
  parseTrustVector,
  tokenJwk,
  TRUST_CLAIMS,
  trustTier,
  type AnnotatedEvidenceParts,
  type EarInput,
  type EarKeyOptions,
  type EarStatus,
  type EarSubmodule,
  type TrustClaim,
  type TrustVector,
} from './ear.js';
export {
  createTokenTrust,
  TEE_KEY_PATHS,
  teeKeyFromClaims,
  verifyToken,
  type NamedKey,
  type TokenTrust,
  type TokenTrustOptions,
  type VerifiedToken,
  type VerifyTokenOptions,
} from './token-verify.js';
export type { TokenCertificate } from './certificate.js';
export {
  createMemorySessionStore,
  type MemorySessionStore,
  type MemorySessionStoreOptions,
  type SessionRecord,
  type SessionStore,
} from './session-store.js';
export { createSessionMachine } from './session-machine.js';
export type {
  EvidenceClaims,
  EvidenceInput,
  EvidenceVerifier,
  InitDataReading,
  SessionAnswer,
  SessionMachine,
  SessionMachineOptions,
  TokenInput,
  VerifiedEvidence,
} from './session-types.js';
export { type FetchLike, type HttpOptions } from './http.js';
export {
  createKbsClient,
  createKbsTokenClient,
  type Attester,
  type EvidenceContext,
  type EvidenceSource,
  type KbsClient,
  type KbsClientOptions,
  type KbsTokenClient,
  type KbsTokenClientOptions,
  type RequestOptions,
  type TokenWithKey,
} from './client.js';
