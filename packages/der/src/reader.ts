import { type Bytes, copyBytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerTag } from './tag.js';

/** One element, as it stands in the input. */
export interface DerElement {
  /** The identifier octet; see {@link DerTag}. */
  readonly tag: number;
  /** Where the element begins, counted from the start of the whole input. */
  readonly offset: number;
  /** The contents: a view of the input, not a copy. */
  readonly contents: Uint8Array;
  /** Identifier, length and contents: a view of the input, not a copy. */
  readonly raw: Uint8Array;
}

/** Reads the elements of one container in order; only DER, so that every value has one encoding (X.690 section 10). */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #at = 0;

  /**
   * Read from the front of some bytes.
   *
   * @param bytes - not copied: do not change them while reading
   * @param base - what to add to offsets, for a container inside another
   */
  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes;
    this.#base = base;
  }

  /** Offset of the next element, counted from the start of the whole input. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#at === this.#bytes.byteLength;
  }

  /** The identifier octet of the next element, `undefined` at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  /**
   * Read the next element.
   *
   * @param tag - what it must be; anything when left out
   * @throws {@link DerError} `ERR_DER_TAG` or `ERR_DER_LENGTH`.
   */
  element(tag?: number): DerElement {
    const offset = this.offset;
    const found = this.#bytes[this.#at];
    if (found === undefined)
      throw new DerError('ERR_DER_LENGTH', 'expected an element, found the end', { offset });
    if ((found & 0x1f) === 0x1f)
      throw new DerError('ERR_DER_TAG', 'tags above 30 are not used here', { offset });
    if (tag !== undefined && found !== tag) {
      throw new DerError('ERR_DER_TAG', `expected tag 0x${tag.toString(16)}, found 0x${found.toString(16)}`, {
        offset,
      });
    }
    const { length, size } = this.#length(this.#at + 1, offset);
    const from = this.#at + 1 + size;
    if (length > this.#bytes.byteLength - from) {
      throw new DerError('ERR_DER_LENGTH', 'an element ends past its container', { offset });
    }
    const raw = this.#bytes.subarray(this.#at, from + length);
    this.#at = from + length;
    return { tag: found, offset, contents: raw.subarray(1 + size), raw };
  }

  /**
   * Read a constructed element and give a reader of what it holds.
   *
   * @param tag - what it must be; SEQUENCE unless said otherwise
   * @throws {@link DerError} `ERR_DER_TAG` or `ERR_DER_LENGTH`.
   */
  enter(tag: number = DerTag.sequence): DerReader {
    const element = this.element(tag);
    return new DerReader(
      element.contents,
      element.offset + element.raw.byteLength - element.contents.byteLength,
    );
  }

  /**
   * Read an INTEGER that is not negative.
   *
   * @returns its magnitude, big-endian without leading zeros; zero is one zero byte
   * @throws {@link DerError} `ERR_DER_VALUE` when it is negative or padded.
   */
  unsigned(): Bytes {
    const { contents, offset } = this.element(DerTag.integer);
    const [first, second] = contents;
    if (first === undefined)
      throw new DerError('ERR_DER_VALUE', 'an integer has at least one byte', { offset });
    if ((first & 0x80) !== 0)
      throw new DerError('ERR_DER_VALUE', 'expected an integer that is not negative', { offset });
    if (first !== 0 || second === undefined) return copyBytes(contents);
    if ((second & 0x80) === 0)
      throw new DerError('ERR_DER_VALUE', 'an integer is written in its shortest form', { offset });
    return copyBytes(contents.subarray(1));
  }

  /**
   * Read an OBJECT IDENTIFIER.
   *
   * @returns its numbers joined by dots, such as `1.2.840.10045.2.1`
   * @throws {@link DerError} `ERR_DER_VALUE` when an arc is padded, cut off, or above 2^53.
   */
  oid(): string {
    const { contents, offset } = this.element(DerTag.oid);
    let text = '';
    let arc = 0;
    let fresh = true;
    for (const byte of contents) {
      if (fresh && byte === 0x80)
        throw new DerError('ERR_DER_VALUE', 'an arc is written in its shortest form', { offset });
      arc = arc * 0x80 + (byte & 0x7f);
      if (arc > Number.MAX_SAFE_INTEGER)
        throw new DerError('ERR_DER_VALUE', 'an arc is below 2^53', { offset });
      fresh = byte < 0x80;
      if (!fresh) continue;
      if (text === '') {
        const root = Math.min(Math.floor(arc / 40), 2);
        text = `${root}.${arc - root * 40}`;
      } else text += `.${arc}`;
      arc = 0;
    }
    if (!fresh || text === '')
      throw new DerError('ERR_DER_VALUE', 'an identifier ends with a whole arc', { offset });
    return text;
  }

  /**
   * Read a BIT STRING of whole bytes.
   *
   * @throws {@link DerError} `ERR_DER_VALUE` when bits are left over.
   */
  bitString(): Bytes {
    const { contents, offset } = this.element(DerTag.bitString);
    if (contents[0] !== 0)
      throw new DerError('ERR_DER_VALUE', 'expected a bit string of whole bytes', { offset });
    return copyBytes(contents.subarray(1));
  }

  /**
   * Read an OCTET STRING.
   *
   * @throws {@link DerError} `ERR_DER_TAG` or `ERR_DER_LENGTH`.
   */
  octetString(): Bytes {
    return copyBytes(this.element(DerTag.octetString).contents);
  }

  /**
   * Read a NULL.
   *
   * @throws {@link DerError} `ERR_DER_VALUE` when it holds something.
   */
  null(): void {
    const { contents, offset } = this.element(DerTag.null);
    if (contents.byteLength > 0) throw new DerError('ERR_DER_VALUE', 'a null holds nothing', { offset });
  }

  /**
   * Assert that everything was read.
   *
   * @throws {@link DerError} `ERR_DER_TRAILING`.
   */
  end(): void {
    if (!this.done) {
      const left = this.#bytes.byteLength - this.#at;
      throw new DerError('ERR_DER_TRAILING', `${left} bytes after the end of a structure`, {
        offset: this.offset,
      });
    }
  }

  #length(at: number, offset: number): { length: number; size: number } {
    const first = this.#bytes[at];
    if (first === undefined)
      throw new DerError('ERR_DER_LENGTH', 'an element ends before its length', { offset });
    if (first < 0x80) return { length: first, size: 1 };
    const count = first & 0x7f;
    if (count === 0 || count > 4)
      throw new DerError('ERR_DER_LENGTH', 'a length has 1 to 4 bytes', { offset });
    let length = 0;
    for (let index = 1; index <= count; index += 1)
      length = length * 0x100 + (this.#bytes[at + index] ?? Number.NaN);
    if (Number.isNaN(length))
      throw new DerError('ERR_DER_LENGTH', 'an element ends before its length', { offset });
    if (length < 0x80 || length < 0x100 ** (count - 1)) {
      throw new DerError('ERR_DER_LENGTH', 'a length is written in its shortest form', { offset });
    }
    return { length, size: 1 + count };
  }
}
