import { compareNumbers, numberKey, type Numeric, RegoDecimal } from './decimal.js';
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
  /** Keys that are text, in no order, and what is at each. */
  readonly #names: readonly string[];
  readonly #values: readonly Value[];
  /** Where each name is, when there are more than a glance finds. */
  #places: Map<string, number> | undefined;
  /** Members whose keys are no text, by what equal keys share. */
  #others: Map<string, readonly [Value, Value]> | undefined;
  #sorted: readonly (readonly [Value, Value])[] | undefined;

  /**
   * Make an object.
   *
   * @param members - keys and values; a later key replaces an equal one
   */
  constructor(members: Iterable<readonly [Value, Value]>) {
    if (members instanceof NamedMembers) {
      this.#names = members.names;
      this.#values = members.values;
      return;
    }
    const names: string[] = [];
    const values: Value[] = [];
    this.#names = names;
    this.#values = values;
    for (const member of members) {
      const [key, value] = member;
      if (typeof key === 'string') {
        const place = this.#placeOf(key);
        if (place !== undefined) values[place] = value;
        else {
          this.#places?.set(key, names.length);
          names.push(key);
          values.push(value);
        }
      } else {
        this.#others ??= new Map();
        this.#others.set(keyOf(key), member);
      }
    }
  }

  /** How many members there are. */
  get size(): number {
    return this.#names.length + (this.#others?.size ?? 0);
  }

  /** The value of a key. */
  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return this.#others?.get(keyOf(key))?.[1];
    const place = this.#placeOf(key);
    return place === undefined ? undefined : this.#values[place];
  }

  #placeOf(name: string): number | undefined {
    const names = this.#names;
    if (names.length > GLANCE) {
      this.#places ??= new Map(names.map((each, index) => [each, index]));
      return this.#places.get(name);
    }
    for (let index = 0; index < names.length; index += 1) if (names[index] === name) return index;
    return undefined;
  }

  /** Keys and values, sorted by key. */
  entries(): readonly (readonly [Value, Value])[] {
    if (this.#sorted !== undefined) return this.#sorted;
    const names = this.#names;
    const members: (readonly [Value, Value])[] = [];
    let isSorted = this.#others === undefined;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] ?? '';
      isSorted &&= index === 0 || compareText(names[index - 1] ?? '', name) < 0;
      members.push([name, this.#values[index] ?? null]);
    }
    for (const member of this.#others?.values() ?? []) members.push(member);
    this.#sorted = isSorted ? members : members.sort((a, b) => compare(a[0], b[0]));
    return this.#sorted;
  }
}

/** Members of an object to be: keys that are text and differ, and the value at each. */
export class NamedMembers implements Iterable<readonly [Value, Value]> {
  readonly names: readonly string[];
  readonly values: readonly Value[];

  constructor(names: readonly string[], values: readonly Value[]) {
    this.names = names;
    this.values = values;
  }

  *[Symbol.iterator](): Iterator<readonly [Value, Value]> {
    for (const [index, name] of this.names.entries()) yield [name, this.values[index] ?? null];
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
  if (isCollection(a) && nests(a) && equal(a, b)) return 0; // so that parts which are equal are not gone through again
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (a instanceof RegoSet && b instanceof RegoSet) return compareLists(a.items(), b.items());
  if (a instanceof RegoObject && b instanceof RegoObject) return compareObjects(a.entries(), b.entries());
  if (isArray(a) && isArray(b)) return compareLists(a, b);
  return Number(a) - Number(b); // null or boolean
}

/** Whether two values are equal. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof RegoDecimal || b instanceof RegoDecimal) return keyOf(a) === keyOf(b);
  return isCollection(a) && isCollection(b) && sizeOf(a) === sizeOf(b) && keyOf(a) === keyOf(b);
}

/** Text that equal values share and others do not. */
export function keyOf(value: Value): string {
  if (typeof value === 'string') return `${value.length}"${value}`;
  if (!isCollection(value)) return scalarKey(value);
  const isKept = isLarge(value);
  const known = isKept ? keys.get(value) : undefined;
  if (known !== undefined) return known;
  const parts: string[] = [];
  addMembers(value, parts);
  const key = fitting(parts.join(''));
  if (isKept) keys.set(value, key);
  return key;
}

/** Whether a value is an array, a set or an object. */
export function isCollection(value: Value): value is Collection {
  return typeof value === 'object' && value !== null && !(value instanceof RegoDecimal);
}

type Collection = readonly Value[] | RegoSet | RegoObject;

function sizeOf(value: Collection): number {
  return isArray(value) ? value.length : value.size;
}

/** Whether a collection has collections in it. */
function nests(value: Collection): boolean {
  return hasMember(value, isCollection);
}

function hasMember(value: Collection, test: (item: Value) => boolean): boolean {
  if (isArray(value)) return value.some(test);
  if (value instanceof RegoSet) return value.items().some(test);
  return value.entries().some(([key, item]) => test(key) || test(item));
}

/** Whether a value is a number in any form. */
export function isNumber(value: Value): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof RegoDecimal;
}

/** Whether a value is an array. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The JSON text of a value, compact. */
export function toText(value: Value): string {
  return textWith('', value);
}

/** A text with that of a value after it. */
function textWith(before: string, value: Value): string {
  if (typeof value === 'string') return `${before}${quoted(value)}`;
  if (!isCollection(value)) return `${before}${String(value)}`;
  let text = before;
  let separator = '';
  if (value instanceof RegoObject) {
    text += '{';
    for (const [key, item] of value.entries()) {
      text += separator;
      text += quoted(typeof key === 'string' ? key : toText(key));
      text = textWith(`${text}:`, item);
      separator = ',';
    }
    return fitting(`${text}}`);
  }
  text += '[';
  for (const item of isArray(value) ? value : value.items()) {
    text = textWith(text + separator, item);
    separator = ',';
  }
  return fitting(`${text}]`);
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Values that share parts are small, and their text is not. */
function fitting(text: string): string {
  if (text.length > MAX_TEXT)
    throw new RegoError('ERR_REGO_LIMIT', `the text of a value has at most ${MAX_TEXT} characters`);
  return text;
}

/** The member of a value at a key; of a set the item itself. */
export function memberOf(value: Value, key: Value): Value | undefined {
  if (value instanceof RegoObject) return value.get(key);
  if (isArray(value)) {
    const index = key instanceof RegoDecimal ? key.valueOf() : key;
    return typeof index === 'number' && index >= 0 ? value[index] : undefined;
  }
  return value instanceof RegoSet && value.has(key) ? key : undefined;
}

/** Keys and values: positions of an array, the items of a set twice. */
export function membersOf(value: Value): readonly (readonly [Value, Value])[] {
  if (isArray(value)) return value.map((item, index) => [index, item] as const);
  if (value instanceof RegoSet) return value.items().map((item) => [item, item] as const);
  return value instanceof RegoObject ? value.entries() : [];
}

/**
 * Go through the members of a collection: positions of an array, the items of a set twice.
 *
 * @param value - nothing is in what is no collection
 * @param take - given each key and value; `true` ends it
 * @returns whether it ended so
 */
export function someMember(value: Value, take: (key: Value, item: Value) => boolean): boolean {
  if (isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (take(index, value[index] ?? null)) return true;
  } else if (value instanceof RegoSet) {
    for (const item of value.items()) if (take(item, item)) return true;
  } else if (value instanceof RegoObject) {
    for (const [key, item] of value.entries()) if (take(key, item)) return true;
  }
  return false;
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

function scalarKey(value: Exclude<Value, string | Collection>): string {
  if (value instanceof RegoDecimal) return numberKey(value);
  return value === 0 ? '0' : String(value); // not -0
}

/** The parts of the key of a collection. Those of large ones are kept, so that no sharing of parts makes it long to find. */
function addMembers(value: Collection, parts: string[]): void {
  if (value instanceof RegoObject) {
    parts.push('{');
    for (const [name, item] of value.entries()) {
      addKey(name, parts);
      addKey(item, parts);
    }
    parts.push('}');
    return;
  }
  const isList = isArray(value);
  parts.push(isList ? '[' : '<');
  for (const item of isList ? value : value.items()) addKey(item, parts);
  parts.push(isList ? ']' : '>');
}

function addKey(value: Value, parts: string[]): void {
  if (typeof value === 'string') parts.push(LENGTHS[value.length] ?? `${value.length}"`, value);
  else if (!isCollection(value)) parts.push(scalarKey(value), ',');
  else if (isLarge(value)) parts.push(keyOf(value));
  else addMembers(value, parts);
}

/** Whether it is worth while to keep the key of a collection: it has many members, or such that have members with members. */
function isLarge(value: Collection): boolean {
  return (
    sizeOf(value) >= LARGE ||
    hasMember(value, (item) => isCollection(item) && (sizeOf(item) >= LARGE || nests(item)))
  );
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

/** Text that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The lengths of short texts, as in keys. */
const LENGTHS: readonly string[] = Array.from({ length: 100 }, (_each, length) => `${length}"`);

/** How many names are looked through one by one. */
const GLANCE = 16;

/** Of how many members the key of a collection is kept. */
const LARGE = 9;

/** Values do not change, so that the text of each is made once. */
const keys = new WeakMap<object, string>();
