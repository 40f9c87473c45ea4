/**
 * `google.protobuf.Struct`: `fields` map = 1. `Value`: null 1, number 2, string 3, bool 4, struct 5, list 6. `ListValue`: values 1.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { compareCodePoints, type JsonObject, type JsonValue } from '@sealwright/json';
import { InTotoError } from '../errors.js';
import { Message, utf8 } from './message.js';
import { malformed, varintOf, WireReader, WireWriter } from './wire.js';

/** What is left of the caps while a struct is read. */
export class StructBudget {
  #nodes = MAX_NODES;
  readonly #maxDepth: number;

  /** With so many levels. */
  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** Take one value at a depth, or throw. */
  spend(depth: number): void {
    this.#nodes -= 1;
    if (this.#nodes < 0) throw new InTotoError('INTOTO_LIMIT_EXCEEDED', `at most ${MAX_NODES} values`);
    if (depth > this.#maxDepth)
      throw new InTotoError('INTOTO_LIMIT_EXCEEDED', `at most ${this.#maxDepth} levels`);
  }
}

/** Read a struct. */
export function structOf(bytes: Uint8Array, budget: StructBudget, depth = 1): JsonObject {
  budget.spend(depth);
  const members = new Map<string, JsonValue>();
  for (const entry of new Message(bytes, STRUCT).all('fields')) {
    const { key, value } = mapEntry(entry);
    if (members.has(key)) throw new InTotoError('INTOTO_DUPLICATE_KEY', 'a struct has a member twice');
    members.set(key, valueOf(value, budget, depth));
  }
  return Object.fromEntries(members);
}

/** Read a map from text to text. */
export function textMapOf(entries: readonly Uint8Array[]): Record<string, string> {
  const members = new Map<string, string>();
  for (const entry of entries) {
    const { key, value } = mapEntry(entry);
    if (members.has(key)) throw new InTotoError('INTOTO_DUPLICATE_KEY', 'a map has a key twice');
    members.set(key, utf8(value));
  }
  return Object.fromEntries(members);
}

/** Write a struct, members sorted, so that equal structs give equal bytes. */
export function structBytes(struct: Readonly<JsonObject>): Bytes {
  const writer = new WireWriter();
  for (const [key, value] of sorted(struct)) {
    writer.bytes(1, entryWriter(key).bytes(2, valueBytes(value), { always: true }).finish());
  }
  return writer.finish();
}

/** Write a map from text to text into a message, sorted by key. */
export function writeTextMap(
  writer: WireWriter,
  number: number,
  map: Readonly<Record<string, string>>,
): void {
  for (const [key, value] of sorted(map))
    writer.bytes(number, entryWriter(key).text(2, value, { always: true }).finish());
}

/** An entry of a map, in which keys and values are written even when empty, as other writers do. */
export function entryWriter(key: string): WireWriter {
  return new WireWriter().text(1, key, { always: true });
}

function mapEntry(bytes: Uint8Array): { key: string; value: Uint8Array } {
  let key: Uint8Array | undefined;
  let value: Uint8Array | undefined;
  for (const reader = new WireReader(bytes); reader.next();) {
    const { number } = reader;
    if (number !== 1 && number !== 2) continue;
    if (reader.type !== 2) throw malformed('keys and values of a map have a length');
    if ((number === 1 ? key : value) !== undefined)
      throw new InTotoError('INTOTO_DUPLICATE_KEY', 'an entry of a map has one key and one value');
    if (number === 1) key = reader.bytes;
    else value = reader.bytes;
  }
  return { key: key === undefined ? '' : utf8(key), value: value ?? new Uint8Array() };
}

function valueOf(bytes: Uint8Array, budget: StructBudget, depth: number): JsonValue {
  budget.spend(depth);
  let number = 0;
  let found: Uint8Array = bytes;
  for (const reader = new WireReader(bytes); reader.next();) {
    if (reader.number > 6) continue;
    if (number !== 0) throw new InTotoError('INTOTO_DUPLICATE_KEY', 'a value is one thing only');
    if (reader.type !== VALUE_TYPES[reader.number]) throw malformed('a value has the wire type of its kind');
    number = reader.number;
    found = reader.bytes;
  }
  if (number === 0) throw malformed('a value is something');
  if (number === 1) return null;
  if (number === 2) return double(found);
  if (number === 3) return utf8(found);
  if (number === 4) return varintOf(found) !== 0n;
  if (number === 5) return structOf(found, budget, depth + 1);
  budget.spend(depth + 1);
  return listOf(found, budget, depth + 1);
}

function listOf(bytes: Uint8Array, budget: StructBudget, depth: number): JsonValue[] {
  const values: JsonValue[] = [];
  for (const reader = new WireReader(bytes); reader.next();) {
    if (reader.number !== 1) continue;
    if (reader.type !== 2) throw malformed('values of a list have a length');
    values.push(valueOf(reader.bytes, budget, depth));
  }
  return values;
}

function double(bytes: Uint8Array): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  if (!Number.isFinite(value)) throw new InTotoError('INTOTO_WRONG_TYPE', 'a number in a struct is finite');
  return value;
}

function valueBytes(value: JsonValue): Bytes {
  const writer = new WireWriter();
  if (value === null) return writer.varint(1, 0).finish();
  if (typeof value === 'number') return writer.double(2, value).finish();
  if (typeof value === 'string') return writer.text(3, value, { always: true }).finish();
  if (typeof value === 'boolean') return writer.varint(4, value ? 1 : 0).finish();
  if (!Array.isArray(value)) return writer.bytes(5, structBytes(value), { always: true }).finish();
  const list = new WireWriter();
  for (const item of value) list.bytes(1, valueBytes(item));
  return writer.bytes(6, list.finish(), { always: true }).finish();
}

/** The members in the order in which Go writes maps, so that equal maps give equal bytes. */
export function sorted<T>(members: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(members).sort(([a], [b]) => compareCodePoints(a, b));
}

const MAX_NODES = 1_000_000;
const VALUE_TYPES: Readonly<Record<number, number>> = { 1: 0, 2: 1, 3: 2, 4: 0, 5: 2, 6: 2 };
const STRUCT = { names: { 1: 'fields' }, repeated: { fields: MAX_NODES }, layer: 'INTOTO' } as const;
