/**
 * One pass over a document (RFC 8259) that builds nothing: grammar, caps and repeated names. What passes is left to `JSON.parse`,
 * which builds values faster than anything else could.
 *
 * @module
 */
import { JsonError, type JsonErrorCode } from './errors.js';
import { MemberNames } from './member-names.js';
import { jsonPointer } from './pointer.js';
import type { Units } from './units.js';

/** What to hold a document to. */
export interface ScanOptions {
  readonly maxDepth: number;
  readonly maxNodes: number;
  readonly maxMembers: number;
  readonly refuseDuplicates: boolean;
  /** Whether to look at each character of long strings, rather than leave control characters in them to `JSON.parse`. */
  readonly everyCharacter: boolean;
}

/** Where the integers are that a double cannot hold. */
export type BigIntegers = readonly (readonly [start: number, end: number])[];

/**
 * Read through a document.
 *
 * @throws {@link JsonError} for the first fault, with its place.
 */
export function scanJson(document: Units, options: ScanOptions): BigIntegers {
  return new Scanner(document, options).document();
}

class Scanner {
  readonly #document: Units;
  readonly #units: Uint8Array | Uint16Array;
  readonly #options: ScanOptions;
  readonly #names: MemberNames;
  readonly #bigIntegers: [number, number][] = [];
  #at = 0;
  #depth = 0;
  /** Where the next backslash is; looked up again only once it was passed, so that all looking takes one pass. */
  #backslash = -1;
  #noMoreQuotes = false;
  /** Whether a string had an escape, since this was last cleared. */
  #escaped = false;
  /** By depth, from 1: what ends the array or object. */
  readonly #ends: number[] = [0];
  /** By depth: the index in an array or the offset of the name in an object, -1 between members and elements. */
  readonly #places: number[] = [0];
  /** By depth: the index of the element or member that an array or object is at. */
  readonly #counts: number[] = [0];

  constructor(document: Units, options: ScanOptions) {
    this.#document = document;
    this.#units = document.units;
    this.#options = options;
    this.#names = new MemberNames(document);
  }

  document(): BigIntegers {
    const units = this.#units;
    let nodesLeft = this.#options.maxNodes;
    this.#blanks();
    for (;;) {
      nodesLeft -= 1;
      if (nodesLeft < 0) this.#fail('ERR_JSON_SIZE', 'more values than allowed');
      const unit = units[this.#at] ?? END;
      if (unit === BRACE || unit === BRACKET) {
        if (this.#enter(unit)) continue; // to its first value
      } else if (unit === QUOTE) this.#at = this.#stringEnd(this.#at);
      else if (unit === MINUS || isDigit(unit)) this.#number();
      else this.#word(unit);
      if (!this.#afterValue()) return this.#bigIntegers;
    }
  }

  /** Go into an array or object; `false` when it is empty, and left again. */
  #enter(unit: number): boolean {
    const depth = this.#depth + 1;
    if (depth > this.#options.maxDepth)
      this.#fail('ERR_JSON_DEPTH', `nested deeper than ${this.#options.maxDepth} levels`);
    this.#at += 1;
    this.#blanks();
    if (this.#units[this.#at] === unit + TO_END) {
      this.#at += 1;
      return false;
    }
    this.#depth = depth;
    this.#ends[depth] = unit + TO_END;
    this.#counts[depth] = 0;
    if (unit === BRACKET) this.#places[depth] = 0;
    else {
      this.#places[depth] = -1;
      this.#names.enter();
      this.#name();
    }
    return true;
  }

  /** Go on to the next value; `false` at the end of the document. */
  #afterValue(): boolean {
    for (;;) {
      const depth = this.#depth;
      this.#blanks();
      if (depth === 0) {
        if (this.#at < this.#units.length) this.#fail('ERR_JSON_SYNTAX', 'expected the end of the document');
        return false;
      }
      this.#places[depth] = -1;
      const unit = this.#units[this.#at];
      const end = this.#ends[depth];
      if (unit === COMMA) {
        this.#at += 1;
        this.#blanks();
        const count = (this.#counts[depth] ?? 0) + 1;
        this.#counts[depth] = count;
        if (end === BRACKET + TO_END) this.#places[depth] = count;
        else if (count < this.#options.maxMembers) this.#name();
        else this.#fail('ERR_JSON_SIZE', 'an object with more members than allowed');
        return true;
      }
      if (unit !== end) {
        const what = end === BRACKET + TO_END ? 'array' : 'object';
        this.#fail('ERR_JSON_SYNTAX', `expected a comma or the end of the ${what}`);
      }
      if (end === BRACE + TO_END) this.#names.leave();
      this.#at += 1;
      this.#depth = depth - 1;
    }
  }

  /** The name of a member and its colon. */
  #name(): void {
    const start = this.#at;
    if (this.#units[start] !== QUOTE) this.#fail('ERR_JSON_SYNTAX', 'expected the name of a member');
    this.#escaped = false;
    const end = this.#stringEnd(start, true);
    this.#places[this.#depth] = start;
    if (this.#options.refuseDuplicates && !this.#names.add(start + 1, end - 1, this.#escaped))
      this.#fail('ERR_JSON_DUPLICATE', 'an object names a member twice');
    this.#at = end;
    this.#blanks();
    if (this.#units[this.#at] !== COLON)
      this.#fail('ERR_JSON_SYNTAX', 'expected a colon after the name of a member');
    this.#at += 1;
    this.#blanks();
  }

  /** The offset behind the closing quote. */
  #stringEnd(start: number, everyCharacter: boolean = this.#options.everyCharacter): number {
    const units = this.#units;
    const leap = everyCharacter ? units.length : LONG;
    let at = start + 1;
    for (;;) {
      const stop = this.#noMoreQuotes ? units.length : Math.min(units.length, at + leap);
      let unit = END;
      while (at < stop) {
        unit = units[at] ?? END;
        if (unit === QUOTE) return at + 1;
        if (unit === BACKSLASH || unit < 0x20) break;
        at += 1;
      }
      if (at === stop && stop < units.length) at = this.#longEnd(at);
      else if (at < stop && unit === BACKSLASH) at = this.#escapeEnd(at);
      else {
        this.#at = at;
        this.#fail('ERR_JSON_SYNTAX', 'expected the end of a string, or no control character in it');
      }
    }
  }

  /** The next quote or backslash, found at the speed of the platform. */
  #longEnd(at: number): number {
    const quote = this.#document.indexOf(QUOTE, at);
    if (quote < 0) {
      this.#noMoreQuotes = true;
      return at;
    }
    if (this.#backslash < at) {
      const next = this.#document.indexOf(BACKSLASH, at);
      this.#backslash = next < 0 ? this.#units.length : next;
    }
    return Math.min(quote, this.#backslash);
  }

  #escapeEnd(at: number): number {
    this.#escaped = true;
    const unit = this.#units[at + 1] ?? END;
    if (unit !== 0x75) return ESCAPES.has(unit) ? at + 2 : this.#badEscape(at);
    for (let index = at + 2; index < at + 6; index += 1)
      if (!isHexDigit(this.#units[index] ?? END)) this.#badEscape(at);
    return at + 6;
  }

  #badEscape(at: number): never {
    this.#at = at;
    return this.#fail('ERR_JSON_SYNTAX', 'expected an escape of JSON after the backslash');
  }

  #number(): void {
    const units = this.#units;
    const start = this.#at;
    if (units[this.#at] === MINUS) this.#at += 1;
    if (units[this.#at] === 0x30) this.#at += 1;
    else this.#digits();
    const end = this.#at;
    if (units[this.#at] === 0x2e) {
      this.#at += 1;
      this.#digits();
    }
    const exponent = units[this.#at];
    if (exponent === 0x65 || exponent === 0x45) {
      this.#at += 1;
      const sign = units[this.#at];
      if (sign === 0x2b || sign === MINUS) this.#at += 1;
      this.#digits();
    }
    if (end !== this.#at || end - start < 16) return;
    if (!Number.isSafeInteger(Number(this.#document.slice(start, end)))) this.#bigIntegers.push([start, end]);
  }

  #digits(): void {
    const units = this.#units;
    const from = this.#at;
    let at = from;
    while (isDigit(units[at] ?? END)) at += 1;
    this.#at = at;
    if (at === from) this.#fail('ERR_JSON_SYNTAX', 'expected a value or a digit');
  }

  #word(unit: number): void {
    const word = unit === 0x74 ? TRUE : unit === 0x66 ? FALSE : NULL;
    for (let index = 0; index < word.length; index += 1)
      if (this.#units[this.#at + index] !== word[index]) this.#fail('ERR_JSON_SYNTAX', 'expected a value');
    this.#at += word.length;
  }

  #blanks(): void {
    const units = this.#units;
    let at = this.#at;
    for (let unit = units[at] ?? END; unit <= 0x20; unit = units[at] ?? END) {
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) break;
      at += 1;
    }
    this.#at = at;
  }

  #fail(code: JsonErrorCode, message: string): never {
    const path = this.#places.slice(1, this.#depth + 1).flatMap((place, index): (string | number)[] => {
      if (place < 0) return [];
      return this.#ends[index + 1] === BRACKET + TO_END ? [place] : [this.#nameAt(place)];
    });
    const offset = this.#document.offset(this.#at);
    const pointer = jsonPointer(...path);
    throw new JsonError(code, `${message}, at offset ${offset}`, { offset, pointer });
  }

  #nameAt(start: number): string {
    return String(JSON.parse(this.#document.slice(start, this.#stringEnd(start, true))));
  }
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isHexDigit(unit: number): boolean {
  const lower = unit | 0x20;
  return isDigit(unit) || (lower >= 0x61 && lower <= 0x66);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const BRACKET = 0x5b;
/** From what begins an array or object to what ends it. */
const TO_END = 2;
/** No unit: past the end. */
const END = 0x10000;
const [TRUE, FALSE, NULL] = ['true', 'false', 'null'].map(codes) as [number[], number[], number[]];
const ESCAPES: ReadonlySet<number> = new Set(codes('"\\/bfnrt'));
/** Units from which on a string is searched rather than walked. */
const LONG = 64;

function codes(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
