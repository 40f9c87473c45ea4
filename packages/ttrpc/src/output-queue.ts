import { type Bytes, concatBytes } from '@sealwright/bytes';
import { TtrpcError } from './errors.js';

/** Frames on their way to the peer: those that are sent at once leave in one chunk. */
export class OutputQueue {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stallTimeout: number;
  readonly #fail: (error: TtrpcError) => void;
  #frames: Bytes[] = [];
  #bytes = 0;
  #writing = false;
  #ended = false;
  #full: Promise<void> | undefined;
  #release = (): void => undefined;

  constructor(
    writer: WritableStreamDefaultWriter<Uint8Array>,
    stallTimeout: number,
    fail: (error: TtrpcError) => void,
  ) {
    this.#writer = writer;
    this.#stallTimeout = stallTimeout;
    this.#fail = fail;
    writer.closed.catch(() => undefined); // its failure is learnt from a write
  }

  /** Resolves when there is room; `undefined` while there is. */
  get full(): Promise<void> | undefined {
    return this.#full;
  }

  add(frame: Bytes): void {
    if (this.#ended) return;
    this.#frames.push(frame);
    this.#bytes += frame.byteLength;
    if (this.#bytes > HIGH_WATER_BYTES && this.#full === undefined) {
      this.#full = new Promise((resolve) => (this.#release = resolve));
    }
    if (this.#writing) return;
    this.#writing = true;
    // What is sent in answer to one chunk of frames leaves as one chunk.
    queueMicrotask(() => void this.#writeAll());
  }

  /** Send what is here, then end. A peer that does not take it in time is cut off. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#writing) this.#close();
    this.#open();
  }

  /** End at once; what is here is forgotten. */
  abort(reason: TtrpcError): void {
    this.#ended = true;
    this.#frames = [];
    this.#bytes = 0;
    this.#open();
    this.#writer.abort(reason).catch(() => undefined);
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#frames.length > 0) {
        const chunk = this.#nextChunk();
        await this.#inTime(this.#writer.write(chunk));
        this.#bytes -= Math.min(this.#bytes, chunk.byteLength);
        if (this.#bytes <= HIGH_WATER_BYTES) this.#open();
      }
      this.#writing = false;
      if (this.#ended) this.#close();
    } catch (cause) {
      this.#writing = false;
      const error = new TtrpcError('ERR_TTRPC_CLOSED', 'the peer does not take what is sent', { cause });
      this.#fail(error);
      this.abort(error);
    }
  }

  #nextChunk(): Bytes {
    let bytes = 0;
    let count = 0;
    for (const frame of this.#frames) {
      if (count > 0 && bytes + frame.byteLength > CHUNK_BYTES) break;
      bytes += frame.byteLength;
      count += 1;
    }
    const frames = this.#frames.splice(0, count);
    return frames.length === 1 && frames[0] !== undefined ? frames[0] : concatBytes(...frames);
  }

  #close(): void {
    this.#inTime(this.#writer.close()).catch((cause: unknown) => {
      this.#writer.abort(cause).catch(() => undefined);
    });
  }

  #open(): void {
    this.#full = undefined;
    this.#release();
  }

  async #inTime(write: Promise<void>): Promise<void> {
    if (this.#stallTimeout === Infinity) return await write;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stalled = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`nothing was taken in ${this.#stallTimeout} ms`)),
        this.#stallTimeout,
      );
    });
    try {
      await Promise.race([write, stalled]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const HIGH_WATER_BYTES = 0x4_0000;
const CHUNK_BYTES = 0x1_0000;
