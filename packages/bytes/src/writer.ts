import { type Bytes, joinBytes, copyBytes } from './bytes.js';
import { BytesError } from './errors.js';

/** How to write. */
export interface ByteWriterOptions {
  /** Whether the low byte of an integer comes first. Default `false`: network order. */
  readonly littleEndian?: boolean;
}

/**
 * Writes a structure from front to back; every method returns the writer.
 *
 * @example
 * ```ts
 * const record = new ByteWriter({ littleEndian: true }).u16(1).u32(2).finish();
 * console.log(encodeHex(record)); // 010002000000
 * ```
 */
export class ByteWriter {
  readonly #parts: Bytes[] = [];
  readonly #littleEndian: boolean;

  /**
   * Begin with nothing.
   *
   * @param options - byte order
   */
  constructor(options: ByteWriterOptions = {}) {
    this.#littleEndian = options.littleEndian ?? false;
  }

  /**
   * Write an unsigned integer of 1 byte.
   *
   * @param value - 0 to 0xff
   * @throws {@link BytesError} `ERR_BYTES_RANGE` when it does not fit.
   */
  u8(value: number): this {
    return this.#integer(BigInt(whole(value)), 1);
  }

  /**
   * Write an unsigned integer of 2 bytes.
   *
   * @param value - 0 to 0xffff
   * @throws {@link BytesError} `ERR_BYTES_RANGE` when it does not fit.
   */
  u16(value: number): this {
    return this.#integer(BigInt(whole(value)), 2);
  }

  /**
   * Write an unsigned integer of 4 bytes.
   *
   * @param value - 0 to 0xffffffff
   * @throws {@link BytesError} `ERR_BYTES_RANGE` when it does not fit.
   */
  u32(value: number): this {
    return this.#integer(BigInt(whole(value)), 4);
  }

  /**
   * Write an unsigned integer of 8 bytes.
   *
   * @param value - 0 to 2^64 - 1
   * @throws {@link BytesError} `ERR_BYTES_RANGE` when it does not fit.
   */
  u64(value: bigint): this {
    return this.#integer(value, 8);
  }

  /**
   * Write bytes as they are.
   *
   * @param bytes - copied
   */
  bytes(bytes: Uint8Array): this {
    this.#parts.push(copyBytes(bytes));
    return this;
  }

  /** All that was written, in memory of its own. */
  finish(): Bytes {
    return joinBytes(this.#parts);
  }

  #integer(value: bigint, size: 1 | 2 | 4 | 8): this {
    if (value < 0n || value >> BigInt(8 * size) !== 0n) {
      throw new BytesError('ERR_BYTES_RANGE', `a number does not fit ${size} bytes`);
    }
    const part = new Uint8Array(size);
    for (let index = 0; index < size; index += 1) {
      const place = this.#littleEndian ? index : size - 1 - index;
      part[place] = Number((value >> BigInt(8 * index)) & 0xffn);
    }
    this.#parts.push(part);
    return this;
  }
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new BytesError('ERR_BYTES_RANGE', 'expected a whole number');
  return value;
}
