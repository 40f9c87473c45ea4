import { RegoError } from './errors.js';

/**
 * A value of Rego. Integers beyond 2^53 are `bigint`, all other numbers `number`, so that equal numbers have one form.
 */
export type Value = null | boolean | number | bigint | string | readonly Value[] | RegoObject | RegoSet;

/** An object, whose keys may be any value, sorted by key. */
export class RegoObject {
  readonly #members: ReadonlyMap<string, readonly [Value, Value]>;

  /**
   * Make an object.
   *
   * @param members - keys and values; a later key replaces an equal one
   */
  constructor(members: Iterable<readonly [Value, Value]>) {
    const sorted = [...members].map((member) => [keyOf(member[0]), member] as const);
    const unique = new Map(sorted);
    this.#members = new Map([...unique].sort(([, a], [, b]) => compare(a[0], b[0])));
  }

  /** How many members there are. */
  get size(): number {
    return this.#members.size;
  }

  /** The value of a key. */
  get(key: Value): Value | undefined {
    return this.#members.get(keyOf(key))?.[1];
  }

  /** Keys and values, sorted by key. */
  entries(): readonly (readonly [Value, Value])[] {
    return [...this.#members.values()];
  }
}

/** A set, sorted. */
export class RegoSet {
  readonly #items: ReadonlyMap<string, Value>;

  /**
   * Make a set.
   *
   * @param items - in any order, equal ones once
   */
  constructor(items: Iterable<Value>) {
    const unique = new Map([...items].map((item) => [keyOf(item), item] as const));
    this.#items = new Map([...unique].sort(([, a], [, b]) => compare(a, b)));
  }

  /** How many items there are. */
  get size(): number {
    return this.#items.size;
  }

  /** Whether a value is in it. */
  has(value: Value): boolean {
    return this.#items.has(keyOf(value));
  }

  /** The items, sorted. */
  items(): readonly Value[] {
    return [...this.#items.values()];
  }
}

/** Name of the type of a value, as `type_name` gives it. */
export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return 'number';
  if (Array.isArray(value)) return 'array';
  if (value instanceof RegoSet) return 'set';
  return typeof value; // boolean, number, string, object
}

/**
 * Order values as Rego does: null, boolean, number, string, array, set, object; then by content.
 *
 * @param a - one value
 * @param b - another
 * @returns less than 0, 0, or more
 */
export function compare(a: Value, b: Value): number {
  const [first, second] = [RANKS.indexOf(typeName(a)), RANKS.indexOf(typeName(b))];
  if (first !== second) return first - second;
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a instanceof RegoSet && b instanceof RegoSet) return compareLists(a.items(), b.items());
  if (a instanceof RegoObject && b instanceof RegoObject)
    return compareLists(a.entries().flat(), b.entries().flat());
  if (isArray(a) && isArray(b)) return compareLists(a, b);
  return Number(a) - Number(b); // null or boolean
}

/** Whether two values are equal. */
export function equal(a: Value, b: Value): boolean {
  return (
    a === b ||
    (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && keyOf(a) === keyOf(b))
  );
}

/** Text that equal values share and others do not. */
export function keyOf(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = keyOfCollection(value);
  keys.set(value, key);
  return key;
}

/** Whether a value is a number in either form. */
export function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Whether a value is an array. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The form of an integer: `number` where it is exact. */
export function integer(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

/**
 * Take JSON as a value.
 *
 * @param json - as `JSON.parse` gives it; `bigint` and values of Rego pass too
 * @throws {@link RegoError} `ERR_REGO_VALUE`.
 */
export function fromJson(json: unknown): Value {
  if (json === null || typeof json === 'boolean' || typeof json === 'string') return json;
  if (json instanceof RegoObject || json instanceof RegoSet) return json;
  if (typeof json === 'bigint') return integer(json);
  if (typeof json === 'number' && Number.isFinite(json))
    return Number.isInteger(json) && !Number.isSafeInteger(json) ? integer(BigInt(json)) : json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object') {
    return new RegoObject(
      Object.entries(json).map(([name, member]): [Value, Value] => [name, fromJson(member)]),
    );
  }
  throw new RegoError('ERR_REGO_VALUE', `data and input are JSON, not ${typeof json}`);
}

/**
 * Give a value as JSON: sets become sorted arrays, keys that are no strings their JSON text. Integers beyond 2^53 stay `bigint`.
 *
 * @param value - the value
 */
export function toJson(value: Value): unknown {
  if (value instanceof RegoSet) return value.items().map(toJson);
  if (isArray(value)) return value.map(toJson);
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
  if (value instanceof RegoSet) return `[${value.items().map(toText).join(',')}]`;
  if (isArray(value)) return `[${value.map(toText).join(',')}]`;
  if (value instanceof RegoObject) {
    const member = ([key, item]: readonly [Value, Value]): string =>
      `${JSON.stringify(typeof key === 'string' ? key : toText(key))}:${toText(item)}`;
    return `{${value.entries().map(member).join(',')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
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
  for (const [index, item] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compare(item, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
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

const RANKS = ['null', 'boolean', 'number', 'string', 'array', 'set', 'object'];

/** Values do not change, so that the text of each is made once. */
const keys = new WeakMap<object, string>();
