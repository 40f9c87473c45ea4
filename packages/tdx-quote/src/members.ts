/**
 * Members of signed documents, each read once and checked, with the place of a fault.
 *
 * @module
 */
import { type Bytes, BytesError, decodeHex } from '@sealwright/bytes';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { TdxQuoteError, type TdxQuoteErrorCode } from './errors.js';

/** The members of one object. Unknown members are left alone: the signature covers them. */
export class Members {
  readonly #object: JsonObject;
  readonly #pointer: string;
  readonly #code: TdxQuoteErrorCode;

  constructor(value: JsonValue | undefined, pointer: string, code: TdxQuoteErrorCode) {
    if (!isJsonObject(value)) throw new TdxQuoteError(code, 'expected an object', { pointer });
    this.#object = value;
    this.#pointer = pointer;
    this.#code = code;
  }

  /** The value of a member, `undefined` when there is none. */
  get(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  /** Refuse a member. */
  refuse(name: string, message: string, cause?: unknown): never {
    throw new TdxQuoteError(this.#code, message, { pointer: `${this.#pointer}/${name}`, cause });
  }

  text(name: string): string {
    const value = this.get(name);
    return typeof value === 'string' ? value : this.refuse(name, 'expected a text');
  }

  optionalText(name: string): string | undefined {
    return this.get(name) === undefined ? undefined : this.text(name);
  }

  integer(name: string, most: number): number {
    const value = this.get(name);
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most
      ? value
      : this.refuse(name, `expected a whole number up to ${most}`);
  }

  hex(name: string, size: number): Bytes {
    const bytes = this.hexOfAnySize(name);
    return bytes.byteLength === size ? bytes : this.refuse(name, `expected ${size} bytes in hex`);
  }

  hexOfAnySize(name: string): Bytes {
    try {
      return decodeHex(this.text(name));
    } catch (cause) {
      if (cause instanceof BytesError) this.refuse(name, 'expected bytes in hex', cause);
      throw cause;
    }
  }

  /** A moment in RFC 3339 and UTC, kept as it is written. */
  moment(name: string): string {
    const text = this.text(name);
    if (Number.isNaN(millisecondsOf(text)))
      this.refuse(name, 'expected a moment such as 2025-03-12T00:00:00Z');
    return text;
  }

  object(name: string): Members {
    return new Members(this.get(name), `${this.#pointer}/${name}`, this.#code);
  }

  /** The objects of a list of at most `most`. */
  list(name: string, most: number): Members[] {
    return this.#items(name, most).map(
      (item, index) => new Members(item, `${this.#pointer}/${name}/${index}`, this.#code),
    );
  }

  /** The texts of a list, empty when there is none. */
  texts(name: string, most: number): string[] {
    if (this.get(name) === undefined) return [];
    return this.#items(name, most).map((item, index) =>
      typeof item === 'string' ? item : this.refuse(`${name}/${index}`, 'expected a text'),
    );
  }

  #items(name: string, most: number): readonly JsonValue[] {
    const value = this.get(name);
    if (!Array.isArray(value) || value.length > most)
      return this.refuse(name, `expected a list of up to ${most}`);
    return value;
  }
}

/** Milliseconds since 1970 of a moment in RFC 3339 and UTC; `NaN` for anything else. */
export function millisecondsOf(text: string): number {
  if (text.length > 30 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text)) return Number.NaN;
  const time = Date.parse(text);
  // A thirtieth of February would be moved to March.
  return Number.isNaN(time) || momentOf(time) !== `${text.slice(0, 19)}Z` ? Number.NaN : time;
}

/** A moment in RFC 3339, in UTC and whole seconds. */
export function momentOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
