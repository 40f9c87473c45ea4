/**
 * The text that Go's `encoding/json` writes, for payloads that are compared or signed byte by byte.
 *
 * @module
 */
import { compareCodePoints } from './code-points.js';
import { JsonError } from './errors.js';
import type { JsonValue } from './value.js';

/**
 * Write a value as Go marshals maps: members sorted by the UTF-8 bytes of their names; `<`, `>`, `&`, U+2028 and U+2029
 * escaped; no blanks.
 *
 * @param value - what {@link parseJson} could have given
 * @throws {@link JsonError} `ERR_JSON_VALUE` for a number that is not finite.
 *
 * @example
 * ```ts
 * console.log(goJson({ b: 'a < b', a: 1 })); // {"a":1,"b":"a \u003c b"}
 * ```
 */
export function goJson(value: JsonValue): string {
  return write(value, true);
}

/**
 * The same with the members of every object in the order of insertion, as Go marshals structs.
 *
 * @param value - what {@link parseJson} could have given
 * @throws {@link JsonError} `ERR_JSON_VALUE` for a number that is not finite.
 */
export function goJsonOrdered(value: JsonValue): string {
  return write(value, false);
}

function write(value: JsonValue, sorted: boolean): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return number(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, sorted)).join(',')}]`;
  const names = Object.keys(value);
  if (sorted) names.sort(compareCodePoints);
  return `{${names.map((name) => `${text(name)}:${write(value[name] ?? null, sorted)}`).join(',')}}`;
}

/** Go writes integers in full up to 1e21, and exponents with at least one digit: 1e-7, not 1e-07. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new JsonError('ERR_JSON_VALUE', 'a number is finite');
  return Object.is(value, -0) ? '-0' : String(value);
}

function text(value: string): string {
  return JSON.stringify(value.replace(LONE_SURROGATE, '\ufffd')).replace(ESCAPED_BY_GO, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;
