import type { Bytes } from '@sealwright/bytes';
import { watch } from './deadline.js';
import { type MetadataEntry, type Request, type StatusInit } from './envelope.js';
import { TtrpcError } from './errors.js';
import { FRAME_FLAG } from './frame.js';
import type { CallContext } from './implement.js';
import { Inbox } from './inbox.js';
import type { Route } from './routes.js';
import { STATUS_CODES } from './status.js';

/** What a call needs of its connection. */
export interface CallOutput {
  /** Send a message of a stream; gives a promise where the next should wait. */
  data(streamId: number, flags: number, data?: Uint8Array): Promise<void> | undefined;
  /** Send the answer, which is the last of the call. */
  respond(streamId: number, status: StatusInit, payload?: Uint8Array): Promise<void> | undefined;
  /** The stream id is free again. */
  done(streamId: number): void;
  readonly report: ((error: unknown, call: CallContext) => void) | undefined;
}

/** One call on the side of the server, from its request to its answer. */
export class ServerCall implements CallContext {
  readonly service: string;
  readonly method: string;
  readonly metadata: readonly MetadataEntry[];
  readonly timeout: number | undefined;
  readonly #streamId: number;
  readonly #route: Route;
  readonly #output: CallOutput;
  readonly #inbox: Inbox | undefined;
  #controller: AbortController | undefined;
  #reason: TtrpcError | undefined;
  #remoteClosed = false;
  #answered = false;

  constructor(streamId: number, route: Route, request: Request, output: CallOutput) {
    this.service = request.service;
    this.method = request.method;
    this.metadata = request.metadata;
    this.timeout =
      request.timeout_nano === 0n ? undefined : Math.max(0, Number(request.timeout_nano) / 1_000_000);
    this.#streamId = streamId;
    this.#route = route;
    this.#output = output;
    if (route.stream === 'client' || route.stream === 'both') this.#inbox = new Inbox();
  }

  /** Made when it is asked for: most handlers are done before anyone could abort them. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Answer the call. Never rejects; done when the handler is, and there is room for what others send. */
  async run(flags: number, payload: Bytes): Promise<void> {
    const forget = watch(this.timeout, undefined, (reason) => {
      void this.#answer({ code: STATUS_CODES.DEADLINE_EXCEEDED, message: 'timeout' });
      this.abort(reason);
    });
    try {
      if (this.#inbox === undefined) {
        await this.#handle(this.#decode(payload));
      } else {
        if (payload.byteLength > 0) void this.#inbox.push(payload);
        if ((flags & FRAME_FLAG.remoteClosed) !== 0) this.#closeInbox();
        await this.#handle(this.#decodeAll(this.#inbox));
      }
    } catch (error) {
      await this.#answer(this.#statusOf(error));
    } finally {
      forget();
      this.#inbox?.stop();
    }
  }

  /** Take a message of the client's stream; gives a promise where the handler is slow to read them. */
  receive(flags: number, data: Bytes): Promise<void> | undefined {
    if (this.#inbox === undefined || this.#remoteClosed) {
      this.refuse(
        `data ${this.#inbox === undefined ? 'in a call that takes none' : 'behind the end of a stream'}`,
      );
      return undefined;
    }
    const busy = (flags & FRAME_FLAG.noData) === 0 ? this.#inbox.push(new Uint8Array(data)) : undefined;
    if ((flags & FRAME_FLAG.remoteClosed) !== 0) this.#closeInbox();
    return busy;
  }

  /** The client broke the rules of its stream: tell it, and the handler. */
  refuse(message: string): void {
    void this.#answer({ code: STATUS_CODES.INVALID_ARGUMENT, message });
    this.abort(new TtrpcError('ERR_TTRPC_PROTOCOL', message));
  }

  /** Nobody waits for the answer any more. */
  abort(reason: TtrpcError): void {
    this.#reason ??= reason;
    this.#finish();
    this.#controller?.abort(reason);
    this.#inbox?.stop(reason);
  }

  #closeInbox(): void {
    this.#remoteClosed = true;
    this.#inbox?.end();
  }

  async #handle(input: unknown): Promise<void> {
    const { stream, handler, response } = this.#route;
    const output = handler(input, this);
    if (stream !== 'server' && stream !== 'both') {
      return await this.#answer({}, response.encode((await output) as never));
    }
    for await (const message of output as AsyncIterable<never>) {
      if (this.#answered) return;
      const data = response.encode(message);
      const busy = this.#output.data(this.#streamId, 0, data);
      if (busy !== undefined) await busy;
    }
    if (this.#answered) return;
    this.#finish();
    await this.#output.data(this.#streamId, FRAME_FLAG.remoteClosed | FRAME_FLAG.noData);
  }

  #answer(status: StatusInit, payload?: Uint8Array): Promise<void> | undefined {
    if (this.#answered) return undefined;
    this.#finish();
    return this.#output.respond(this.#streamId, status, payload);
  }

  #finish(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#output.done(this.#streamId);
  }

  #decode(payload: Bytes): unknown {
    try {
      return this.#route.request.decode(payload);
    } catch (error) {
      throw new BadRequest(error as TtrpcError);
    }
  }

  async *#decodeAll(inbox: Inbox): AsyncGenerator<unknown, void, undefined> {
    for await (const payload of inbox.read()) yield this.#decode(payload);
  }

  /** A handler says its own status with `statusError`; of anything else it throws, no word leaves. */
  #statusOf(error: unknown): StatusInit {
    if (error instanceof BadRequest) return { code: STATUS_CODES.INVALID_ARGUMENT, message: error.message };
    if (
      error instanceof TtrpcError &&
      error.code === 'ERR_TTRPC_STATUS' &&
      error.status !== STATUS_CODES.OK
    ) {
      return { code: error.status, message: error.message, details: error.details };
    }
    if (!this.#answered) this.#output.report?.(error, this);
    if (error instanceof TtrpcError && error.code === 'ERR_TTRPC_LIMIT') {
      return { code: STATUS_CODES.INVALID_ARGUMENT, message: error.message };
    }
    return { code: STATUS_CODES.UNKNOWN, message: 'the call failed' };
  }
}

/** A message of the client that does not parse: not the handler's failure. */
class BadRequest extends Error {
  constructor(cause: TtrpcError) {
    super(`unmarshal message error: ${cause.message}`, { cause });
  }
}
