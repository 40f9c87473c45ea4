import { concatBytes } from '@sealwright/bytes';
import {
  type Duplex,
  duplexPair,
  encodeFrame,
  type Frame,
  FrameDecoder,
  type FrameInit,
} from '../src/index.js';

/** The far end of a connection, which says and hears frames or any bytes, and knows no rules. */
export class Peer {
  /** What the code under test is given. */
  readonly duplex: Duplex;
  /** Everything received, as frames. */
  readonly frames: Frame[] = [];
  /** Everything received. */
  readonly chunks: Uint8Array[] = [];
  /** Done when the code under test sends no more. */
  readonly ended: Promise<void>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #wake: (() => void)[] = [];
  #over = false;

  constructor() {
    const [near, far] = duplexPair();
    this.duplex = near;
    this.#writer = far.writable.getWriter();
    this.#writer.closed.catch(() => undefined);
    this.ended = this.#read(far.readable);
  }

  /** Send frames or bytes; resolves when they were taken, or can no more be. */
  async send(...parts: readonly (FrameInit | Uint8Array)[]): Promise<void> {
    const bytes = parts.map((part) => (part instanceof Uint8Array ? part : encodeFrame(part)));
    await this.#writer.write(concatBytes(...bytes)).catch(() => undefined);
  }

  /** Send no more. */
  async end(): Promise<void> {
    await this.#writer.close().catch(() => undefined);
  }

  /** Resolves with the frames when a number of them came, or when the code under test sends no more. */
  async received(count: number): Promise<readonly Frame[]> {
    void this.ended.then(() => {
      this.#over = true;
      for (const wake of this.#wake.splice(0)) wake();
    });
    while (this.frames.length < count && !this.#over)
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.frames;
  }

  async #read(readable: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new FrameDecoder();
    const reader = readable.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.chunks.push(value);
        decoder.push(value);
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) this.frames.push(frame);
        for (const wake of this.#wake.splice(0)) wake();
      }
    } catch {
      // The connection was cut: that is an end, too.
    }
  }
}

/** Whether something has happened. */
export function flagOf(event: Promise<unknown>): () => boolean {
  let happened = false;
  void event.then(() => (happened = true));
  return () => happened;
}

/** A peer that sends and takes nothing. */
export function deafPeer(): {
  readonly duplex: Duplex;
  readonly aborted: () => boolean;
  readonly offer: (frame: FrameInit) => Promise<void>;
} {
  const peer = new Peer();
  let aborted = false;
  const writable = new WritableStream<Uint8Array>({
    start: (controller) => controller.signal.addEventListener('abort', () => (aborted = true)),
    write: () => new Promise(() => undefined),
  });
  return {
    duplex: { readable: peer.duplex.readable, writable },
    aborted: () => aborted,
    offer: (frame) => peer.send(frame),
  };
}
