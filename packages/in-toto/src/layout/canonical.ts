import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import { jsonPointer, type JsonValue } from '@sealwright/json';
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
    .sort(byCodePoints)
    .map((name) => `${text(name, path)}:${write(value[name] ?? null, [...path, name])}`);
  return `{${members.join(',')}}`;
}

function text(value: string, path: (string | number)[]): string {
  if (LONE_SURROGATE.test(value)) return refuse('text holds half of a surrogate pair', path);
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** UTF-16 units sort as code points do, except that surrogates sort before the units from U+E000 on. */
function byCodePoints(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

function refuse(message: string, path: (string | number)[]): never {
  throw new InTotoError('LAYOUT_NOT_CANONICAL', message, { pointer: jsonPointer(...path) });
}

const LONE_SURROGATE = /\p{Surrogate}/u;
