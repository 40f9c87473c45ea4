/**
 * The protobuf forms of statements, resource descriptors, envelopes and bundles, for storage. What is signed and sent is JSON.
 *
 * @packageDocumentation
 */
export { encodeBundleProto, parseBundleProto, type EnvelopeBundle } from './bundle.js';
export { encodeDescriptorProto, parseDescriptorProto } from './descriptor.js';
export { InTotoError } from '../errors.js';
export { encodeEnvelopeProto, parseEnvelopeProto, type EnvelopeProtoOptions } from './envelope.js';
export { encodeStatementProto, parseStatementProto } from './statement.js';
