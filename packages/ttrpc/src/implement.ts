import type {
  MessageDescriptor,
  MessageInit,
  MessageOf,
  MethodDescriptor,
  ServiceDescriptor,
} from './descriptor.js';
import type { MetadataEntry } from './envelope.js';
import { type MessageCodec, messageCodec } from './message.js';

/** What a handler learns about the call besides its message. */
export interface CallContext {
  /** `<package>.<Service>`. */
  readonly service: string;
  /** The bare name of the method. */
  readonly method: string;
  /** What the client sent along: hostile, as the message is. */
  readonly metadata: readonly MetadataEntry[];
  /** Milliseconds that the client waits in all, `undefined` where it did not say. */
  readonly timeout: number | undefined;
  /** Aborted when nobody waits for the answer: the time is over, or the connection. */
  readonly signal: AbortSignal;
}

/** The function that answers a method: the shape depends on who streams. */
export type Handler<D extends MethodDescriptor> = D extends { readonly stream: 'both' }
  ? (
      requests: AsyncGenerator<MessageOf<D['request']>, void, undefined>,
      call: CallContext,
    ) => AsyncIterable<MessageInit<D['response']>>
  : D extends { readonly stream: 'server' }
    ? (request: MessageOf<D['request']>, call: CallContext) => AsyncIterable<MessageInit<D['response']>>
    : D extends { readonly stream: 'client' }
      ? (
          requests: AsyncGenerator<MessageOf<D['request']>, void, undefined>,
          call: CallContext,
        ) => Promise<MessageInit<D['response']>> | MessageInit<D['response']>
      : (
          request: MessageOf<D['request']>,
          call: CallContext,
        ) => Promise<MessageInit<D['response']>> | MessageInit<D['response']>;

/** Handlers for the methods of a service. One that is left out is answered with NOT_FOUND. */
export type Handlers<S extends ServiceDescriptor> = {
  readonly [M in keyof S['methods']]?: Handler<S['methods'][M]>;
};

/** A service and what answers it: made by {@link implement}, for any number of connections. */
export interface Implementation {
  /** `<package>.<Service>`. */
  readonly name: string;
  /** Its methods under their bare names. */
  readonly methods: ReadonlyMap<string, PreparedMethod>;
}

/** A method as the server wants it. */
export interface PreparedMethod {
  /** Who streams. */
  readonly stream: MethodDescriptor['stream'];
  /** What a client sends. */
  readonly request: MessageCodec<MessageDescriptor>;
  /** What it gets. */
  readonly response: MessageCodec<MessageDescriptor>;
  /** What answers, without its types; `undefined` where the method is not served. */
  readonly handler: ((input: unknown, call: CallContext) => unknown) | undefined;
}

/**
 * Join a service with handlers for its methods.
 *
 * @param descriptor - the service
 * @param handlers - functions by method; they throw {@link statusError} to answer a status of their choice
 * @throws TypeError for a descriptor that makes no service.
 *
 * @example
 * ```ts
 * const agent = implement(attestationAgentService, {
 *   GetTeeType: () => ({ tee: 'sample' }),
 *   GetToken() {
 *     throw statusError('INTERNAL', '[ERROR:attestation-agent] AA-KBC get token failed');
 *   },
 * });
 * serve(far, [agent]);
 * console.log((await createStub(createClient(near), attestationAgentService).GetTeeType({})).tee); // sample
 * ```
 */
export function implement<const S extends ServiceDescriptor>(
  descriptor: S,
  handlers: Handlers<S>,
): Implementation {
  const methods = new Map<string, PreparedMethod>();
  const given: Readonly<Record<string, unknown>> = handlers;
  for (const [name, { request, response, stream }] of Object.entries(descriptor.methods)) {
    const handler = Object.hasOwn(given, name) ? given[name] : undefined;
    methods.set(name, {
      stream,
      request: messageCodec<MessageDescriptor>(request),
      response: messageCodec<MessageDescriptor>(response),
      handler:
        typeof handler === 'function' ? (handler.bind(handlers) as PreparedMethod['handler']) : undefined,
    });
  }
  return { name: descriptor.name, methods };
}
