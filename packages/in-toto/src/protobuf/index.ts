/**
 * The protobuf forms of statements, resource descriptors, envelopes, bundles and predicates, for storage. What is signed and sent
 * is JSON.
 *
 * @packageDocumentation
 */
export { encodeBundleProto, parseBundleProto, type EnvelopeBundle } from './bundle.js';
export { encodeDescriptorProto, parseDescriptorProto } from './descriptor.js';
export { InTotoError } from '../errors.js';
export { encodePredicateProto } from './encode-predicate.js';
export { encodeEnvelopeProto, parseEnvelopeProto, type EnvelopeProtoOptions } from './envelope.js';
export { parsePredicateProto } from './parse-predicate.js';
export type { PredicateField, PredicateFieldType, PredicateMessage } from './predicate-message.js';
export {
  LINK_MESSAGE,
  PROVENANCE_V01_MESSAGE,
  PROVENANCE_V02_MESSAGE,
  PROVENANCE_V1_MESSAGE,
  REFERENCE_MESSAGE,
  RELEASE_V01_MESSAGE,
  RELEASE_V02_MESSAGE,
  SCAI_MESSAGE,
  SVR_V01_MESSAGE,
  TEST_RESULT_MESSAGE,
  VSA_V0_MESSAGE,
  VSA_V1_MESSAGE,
  VULNS_V02_MESSAGE,
} from './predicate-messages.js';
export { encodeStatementProto, parseStatementProto } from './statement.js';
