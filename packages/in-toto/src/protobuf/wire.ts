/**
 * The wire form of protobuf: a message is a run of fields, each a tag (number and wire type) and a value.
 *
 * @module
 */
import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import { InTotoError } from '../errors.js';

/** Walks the fields of a message. */
export class WireReader {
  readonly #message: Uint8Array;
  #at = 0;
  /** Number of the field in the schema. */
  number = 0;
  /** 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. Groups are not read. */
  type: 0 | 1 | 2 | 5 = 0;
  /** The value: a view, not a copy. */
  bytes: Uint8Array = NONE;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  /** Go to the next field; `false` at the end. */
  next(): boolean {
    if (this.#at >= this.#message.byteLength) return false;
    const tag = this.#varint();
    const type = tag % 8;
    this.number = Math.floor(tag / 8);
    if (this.number < 1 || tag >= 2 ** 32) throw malformed('a field has a number from 1 to 2^29 - 1');
    if (type !== 0 && type !== 1 && type !== 2 && type !== 5)
      throw malformed(`wire type ${type} is not used here`);
    this.type = type;
    let start = this.#at;
    if (type === 0) this.#varint();
    else {
      const length = type === 2 ? this.#varint() : type === 1 ? 8 : 4;
      start = this.#at;
      if (length > this.#message.byteLength - start) throw malformed('a field ends past its message');
      this.#at += length;
    }
    this.bytes = this.#message.subarray(start, this.#at);
    return true;
  }

  /** Above 2^53 not exact, which no tag and no length may be. */
  #varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 0x80) {
      const byte = this.#message[this.#at];
      if (byte === undefined) throw malformed('a number ends with the message');
      this.#at += 1;
      if (scale === 2 ** 63 && byte > 1) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformed('a number has at most 64 bits');
  }
}

/** The value of a varint, 0 to 2^64 - 1. */
export function varintOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n);
}

/** Puts a message together. Fields that hold their default are left out, as proto3 has it, unless said otherwise. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];

  /** Bytes, or a message. */
  bytes(number: number, value: Uint8Array, options: { always?: boolean } = {}): this {
    if (value.byteLength > 0 || options.always === true)
      this.#parts.push(varintBytes((number << 3) | 2), varintBytes(value.byteLength), value);
    return this;
  }

  text(number: number, value: string | undefined, options: { always?: boolean } = {}): this {
    if (value !== undefined && LONE_SURROGATE.test(value))
      throw new InTotoError(
        'INTOTO_WRONG_TYPE',
        'text in protobuf is whole Unicode, without half surrogate pairs',
      );
    return this.bytes(number, encodeUtf8(value ?? ''), options);
  }

  /** A boolean, enumeration or whole number; negative ones take ten bytes. Always written. */
  varint(number: number, value: number | bigint): this {
    this.#parts.push(varintBytes(number << 3), varintBytes(BigInt.asUintN(64, BigInt(value))));
    return this;
  }

  /** Always written. */
  double(number: number, value: number): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.#parts.push(varintBytes((number << 3) | 1), bytes);
    return this;
  }

  finish(): Bytes {
    const result = new Uint8Array(this.#parts.reduce((size, part) => size + part.byteLength, 0));
    let at = 0;
    for (const part of this.#parts) {
      result.set(part, at);
      at += part.byteLength;
    }
    return result;
  }
}

/** An error about the wire form. */
export function malformed(message: string): InTotoError {
  return new InTotoError('PROTOBUF_MALFORMED', message);
}

function varintBytes(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}

const NONE: Uint8Array = new Uint8Array();
const LONE_SURROGATE = /\p{Surrogate}/u;
