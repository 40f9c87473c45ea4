import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/** How to read. */
export interface ByteReaderOptions {
  /** Whether the low byte of an integer comes first. Default `false`: network order. */
  readonly littleEndian?: boolean;
  /** What is being read, for messages. Default `input`. */
  readonly what?: string;
}

/**
 * Reads a structure from front to back and refuses to leave its bounds.
 *
 * @example
 * ```ts
 * const reader = new ByteReader(Uint8Array.of(0, 2, 7, 8), { what: 'a record' });
 * console.log(encodeHex(reader.bytes(reader.u16()))); // 0708
 * reader.end();
 * ```
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  readonly #what: string;
  #offset = 0;

  /**
   * Read from the front of some bytes.
   *
   * @param bytes - not copied: do not change them while reading
   * @param options - byte order and name
   */
  constructor(bytes: Uint8Array, options: ByteReaderOptions = {}) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = options.littleEndian ?? false;
    this.#what = options.what ?? 'input';
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.byteLength - this.#offset;
  }

  /**
   * Read an unsigned integer of 1 byte.
   *
   * @throws {@link BytesError} `ERR_BYTES_RANGE` past the end.
   */
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /**
   * Read an unsigned integer of 2 bytes.
   *
   * @throws {@link BytesError} `ERR_BYTES_RANGE` past the end.
   */
  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#littleEndian);
  }

  /**
   * Read an unsigned integer of 4 bytes.
   *
   * @throws {@link BytesError} `ERR_BYTES_RANGE` past the end.
   */
  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#littleEndian);
  }

  /**
   * Read an unsigned integer of 8 bytes.
   *
   * @throws {@link BytesError} `ERR_BYTES_RANGE` past the end.
   */
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.#littleEndian);
  }

  /**
   * Read bytes into memory of their own.
   *
   * @param length - how many
   * @throws {@link BytesError} `ERR_BYTES_RANGE` past the end.
   */
  bytes(length: number): Bytes {
    return new Uint8Array(this.view(length));
  }

  /**
   * Read bytes without copying them.
   *
   * @param length - how many
   * @throws {@link BytesError} `ERR_BYTES_RANGE` past the end.
   */
  view(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  /**
   * Pass over bytes.
   *
   * @param length - how many
   * @throws {@link BytesError} `ERR_BYTES_RANGE` past the end.
   */
  skip(length: number): void {
    this.#take(length);
  }

  /**
   * Assert that everything was read.
   *
   * @throws {@link BytesError} `ERR_BYTES_RANGE` when bytes are left over.
   */
  end(): void {
    if (this.remaining > 0) {
      throw new BytesError('ERR_BYTES_RANGE', `${this.#what} has ${this.remaining} bytes after its end`, {
        offset: this.#offset,
      });
    }
  }

  #take(length: number): number {
    if (!Number.isSafeInteger(length) || length < 0)
      throw new TypeError('a length is a whole number of bytes');
    if (length > this.remaining) {
      throw new BytesError(
        'ERR_BYTES_RANGE',
        `${this.#what} ends after ${this.remaining} of the ${length} bytes expected here`,
        { offset: this.#offset },
      );
    }
    const from = this.#offset;
    this.#offset += length;
    return from;
  }
}
