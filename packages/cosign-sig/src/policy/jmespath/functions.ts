/**
 * The functions of JMESPath, and those that Kyverno adds to them, as far as conditions over attestations take them.
 *
 * @module
 */
import { BytesError, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  canonicalJson,
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { type Argument, type EvaluationContext, fitsWildcard, isEqual, spend } from './context.js';
import { formatDuration, parseTime, versionFits } from '../quantity.js';
import { refuse } from '../refuse.js';

/** Call a function by its name. */
export function callFunction(name: string, args: readonly Argument[], context: EvaluationContext): JsonValue {
  const found = FUNCTIONS.get(name);
  if (found === undefined) throw refuse(`the function ${name.slice(0, 64)} is not evaluated here`);
  const [least, most, call] = found;
  if (args.length < least || args.length > most)
    throw refuse(
      `${name} takes ${least === most ? least : `${least} or more`} arguments, not ${args.length}`,
    );
  const result = call(new Arguments(name, args, context));
  if (typeof result === 'string' && result.length > MAX_TEXT) throw refuse(`${name} makes too long a text`);
  spend(context, typeof result === 'string' ? result.length : Array.isArray(result) ? result.length : 1);
  return result;
}

/** Reads arguments as what a function takes. */
class Arguments {
  readonly all: readonly Argument[];
  readonly context: EvaluationContext;
  readonly #name: string;

  constructor(name: string, all: readonly Argument[], context: EvaluationContext) {
    this.#name = name;
    this.all = all;
    this.context = context;
  }

  value(index: number): JsonValue {
    const argument = this.all[index] ?? null;
    if (typeof argument === 'function') throw this.#wrong('a value');
    return argument;
  }

  text(index: number): string {
    const value = this.value(index);
    if (typeof value !== 'string') throw this.#wrong('a text');
    spend(this.context, value.length);
    return value;
  }

  number(index: number): number {
    const value = this.value(index);
    if (typeof value !== 'number') throw this.#wrong('a number');
    return value;
  }

  list(index: number): readonly JsonValue[] {
    const value = this.value(index);
    if (!Array.isArray(value)) throw this.#wrong('a list');
    spend(this.context, value.length);
    return value;
  }

  integer(index: number): number {
    const value = this.number(index);
    if (!Number.isInteger(value)) throw this.#wrong('a whole number');
    return value;
  }

  textOrNumber(index: number): string {
    const value = this.value(index);
    return typeof value === 'number' ? textOf(value) : this.text(index);
  }

  someNumbers(index: number): readonly number[] {
    const numbers = this.numbers(index);
    if (numbers.length === 0) throw this.#wrong('one number at least');
    return numbers;
  }

  numbers(index: number): readonly number[] {
    return this.list(index).map((item) => {
      if (typeof item !== 'number') throw this.#wrong('numbers');
      return item;
    });
  }

  texts(index: number): readonly string[] {
    return this.list(index).map((item) => {
      if (typeof item !== 'string') throw this.#wrong('texts');
      spend(this.context, item.length);
      return item;
    });
  }

  object(index: number): JsonObject {
    const value = this.value(index);
    if (!isJsonObject(value)) throw this.#wrong('an object');
    spend(this.context, Object.keys(value).length);
    return value;
  }

  function(index: number): (value: JsonValue) => JsonValue {
    const argument = this.all[index];
    if (typeof argument !== 'function') throw this.#wrong('an expression with &');
    return argument;
  }

  /** Items with what they are put in order by: numbers, or texts. */
  keyed(index: number, by: (item: JsonValue) => JsonValue): { item: JsonValue; key: number | string }[] {
    const keyed = this.list(index).map((item) => {
      const key = by(item);
      if (typeof key !== 'number' && typeof key !== 'string') throw this.#wrong('numbers or texts');
      return { item, key };
    });
    if (new Set(keyed.map(({ key }) => typeof key)).size > 1) throw this.#wrong('numbers or texts');
    return keyed.sort(({ key: a }, { key: b }) => (a < b ? -1 : Number(a > b)));
  }

  /** Milliseconds of a time in RFC 3339. */
  time(index: number): number {
    const time = parseTime(this.text(index));
    if (time === undefined) throw this.#wrong('a time');
    return time;
  }

  now(): number {
    if (this.context.now === undefined) throw refuse(`${this.#name}: nobody says what time it is`);
    return this.context.now;
  }

  /** Times are read in RFC 3339: other layouts are refused. */
  noLayout(index: number): void {
    if (this.text(index) !== '') throw this.#wrong('an empty layout');
  }

  matches(pattern: string, text: string): boolean {
    const { regExp } = this.context;
    if (regExp === undefined) throw refuse('regular expressions are not evaluated here');
    return regExp(pattern).test(text);
  }

  #wrong(expected: string): Error {
    return refuse(`${this.#name} takes ${expected}`);
  }
}

type Call = (given: Arguments) => JsonValue;
type Row = readonly [least: number, most: number, call: Call];

const itself = (item: JsonValue): JsonValue => item;
const nothingFor = (list: readonly unknown[], value: JsonValue): JsonValue =>
  list.length === 0 ? null : value;

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function toNumber(value: JsonValue): JsonValue {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(value) ? Number(value) : null;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw refuse('the result is no number');
  return value;
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw refuse('the text is no JSON');
  }
}

function fromBase64(text: string): string {
  try {
    return decodeUtf8(decodeBase64(text));
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw refuse('the text is no base64 of a text');
  }
}

const STANDARD: Readonly<Record<string, Row>> = {
  abs: [1, 1, (given) => Math.abs(given.number(0))],
  avg: [
    1,
    1,
    (given) => {
      const list = given.numbers(0);
      return nothingFor(list, sum(list) / list.length);
    },
  ],
  ceil: [1, 1, (given) => Math.ceil(given.number(0))],
  contains: [
    2,
    2,
    (given) => {
      const [where, what] = [given.value(0), given.value(1)];
      if (typeof where === 'string') return typeof what === 'string' && where.includes(given.text(1));
      return given.list(0).some((item) => isEqual(item, what, given.context));
    },
  ],
  ends_with: [2, 2, (given) => given.text(0).endsWith(given.text(1))],
  floor: [1, 1, (given) => Math.floor(given.number(0))],
  join: [2, 2, (given) => given.texts(1).join(given.text(0))],
  keys: [1, 1, (given) => Object.keys(given.object(0))],
  length: [
    1,
    1,
    (given) => {
      const value = given.value(0);
      if (typeof value === 'string') return Array.from(given.text(0)).length;
      return Array.isArray(value) ? value.length : Object.keys(given.object(0)).length;
    },
  ],
  map: [2, 2, (given) => given.list(1).map(given.function(0))],
  max: [1, 1, (given) => given.keyed(0, itself).at(-1)?.item ?? null],
  max_by: [2, 2, (given) => given.keyed(0, given.function(1)).at(-1)?.item ?? null],
  merge: [
    0,
    100,
    (given) => Object.fromEntries(given.all.flatMap((_, index) => Object.entries(given.object(index)))),
  ],
  min: [1, 1, (given) => given.keyed(0, itself)[0]?.item ?? null],
  min_by: [2, 2, (given) => given.keyed(0, given.function(1))[0]?.item ?? null],
  not_null: [
    1,
    100,
    (given) => given.all.map((_, index) => given.value(index)).find((value) => value !== null) ?? null,
  ],
  reverse: [
    1,
    1,
    (given) => {
      if (typeof given.value(0) === 'string') return Array.from(given.text(0)).reverse().join('');
      return [...given.list(0)].reverse();
    },
  ],
  sort: [1, 1, (given) => given.keyed(0, itself).map(({ item }) => item)],
  sort_by: [2, 2, (given) => given.keyed(0, given.function(1)).map(({ item }) => item)],
  starts_with: [2, 2, (given) => given.text(0).startsWith(given.text(1))],
  sum: [1, 1, (given) => finite(sum(given.someNumbers(0)))],
  to_array: [
    1,
    1,
    (given) => {
      const value = given.value(0);
      return Array.isArray(value) ? value : [value];
    },
  ],
  to_number: [1, 1, (given) => toNumber(given.value(0))],
  to_string: [1, 1, (given) => textOf(given.value(0))],
  type: [1, 1, (given) => typeOf(given.value(0))],
  values: [1, 1, (given) => Object.values(given.object(0))],
};

const KYVERNO: Readonly<Record<string, Row>> = {
  add: [2, 2, (given) => finite(given.number(0) + given.number(1))],
  base64_decode: [1, 1, (given) => fromBase64(given.text(0))],
  base64_encode: [1, 1, (given) => encodeBase64(encodeUtf8(given.text(0)))],
  compare: [
    2,
    2,
    (given) => {
      const [a, b] = [given.text(0), given.text(1)];
      return a < b ? -1 : Number(a > b);
    },
  ],
  divide: [2, 2, (given) => finite(given.number(0) / given.number(1))],
  equal_fold: [2, 2, (given) => given.text(0).toLowerCase() === given.text(1).toLowerCase()],
  lookup: [
    2,
    2,
    (given) => {
      const where = given.value(0);
      if (Array.isArray(where)) return where[given.number(1)] ?? null;
      const name = given.text(1);
      const object = given.object(0);
      return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
    },
  ],
  modulo: [2, 2, (given) => finite(given.integer(0) % given.integer(1))],
  multiply: [2, 2, (given) => finite(given.number(0) * given.number(1))],
  parse_json: [1, 1, (given) => parsed(given.text(0))],
  pattern_match: [2, 2, (given) => fitsWildcard(given.text(0), given.textOrNumber(1), given.context)],
  regex_match: [2, 2, (given) => given.matches(given.text(0), given.textOrNumber(1))],
  replace_all: [
    3,
    3,
    (given) => {
      const [text, from, to] = [given.text(0), given.text(1), given.text(2)];
      return text.replaceAll(from, () => to);
    },
  ],
  semver_compare: [
    2,
    2,
    (given) => {
      const fits = versionFits(given.text(0), given.text(1));
      if (fits === undefined) throw refuse('semver_compare takes a version and a range');
      return fits;
    },
  ],
  split: [2, 2, (given) => given.text(0).split(given.text(1))],
  subtract: [2, 2, (given) => finite(given.number(0) - given.number(1))],
  time_after: [2, 2, (given) => given.time(0) > given.time(1)],
  time_before: [2, 2, (given) => given.time(0) < given.time(1)],
  time_between: [
    3,
    3,
    (given) => {
      const [time, start, end] = [given.time(0), given.time(1), given.time(2)];
      return time > start && time < end;
    },
  ],
  time_diff: [2, 2, (given) => formatDuration(given.time(1) - given.time(0))],
  time_now: [0, 0, (given) => new Date(given.now()).toISOString()],
  time_now_utc: [0, 0, (given) => new Date(given.now()).toISOString()],
  time_since: [
    3,
    3,
    (given) => {
      given.noLayout(0);
      const until = given.text(2) === '' ? given.now() : given.time(2);
      return formatDuration(until - given.time(1));
    },
  ],
  to_lower: [1, 1, (given) => given.text(0).toLowerCase()],
  to_upper: [1, 1, (given) => given.text(0).toUpperCase()],
  trim: [2, 2, (given) => trim(given.text(0), given.text(1))],
  trim_prefix: [
    2,
    2,
    (given) => {
      const [text, prefix] = [given.text(0), given.text(1)];
      return text.startsWith(prefix) ? text.slice(prefix.length) : text;
    },
  ],
  truncate: [
    2,
    2,
    (given) =>
      Array.from(given.text(0))
        .slice(0, Math.max(0, given.number(1)))
        .join(''),
  ],
};

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Without any of some characters at both ends. */
function trim(text: string, characters: string): string {
  let [from, to] = [0, text.length];
  while (from < to && characters.includes(text.charAt(from))) from += 1;
  while (to > from && characters.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

const FUNCTIONS: ReadonlyMap<string, Row> = new Map([
  ...Object.entries(STANDARD),
  ...Object.entries(KYVERNO),
]);
/** Characters of a text that a function makes. */
const MAX_TEXT = 1 << 20;
