import { decodeUtf8 } from '@sealwright/bytes';
import { TtrpcError } from './errors.js';
import { WIRE } from './wire.js';

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
