import { written } from './decimal.js';
import { RegoError } from './errors.js';
import { fromJson, MAX_DEPTH } from './json.js';
import { RegoObject, type Value } from './values.js';

/**
 * Read JSON with every digit of its numbers: `JSON.parse` keeps only those that a `number` holds. Of a key that is there twice, the
 * last member counts.
 *
 * @param text - JSON
 * @throws {@link RegoError} `ERR_REGO_VALUE`, for text that is no JSON or nests deeper than 1000.
 */
export function parseJsonText(text: string): Value {
  return quickly(text) ?? new JsonText(text).document();
}

/** The platform is quicker, where no digit of a number can be lost. What it refuses is read again, to tell where it is wrong. */
function quickly(text: string): Value | undefined {
  if (INEXACT.test(text)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return fromJson(json);
}

class JsonText {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#fail();
    return value;
  }

  #value(): Value {
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === 0x5b || code === 0x7b) {
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH)
        throw new RegoError('ERR_REGO_VALUE', `JSON nests deeper than ${MAX_DEPTH}`);
      this.#at += 1;
      const value = code === 0x5b ? this.#array() : this.#object();
      this.#depth -= 1;
      return value;
    }
    if (code === MINUS || isDigit(code)) return this.#number();
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    throw this.#fail();
  }

  #number(): Value {
    const text = this.#text;
    let end = this.#at;
    while (isDigit(text.charCodeAt(end))) end += 1;
    const digits = end - this.#at;
    const next = text.charCodeAt(end);
    const isWhole = next !== 0x2e && next !== 0x65 && next !== 0x45; // neither . nor e nor E
    if (isWhole && digits > 0 && digits < 16 && (digits === 1 || text.charCodeAt(this.#at) !== 0x30)) {
      const value = Number(text.slice(this.#at, end));
      this.#at = end;
      return value;
    }
    NUMBER.lastIndex = this.#at;
    const [number] = NUMBER.exec(text) ?? [];
    if (number === undefined) throw this.#fail();
    this.#at += number.length;
    const value = written(number);
    if (value === Infinity || value === -Infinity)
      throw new RegoError('ERR_REGO_VALUE', 'a number of the JSON is out of range');
    return value;
  }

  #array(): Value {
    const items: Value[] = [];
    if (this.#take(']')) return items;
    for (;;) {
      items.push(this.#value());
      if (this.#take(']')) return items;
      if (!this.#take(',')) throw this.#fail();
    }
  }

  #object(): Value {
    const members: [Value, Value][] = [];
    if (this.#take('}')) return new RegoObject(members);
    for (;;) {
      this.#space();
      if (this.#text.charAt(this.#at) !== '"') throw this.#fail();
      const name = this.#string();
      if (!this.#take(':')) throw this.#fail();
      members.push([name, this.#value()]);
      if (this.#take('}')) return new RegoObject(members);
      if (!this.#take(',')) throw this.#fail();
    }
  }

  #string(): string {
    const text = this.#text;
    let end = this.#at + 1;
    let isPlain = true;
    for (let code = text.charCodeAt(end); code !== QUOTE && end < text.length; code = text.charCodeAt(end)) {
      isPlain &&= code !== BACKSLASH && code >= 0x20;
      end += code === BACKSLASH ? 2 : 1;
    }
    if (isPlain && end < text.length) {
      const value = text.slice(this.#at + 1, end);
      this.#at = end + 1;
      return value;
    }
    try {
      const value: unknown = JSON.parse(text.slice(this.#at, end + 1));
      this.#at = end + 1;
      return String(value);
    } catch {
      throw this.#fail();
    }
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }

  #fail(): RegoError {
    const found = this.#text.charAt(this.#at);
    return new RegoError(
      'ERR_REGO_VALUE',
      found === ''
        ? 'the JSON ends too early'
        : `unexpected ${JSON.stringify(found)} at offset ${this.#at} of the JSON`,
    );
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
/** What may be a number that JavaScript does not keep as it is written; it may stand in a string too. */
const INEXACT = /(?:^|[:[,\s])(?:-0|-?(?:[0-9]{16}|[0-9]{1,15}[.eE]))/;
const NUMBER = /-?(?:0|[1-9][0-9]{0,4000})(?:\.[0-9]{1,4000})?(?:[eE][+-]?[0-9]{1,4})?/y;
const WORDS: readonly (readonly [string, Value])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
