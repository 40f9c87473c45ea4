import type { Bytes } from '@sealwright/bytes';
import type { Duplex } from './duplex.js';
import { TtrpcError } from './errors.js';
import { type Frame, MAX_DATA_BYTES } from './frame.js';
import { cutFrame, FrameDecoder } from './frame-decoder.js';
import { OutputQueue } from './output-queue.js';

/** What both sides of a connection can be told about their peer. */
export interface ConnectionOptions {
  /** The most data that a frame may have, in bytes. Default, and at most, 4 MiB. */
  readonly maxDataBytes?: number;
  /**
   * Milliseconds that the peer may take to finish a frame that it began, or to take what is sent to it, before it is cut
   * off. `Infinity` waits for ever. Default 60 000. Raise it where the reader of a stream may pause for longer.
   */
  readonly stallTimeout?: number;
}

/** What a side of a connection does with what happens on it. */
export interface ConnectionEvents {
  /** A frame came. Where this gives a promise, the next is read when it is done. */
  frame(frame: Frame): Promise<void> | undefined;
  /** The connection is over. Called once. */
  end(reason: TtrpcError): void;
}

/** Frames over a duplex stream: one reader, one writer, one end. */
export class Connection {
  /** Resolves with the reason when the connection is over. */
  readonly closed: Promise<TtrpcError>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #output: OutputQueue;
  readonly #events: ConnectionEvents;
  readonly #decoder: FrameDecoder;
  readonly #stallTimeout: number;
  #resolveClosed: (reason: TtrpcError) => void = () => undefined;
  #reason: TtrpcError | undefined;
  #droppable = MAX_DROPPED_BYTES;
  #violations = 0;

  constructor(duplex: Duplex, events: ConnectionEvents, options: ConnectionOptions) {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#events = events;
    this.#decoder = new FrameDecoder(options);
    this.#stallTimeout = stallTimeoutOf(options);
    this.#reader = duplex.readable.getReader();
    this.#reader.closed.catch(() => undefined); // its failure is learnt from a read
    const fail = (error: TtrpcError): void => this.end(error);
    this.#output = new OutputQueue(duplex.writable.getWriter(), this.#stallTimeout, fail);
    void this.#receive();
  }

  /** Why the connection is over, once it is. */
  get reason(): TtrpcError | undefined {
    return this.#reason;
  }

  /** Resolves when what was sent leaves room for more; `undefined` while there is room. */
  get full(): Promise<void> | undefined {
    return this.#output.full;
  }

  /** Send a frame. Gives a promise where so much waits to be taken that the sender of a stream should wait, too. */
  send(frame: Bytes): Promise<void> | undefined {
    if (this.#reason !== undefined) return undefined;
    this.#output.add(frame);
    return this.#output.full;
  }

  /** Count a frame that no peer sends who knows the protocol; too many of them end the connection. */
  violation(what: string): void {
    this.#violations += 1;
    if (this.#violations >= MAX_VIOLATIONS)
      this.end(new TtrpcError('ERR_TTRPC_PROTOCOL', `too often: ${what}`), true);
  }

  /** End the connection, unless it is over already. With `flush`, what was sent still goes out. */
  end(reason: TtrpcError, flush = false): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#reader.cancel(reason).catch(() => undefined);
    if (flush) this.#output.close();
    else this.#output.abort(reason);
    this.#events.end(reason);
    this.#resolveClosed(reason);
  }

  async #receive(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#read();
        if (this.#reason !== undefined) return;
        if (done) break;
        if (!(value instanceof Uint8Array)) throw new TypeError('a stream that does not carry bytes');
        this.#decoder.push(value);
        await this.#handleFrames();
        if (this.#reason !== undefined) return;
      }
      if (this.#decoder.partial) throw cutFrame();
      this.end(new TtrpcError('ERR_TTRPC_CLOSED', 'the peer closed the connection'), true);
    } catch (error) {
      this.end(error instanceof TtrpcError ? error : lostConnection(error));
    } finally {
      this.#clearStall();
      this.#reader.releaseLock();
    }
  }

  async #handleFrames(): Promise<void> {
    for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
      this.#clearStall();
      if (frame.data === undefined) this.#droppable -= frame.length;
      const busy = this.#events.frame(frame);
      if (busy !== undefined) await busy;
      if (this.#reason !== undefined) return;
    }
    const length = this.#decoder.header?.length ?? 0;
    if (length > this.#droppable) {
      throw new TtrpcError('ERR_TTRPC_PROTOCOL', `frames over the limit, the last of ${length} bytes`);
    }
  }

  /** Read a chunk; the rest of a frame has to come in time. */
  #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    if (this.#decoder.partial && this.#stall === undefined && this.#stallTimeout < Infinity) {
      this.#stall = setTimeout(() => {
        this.end(
          new TtrpcError('ERR_TTRPC_PROTOCOL', `a frame that did not end in ${this.#stallTimeout} ms`),
        );
      }, this.#stallTimeout);
    }
    return this.#reader.read();
  }

  #clearStall(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
  }

  #stall: ReturnType<typeof setTimeout> | undefined;
}

/** The error of a carrier that failed. */
export function lostConnection(cause: unknown): TtrpcError {
  return new TtrpcError('ERR_TTRPC_CLOSED', 'the connection was lost', { cause });
}

function stallTimeoutOf({ stallTimeout = 60_000 }: ConnectionOptions): number {
  if (stallTimeout === Infinity) return Infinity;
  if (!(stallTimeout > 0 && stallTimeout <= 0x7fff_ffff)) {
    throw new TypeError('a stall timeout is a number of milliseconds over 0, at most 2^31 - 1, or Infinity');
  }
  return stallTimeout;
}

/** Frames over the limit are dropped and answered, until they come to so much that nobody means well. */
const MAX_DROPPED_BYTES = 16 * MAX_DATA_BYTES;
const MAX_VIOLATIONS = 128;
