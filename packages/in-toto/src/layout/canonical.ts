import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import { compareCodePoints, jsonPointer, type JsonValue } from '@sealwright/json';
import { InTotoError } from '../errors.js';

/**
 * Write the canonical JSON that classic in-toto signs and hashes: no blanks, members sorted by the code points of their names,
 * text as it is except that `"` and `\` are escaped, integers only.
 *
 * @param value - what a JSON parser could have given
 * @throws {@link InTotoError} `LAYOUT_NOT_CANONICAL` for a number that is no exact integer, or half of a surrogate pair.
 */
export function canonicalMetadata(value: JsonValue): Bytes {
  return encodeUtf8(write(value, []));
}

function write(value: JsonValue, path: (string | number)[]): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return text(value, path);
  if (typeof value === 'number')
    return Number.isSafeInteger(value)
      ? String(value === 0 ? 0 : value)
      : refuse('a number is an integer below 2^53', path);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, [...path, index])).join(',')}]`;
  const members = Object.keys(value)
    .sort(compareCodePoints)
    .map((name) => `${text(name, path)}:${write(value[name] ?? null, [...path, name])}`);
  return `{${members.join(',')}}`;
}

function text(value: string, path: (string | number)[]): string {
  if (LONE_SURROGATE.test(value)) return refuse('text holds half of a surrogate pair', path);
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function refuse(message: string, path: (string | number)[]): never {
  throw new InTotoError('LAYOUT_NOT_CANONICAL', message, { pointer: jsonPointer(...path) });
}

const LONE_SURROGATE = /\p{Surrogate}/u;
