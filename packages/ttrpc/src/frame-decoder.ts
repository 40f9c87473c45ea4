import type { Bytes } from '@sealwright/bytes';
import { TtrpcError } from './errors.js';
import { type Frame, FRAME_HEADER_BYTES, type FrameHeader, MAX_DATA_BYTES, readHeader } from './frame.js';

/** How to decode frames. */
export interface FrameDecoderOptions {
  /** The most data of a frame, in bytes. Default, and at most, {@link MAX_DATA_BYTES}. */
  readonly maxDataBytes?: number;
}

/**
 * Cuts bytes into frames. It keeps what it was given and nothing more: a header alone makes it reserve no memory, and
 * data over the cap is dropped as it arrives.
 *
 * @example
 * ```ts
 * const decoder = new FrameDecoder();
 * decoder.push(encodeFrame({ streamId: 1, type: FRAME_TYPE.data, data: new Uint8Array(3) }));
 * console.log(decoder.next()?.length); // 3
 * console.log(decoder.next()); // undefined: it needs more bytes
 * ```
 */
export class FrameDecoder {
  readonly #cap: number;
  #block: Uint8Array = EMPTY;
  #from = 0;
  #to = 0;
  #header: FrameHeader | undefined;
  #toDrop = 0;
  /** Whether the block is ours to append to. */
  #owned = false;

  /**
   * Start before the first frame.
   *
   * @param options - the cap
   */
  constructor(options: FrameDecoderOptions = {}) {
    this.#cap = Math.min(options.maxDataBytes ?? MAX_DATA_BYTES, MAX_DATA_BYTES);
  }

  /** Whether a frame has begun and not ended. */
  get partial(): boolean {
    return this.#header !== undefined || this.#from < this.#to;
  }

  /** The header of the frame that has begun, once it is whole. */
  get header(): FrameHeader | undefined {
    return this.#header;
  }

  /**
   * Add bytes.
   *
   * @param chunk - cut anywhere; it is not copied where it holds whole frames, so do not change it afterwards
   */
  push(chunk: Uint8Array): void {
    if (this.#from === this.#to) {
      this.#block = chunk;
      this.#from = 0;
      this.#to = chunk.byteLength;
      this.#owned = false;
      return;
    }
    const kept = this.#to - this.#from;
    if (!this.#owned || this.#to + chunk.byteLength > this.#block.byteLength) {
      // Doubling: a sender of single bytes costs no more than another. Bytes given out are in the old block, and stay.
      const block = new Uint8Array(Math.max(2 * kept, kept + chunk.byteLength, 0x400));
      block.set(this.#block.subarray(this.#from, this.#to));
      this.#block = block;
      this.#from = 0;
      this.#to = kept;
      this.#owned = true;
    }
    this.#block.set(chunk, this.#to);
    this.#to += chunk.byteLength;
  }

  /** Take the next frame, `undefined` where more bytes are needed. Its data is a view. */
  next(): Frame | undefined {
    const header = this.#header ?? this.#begin();
    if (header === undefined) return undefined;
    if (header.length > this.#cap) {
      const dropped = Math.min(this.#toDrop, this.#to - this.#from);
      this.#from += dropped;
      this.#toDrop -= dropped;
      if (this.#toDrop > 0) return undefined;
      this.#header = undefined;
      return { ...header, data: undefined };
    }
    if (this.#to - this.#from < header.length) return undefined;
    const { length, streamId, type, flags } = header;
    const data = this.#block.subarray(this.#from, this.#from + length) as Bytes;
    this.#from += length;
    this.#header = undefined;
    return { length, streamId, type, flags, data };
  }

  #begin(): FrameHeader | undefined {
    if (this.#to - this.#from < FRAME_HEADER_BYTES) return undefined;
    this.#header = readHeader(this.#block, this.#from);
    this.#from += FRAME_HEADER_BYTES;
    this.#toDrop = this.#header.length;
    return this.#header;
  }
}

/** The error of a stream that ends inside a frame. */
export function cutFrame(): TtrpcError {
  return new TtrpcError('ERR_TTRPC_PROTOCOL', 'the connection ended inside a frame');
}

const EMPTY = new Uint8Array();
