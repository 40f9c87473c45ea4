/**
 * The wire form of protobuf: tags, varints, and values behind their length.
 *
 * @module
 */
import { type Bytes, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { TtrpcError } from './errors.js';

/** The wire types of protobuf. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

/** Reads the wire form of protobuf from front to back. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #end: number;
  /** Bits 0 to 31 of the last varint. */
  low = 0;
  /** Bits 32 to 63 of the last varint. */
  high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.byteLength;
  }

  get done(): boolean {
    return this.#offset === this.#end;
  }

  /** Read a tag: the field number times 8, and the wire type. */
  tag(): number {
    this.varint();
    if (this.high !== 0) this.#fail('a tag out of range');
    if (this.low >>> 3 === 0) this.#fail('field number 0');
    return this.low;
  }

  /** Read a varint of 64 bits into {@link WireReader.low} and {@link WireReader.high}. */
  varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift > 28) high |= bits << (shift - 32);
      else {
        low |= bits << 28;
        high = bits >>> 4;
      }
      if (byte >= 0x80) continue;
      if (shift === 63 && bits > 1) break;
      this.low = low >>> 0;
      this.high = high >>> 0;
      return;
    }
    this.#fail('a varint over 64 bits');
  }

  /** Read the bytes behind a length: a view, not a copy. */
  bytes(): Uint8Array {
    const end = this.#lengthEnd();
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }

  /** Read text behind a length. */
  string(): string {
    const at = this.#offset;
    const bytes = this.bytes();
    try {
      return decodeUtf8(bytes);
    } catch (cause) {
      throw new TtrpcError('ERR_TTRPC_MESSAGE', 'text that is not UTF-8', { offset: at, cause });
    }
  }

  /** Read what is behind a length with this reader, which ends there meanwhile. */
  within(read: () => void): void {
    const outer = this.#end;
    this.#end = this.#lengthEnd();
    read();
    this.#end = outer;
  }

  /** Step over a value whose tag was read. Groups are stepped over too: they are old, not wrong. */
  skip(first: number): void {
    const groups: number[] = [];
    for (let tag = first; ; tag = this.tag()) {
      const wire = tag & 7;
      if (wire === WIRE.varint) this.varint();
      else if (wire === WIRE.fixed64) this.#step(8);
      else if (wire === WIRE.bytes) this.bytes();
      else if (wire === WIRE.fixed32) this.#step(4);
      else if (wire === WIRE.groupStart && groups.length < MAX_GROUPS) groups.push(tag >>> 3);
      else if (wire !== WIRE.groupEnd || groups.pop() !== tag >>> 3) this.#fail(`wire type ${wire}`);
      if (groups.length === 0) return;
    }
  }

  #lengthEnd(): number {
    this.varint();
    const end = this.#offset + this.low;
    if (this.high !== 0 || end > this.#end) this.#fail('a length over what is left');
    return end;
  }

  #byte(): number {
    if (this.#offset === this.#end) this.#fail('the message ends early');
    return this.#bytes[this.#offset++] ?? 0;
  }

  #step(length: number): void {
    if (this.#offset + length > this.#end) this.#fail('the message ends early');
    this.#offset += length;
  }

  #fail(message: string): never {
    throw new TtrpcError('ERR_TTRPC_MESSAGE', message, { offset: this.#offset });
  }
}

const MAX_GROUPS = 64;

/** Writes the wire form of protobuf into a block that grows. */
export class WireWriter {
  #block: Bytes;
  #view: DataView;
  #length: number;

  /**
   * Start to write.
   *
   * @param head - bytes to leave free in front
   * @param expected - bytes that will probably come
   */
  constructor(head = 0, expected = 118) {
    this.#block = new Uint8Array(head + expected);
    this.#view = new DataView(this.#block.buffer);
    this.#length = head;
  }

  get length(): number {
    return this.#length;
  }

  /** Write a varint of up to 32 bits without a sign. */
  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#block[this.#length++] = (rest & 0x7f) | 0x80;
    this.#block[this.#length++] = rest;
  }

  /** Write a varint of 64 bits; a negative value becomes its two's complement. */
  varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffff_ffffn) return this.varint(Number(value));
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#block[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#block[this.#length++] = Number(rest);
  }

  /** Write bytes behind their length. */
  bytes(bytes: Uint8Array): void {
    this.varint(bytes.byteLength);
    this.#reserve(bytes.byteLength);
    this.#block.set(bytes, this.#length);
    this.#length += bytes.byteLength;
  }

  /** Write text behind its length. */
  string(text: string): void {
    if (text.length > SHORT_TEXT || !this.#shortAscii(text)) this.bytes(encodeUtf8(text));
  }

  /** Most text is short and ASCII, for which an encoder takes longer to start than to finish. Undone where it is not. */
  #shortAscii(text: string): boolean {
    this.#reserve(1 + text.length);
    const start = this.#length;
    this.#block[this.#length++] = text.length;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit >= 0x80) {
        this.#length = start;
        return false;
      }
      this.#block[this.#length++] = unit;
    }
    return true;
  }

  /** Write what a function writes behind its length. */
  within(write: () => void): void {
    this.#reserve(1);
    const at = this.#length;
    this.#length += 1;
    write();
    const length = this.#length - at - 1;
    if (length < 0x80) {
      this.#block[at] = length;
      return;
    }
    // The length takes more than the byte that was left for it: move what was written.
    const size = length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    this.#reserve(size - 1);
    const end = this.#length;
    this.#block.copyWithin(at + size, at + 1, end);
    this.#length = at;
    this.varint(length);
    this.#length = end + size - 1;
  }

  /** Write into the bytes in front. */
  get head(): DataView {
    return this.#view;
  }

  /** Everything that was written: exactly as large, with memory of its own. */
  finish(): Bytes {
    return this.#block.slice(0, this.#length);
  }

  /** Everything that was written, without a copy: write no more. */
  view(): Bytes {
    return this.#block.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#block.byteLength) return;
    const block = new Uint8Array(Math.max(needed, 2 * this.#block.byteLength));
    block.set(this.#block.subarray(0, this.#length));
    this.#block = block;
    this.#view = new DataView(block.buffer);
  }
}

/** At most 127: the length is one byte. */
const SHORT_TEXT = 64;
