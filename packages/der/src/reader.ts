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

/**
 * Reads the elements of one container in order; only DER, so that every value has one encoding (X.690 section 10).
 *
 * @example
 * ```ts
 * const sequence = new DerReader(encodeSequence(encodeOid('2.5.4.3'), encodeNull())).enter();
 * console.log(sequence.oid()); // 2.5.4.3
 * sequence.null();
 * sequence.end();
 * ```
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #at = 0;
  #end: number;

  /**
   * Read from the front of some bytes.
   *
   * @param bytes - not copied: do not change them while reading
   * @param base - what to add to offsets, for a container inside another
   */
  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes;
    this.#base = base;
    this.#end = bytes.byteLength;
  }

  /** Offset of the next element, counted from the start of the whole input. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#at === this.#end;
  }

  /** The identifier octet of the next element, `undefined` at the end. */
  peek(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /**
   * Read the next element.
   *
   * @param tag - what it must be; anything when left out
   * @throws {@link DerError} `ERR_DER_TAG` or `ERR_DER_LENGTH`.
   */
  element(tag?: number): DerElement {
    const start = this.#at;
    const found = this.peek() ?? 0;
    const from = this.#next(tag);
    return {
      tag: found,
      offset: this.#base + start,
      contents: this.#bytes.subarray(from, this.#at),
      raw: this.#bytes.subarray(start, this.#at),
    };
  }

  /**
   * Read a constructed element and give a reader of what it holds.
   *
   * @param tag - what it must be; SEQUENCE unless said otherwise
   * @throws {@link DerError} `ERR_DER_TAG` or `ERR_DER_LENGTH`.
   */
  enter(tag: number = DerTag.sequence): DerReader {
    const from = this.#next(tag);
    const inner = new DerReader(this.#bytes, this.#base);
    inner.#at = from;
    inner.#end = this.#at;
    return inner;
  }

  /**
   * Read an INTEGER that is not negative.
   *
   * @returns its magnitude, big-endian without leading zeros; zero is one zero byte
   * @throws {@link DerError} `ERR_DER_VALUE` when it is negative or padded.
   */
  unsigned(): Bytes {
    const { offset } = this;
    const contents = this.integer();
    const [first = 0] = contents;
    if (first >= 0x80)
      throw new DerError('ERR_DER_VALUE', 'expected an integer that is not negative', { offset });
    return first === 0 && contents.byteLength > 1 ? contents.subarray(1) : contents;
  }

  /**
   * Read an INTEGER of either sign.
   *
   * @returns its contents, two's complement as encoded
   * @throws {@link DerError} `ERR_DER_VALUE` when it is padded or empty.
   */
  integer(): Bytes {
    const { contents, offset } = this.element(DerTag.integer);
    if (!isShortestInteger(contents))
      throw new DerError('ERR_DER_VALUE', 'an integer is written in its shortest form', { offset });
    return copyBytes(contents);
  }

  /**
   * Read an OBJECT IDENTIFIER.
   *
   * @returns its numbers joined by dots, such as `1.2.840.10045.2.1`
   * @throws {@link DerError} `ERR_DER_VALUE` when an arc is padded, cut off, or above 2^53.
   */
  oid(): string {
    const { offset } = this;
    const from = this.#next(DerTag.oid);
    let text = '';
    let arc = 0;
    let fresh = true;
    for (let at = from; at < this.#at; at += 1) {
      const byte = this.#bytes[at] ?? 0;
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
      const left = this.#end - this.#at;
      throw new DerError('ERR_DER_TRAILING', `${left} bytes after the end of a structure`, {
        offset: this.offset,
      });
    }
  }

  /** Step over the next element, and give where its contents begin; they end where the one after it begins. */
  #next(tag: number | undefined): number {
    const { offset } = this;
    const found = this.peek();
    if (found === undefined)
      throw new DerError('ERR_DER_LENGTH', 'expected an element, found the end', { offset });
    if ((found & 0x1f) === 0x1f)
      throw new DerError('ERR_DER_TAG', 'tags above 30 are not used here', { offset });
    if (tag !== undefined && found !== tag) {
      throw new DerError('ERR_DER_TAG', `expected tag 0x${tag.toString(16)}, found 0x${found.toString(16)}`, {
        offset,
      });
    }
    const first = this.#byte(this.#at + 1);
    let from = this.#at + 2;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > 4)
        throw new DerError('ERR_DER_LENGTH', 'a length has 1 to 4 bytes', { offset });
      length = 0;
      for (let index = 0; index < count; index += 1) length = length * 0x100 + this.#byte(from + index);
      from += count;
      if (length < 0x80 || length < 0x100 ** (count - 1))
        throw new DerError('ERR_DER_LENGTH', 'a length is written in its shortest form', { offset });
    }
    if (length > this.#end - from)
      throw new DerError('ERR_DER_LENGTH', 'an element ends past its container', { offset });
    this.#at = from + length;
    return from;
  }

  #byte(at: number): number {
    const byte = at < this.#end ? this.#bytes[at] : undefined;
    if (byte === undefined)
      throw new DerError('ERR_DER_LENGTH', 'an element ends before its length', { offset: this.offset });
    return byte;
  }
}

/** Whether the contents of an INTEGER have neither a byte too few nor one too many. */
export function isShortestInteger(contents: Uint8Array): boolean {
  const [first, second] = contents;
  if (first === undefined || second === undefined) return first !== undefined;
  return !((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
}
