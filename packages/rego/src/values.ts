import { compareNumbers, narrow, numberKey, type Numeric, RegoDecimal } from './decimal.js';
import { RegoError } from './errors.js';

/**
 * A value of Rego. Integers beyond 2^53 are `bigint`, fractions with more digits than a `number` keeps {@link RegoDecimal}, all other
 * numbers `number`, so that equal numbers have one form.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | RegoDecimal
  | string
  | readonly Value[]
  | RegoObject
  | RegoSet;

/** An object, whose keys may be any value, sorted by key. */
export class RegoObject {
  readonly #named: Map<string, readonly [Value, Value]> = new Map();
  /** Members whose keys are no text, by what equal keys share. */
  #others: Map<string, readonly [Value, Value]> | undefined;
  #sorted: readonly (readonly [Value, Value])[] | undefined;

  /**
   * Make an object.
   *
   * @param members - keys and values; a later key replaces an equal one
   */
  constructor(members: Iterable<readonly [Value, Value]>) {
    for (const member of members) {
      const [key] = member;
      if (typeof key === 'string') this.#named.set(key, member);
      else {
        this.#others ??= new Map();
        this.#others.set(keyOf(key), member);
      }
    }
  }

  /** How many members there are. */
  get size(): number {
    return this.#named.size + (this.#others?.size ?? 0);
  }

  /** The value of a key. */
  get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.#named.get(key)?.[1] : this.#others?.get(keyOf(key))?.[1];
  }

  /** Keys and values, sorted by key. */
  entries(): readonly (readonly [Value, Value])[] {
    this.#sorted ??= [...this.#named.values(), ...(this.#others?.values() ?? [])].sort(([a], [b]) =>
      compare(a, b),
    );
    return this.#sorted;
  }
}

/** A set, sorted. */
export class RegoSet {
  readonly #texts: Set<string> = new Set();
  /** Items that are no text, by what equal items share. */
  #others: Map<string, Value> | undefined;
  #sorted: readonly Value[] | undefined;

  /**
   * Make a set.
   *
   * @param items - in any order, equal ones once
   */
  constructor(items: Iterable<Value>) {
    for (const item of items) {
      if (typeof item === 'string') this.#texts.add(item);
      else {
        this.#others ??= new Map();
        this.#others.set(keyOf(item), item);
      }
    }
  }

  /** How many items there are. */
  get size(): number {
    return this.#texts.size + (this.#others?.size ?? 0);
  }

  /** Whether a value is in it. */
  has(value: Value): boolean {
    return typeof value === 'string' ? this.#texts.has(value) : this.#others?.has(keyOf(value)) === true;
  }

  /** The items, sorted. */
  items(): readonly Value[] {
    this.#sorted ??= [...this.#texts, ...(this.#others?.values() ?? [])].sort(compare);
    return this.#sorted;
  }
}

/** Name of the type of a value, as `type_name` gives it. */
export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint' || value instanceof RegoDecimal) return 'number';
  if (Array.isArray(value)) return 'array';
  if (value instanceof RegoSet) return 'set';
  return typeof value; // boolean, number, string, object
}

/**
 * Order values as Rego does: null, boolean, number, string, array, object, set; then by content.
 *
 * @param a - one value
 * @param b - another
 * @returns less than 0, 0, or more
 */
export function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a === b) return 0;
  const [first, second] = [rankOf(a), rankOf(b)];
  if (first !== second) return first - second;
  if (first > 3 && equal(a, b)) return 0; // so that parts which are equal are not gone through again
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (a instanceof RegoSet && b instanceof RegoSet) return compareLists(a.items(), b.items());
  if (a instanceof RegoObject && b instanceof RegoObject) return compareObjects(a.entries(), b.entries());
  if (isArray(a) && isArray(b)) return compareLists(a, b);
  return Number(a) - Number(b); // null or boolean
}

/** Whether two values are equal. */
export function equal(a: Value, b: Value): boolean {
  return (
    a === b ||
    ((a instanceof RegoDecimal || b instanceof RegoDecimal) && keyOf(a) === keyOf(b)) ||
    (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && keyOf(a) === keyOf(b))
  );
}

/** Text that equal values share and others do not. */
export function keyOf(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (value instanceof RegoDecimal) return numberKey(value);
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = fitting(keyOfCollection(value));
  keys.set(value, key);
  return key;
}

/** Whether a value is a number in any form. */
export function isNumber(value: Value): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof RegoDecimal;
}

/** Whether a value is an array. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/**
 * Take JSON as a value.
 *
 * @param json - as `JSON.parse` gives it; `bigint` and values of Rego pass too
 * @throws {@link RegoError} `ERR_REGO_VALUE`.
 */
export function fromJson(json: unknown): Value {
  if (json === null || typeof json === 'boolean' || typeof json === 'string') return json;
  if (json instanceof RegoObject || json instanceof RegoSet || json instanceof RegoDecimal) return json;
  if (typeof json === 'bigint') return narrow(json);
  if (typeof json === 'number' && Number.isFinite(json))
    return Number.isInteger(json) && !Number.isSafeInteger(json) ? narrow(BigInt(json)) : json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object') {
    const members: [Value, Value][] = [];
    for (const [name, member] of Object.entries(json)) members.push([name, fromJson(member)]);
    return new RegoObject(members);
  }
  throw new RegoError('ERR_REGO_VALUE', `data and input are JSON, not ${typeof json}`);
}

/**
 * Give a value as JSON: sets become sorted arrays, keys that are no strings their JSON text. Integers beyond 2^53 stay `bigint`, longer
 * fractions become the nearest `number`.
 *
 * @param value - the value
 */
export function toJson(value: Value): unknown {
  if (value instanceof RegoSet) return value.items().map(toJson);
  if (isArray(value)) return value.map(toJson);
  if (value instanceof RegoDecimal) return value.valueOf();
  if (!(value instanceof RegoObject)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, member] of value.entries()) {
    const name = typeof key === 'string' ? key : toText(key);
    Object.defineProperty(result, name, {
      value: toJson(member),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return result;
}

/** The JSON text of a value, compact. */
export function toText(value: Value): string {
  if (value instanceof RegoSet) return fitting(`[${value.items().map(toText).join(',')}]`);
  if (isArray(value)) return fitting(`[${value.map(toText).join(',')}]`);
  if (value instanceof RegoObject) {
    const member = ([key, item]: readonly [Value, Value]): string =>
      `${JSON.stringify(typeof key === 'string' ? key : toText(key))}:${toText(item)}`;
    return fitting(`{${value.entries().map(member).join(',')}}`);
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Values that share parts are small, and their text is not. */
function fitting(text: string): string {
  if (text.length > MAX_TEXT)
    throw new RegoError('ERR_REGO_LIMIT', `the text of a value has at most ${MAX_TEXT} characters`);
  return text;
}

/** Keys and values: positions of an array, the items of a set twice. */
export function membersOf(value: Value): readonly (readonly [Value, Value])[] {
  if (isArray(value)) return value.map((item, index) => [index, item] as const);
  if (value instanceof RegoSet) return value.items().map((item) => [item, item] as const);
  return value instanceof RegoObject ? value.entries() : [];
}

/** What a path of keys leads to in objects; in a set as its last step. */
export function memberOfPath(value: Value, keys: readonly Value[]): Value | undefined {
  let found: Value | undefined = value;
  for (const key of keys) {
    if (found instanceof RegoSet) return found.has(key) ? key : undefined;
    found = found instanceof RegoObject ? found.get(key) : undefined;
  }
  return found;
}

/** A value as a policy writes it. */
export function literalText(value: Value): string {
  if (value instanceof RegoSet)
    return value.size === 0 ? 'set()' : fitting(`{${value.items().map(literalText).join(', ')}}`);
  if (isArray(value)) return fitting(`[${value.map(literalText).join(', ')}]`);
  if (value instanceof RegoObject) {
    const members = value.entries().map(([key, item]) => `${literalText(key)}: ${literalText(item)}`);
    return fitting(`{${members.join(', ')}}`);
  }
  return toText(value);
}

function keyOfCollection(value: object): string {
  if (Array.isArray(value)) return `[${value.map(keyOf).join(',')}]`;
  if (value instanceof RegoSet) return `<${value.items().map(keyOf).join(',')}>`;
  if (!(value instanceof RegoObject)) throw new TypeError('no value of Rego');
  return `{${value
    .entries()
    .map(([key, item]) => `${keyOf(key)}:${keyOf(item)}`)
    .join(',')}}`;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    const order = compare(a[index] ?? null, b[index] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Keys first, then values. */
function compareObjects(
  a: readonly (readonly [Value, Value])[],
  b: readonly (readonly [Value, Value])[],
): number {
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    const [key, value] = a[index] ?? [null, null];
    const [otherKey, otherValue] = b[index] ?? [null, null];
    const order = compare(key, otherKey) || compare(value, otherValue);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function rankOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'string') return 3;
  if (isArray(value)) return 4;
  if (value instanceof RegoObject) return 5;
  return value instanceof RegoSet ? 6 : 2;
}

/** By code points, which is the order of UTF-8. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    if (a.charCodeAt(index) !== b.charCodeAt(index))
      return (a.codePointAt(index) ?? 0) - (b.codePointAt(index) ?? 0);
  }
  return a.length - b.length;
}

const MAX_TEXT = 1 << 23;

/** Values do not change, so that the text of each is made once. */
const keys = new WeakMap<object, string>();
