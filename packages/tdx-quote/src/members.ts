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
  readonly #code: TdxQuoteErrorCode;
  readonly #place: Place | undefined;

  constructor(value: JsonValue | undefined, code: TdxQuoteErrorCode, place?: Place) {
    if (!isJsonObject(value))
      throw new TdxQuoteError(code, 'expected an object', { pointer: pointerTo(place) });
    this.#object = value;
    this.#code = code;
    this.#place = place;
  }

  /** The value of a member, `undefined` when there is none. No name that is asked for is one that all objects have. */
  get(name: string): JsonValue | undefined {
    return this.#object[name];
  }

  /** Refuse a member. */
  refuse(name: string, message: string, cause?: unknown): never {
    throw new TdxQuoteError(this.#code, message, { pointer: pointerTo({ above: this.#place, name }), cause });
  }

  text(name: string): string {
    const value = this.get(name);
    return typeof value === 'string' ? value : this.refuse(name, 'expected a text');
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
    return new Members(this.get(name), this.#code, { above: this.#place, name });
  }

  /** The objects of a list of at most `most`. */
  list(name: string, most: number): Members[] {
    const above = { above: this.#place, name };
    return this.items(name, most).map((item, index) => new Members(item, this.#code, { above, name: index }));
  }

  /** The texts of a list, empty when there is none. */
  texts(name: string, most: number): string[] {
    if (this.get(name) === undefined) return [];
    return this.items(name, most).map((item, index) =>
      typeof item === 'string' ? item : this.refuse(`${name}/${index}`, 'expected a text'),
    );
  }

  /** The values of a list of at most `most`. */
  items(name: string, most: number): readonly JsonValue[] {
    const value = this.get(name);
    if (!Array.isArray(value) || value.length > most)
      return this.refuse(name, `expected a list of up to ${most}`);
    return value;
  }
}

/** Where an object stands. Put together only when something is wrong with it. */
interface Place {
  readonly above: Place | undefined;
  readonly name: string | number;
}

function pointerTo(place: Place | undefined): string {
  return place === undefined ? '' : `${pointerTo(place.above)}/${place.name}`;
}

/** Milliseconds since 1970 of a moment in RFC 3339 and UTC; `NaN` for anything else. */
export function millisecondsOf(text: string): number {
  if (text.length > 30 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text)) return Number.NaN;
  const time = Date.parse(text);
  // A thirtieth of February would be moved to March.
  return new Date(time).getUTCDate() === Number(text.slice(8, 10)) ? time : Number.NaN;
}

/** A moment in RFC 3339, in UTC and whole seconds. */
export function momentOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
