import { TtrpcError } from './errors.js';
import type { FieldKind, FieldPlan, MessagePlan } from './plan.js';
import { WIRE } from './wire.js';
import type { WireWriter } from './wire-writer.js';

/** How deep messages may be nested. */
export const MAX_DEPTH = 64;

/** Write a message: fields in the order of their numbers, defaults left out, lists of numbers packed. */
export function writeMessage(writer: WireWriter, plan: MessagePlan, message: Values, depth = 0): void {
  if (depth > MAX_DEPTH) throw new TypeError(`a message nested deeper than ${MAX_DEPTH}`);
  for (const field of plan.fields) {
    const value = message[field.name];
    if (value === undefined) continue;
    if (field.kind === 'map') writeMap(writer, field, value, depth);
    else if (!field.repeated) writeField(writer, field, value, depth);
    else if (Array.isArray(value)) writeList(writer, field, value, depth);
    else throw wrongType(field);
  }
}

/** The members of a message under the names of their fields. */
export type Values = Readonly<Record<string, unknown>>;

function writeField(writer: WireWriter, field: FieldPlan, value: unknown, depth: number): void {
  if (!field.explicit && isDefault(field, value)) return;
  writer.varint(field.tag);
  writeValue(writer, field, value, depth);
}

function writeList(writer: WireWriter, field: FieldPlan, values: readonly unknown[], depth: number): void {
  if (values.length === 0) return;
  if (field.wire === WIRE.bytes) {
    for (const value of values) {
      writer.varint(field.tag);
      writeValue(writer, field, value, depth);
    }
    return;
  }
  writer.varint(field.tag);
  writer.within(() => {
    for (const value of values) writeValue(writer, field, value, depth);
  });
}

function writeMap(writer: WireWriter, field: FieldPlan, map: unknown, depth: number): void {
  if (typeof map !== 'object' || map === null) throw wrongType(field);
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string') throw wrongType(field);
    writer.varint(field.tag);
    writeNested(writer, field, { key, value }, depth);
  }
}

function writeValue(writer: WireWriter, field: FieldPlan, value: unknown, depth: number): void {
  if (field.kind === 'message') {
    if (typeof value !== 'object' || value === null) throw wrongType(field);
    writeNested(writer, field, value as Values, depth);
  } else if (field.kind === 'bytes') {
    if (!(value instanceof Uint8Array)) throw wrongType(field);
    writer.bytes(value);
  } else if (field.kind === 'string') {
    if (typeof value !== 'string') throw wrongType(field);
    writeText(writer, field, value);
  } else {
    writeNumber(writer, field, value);
  }
}

function writeNested(writer: WireWriter, field: FieldPlan, value: Values, depth: number): void {
  const plan = field.message;
  if (plan === undefined) throw wrongType(field);
  writer.within(() => writeMessage(writer, plan, value, depth + 1));
}

function writeText(writer: WireWriter, field: FieldPlan, text: string): void {
  try {
    writer.string(text);
  } catch (cause) {
    throw new TtrpcError('ERR_TTRPC_MESSAGE', `${field.name} holds half of a surrogate pair`, { cause });
  }
}

function writeNumber(writer: WireWriter, field: FieldPlan, value: unknown): void {
  const { kind } = field;
  if (kind === 'bool') {
    if (typeof value !== 'boolean') throw wrongType(field);
    writer.varint(value ? 1 : 0);
  } else if (kind === 'int64' || kind === 'uint64') {
    const [min, max] = kind === 'int64' ? INT64 : UINT64;
    if (typeof value !== 'bigint' || value < min || value > max) throw wrongType(field);
    writer.varint64(value);
  } else {
    const number = kind === 'enum' && typeof value === 'string' ? numberOf(field, value) : value;
    const [min, max] = kind === 'uint32' ? UINT32 : INT32;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
      throw wrongType(field);
    }
    if (number < 0) writer.varint64(BigInt(number));
    else writer.varint(number);
  }
}

function numberOf(field: FieldPlan, name: string): number | undefined {
  const number = field.names.indexOf(name);
  return number < 0 ? undefined : number;
}

function isDefault(field: FieldPlan, value: unknown): boolean {
  if (value instanceof Uint8Array) return field.kind === 'bytes' && value.byteLength === 0;
  if (field.kind === 'enum') return value === 0 || value === field.names[0];
  return value === DEFAULTS[field.kind as keyof typeof DEFAULTS];
}

function wrongType({ name, kind }: FieldPlan): TypeError {
  return new TypeError(`${name} has a value that is no ${kind}, or out of its range`);
}

/** The values that are the same as none. */
export const DEFAULTS: Readonly<Record<Exclude<FieldKind, 'enum' | 'message' | 'map' | 'bytes'>, unknown>> = {
  string: '',
  bool: false,
  int32: 0,
  uint32: 0,
  int64: 0n,
  uint64: 0n,
};
const INT32 = [-0x8000_0000, 0x7fff_ffff] as const;
const UINT32 = [0, 0xffff_ffff] as const;
const INT64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const UINT64 = [0n, 2n ** 64n - 1n] as const;
