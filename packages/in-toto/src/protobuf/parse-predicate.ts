import type { JsonObject, JsonValue } from '@sealwright/json';
import { InTotoError } from '../errors.js';
import { STATEMENT_LIMITS } from '../statement-json.js';
import { descriptorJson } from './descriptor.js';
import { Message, mustBeWithin, utf8 } from './message.js';
import {
  fieldsOf,
  type PredicateField,
  type PredicateFieldType,
  type PredicateMessage,
} from './predicate-message.js';
import { StructBudget, structOf, textMapOf } from './struct.js';
import { timestampText } from './timestamp.js';

/**
 * Read the protobuf message of a predicate. Unknown fields are skipped. The predicate is not checked: its definition in
 * `in-toto/predicates` does that.
 *
 * @param bytes - the message
 * @param message - of its type
 * @returns the predicate as JSON has it; numbers of structs are doubles
 * @throws {@link InTotoError}
 */
export function parsePredicateProto(bytes: Uint8Array, message: PredicateMessage): JsonObject {
  mustBeWithin(bytes, STATEMENT_LIMITS.maxBytes, 'INTOTO');
  return messageJson(bytes, message, new StructBudget(STATEMENT_LIMITS.maxDepth), 1);
}

function messageJson(
  bytes: Uint8Array,
  schema: PredicateMessage,
  budget: StructBudget,
  depth: number,
): JsonObject {
  budget.spend(depth);
  const fields = fieldsOf(schema);
  const message = new Message(bytes, {
    names: Object.fromEntries(fields.map(([name, { number }]) => [number, name])),
    varints: new Set(
      fields.filter(([, { type }]) => type === 'bool' || type === 'int32').map(([name]) => name),
    ),
    repeated: Object.fromEntries(
      fields.filter(([, field]) => repeats(field)).map(([name]) => [name, MAX_ITEMS]),
    ),
    layer: 'INTOTO',
  });
  const entries = fields.map(
    ([name, field]) => [name, fieldJson(message, name, field, budget, depth)] as const,
  );
  return Object.fromEntries(entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

function repeats({ list, type }: PredicateField): boolean {
  return list === true || type === 'texts' || type === 'counts';
}

function fieldJson(
  message: Message,
  name: string,
  { type, list }: PredicateField,
  budget: StructBudget,
  depth: number,
): JsonValue | undefined {
  if (type === 'bool') return message.varint(name) === undefined ? undefined : message.varint(name) !== 0n;
  if (type === 'int32') {
    const found = message.varint(name);
    return found === undefined ? undefined : Number(BigInt.asIntN(32, found));
  }
  const all = message.all(name);
  if (all.length === 0) return undefined;
  if (type === 'texts') return textMapOf(all);
  if (type === 'counts') return countsOf(all);
  const values = all.map((bytes) => valueJson(bytes, type, budget, depth));
  return list === true ? values : values[0];
}

function valueJson(
  bytes: Uint8Array,
  type: Exclude<PredicateFieldType, 'bool' | 'int32' | 'texts' | 'counts'>,
  budget: StructBudget,
  depth: number,
): JsonValue {
  if (type === 'text') return utf8(bytes);
  if (type === 'timestamp') return timestampText(bytes);
  if (type === 'struct') return structOf(bytes, budget, depth + 1);
  if (type === 'descriptor')
    return descriptorJson(bytes, { maxDigests: STATEMENT_LIMITS.maxDigests, budget });
  return messageJson(bytes, type, budget, depth + 1);
}

/** A map from text to uint64. */
function countsOf(entries: readonly Uint8Array[]): JsonObject {
  const members = new Map<string, number>();
  for (const bytes of entries) {
    const entry = new Message(bytes, COUNT_ENTRY);
    const [key, count] = [entry.text('key'), entry.varint('value') ?? 0n];
    if (members.has(key)) throw new InTotoError('INTOTO_DUPLICATE_KEY', 'a map has a key twice');
    if (count > Number.MAX_SAFE_INTEGER)
      throw new InTotoError('PREDICATE_OUT_OF_RANGE', 'a number is exact in a double');
    members.set(key, Number(count));
  }
  return Object.fromEntries(members);
}

const MAX_ITEMS = 1_000_000;
const COUNT_ENTRY = {
  names: { 1: 'key', 2: 'value' },
  varints: new Set(['value']),
  layer: 'INTOTO',
} as const;
