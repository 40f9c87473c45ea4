import type { Bytes } from '@sealwright/bytes';
import { isJsonObject, type JsonObject, jsonPointer, type JsonValue } from '@sealwright/json';
import { parseResourceDescriptor } from '../descriptor.js';
import { type InTotoErrorCode, InTotoError } from '../errors.js';
import { encodeDescriptorProto } from './descriptor.js';
import { fieldsOf, type PredicateField, type PredicateMessage } from './predicate-message.js';
import { entryWriter, sorted, structBytes, writeTextMap } from './struct.js';
import { timestampBytes } from './timestamp.js';
import { WireWriter } from './wire.js';

/**
 * Write a predicate as its protobuf message, fields in order and maps sorted. What the message has no field for is left out, and
 * so are `false`, 0 and empty text.
 *
 * @param predicate - as JSON has it
 * @param message - of its type
 * @throws {@link InTotoError} for a member of another type than the field.
 */
export function encodePredicateProto(predicate: object, message: PredicateMessage): Bytes {
  return messageBytes(predicate, message, '');
}

function messageBytes(value: object, message: PredicateMessage, pointer: string): Bytes {
  const writer = new WireWriter();
  const members = new Map<string, JsonValue | undefined>(Object.entries(value));
  for (const [name, field] of fieldsOf(message)) {
    const member = members.get(name) ?? null;
    const place = pointer + jsonPointer(name);
    if (member === null) continue;
    if (field.list !== true) writeField(writer, field, member, place);
    else if (!Array.isArray(member)) throw wrongType('a list', place);
    else {
      for (const [index, item] of member.entries())
        writeField(writer, { ...field, presence: true }, item, place + jsonPointer(index));
    }
  }
  return writer.finish();
}

function writeField(writer: WireWriter, field: PredicateField, value: JsonValue, pointer: string): void {
  const { number, type, presence = false } = field;
  if (type === 'text') {
    if (typeof value !== 'string') throw wrongType('text', pointer);
    writer.text(number, value, { always: presence });
  } else if (type === 'bool') {
    if (typeof value !== 'boolean') throw wrongType('true or false', pointer);
    if (value) writer.varint(number, 1);
  } else if (type === 'int32') {
    const whole = wholeNumber(value, pointer, -(2 ** 31), 2 ** 31 - 1);
    if (whole !== 0) writer.varint(number, whole);
  } else if (type === 'timestamp') {
    const bytes = typeof value === 'string' ? timestampBytes(value) : undefined;
    if (bytes === undefined)
      throw fault(
        'PREDICATE_BAD_TIMESTAMP',
        'expected RFC 3339 with Z and at most nine fraction digits',
        pointer,
      );
    writer.bytes(number, bytes, { always: true });
  } else if (!isJsonObject(value)) throw wrongType('an object', pointer);
  else if (type === 'struct') writer.bytes(number, structBytes(value), { always: true });
  else if (type === 'texts') writeTextMap(writer, number, textsOf(value, pointer));
  else if (type === 'counts') writeCounts(writer, number, value, pointer);
  else if (type === 'descriptor') writer.bytes(number, descriptorBytes(value, pointer), { always: true });
  else writer.bytes(number, messageBytes(value, type, pointer), { always: true });
}

function writeCounts(writer: WireWriter, number: number, map: JsonObject, pointer: string): void {
  for (const [key, value] of sorted(map)) {
    const count = wholeNumber(value, pointer + jsonPointer(key), 0, Number.MAX_SAFE_INTEGER);
    writer.bytes(number, entryWriter(key).varint(2, count).finish());
  }
}

/** Whole numbers may also stand as text, as protobuf writes large ones in JSON. */
function wholeNumber(value: JsonValue, pointer: string, least: number, most: number): number {
  const number = typeof value === 'string' && INTEGER.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrongType('a whole number', pointer);
  if (number < least || number > most)
    throw fault('PREDICATE_OUT_OF_RANGE', 'this number is too large', pointer);
  return number;
}

function textsOf(map: JsonObject, pointer: string): Record<string, string> {
  for (const [key, value] of Object.entries(map))
    if (typeof value !== 'string') throw wrongType('text', pointer + jsonPointer(key));
  return map as Record<string, string>; // just looked
}

function descriptorBytes(value: JsonObject, pointer: string): Bytes {
  try {
    return encodeDescriptorProto(parseResourceDescriptor(value, { mode: 'tolerant' }).descriptor);
  } catch (cause) {
    if (!(cause instanceof InTotoError)) throw cause;
    throw new InTotoError(cause.code, cause.message, { pointer: pointer + (cause.pointer ?? ''), cause });
  }
}

function wrongType(expected: string, pointer: string): InTotoError {
  return fault('PREDICATE_WRONG_TYPE', `expected ${expected}`, pointer);
}

function fault(code: InTotoErrorCode, message: string, pointer: string): InTotoError {
  return new InTotoError(code, message, { pointer });
}

const INTEGER = /^-?[0-9]{1,16}$/;
