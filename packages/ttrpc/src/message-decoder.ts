import { copyBytes } from '@sealwright/bytes';
import { TtrpcError } from './errors.js';
import { DEFAULTS, MAX_DEPTH } from './message-encoder.js';
import type { FieldPlan, MessagePlan } from './plan.js';
import { WIRE } from './wire.js';
import { WireReader } from './wire-reader.js';

/** Read a message. Unknown fields are stepped over, a field that comes twice has its last value, lists may be packed. */
export function readMessage(plan: MessagePlan, bytes: Uint8Array): Record<string, unknown> {
  const message = blank(plan);
  readFields(new WireReader(bytes), plan, message, { items: MAX_ITEMS, depth: MAX_DEPTH });
  return message;
}

interface Budget {
  items: number;
  depth: number;
}

function blank(plan: MessagePlan): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const field of plan.fields) {
    if (field.repeated) message[field.name] = [];
    else if (!field.explicit) message[field.name] = defaultOf(field);
  }
  return message;
}

function defaultOf({ kind, names }: FieldPlan): unknown {
  if (kind === 'enum') return names[0] ?? 0;
  if (kind === 'bytes') return new Uint8Array();
  if (kind === 'map') return {};
  return DEFAULTS[kind as keyof typeof DEFAULTS];
}

function readFields(
  reader: WireReader,
  plan: MessagePlan,
  message: Record<string, unknown>,
  budget: Budget,
): void {
  if (budget.depth === 0)
    throw new TtrpcError('ERR_TTRPC_LIMIT', `a message nested deeper than ${MAX_DEPTH}`);
  budget.depth -= 1;
  while (!reader.done) {
    const tag = reader.tag();
    const field = plan.byNumber.get(tag >>> 3);
    if (field === undefined || !readField(reader, tag & 7, field, message, budget)) reader.skip(tag);
  }
  budget.depth += 1;
}

/** Give whether the wire type fits the field; nothing was read where it does not. */
function readField(
  reader: WireReader,
  wire: number,
  field: FieldPlan,
  message: Record<string, unknown>,
  budget: Budget,
): boolean {
  const { name, repeated } = field;
  if (repeated && wire === WIRE.bytes && field.wire === WIRE.varint) {
    const list = message[name] as unknown[];
    reader.within(() => {
      while (!reader.done) {
        spend(budget);
        list.push(readValue(reader, field));
      }
    });
    return true;
  }
  if (wire !== field.wire) return false;
  if (field.kind === 'map') {
    readEntry(reader, field, message[name] as object, budget);
  } else if (field.kind === 'message') {
    const before = repeated || !Object.hasOwn(message, name) ? undefined : message[name];
    const value = readNested(reader, field, budget, before as Record<string, unknown> | undefined);
    if (repeated) (message[name] as unknown[]).push(value);
    else message[name] = value;
  } else if (repeated) {
    spend(budget);
    (message[name] as unknown[]).push(readValue(reader, field));
  } else {
    message[name] = readValue(reader, field);
  }
  return true;
}

/** Read one entry of a map; a key such as `__proto__` is a key like any other. */
function readEntry(reader: WireReader, field: FieldPlan, map: object, budget: Budget): void {
  const { key = '', value = '' } = readNested(reader, field, budget, undefined);
  Object.defineProperty(map, key as string, { configurable: true, enumerable: true, writable: true, value });
}

function readNested(
  reader: WireReader,
  field: FieldPlan,
  budget: Budget,
  before: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const plan = field.message;
  if (plan === undefined) throw new TypeError(`${field.name} holds no message`);
  spend(budget);
  const message = before ?? blank(plan);
  reader.within(() => readFields(reader, plan, message, budget));
  return message;
}

function readValue(reader: WireReader, { kind, names }: FieldPlan): unknown {
  if (kind === 'string') return reader.string();
  if (kind === 'bytes') return copyBytes(reader.bytes());
  reader.varint();
  if (kind === 'bool') return (reader.low | reader.high) !== 0;
  if (kind === 'uint32') return reader.low;
  if (kind === 'uint64') return (BigInt(reader.high) << 32n) | BigInt(reader.low);
  if (kind === 'int64') return (BigInt(reader.high | 0) << 32n) | BigInt(reader.low);
  const number = reader.low | 0;
  return kind === 'enum' ? (names[number] ?? number) : number;
}

function spend(budget: Budget): void {
  budget.items -= 1;
  if (budget.items < 0)
    throw new TtrpcError('ERR_TTRPC_LIMIT', `a message with more than ${MAX_ITEMS} entries`);
}

const MAX_ITEMS = 0x1_0000;
