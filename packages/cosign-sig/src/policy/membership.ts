/**
 * Kyverno's operators over sets: `In`, `AnyIn`, `AllIn` and their opposites.
 *
 * @module
 */
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import { type EvaluationContext, fitsWildcard, spend } from './jmespath/context.js';
import { parseDuration, parseQuantity } from './quantity.js';
import { refuse } from './refuse.js';
import type { Rendered } from './template.js';

type SetOperator = 'In' | 'NotIn' | 'AnyIn' | 'AllIn' | 'AnyNotIn' | 'AllNotIn';

/**
 * Whether the key is among the values, or is not, as the operator has it. With a value that is no set neither holds. `In` and `NotIn` are
 * older: they know neither ranges nor, for lists, patterns, and `NotIn` of a list asks that one of it is missing.
 */
export function isAmong(
  operator: SetOperator,
  key: Rendered,
  value: Rendered,
  context: EvaluationContext,
): boolean {
  const isOld = operator === 'In' || operator === 'NotIn';
  const asksNot = operator.endsWith('NotIn');
  if (isJsonObject(key.value)) return false;
  if (!Array.isArray(key.value)) {
    const found = oneAmong(scalar(key.value ?? null), key, value, isOld, context);
    return found !== undefined && found !== asksNot;
  }
  const keys = key.value.map((item) => (isOld ? text(item) : scalar(item)));
  if (typeof value.value === 'string') {
    if (keys.length === 1 && keys[0] === value.value) return isOld || !asksNot;
    if (!isOld && RANGE.test(value.value)) return inRange(operator, keys, value.value);
  }
  const candidates = candidatesOf(operator, value.value);
  if (candidates === undefined) return false;
  const test = isOld
    ? exactly(candidates, context)
    : (each: string): boolean => some(candidates, each, key, value, context);
  if (operator === 'AnyIn') return keys.some(test);
  if (operator === 'AllNotIn') return !keys.some(test);
  return asksNot ? !keys.every(test) : keys.every(test);
}

/** Whether a pattern of the policy fits a text. */
export function fits(pattern: string, text: string, context: EvaluationContext): boolean {
  return /[*?]/.test(pattern) && fitsWildcard(pattern, text, context);
}

/** Whether a single key is found; `undefined` where the value is no set. */
function oneAmong(
  key: string,
  from: Rendered,
  value: Rendered,
  isOld: boolean,
  context: EvaluationContext,
): boolean | undefined {
  if (Array.isArray(value.value)) return some(value.value.map(scalar), key, from, value, context);
  if (typeof value.value !== 'string') return undefined;
  if (value.value === key || (value.isLiteral && fits(value.value, key, context))) return true;
  if (!isOld && RANGE.test(value.value)) return isBetween(key, value.value);
  return listed(value.value, isOld)?.includes(key);
}

/** What a list of keys is compared with; `undefined` where it is no set. */
function candidatesOf(operator: SetOperator, value: JsonValue): readonly string[] | undefined {
  const isOld = operator === 'In' || operator === 'NotIn';
  if (typeof value === 'string') return listed(value, isOld);
  if (Array.isArray(value)) {
    if (isOld && value.some((item) => typeof item !== 'string')) return undefined;
    return value.map(scalar);
  }
  const isOne = typeof value === 'number' || typeof value === 'boolean';
  return isOne && operator.startsWith('Any') ? [scalar(value)] : undefined;
}

/** The texts of a list in JSON; any other text stands for itself, except for the older operators. */
function listed(value: string, isOld: boolean): readonly string[] | undefined {
  const json = jsonOf(value);
  if (json === undefined) return isOld ? undefined : [value];
  if (json === null) return [];
  const isList = Array.isArray(json) && json.every((item) => item === null || typeof item === 'string');
  return isList ? json.map((item) => (typeof item === 'string' ? item : '')) : undefined;
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    return undefined;
  }
}

function exactly(candidates: readonly string[], context: EvaluationContext): (each: string) => boolean {
  const set = new Set(candidates);
  spend(context, set.size);
  return (each) => set.has(each);
}

/** Patterns of the policy fit on either side; what was found elsewhere is never one. */
function some(
  candidates: readonly string[],
  each: string,
  key: Rendered,
  value: Rendered,
  context: EvaluationContext,
): boolean {
  spend(context, candidates.length);
  return candidates.some(
    (candidate) =>
      candidate === each ||
      (value.isLiteral && fits(candidate, each, context)) ||
      (key.isLiteral && fits(each, candidate, context)),
  );
}

function inRange(operator: SetOperator, keys: readonly string[], range: string): boolean {
  const within = (each: string): boolean => isBetween(each, range);
  if (operator === 'AnyIn') return keys.some(within);
  if (operator === 'AllIn') return keys.every(within);
  if (operator === 'AllNotIn') return !keys.some(within);
  return keys.some((each) => isOutside(each, range));
}

/** `10-20`, `1Gi-2Gi` or `1h-2h`, both ends included. */
function isBetween(text: string, range: string): boolean {
  const [low, high] = endsOf(text, range);
  return text === range || (low !== undefined && high !== undefined && low >= 0 && high <= 0);
}

function isOutside(text: string, range: string): boolean {
  if (range.startsWith('-')) return text !== range; // only the first dash is turned around
  const [low, high] = endsOf(text, range);
  return (low !== undefined && low < 0) || (high !== undefined && high > 0);
}

/** How a text compares with both ends of a range. */
function endsOf(text: string, range: string): readonly (number | undefined)[] {
  const [, low = '', high = ''] = RANGE.exec(range) ?? [];
  return [low, high].map((end) => {
    const [left, right] = [duration(text), duration(end)];
    if (left !== undefined && right !== undefined) return left - right;
    const [one, other] = [parseQuantity(text), parseQuantity(end)];
    return one === undefined || other === undefined ? undefined : one - other;
  });
}

function duration(text: string): number | undefined {
  return /^[-+]?0$/.test(text) ? 0 : parseDuration(text);
}

function scalar(value: JsonValue): string {
  if (value === null || typeof value === 'object') throw refuse('a list of texts or numbers is expected');
  return String(value);
}

function text(value: JsonValue): string {
  if (typeof value !== 'string') throw refuse('a list of texts is expected');
  return value;
}

const RANGE = /^([-+]?\d+(?:\.\d+)?[A-Za-z]*)-([-+]?\d+(?:\.\d+)?[A-Za-z]*)$/;
