/**
 * ttRPC: the framing, a client and a server over any duplex byte stream, and the services of a confidential guest.
 *
 * A {@link Duplex} is two web streams; `@sealwright/ttrpc/node` makes them of unix sockets. A service is a plain value, a
 * {@link ServiceDescriptor}: {@link createStub} makes typed functions of it for a {@link Client}, {@link implement} joins
 * it with typed handlers for {@link serve}.
 *
 * @packageDocumentation
 */
export { formatAddress, parseAddress, type SocketAddress } from './address.js';
export {
  type CallOptions,
  type CallRequest,
  type Client,
  type ClientOptions,
  createClient,
  type MessageBytes,
} from './client.js';
export type { ConnectionOptions } from './connection.js';
export type {
  DecodedField,
  DecodedValue,
  EncodedField,
  EncodedValue,
  FieldDescriptor,
  FieldType,
  KnowsAbsence,
  MessageDescriptor,
  MessageInit,
  MessageOf,
  MethodDescriptor,
  ScalarType,
  ScalarValues,
  ServiceDescriptor,
  StreamKind,
} from './descriptor.js';
export { type Duplex, duplexPair } from './duplex.js';
export type { MetadataEntry } from './envelope.js';
export {
  type StatusDetail,
  statusError,
  TtrpcError,
  type TtrpcErrorCode,
  type TtrpcErrorOptions,
} from './errors.js';
export {
  encodeFrame,
  type Frame,
  FRAME_FLAG,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  type FrameHeader,
  type FrameInit,
  MAX_DATA_BYTES,
} from './frame.js';
export { FrameDecoder, type FrameDecoderOptions } from './frame-decoder.js';
export {
  type CallContext,
  type Handler,
  type Handlers,
  implement,
  type Implementation,
  type PreparedMethod,
} from './implement.js';
export { type MessageCodec, messageCodec } from './message.js';
export { serve, type ServerConnection, type ServerOptions } from './server.js';
export { attestationAgentService } from './services/attestation-agent.js';
export {
  getResourceService,
  imagePullService,
  sealedSecretService,
  secureMountService,
} from './services/confidential-data-hub.js';
export { keyProviderService } from './services/key-provider.js';
export { STATUS_CODES, type StatusCode, statusName, type StatusName } from './status.js';
export { createStub, type MessageSource, type Stub, type StubMethod } from './stub.js';
