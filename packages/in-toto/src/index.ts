/**
 * DSSE envelopes and in-toto statements: sign, verify, parse, match. What was verified is a type of its own and holds the
 * exact bytes.
 *
 * @packageDocumentation
 */
export { decodeDsseBase64 } from './base64.js';
export {
  DSSE_LIMITS,
  encodeEnvelope,
  INTOTO_PAYLOAD_TYPE,
  parseEnvelope,
  type DsseEnvelope,
  type DsseLimits,
  type DsseSignature,
  type EnvelopeOptions,
} from './envelope.js';
export { InTotoError, type DsseErrorCode, type InTotoErrorCode, type StatementErrorCode } from './errors.js';
export { matchSubjects, type SubjectMatch } from './match.js';
export { pae } from './pae.js';
export { addSignature, signEnvelope, type SignEnvelopeOptions } from './sign.js';
export {
  createStatement,
  encodeStatement,
  parseStatement,
  STATEMENT_V01,
  STATEMENT_V1,
  type DigestSet,
  type ResourceDescriptor,
  type Statement,
  type StatementInput,
} from './statement.js';
export { verifierFromKey, type Verifier, type VerifierOptions } from './verifier.js';
export {
  verifyEnvelope,
  type AcceptedKey,
  type SkippedSignature,
  type VerifiedPayload,
  type VerifyEnvelopeOptions,
} from './verify.js';
