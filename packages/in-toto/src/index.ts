/**
 * DSSE envelopes and in-toto statements: sign, verify, parse, match. What was verified is a type of its own and holds the
 * exact bytes.
 *
 * @packageDocumentation
 */
export { decodeDsseBase64 } from './base64.js';
export {
  readBundleLines,
  type BlankLine,
  type BundleLine,
  type BundleLineOptions,
  type EnvelopeLine,
  type SigstoreBundleLine,
  type UnrecognizedLine,
} from './bundle-lines.js';
export { descriptorContent } from './descriptor-content.js';
export {
  parseResourceDescriptor,
  type DescriptorOptions,
  type ResourceDescriptor,
  type Subject,
} from './descriptor.js';
export { DEFAULT_ALGORITHMS, matchDigests, type DigestSet, type MatchOptions } from './digest-set.js';
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
export {
  InTotoError,
  type DsseErrorCode,
  type InTotoErrorCode,
  type PredicateErrorCode,
  type StatementErrorCode,
  type StatementWarningCode,
} from './errors.js';
export type { ByteStream } from './chunks.js';
export type { Finding, FindingCode, ReadMode } from './finding.js';
export { matchSubjects, type SubjectMatch } from './match.js';
export {
  attestationFileName,
  attestationMediaType,
  BUNDLE_MEDIA_TYPE,
  bundleFileName,
  DSSE_ENVELOPE_MEDIA_TYPE,
  predicatePayloadType,
} from './names.js';
export { pae } from './pae.js';
export { parsePayloadType, type InTotoPayloadType } from './payload-type.js';
export { addSignature, signEnvelope, type SignEnvelopeOptions } from './sign.js';
export {
  createStatement,
  encodeStatement,
  parseStatement,
  STATEMENT_V01,
  STATEMENT_V1,
  type Statement,
  type StatementInput,
  type StatementOptions,
  type VerifiedStatement,
} from './statement.js';
export { STATEMENT_LIMITS, type StatementLimits } from './statement-json.js';
export { isTimestamp } from './timestamp.js';
export { verifierFromKey, type Verifier, type VerifierOptions } from './verifier.js';
export {
  verifyEnvelope,
  type AcceptedKey,
  type SkippedSignature,
  type VerifiedPayload,
  type VerifyEnvelopeOptions,
} from './verify.js';
