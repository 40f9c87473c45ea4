/**
 * Kyverno's operators: how a condition compares a key with a value.
 *
 * @module
 */
import type { JsonValue } from '@sealwright/json';
import { type EvaluationContext, isEqual } from './jmespath/context.js';
import { fits, isAmong } from './membership.js';
import { compareVersions, parseDuration, parseNumber, parseQuantity } from './quantity.js';
import type { Rendered } from './template.js';

/** How a key is compared with a value. */
export type ConditionOperator = (typeof OPERATORS)[number];

/**
 * Whether a comparison holds. Where the two cannot be compared it does not, whatever the operator, but for `NotEquals`.
 *
 * @param areFloats - whether whole numbers are compared like others, as in `validate`, and not only with their own kind
 * @throws CosignError `ERR_COSIGN_NO_MATCH` for lists of something else than texts and numbers.
 */
export function holds(
  operator: ConditionOperator,
  key: Rendered,
  value: Rendered,
  context: EvaluationContext,
  areFloats = false,
): boolean {
  if (key.value === null) return false;
  const name: string = operator;
  switch (name) {
    case 'Equals':
    case 'Equal':
      return equals(key.value, value, context, areFloats) ?? false;
    case 'NotEquals':
    case 'NotEqual':
      return equals(key.value, value, context, areFloats) === false;
    case 'In':
    case 'NotIn':
    case 'AnyIn':
    case 'AllIn':
    case 'AnyNotIn':
    case 'AllNotIn':
      return isAmong(name, key, value, context);
    default: {
      const isDuration = operator.startsWith('Duration');
      const order = isDuration ? durationOrder(key.value, value.value) : orderOf(key.value, value.value);
      return order !== undefined && isOrdered(operator, order);
    }
  }
}

/** The operator of a name in any case. */
export function operatorOf(name: string): ConditionOperator | undefined {
  return OPERATORS.find((each) => each.toLowerCase() === name.toLowerCase());
}

function isOrdered(operator: string, order: number): boolean {
  if (operator.endsWith('GreaterThanOrEquals')) return order >= 0;
  if (operator.endsWith('GreaterThan')) return order > 0;
  return operator.endsWith('LessThanOrEquals') ? order <= 0 : order < 0;
}

/** Durations and quantities by what they stand for; texts with wildcards of the policy. `undefined`: neither the same nor another. */
function equals(
  key: JsonValue,
  { value, isLiteral }: Rendered,
  context: EvaluationContext,
  areFloats: boolean,
): boolean | undefined {
  if (typeof key === 'number' && typeof value === 'string')
    return (areFloats ? parseNumber(value) : numberLike(key, value)) === key;
  if (typeof key === 'number' && typeof value === 'number' && Number.isInteger(key) && !areFloats)
    return Number.isInteger(value) ? key === value : undefined;
  if (typeof key !== 'string') return isEqual(key, value, context);
  const durations = durationsOf(key, value);
  if (durations !== undefined) return durations[0] === durations[1];
  if (typeof value !== 'string') return false;
  const quantity = parseQuantity(key);
  if (quantity === undefined || value === '')
    return key === value || (isLiteral && fits(value, key, context));
  const other = parseQuantity(value);
  return other === undefined ? undefined : quantity === other;
}

/** A whole number is compared with texts that are whole. */
function numberLike(key: number, text: string): number | undefined {
  return Number.isInteger(key) && !/^[-+]?\d+$/.test(text) ? undefined : parseNumber(text);
}

function orderOf(key: JsonValue, value: JsonValue): number | undefined {
  const durations = durationsOf(key, value);
  if (durations !== undefined) return durations[0] - durations[1];
  if (typeof key === 'number') return differenceFrom(key, value);
  if (typeof key !== 'string') return undefined;
  const quantity = parseQuantity(key);
  const other = typeof value === 'string' ? parseQuantity(value) : undefined;
  if (quantity !== undefined && other !== undefined) return quantity - other;
  const number = parseNumber(key);
  if (number !== undefined) return orderOf(number, value);
  return typeof value === 'string' ? compareVersions(key, value) : undefined;
}

function differenceFrom(key: number, value: JsonValue): number | undefined {
  const other = typeof value === 'string' ? parseNumber(value) : value;
  return typeof other === 'number' ? key - other : undefined;
}

function durationOrder(key: JsonValue, value: JsonValue): number | undefined {
  const seconds = (each: JsonValue): number | undefined => (each === '0' ? 0 : secondsOf(each));
  const [left, right] = [seconds(key), seconds(value)];
  return left === undefined || right === undefined ? undefined : left - right;
}

/** Seconds of both, where one of them at least says that it is a duration. */
function durationsOf(key: JsonValue, value: JsonValue): readonly [number, number] | undefined {
  const isDuration = (each: JsonValue): boolean =>
    typeof each === 'string' && parseDuration(each) !== undefined;
  if (!isDuration(key) && !isDuration(value)) return undefined;
  const [left, right] = [secondsOf(key), secondsOf(value)];
  return left === undefined || right === undefined ? undefined : [left, right];
}

/** Numbers are whole seconds. */
function secondsOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' ? parseDuration(value) : undefined;
}

const OPERATORS = [
  'Equals',
  'Equal',
  'NotEquals',
  'NotEqual',
  'In',
  'AnyIn',
  'AllIn',
  'NotIn',
  'AnyNotIn',
  'AllNotIn',
  'GreaterThan',
  'GreaterThanOrEquals',
  'LessThan',
  'LessThanOrEquals',
  'DurationGreaterThan',
  'DurationGreaterThanOrEquals',
  'DurationLessThan',
  'DurationLessThanOrEquals',
] as const;
