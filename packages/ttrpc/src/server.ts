import type { Bytes } from '@sealwright/bytes';
import { Connection, type ConnectionOptions } from './connection.js';
import type { Duplex } from './duplex.js';
import { decodeRequest, encodeResponse, type Request, type StatusInit } from './envelope.js';
import { TtrpcError } from './errors.js';
import { encodeFrame, type Frame, FRAME_TYPE, MAX_DATA_BYTES, tooLarge } from './frame.js';
import type { CallContext, Implementation } from './implement.js';
import { findMethod } from './routes.js';
import { type CallOutput, ServerCall } from './server-call.js';
import { STATUS_CODES, type StatusName } from './status.js';

/** How a server behaves on one connection. */
export interface ServerOptions extends ConnectionOptions {
  /**
   * Calls that may be under way at once. One more is answered with RESOURCE_EXHAUSTED, as is one with which the requests
   * under way would come to more than 64 MiB. A call is under way until its handler is done. Default 1024.
   */
  readonly maxConcurrentCalls?: number;
  /**
   * Told what a handler threw that was not made by {@link statusError}; the client only learns that the call failed.
   * Default: nobody is told.
   */
  readonly onError?: (error: unknown, call: CallContext) => void;
}

/** A connection that is being served. */
export interface ServerConnection {
  /** Resolves with the reason when the connection is over; never rejects. */
  readonly closed: Promise<TtrpcError>;
  /** Take no more calls, let those under way finish, then close. */
  shutdown(): Promise<void>;
  /** Close at once. The signals of the calls under way are aborted. */
  close(): void;
}

/**
 * Answer the calls that come over a connection, which the server owns from now on.
 *
 * A client that speaks something else, leaves a frame unfinished, or does not take its answers is cut off.
 *
 * @param duplex - a connection to a client
 * @param services - what to answer, made by {@link implement}
 * @param options - limits, and who hears about failures
 * @throws TypeError where two services have one name, or a limit is none.
 */
export function serve(
  duplex: Duplex,
  services: readonly Implementation[],
  options: ServerOptions = {},
): ServerConnection {
  const byName = new Map(services.map((service) => [service.name, service]));
  if (byName.size < services.length) throw new TypeError('two services of one name');
  return new Server(duplex, byName, options);
}

class Server implements ServerConnection, CallOutput {
  readonly report: ServerOptions['onError'];
  readonly #services: ReadonlyMap<string, Implementation>;
  readonly #maxDataBytes: number;
  readonly #maxCalls: number;
  readonly #connection: Connection;
  readonly #calls = new Map<number, ServerCall>();
  #lastStreamId = 0;
  #running = 0;
  #runningBytes = 0;
  #draining = false;
  #idle = (): void => undefined;

  constructor(duplex: Duplex, services: ReadonlyMap<string, Implementation>, options: ServerOptions) {
    this.#services = services;
    this.report = options.onError;
    this.#maxCalls = options.maxConcurrentCalls ?? 1024;
    this.#maxDataBytes = Math.min(options.maxDataBytes ?? MAX_DATA_BYTES, MAX_DATA_BYTES);
    const events = {
      // Who does not take answers is asked for no more questions. Clients have to read on: both waiting would be for ever.
      frame: (frame: Frame) => this.#frame(frame) ?? this.#connection.full,
      end: (reason: TtrpcError) => this.#end(reason),
    };
    this.#connection = new Connection(duplex, events, options);
  }

  get closed(): Promise<TtrpcError> {
    return this.#connection.closed;
  }

  close(): void {
    this.#connection.end(new TtrpcError('ERR_TTRPC_CLOSED', 'the server was closed'));
  }

  async shutdown(): Promise<void> {
    this.#draining = true;
    if (this.#running > 0) {
      const before = this.#idle;
      await new Promise<void>((resolve) => {
        this.#idle = () => {
          before();
          resolve();
        };
      });
    }
    this.#connection.end(new TtrpcError('ERR_TTRPC_CLOSED', 'the server was shut down'), true);
  }

  data(streamId: number, flags: number, data?: Uint8Array): Promise<void> | undefined {
    const message = data === undefined ? {} : { data };
    return this.#connection.send(encodeFrame({ streamId, type: FRAME_TYPE.data, flags, ...message }));
  }

  respond(streamId: number, status: StatusInit, payload?: Uint8Array): Promise<void> | undefined {
    return this.#connection.send(encodeAnswer(streamId, status, payload));
  }

  done(streamId: number): void {
    this.#calls.delete(streamId);
  }

  #frame(frame: Frame): Promise<void> | undefined {
    const { streamId, type, data, flags } = frame;
    if (type !== FRAME_TYPE.request && type !== FRAME_TYPE.data) {
      this.#connection.violation('a frame that is neither request nor data'); // skipped: a later protocol may have it
    } else if (streamId % 2 === 0) {
      this.#violation(streamId, 'StreamID must be odd for client initiated streams');
    } else if (data === undefined) {
      const { message } = tooLarge(frame.length, this.#maxDataBytes);
      const call = this.#calls.get(streamId);
      if (call === undefined) this.#violation(streamId, message);
      else call.refuse(message);
    } else if (type === FRAME_TYPE.request) {
      this.#request(streamId, flags, data);
    } else {
      const call = this.#calls.get(streamId);
      if (call !== undefined) return call.receive(flags, data);
      // Data may be under way when its call ends: only that of a call that never was breaks the protocol.
      const message = 'StreamID is no longer active';
      if (streamId <= this.#lastStreamId) this.#refuse(streamId, 'INVALID_ARGUMENT', message);
      else this.#violation(streamId, message);
    }
    return undefined;
  }

  #request(streamId: number, flags: number, data: Bytes): void {
    if (streamId <= this.#lastStreamId) {
      return this.#violation(streamId, 'StreamID cannot be re-used and must increment');
    }
    this.#lastStreamId = streamId;
    if (this.#draining) return this.#refuse(streamId, 'UNAVAILABLE', 'the server is shutting down');
    if (this.#running >= this.#maxCalls || this.#runningBytes + data.byteLength > MAX_RUNNING_BYTES) {
      return this.#refuse(streamId, 'RESOURCE_EXHAUSTED', 'too many calls at once');
    }
    let request: Request;
    try {
      request = decodeRequest(data);
    } catch (error) {
      return this.#violation(streamId, `unmarshal request error: ${(error as TtrpcError).message}`);
    }
    const found = findMethod(this.#services, request.service, request.method);
    if ('message' in found) return this.#refuse(streamId, found.status, found.message);
    const call = new ServerCall(streamId, found, request, this);
    this.#calls.set(streamId, call);
    void this.#run(call, flags, request.payload);
  }

  async #run(call: ServerCall, flags: number, payload: Bytes): Promise<void> {
    this.#running += 1;
    this.#runningBytes += payload.byteLength;
    await call.run(flags, payload);
    this.#runningBytes -= payload.byteLength;
    this.#running -= 1;
    if (this.#running === 0) this.#idle();
  }

  #violation(streamId: number, message: string): void {
    this.#refuse(streamId, 'INVALID_ARGUMENT', message);
    this.#connection.violation(message);
  }

  #refuse(streamId: number, status: StatusName, message: string): void {
    void this.respond(streamId, { code: STATUS_CODES[status], message });
  }

  #end(reason: TtrpcError): void {
    for (const call of this.#calls.values()) call.abort(reason);
    this.#calls.clear();
  }
}

/** Every call gets an answer, also one whose answer cannot be sent. */
function encodeAnswer(streamId: number, status: StatusInit, payload: Uint8Array | undefined): Bytes {
  try {
    return encodeResponse(streamId, { status, payload });
  } catch (error) {
    const limit = error instanceof TtrpcError && error.code === 'ERR_TTRPC_LIMIT';
    return encodeResponse(streamId, {
      status: limit
        ? { code: STATUS_CODES.INVALID_ARGUMENT, message: error.message }
        : { code: STATUS_CODES.UNKNOWN, message: 'the call failed' },
    });
  }
}

const MAX_RUNNING_BYTES = 16 * MAX_DATA_BYTES;
