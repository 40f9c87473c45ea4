import { type Bytes, encodeUtf8 } from '@sealwright/bytes';

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
