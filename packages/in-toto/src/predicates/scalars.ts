import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { isRfc3339, isTimestamp } from '../timestamp.js';
import { uriProblem } from '../uri.js';
import type { Check } from './check.js';
import { isPurl } from './purl.js';

/**
 * Text that says something: empty counts as missing.
 *
 * @param value - to check
 * @param context - where it is
 */
export const text: Check<string> = (value, context) => {
  if (typeof value !== 'string') return context.error('PREDICATE_WRONG_TYPE', 'expected text');
  return value === '' ? context.error('PREDICATE_MISSING_FIELD', 'expected text that is not empty') : value;
};

/**
 * Any text.
 *
 * @param value - to check
 * @param context - where it is
 */
export const anyText: Check<string> = (value, context) =>
  typeof value === 'string' ? value : context.error('PREDICATE_WRONG_TYPE', 'expected text');

/**
 * A URI, not empty. One that is none is a warning: producers write many.
 *
 * @param value - to check
 * @param context - where it is
 */
export const uri: Check<string> = (value, context) => {
  const checked = text(value, context);
  const problem = checked === undefined ? undefined : uriProblem(checked);
  if (problem !== undefined) context.warn(problem.code, problem.message);
  return checked;
};

/**
 * A timestamp (RFC 3339 in UTC with `Z`), kept as text. With another offset it is a warning in tolerant mode.
 *
 * @param value - to check
 * @param context - where it is
 */
export const timestamp: Check<string> = (value, context) => {
  const checked = anyText(value, context);
  if (checked === undefined || isTimestamp(checked)) return checked;
  const message = 'expected a timestamp of RFC 3339 that ends in Z';
  if (context.mode === 'strict' || !isRfc3339(checked))
    return context.error('PREDICATE_BAD_TIMESTAMP', message);
  context.warn('PREDICATE_BAD_TIMESTAMP', message);
  return checked;
};

/**
 * `true` or `false`.
 *
 * @param value - to check
 * @param context - where it is
 */
export const boolean: Check<boolean> = (value, context) =>
  typeof value === 'boolean' ? value : context.error('PREDICATE_WRONG_TYPE', 'expected true or false');

/**
 * A whole number that a double holds exactly; in text, as protobuf writes large ones, with a warning.
 *
 * @param value - to check
 * @param context - where it is
 */
export const integer: Check<number> = (value, context) => {
  const isText = typeof value === 'string' && INTEGER.test(value);
  const number = isText ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    return context.error('PREDICATE_WRONG_TYPE', 'expected a whole number');
  if (isText) context.warn('PREDICATE_INT_AS_STRING', 'expected a number, not text');
  return number;
};

/**
 * A whole number, 0 or more.
 *
 * @param value - to check
 * @param context - where it is
 */
export const count: Check<number> = (value, context) =>
  (typeof value === 'number' ? value < 0 : String(value).startsWith('-'))
    ? context.error('PREDICATE_WRONG_TYPE', 'expected a number that is not negative')
    : integer(value, context);

/**
 * Any object of JSON.
 *
 * @param value - to check
 * @param context - where it is
 */
export const anyObject: Check<JsonObject> = (value, context) =>
  isJsonObject(value) ? value : context.error('PREDICATE_WRONG_TYPE', 'expected an object');

/**
 * Any JSON but `null`, which counts as missing.
 *
 * @param value - to check
 */
export const anyValue: Check<JsonValue> = (value) => value;

/**
 * A package URL with a version.
 *
 * @param value - to check
 * @param context - where it is
 */
export const purl: Check<string> = (value, context) => {
  const checked = text(value, context);
  if (checked === undefined || isPurl(checked)) return checked;
  return context.error('PREDICATE_BAD_PURL', 'expected a package URL with a version');
};

/**
 * One of some words, in exact case.
 *
 * @param words - those allowed
 */
export function oneOf<const W extends string>(...words: readonly W[]): Check<W> {
  return (value, context) => {
    const checked = text(value, context);
    if (checked === undefined) return undefined;
    return (
      words.find((word) => word === checked) ??
      context.error('PREDICATE_BAD_ENUM', `expected one of ${words.join(', ')}`)
    );
  };
}

const INTEGER = /^-?(?:0|[1-9][0-9]{0,15})$/;
