import { JsonError } from './errors.js';
import { jsonPointer } from './pointer.js';
import type { JsonValue } from './value.js';

/**
 * Write the canonical text of a value (RFC 8785, JCS): members sorted by the UTF-16 code units of their names, no blanks,
 * numbers and strings as ECMAScript writes them. Hash its UTF-8.
 *
 * @param value - what {@link parseJson} could have given
 * @throws {@link JsonError} `ERR_JSON_VALUE` for a number that is not finite or text with half of a surrogate pair.
 *
 * @example
 * ```ts
 * console.log(canonicalJson({ b: 1.0, a: '\u00e4' })); // {"a":"ä","b":1}
 * ```
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, []);
}

function write(value: JsonValue, path: (string | number)[]): string {
  if (typeof value === 'string') return text(value, path);
  if (typeof value === 'number' && !Number.isFinite(value)) return refuse('a number is finite', path);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, [...path, index])).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => `${text(name, path)}:${write(value[name] ?? null, [...path, name])}`);
  return `{${members.join(',')}}`;
}

function text(value: string, path: (string | number)[]): string {
  return LONE_SURROGATE.test(value)
    ? refuse('text holds half of a surrogate pair', path)
    : JSON.stringify(value);
}

function refuse(message: string, path: (string | number)[]): never {
  throw new JsonError('ERR_JSON_VALUE', message, { pointer: jsonPointer(...path) });
}

const LONE_SURROGATE = /\p{Surrogate}/u;
