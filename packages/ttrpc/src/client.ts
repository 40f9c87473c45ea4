import type { Bytes } from '@sealwright/bytes';
import { Connection, type ConnectionOptions } from './connection.js';
import { isAnswer, readAnswer, receiveMessage } from './answer.js';
import { cancelled, mustBeTimeout, watch } from './deadline.js';
import type { Duplex } from './duplex.js';
import { encodeRequest, type MetadataEntry } from './envelope.js';
import { TtrpcError } from './errors.js';
import { encodeFrame, type Frame, FRAME_FLAG, FRAME_TYPE } from './frame.js';
import { Inbox } from './inbox.js';

/** What a caller may add to a call. */
export interface CallOptions {
  /** Milliseconds until the call fails with `ERR_TTRPC_DEADLINE`; the server is told. Default: the client's. */
  readonly timeout?: number;
  /** Ends the call with `ERR_TTRPC_CANCELLED`. The server is not told: the protocol has no word for it. */
  readonly signal?: AbortSignal;
  /** Entries for the server. Default none. */
  readonly metadata?: readonly MetadataEntry[];
}

/** A call as it goes on the wire, for those who have no descriptor. */
export interface CallRequest extends CallOptions {
  /** `<package>.<Service>`. */
  readonly service: string;
  /** The bare name of the method. */
  readonly method: string;
  /** The encoded request message. Default empty. */
  readonly payload?: Uint8Array;
}

/** How a client behaves. */
export interface ClientOptions extends ConnectionOptions {
  /** Milliseconds for each call that names none. Default: no limit. */
  readonly timeout?: number;
}

/** The calling end of a connection. Calls run at once and are answered in any order. */
export interface Client {
  /** Resolves with the reason when the connection is over; never rejects. */
  readonly closed: Promise<TtrpcError>;
  /**
   * Call a method that has one request and one response.
   *
   * @param request - whom to call with what
   * @returns the encoded response message.
   * @throws {@link TtrpcError} every code but `ERR_TTRPC_MESSAGE` and `ERR_TTRPC_ADDRESS`.
   */
  unary(request: CallRequest): Promise<Bytes>;
  /**
   * Call a method that streams. The call starts when the first message is asked for, and ends when the iteration does.
   * A reader that stops without ending the iteration holds up every call of the connection.
   *
   * @param request - whom to call with what
   * @param messages - encoded messages to send after the request; `undefined` where the method takes one request
   * @returns the encoded messages of the server, as they come. Where only the client streams: the one response, or
   * nothing where that is empty.
   * @throws {@link TtrpcError} every code but `ERR_TTRPC_MESSAGE` and `ERR_TTRPC_ADDRESS`; what `messages` throws is
   * passed on.
   */
  stream(request: CallRequest, messages?: MessageBytes): AsyncGenerator<Bytes, void, undefined>;
  /** Close the connection. Calls under way fail with `ERR_TTRPC_CLOSED`. */
  close(): void;
}

/** Encoded messages to send one after the other. */
export type MessageBytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Make a client of a connection, which it owns from now on.
 *
 * @param duplex - a connection to a server
 * @param options - time and size limits
 * @throws TypeError for a timeout that is none.
 *
 * @example
 * ```ts
 * const client = createClient(near);
 * const answer = await client.unary({ service: 'attestation_agent.AttestationAgentService', method: 'GetTeeType' }, new Uint8Array(0));
 * console.log(answer.length); // 8
 * client.close();
 * ```
 */
export function createClient(duplex: Duplex, options: ClientOptions = {}): Client {
  mustBeTimeout(options.timeout);
  return new DuplexClient(duplex, options);
}

/** Where the frames of a call go. */
interface Call {
  frame(frame: Frame): Promise<void> | undefined;
  fail(error: TtrpcError): void;
}

class DuplexClient implements Client {
  readonly #connection: Connection;
  readonly #calls = new Map<number, Call>();
  readonly #timeout: number | undefined;
  #nextId = 1;

  constructor(duplex: Duplex, options: ClientOptions) {
    this.#timeout = options.timeout;
    const events = {
      frame: (frame: Frame) => this.#calls.get(frame.streamId)?.frame(frame), // late ones are nobody's
      end: (reason: TtrpcError) => this.#failAll(reason),
    };
    this.#connection = new Connection(duplex, events, options);
  }

  get closed(): Promise<TtrpcError> {
    return this.#connection.closed;
  }

  close(): void {
    this.#connection.end(new TtrpcError('ERR_TTRPC_CLOSED', 'the client was closed'));
  }

  unary(request: CallRequest): Promise<Bytes> {
    return new Promise((resolve, reject) => {
      const { streamId, timeout, frame } = this.#open(request, 0);
      const settle = (): void => {
        forget();
        this.#calls.delete(streamId);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error);
      };
      const forget = watch(timeout, request.signal, fail);
      this.#calls.set(streamId, {
        fail,
        frame: (answer) => {
          try {
            if (!isAnswer(answer)) return undefined;
            const payload = readAnswer(answer);
            settle();
            resolve(payload);
          } catch (error) {
            fail(error);
          }
          return undefined;
        },
      });
      void this.#connection.send(frame);
    });
  }

  async *stream(request: CallRequest, messages?: MessageBytes): AsyncGenerator<Bytes, void, undefined> {
    const flags = messages === undefined ? FRAME_FLAG.remoteClosed : FRAME_FLAG.remoteOpen;
    const { streamId, timeout, frame } = this.#open(request, flags);
    const inbox = new Inbox();
    const stop = (reason: unknown): void => inbox.stop(reason);
    this.#calls.set(streamId, {
      frame: (answer) => receiveMessage(answer, inbox),
      fail: (error) => inbox.end(error),
    });
    const forget = watch(timeout, request.signal, stop);
    try {
      void this.#connection.send(frame);
      if (messages !== undefined) this.#sendAll(streamId, messages, inbox).catch(stop);
      yield* inbox.read();
    } finally {
      forget();
      this.#calls.delete(streamId);
    }
  }

  async #sendAll(streamId: number, messages: MessageBytes, inbox: Inbox): Promise<void> {
    const type = FRAME_TYPE.data;
    for await (const data of messages) {
      if (inbox.ended) return;
      const busy = this.#connection.send(encodeFrame({ streamId, type, data }));
      if (busy !== undefined) await busy;
    }
    // A call that was given up must not look complete to the server.
    if (inbox.ended) return;
    void this.#connection.send(
      encodeFrame({ streamId, type, flags: FRAME_FLAG.remoteClosed | FRAME_FLAG.noData }),
    );
  }

  /** Take the next stream id. What is sent under it goes on the wire before the next is taken: ids have to rise. */
  #open(
    request: CallRequest,
    flags: number,
  ): { streamId: number; timeout: number | undefined; frame: Bytes } {
    const { service, method, payload, metadata } = request;
    const timeout = request.timeout ?? this.#timeout;
    mustBeTimeout(timeout);
    if (request.signal?.aborted === true) throw cancelled(request.signal);
    if (this.#connection.reason !== undefined) throw this.#connection.reason;
    const streamId = this.#nextId;
    if (streamId > 0xffff_ffff)
      throw new TtrpcError('ERR_TTRPC_LIMIT', 'the connection is out of stream ids');
    const timeout_nano = timeout === undefined ? 0n : BigInt(Math.ceil(timeout * 1_000_000));
    const frame = encodeRequest(streamId, flags, { service, method, payload, timeout_nano, metadata });
    this.#nextId += 2;
    return { streamId, timeout, frame };
  }

  #failAll(reason: TtrpcError): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.fail(reason);
  }
}
