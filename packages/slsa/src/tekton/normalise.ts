/**
 * What Go makes of an object when it decodes it into a struct and encodes the struct again.
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { formatDuration } from './duration.js';
import { paramValue } from './param-value.js';
import { formatQuantity } from './quantity.js';
import { FIELDS } from './schema.js';
import { utcTime } from './utc-time.js';

/**
 * Decode and encode a value as one of the types of a run: unknown members vanish, defaults appear, scalars are rewritten.
 *
 * @param value - the JSON
 * @param type - such as `tekton.TaskRunSpec`
 * @throws {@link SlsaError} `ERR_SLSA_RUN` or `ERR_SLSA_SCALAR`.
 */
export function normalise(value: JsonValue | undefined, type: string): JsonValue {
  const unset = value === undefined || value === null;
  if (type.endsWith('?')) return unset ? null : normalise(value, type.slice(0, -1));
  if (type.startsWith('[]')) return unset ? null : list(value).map((item) => normalise(item, type.slice(2)));
  if (type.startsWith('map<')) return unset ? null : map(value, type.slice(4, -1));
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar(unset ? undefined : value);
  return struct(unset ? {} : value, type);
}

function struct(value: JsonValue, type: string): JsonObject {
  if (!isJsonObject(value)) throw mistyped('an object');
  const fields = fieldsOf(type);
  if (fields === undefined) throw new TypeError(`there is no type ${type}`);
  const result: JsonObject = {};
  for (const field of fields) {
    const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    const unset = given === undefined || given === null;
    if (given === undefined && field.type === 'tekton.ParamValue')
      throw new SlsaError('ERR_SLSA_RUN', 'a parameter or result has no value');
    const member = normalise(given, field.type);
    const empty = field.type.endsWith('?') ? unset : isZero(member, field.type);
    if (field.emission === '!' || !(empty || (field.emission === '0' && member === null)))
      result[field.name] = member;
  }
  return result;
}

/** Go leaves out what is empty, but never a struct, and the special scalars are structs. */
function isZero(member: JsonValue, type: string): boolean {
  if (type.startsWith('[]') || type.startsWith('map<'))
    return member === null || Object.keys(member).length === 0;
  return PLAIN.has(type) && (member === '' || member === false || member === 0);
}

function list(value: JsonValue): JsonValue[] {
  if (!Array.isArray(value)) throw mistyped('a list');
  return value;
}

function map(value: JsonValue, type: string): JsonObject {
  if (!isJsonObject(value)) throw mistyped('an object');
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, normalise(value[name], type)]));
}

/** A field of a Go struct. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly emission: string;
}

/** The fields of a type in the order of Go; `undefined` for what is no struct. */
export function fieldsOf(type: string): readonly Field[] | undefined {
  const found = parsedFields.get(type);
  if (found !== undefined) return found;
  const fields = FIELDS[type]?.split(' ').map((field): Field => {
    const [name = '', fieldType = '', emission = ''] = field.split(':');
    return { name, type: fieldType, emission };
  });
  if (fields !== undefined) parsedFields.set(type, fields);
  return fields;
}

/** What was parsed of {@link FIELDS}, a constant. */
const parsedFields = new Map<string, readonly Field[]>();

function of<T extends string | number | boolean>(
  kind: string,
  zero: T,
): (value: JsonValue | undefined) => JsonValue {
  return (value) => {
    if (value === undefined) return zero;
    if (typeof value !== typeof zero) throw mistyped(kind);
    return value;
  };
}

function time(value: JsonValue | undefined): JsonValue {
  if (value === undefined || value === '') return null;
  const utc = typeof value === 'string' ? utcTime(value) : undefined;
  if (utc === undefined) throw mistyped('a time');
  return `${utc.slice(0, 19)}Z`;
}

function mistyped(expected: string): SlsaError {
  return new SlsaError('ERR_SLSA_RUN', `expected ${expected}`);
}

const PLAIN: ReadonlySet<string> = new Set(['string', 'bool', 'int']);
const SCALARS: Readonly<Record<string, (value: JsonValue | undefined) => JsonValue>> = {
  string: of('text', ''),
  bool: of('true or false', false),
  int: of('a number', 0),
  'meta.Time': time,
  'apis.VolatileTime': time,
  'meta.Duration': (value) => formatDuration(typeof value === 'string' ? value : '0'),
  'resource.Quantity': (value) => {
    if (value === undefined) return '0';
    if (typeof value !== 'string' && typeof value !== 'number') throw mistyped('a quantity');
    return formatQuantity(value);
  },
  'intstr.IntOrString': (value) => value ?? 0,
  'meta.FieldsV1': (value) => value ?? null,
  'runtime.RawExtension': (value) => value ?? null,
  'tekton.ParamValue': (value) => paramValue(value),
};
