import type { CallOptions, Client } from './client.js';
import type {
  MessageDescriptor,
  MessageInit,
  MessageOf,
  MethodDescriptor,
  ServiceDescriptor,
} from './descriptor.js';
import { TtrpcError } from './errors.js';
import { messageCodec } from './message.js';

/** The methods of a service as functions, each typed by its descriptor. */
export type Stub<S extends ServiceDescriptor> = {
  readonly [M in keyof S['methods']]: StubMethod<S['methods'][M]>;
};

/** One method as a function: the shape depends on who streams. */
export type StubMethod<D extends MethodDescriptor> = D extends { readonly stream: 'both' }
  ? (
      requests: MessageSource<D['request']>,
      options?: CallOptions,
    ) => AsyncGenerator<MessageOf<D['response']>, void, undefined>
  : D extends { readonly stream: 'server' }
    ? (
        request: MessageInit<D['request']>,
        options?: CallOptions,
      ) => AsyncGenerator<MessageOf<D['response']>, void, undefined>
    : D extends { readonly stream: 'client' }
      ? (requests: MessageSource<D['request']>, options?: CallOptions) => Promise<MessageOf<D['response']>>
      : (request: MessageInit<D['request']>, options?: CallOptions) => Promise<MessageOf<D['response']>>;

/** Messages to send one after the other. */
export type MessageSource<D extends MessageDescriptor> =
  | AsyncIterable<MessageInit<D>>
  | Iterable<MessageInit<D>>;

/**
 * Make functions of the methods of a service.
 *
 * @param client - where to call
 * @param descriptor - the service
 * @returns an object with one function a method, which throws what {@link Client} throws.
 *
 * @example
 * ```ts
 * const agent = createStub(client, attestationAgentService);
 * const { tee } = await agent.GetTeeType({}, { timeout: 5000 }); // milliseconds
 * console.log(tee); // sample
 * ```
 */
export function createStub<const S extends ServiceDescriptor>(client: Client, descriptor: S): Stub<S> {
  const methods = Object.entries(descriptor.methods).map(([name, method]) => [
    name,
    stubMethod(client, descriptor.name, name, method),
  ]);
  return Object.fromEntries(methods) as Stub<S>;
}

type Message = Readonly<Record<string, unknown>>;
type Messages = AsyncIterable<Message> | Iterable<Message>;

function stubMethod(client: Client, service: string, name: string, method: MethodDescriptor): unknown {
  const to = { service, method: name };
  const request = messageCodec<MessageDescriptor>(method.request);
  const response = messageCodec<MessageDescriptor>(method.response);
  const encode = (message: Message): Uint8Array => request.encode(message as never);
  const decode = (bytes: Uint8Array): unknown => {
    try {
      return response.decode(bytes);
    } catch (cause) {
      throw new TtrpcError('ERR_TTRPC_PROTOCOL', 'a response message that does not parse', { cause });
    }
  };
  async function* encodeAll(messages: Messages): AsyncGenerator<Uint8Array> {
    for await (const message of messages) yield encode(message);
  }
  async function* decodeAll(all: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
    for await (const bytes of all) yield decode(bytes);
  }
  if (method.stream === 'both') {
    return (requests: Messages, options: CallOptions = {}) =>
      decodeAll(client.stream({ ...options, ...to }, encodeAll(requests)));
  }
  if (method.stream === 'server') {
    return (request: Message, options: CallOptions = {}) =>
      decodeAll(client.stream({ ...options, ...to, payload: encode(request) }));
  }
  if (method.stream === 'client') {
    return async (requests: Messages, options: CallOptions = {}) => {
      let last: Uint8Array = new Uint8Array();
      for await (const bytes of client.stream({ ...options, ...to }, encodeAll(requests))) last = bytes;
      return decode(last);
    };
  }
  return async (request: Message, options: CallOptions = {}) =>
    decode(await client.unary({ ...options, ...to, payload: encode(request) }));
}
