/**
 * A recursive descent parser for RFC 8259 over UTF-16 code units.
 *
 * @module
 */
import { BytesError, decodeUtf8, mustFit } from '@sealwright/bytes';
import { JsonError, type JsonErrorCode } from './errors.js';
import { jsonPointer } from './pointer.js';
import { type JsonObject, type JsonValue, setMember } from './value.js';

/** Caps and strictness of {@link parseJson}. */
export interface JsonOptions {
  /** Cap on the input, in bytes (of text: in UTF-16 code units). Default 4 MiB. */
  readonly maxBytes?: number;
  /** Cap on nesting; a scalar has depth 0, an array or object one more than what it holds. Default 64. */
  readonly maxDepth?: number;
  /** Cap on values of any kind. Default 1 000 000. */
  readonly maxNodes?: number;
  /** What to do when an object names a member twice: refuse it, or let the last one win as most parsers do. Default `refuse`. */
  readonly duplicates?: 'refuse' | 'last';
  /** How to give an integer beyond 2^53 - 1 either way: as the nearest number, or as its text. Default `number`. */
  readonly bigIntegers?: 'number' | 'text';
}

/**
 * Read a JSON document.
 *
 * Stricter than `JSON.parse`: a repeated member is refused, size, depth and count are capped, and every fault has an offset
 * and a pointer. The values are those of `JSON.parse`.
 *
 * @param input - text, or UTF-8 without a byte order mark
 * @param options - caps
 * @throws {@link JsonError}
 */
export function parseJson(input: string | Uint8Array, options: JsonOptions = {}): JsonValue {
  return new Parser(textOf(input, options.maxBytes ?? 4 << 20), options).document();
}

function textOf(input: string | Uint8Array, maxBytes: number): string {
  try {
    mustFit(input, maxBytes, 'a JSON document');
    const text = typeof input === 'string' ? input : decodeUtf8(input);
    if (text.charCodeAt(0) !== 0xfeff) return text;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    const code = cause.code === 'ERR_BYTES_LIMIT' ? 'ERR_JSON_SIZE' : 'ERR_JSON_UTF8';
    throw new JsonError(code, cause.message, { cause });
  }
  throw new JsonError('ERR_JSON_UTF8', 'a JSON document begins without a byte order mark', {
    offset: 0,
    pointer: '',
  });
}

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #refuseDuplicates: boolean;
  readonly #keepBigIntegers: boolean;
  readonly #path: (string | number)[] = [];
  #nodesLeft: number;
  #at = 0;

  constructor(text: string, options: JsonOptions) {
    this.#text = text;
    this.#maxDepth = options.maxDepth ?? 64;
    this.#nodesLeft = options.maxNodes ?? 1_000_000;
    this.#refuseDuplicates = (options.duplicates ?? 'refuse') === 'refuse';
    this.#keepBigIntegers = options.bigIntegers === 'text';
  }

  document(): JsonValue {
    const value = this.#value();
    this.#blanks();
    if (this.#at < this.#text.length) this.#fail('ERR_JSON_SYNTAX', 'expected the end of the document');
    return value;
  }

  #value(): JsonValue {
    this.#blanks();
    this.#nodesLeft -= 1;
    if (this.#nodesLeft < 0) this.#fail('ERR_JSON_SIZE', 'more values than allowed');
    switch (this.#text.charCodeAt(this.#at)) {
      case QUOTE:
        return this.#string();
      case 0x7b:
        return this.#object();
      case 0x5b:
        return this.#array();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): JsonObject {
    this.#enter();
    const object: JsonObject = {};
    if (this.#next() === 0x7d) return this.#leave(object);
    for (;;) {
      if (this.#next() !== QUOTE) this.#fail('ERR_JSON_SYNTAX', 'expected the name of a member');
      const nameAt = this.#at;
      const name = this.#string();
      this.#path.push(name);
      if (this.#refuseDuplicates && Object.hasOwn(object, name)) {
        this.#at = nameAt;
        this.#fail('ERR_JSON_DUPLICATE', 'an object names a member twice');
      }
      if (this.#next() !== 0x3a) this.#fail('ERR_JSON_SYNTAX', 'expected a colon after the name of a member');
      this.#at += 1;
      setMember(object, name, this.#value());
      this.#path.pop();
      const after = this.#next();
      if (after === 0x7d) return this.#leave(object);
      if (after !== COMMA) this.#fail('ERR_JSON_SYNTAX', 'expected a comma or the end of the object');
      this.#at += 1;
    }
  }

  #array(): JsonValue[] {
    this.#enter();
    const array: JsonValue[] = [];
    if (this.#next() === 0x5d) return this.#leave(array);
    for (;;) {
      this.#path.push(array.length);
      array.push(this.#value());
      this.#path.pop();
      const after = this.#next();
      if (after === 0x5d) return this.#leave(array);
      if (after !== COMMA) this.#fail('ERR_JSON_SYNTAX', 'expected a comma or the end of the array');
      this.#at += 1;
    }
  }

  #enter(): void {
    if (this.#depth >= this.#maxDepth) {
      this.#fail('ERR_JSON_DEPTH', `nested deeper than ${this.#maxDepth} levels`);
    }
    this.#depth += 1;
    this.#at += 1;
  }

  #leave<T>(value: T): T {
    this.#depth -= 1;
    this.#at += 1;
    return value;
  }

  #string(): string {
    const text = this.#text;
    let from = this.#at + 1;
    let at = from;
    if (text.length - from > LONG) {
      const long = this.#longString(from);
      if (long !== undefined) return long;
    }
    let value = '';
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return value + text.slice(from, at);
      }
      if (code === BACKSLASH) {
        value += text.slice(from, at) + this.#escape(at);
        at += text.charCodeAt(at + 1) === 0x75 ? 6 : 2;
        from = at;
      } else if (code >= 0x20) at += 1;
      else {
        // also past the end, where the code is NaN
        this.#at = at;
        this.#fail('ERR_JSON_SYNTAX', 'expected the end of a string, or no control character in it');
      }
    }
  }

  /** A string without escapes, found at the speed of the platform; `undefined` where it has to be looked at. */
  #longString(from: number): string | undefined {
    const end = this.#text.indexOf('"', from);
    if (end - from < LONG) return undefined;
    const quoted = this.#text.slice(from - 1, end + 1);
    if (quoted.includes('\\')) return undefined;
    try {
      const value: unknown = JSON.parse(quoted); // refuses control characters
      this.#at = end + 1;
      return String(value);
    } catch {
      return undefined;
    }
  }

  #escape(at: number): string {
    const plain = ESCAPES[this.#text.charAt(at + 1)];
    if (plain !== undefined) return plain;
    let code = this.#text.charCodeAt(at + 1) === 0x75 ? 0 : Number.NaN;
    for (let index = at + 2; index < at + 6; index += 1)
      code = code * 16 + hexDigit(this.#text.charCodeAt(index));
    if (Number.isNaN(code)) {
      this.#at = at;
      this.#fail('ERR_JSON_SYNTAX', 'expected an escape of JSON after the backslash');
    }
    return String.fromCharCode(code);
  }

  #number(): number | string {
    const from = this.#at;
    if (this.#peek() === 0x2d) this.#at += 1;
    if (this.#peek() === 0x30) this.#at += 1;
    else this.#digits();
    const integerEnd = this.#at;
    if (this.#peek() === 0x2e) {
      this.#at += 1;
      this.#digits();
    }
    if ((this.#peek() | 0x20) === 0x65) {
      this.#at += 1;
      if (this.#peek() === 0x2b || this.#peek() === 0x2d) this.#at += 1;
      this.#digits();
    }
    const text = this.#text.slice(from, this.#at);
    const value = Number(text);
    if (this.#keepBigIntegers && this.#at === integerEnd && !Number.isSafeInteger(value)) return text;
    return value;
  }

  #digits(): void {
    const from = this.#at;
    while (this.#peek() >= 0x30 && this.#peek() <= 0x39) this.#at += 1;
    if (this.#at === from) this.#fail('ERR_JSON_SYNTAX', 'expected a value or a digit');
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('ERR_JSON_SYNTAX', 'expected a value');
    this.#at += word.length;
    return value;
  }

  #peek(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #next(): number {
    this.#blanks();
    return this.#peek();
  }

  #blanks(): void {
    for (;;) {
      const code = this.#peek();
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #depth = 0;

  #fail(code: JsonErrorCode, message: string): never {
    throw new JsonError(code, `${message}, at offset ${this.#at}`, {
      offset: this.#at,
      pointer: jsonPointer(...this.#path),
    });
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Characters from which on a string is searched rather than walked. */
const LONG = 128;
