import { copyBytes, decodeUtf8 } from '@sealwright/bytes';

/** A document as text, and as numbers, which can be read faster than the characters of text. */
export class Units {
  /** The document. */
  readonly text: string;
  /** See {@link Units.units}; made when first asked for. */
  #units: Uint8Array | Uint16Array | undefined;
  /** For each block of units that are not those of the text, where it begins in the text; made when first asked for. */
  #blocks: Uint32Array | undefined;

  constructor(text: string, units?: Uint8Array) {
    this.text = text;
    this.#units = units;
  }

  /** Over UTF-8. Memory that threads share may change between two looks, and is copied. */
  static ofBytes(input: Uint8Array): Units {
    const bytes = input.buffer instanceof ArrayBuffer ? input : copyBytes(input);
    return new Units(decodeUtf8(bytes), bytes);
  }

  /** The document in UTF-8; or in UTF-16, where UTF-8 cannot hold it. */
  get units(): Uint8Array | Uint16Array {
    this.#units ??= unitsOf(this.text);
    return this.#units;
  }

  /** The text between two offsets of the units. */
  slice(start: number, end: number): string {
    return this.text.slice(this.offset(start), this.offset(end));
  }

  /** Where a unit below 0x80 is next, -1 for nowhere. In text the platform finds it many times faster. */
  indexOf(unit: number, from: number): number {
    return this.units.length === this.text.length
      ? this.text.indexOf(String.fromCharCode(unit), from)
      : this.units.indexOf(unit, from);
  }

  /** The offset in the text for one in the units. */
  offset(unit: number): number {
    if (this.units.length === this.text.length) return unit;
    this.#blocks ??= blocksOf(this.units);
    const block = Math.floor(unit / BLOCK);
    return (this.#blocks[block] ?? 0) + lengthOf(this.units, block * BLOCK, unit);
  }
}

function unitsOf(text: string): Uint8Array | Uint16Array {
  const bytes = ENCODER.encode(text);
  if (bytes.length === text.length || decodeUtf8(bytes) === text) return bytes;
  return Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

function blocksOf(bytes: Uint8Array | Uint16Array): Uint32Array {
  const blocks = new Uint32Array(Math.floor(bytes.length / BLOCK) + 1);
  let length = 0;
  for (let block = 0; block < blocks.length; block += 1) {
    blocks[block] = length;
    length += lengthOf(bytes, block * BLOCK, Math.min(bytes.length, (block + 1) * BLOCK));
  }
  return blocks;
}

/** How much text UTF-8 stands for: one unit for each lead byte, two for that of four bytes, none for what follows a lead. */
function lengthOf(bytes: Uint8Array | Uint16Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80 || byte >= 0xc0) length += byte >= 0xf0 ? 2 : 1;
  }
  return length;
}

const ENCODER = new TextEncoder();
const BLOCK = 64;
