/**
 * Kyverno's conditions, over the predicate of an attestation.
 *
 * @module
 */
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import type { TextMatcher } from '../fulcio/identity.js';
import { type Fields, readFields } from './fields.js';
import { type EvaluationContext, fitsWildcard, isEqual, MAX_STEPS, spend } from './jmespath/context.js';
import { policyFault } from './members.js';
import { compareVersions, parseDuration, parseQuantity } from './quantity.js';
import { parseTemplate, type Rendered, render } from './template.js';
import { reasonOf } from './verdict.js';
import { refuse } from './refuse.js';

/** How a key is compared with a value. */
export type ConditionOperator = (typeof OPERATORS)[number];

/** One comparison. */
export interface Condition {
  /** What is compared: a value, or a text with variables such as `{{ builder.id }}`. */
  readonly key: JsonValue;
  /** How. */
  readonly operator: ConditionOperator;
  /** What it is compared with; it may have variables too. */
  readonly value: JsonValue;
  /** For the user, where it does not hold; empty where the policy has none. */
  readonly message: string;
  /** JSON pointer of the condition. */
  readonly pointer: string;
}

/** Conditions that belong together. */
export interface ConditionGroup {
  /** One of them must hold, where there are any. */
  readonly any: readonly Condition[];
  /** Each of them must hold. */
  readonly all: readonly Condition[];
}

/** What conditions may ask about besides the predicate. */
export interface ConditionOptions {
  /** What time it is: milliseconds since 1970. Default: functions of time are not evaluated. */
  readonly now?: number;
  /** Compiles regular expressions (RE2, found anywhere in the text). Default: they are not evaluated. */
  readonly regExp?: (pattern: string) => TextMatcher;
  /** What other variables name, such as `request`. A predicate cannot take their names. Default nothing. */
  readonly variables?: JsonObject;
}

/** Read a group. */
export function conditionGroup(fields: Fields): ConditionGroup {
  const read = (name: 'any' | 'all'): readonly Condition[] =>
    fields.list(name, (item, pointer) => readFields(item, pointer, conditionOf));
  const group = { any: read('any'), all: read('all') };
  if (!fields.has('any') && !fields.has('all')) throw policyFault('expected any or all', fields.pointer);
  return group;
}

/** Why conditions do not hold over a predicate; `undefined` when all groups do. */
export type WhyNot = (groups: readonly ConditionGroup[], predicate: JsonValue) => string | undefined;

/**
 * Judges conditions, all of them with what one image may cost.
 *
 * @param options - time, regular expressions and other variables
 */
export function conditionJudge(options: ConditionOptions): WhyNot {
  const context: EvaluationContext = { now: options.now, regExp: options.regExp, left: MAX_STEPS };
  return (groups, predicate) =>
    isJsonObject(predicate)
      ? whyNotGroups(groups, { ...predicate, ...options.variables }, context)
      : 'the predicate is no object';
}

function whyNotGroups(
  groups: readonly ConditionGroup[],
  document: JsonObject,
  context: EvaluationContext,
): string | undefined {
  const why = (condition: Condition): string | undefined => whyNot(condition, document, context);
  for (const { any, all } of groups) {
    const failed = all.map(why).find((reason) => reason !== undefined);
    if (failed !== undefined) return failed;
    const reasons = any.map(why);
    if (any.length > 0 && !reasons.includes(undefined)) return reasons.join('; ').slice(0, 1024);
  }
  return undefined;
}

function conditionOf(fields: Fields): Condition {
  const key = fields.get('key') ?? null;
  const value = fields.get('value') ?? null;
  const name = fields.text('operator').toLowerCase();
  const operator = OPERATORS.find((each) => each.toLowerCase() === name);
  if (operator === undefined) throw policyFault('unknown operator', fields.at('operator'));
  parseTemplate(key, fields.at('key'));
  parseTemplate(value, fields.at('value'));
  return { key, operator, value, message: fields.text('message'), pointer: fields.pointer };
}

function whyNot(
  { key, operator, value, message, pointer }: Condition,
  document: JsonObject,
  context: EvaluationContext,
): string | undefined {
  try {
    const left = render(parseTemplate(key, pointer), document, context);
    const right = render(parseTemplate(value, pointer), document, context);
    if (left.value !== null && holds(operator, left, right, context)) return undefined;
    return message || `${pointer}: ${operator} does not hold`;
  } catch (error) {
    return `${pointer}: ${reasonOf(error)}`;
  }
}

function holds(
  operator: ConditionOperator,
  key: Rendered,
  value: Rendered,
  context: EvaluationContext,
): boolean {
  const name: string = operator;
  switch (name) {
    case 'Equals':
    case 'Equal':
      return equals(key.value, value, context);
    case 'NotEquals':
    case 'NotEqual':
      return !equals(key.value, value, context);
    case 'AnyIn':
      return keysOf(key).some(among(key, value, context));
    case 'AllIn':
    case 'In':
      return keysOf(key).every(among(key, value, context));
    case 'AnyNotIn':
      return keysOf(key).some(not(among(key, value, context)));
    case 'AllNotIn':
    case 'NotIn':
      return keysOf(key).every(not(among(key, value, context)));
    default: {
      const isDuration = operator.startsWith('Duration');
      const order = isDuration ? durationOrder(key.value, value.value) : orderOf(key.value, value.value);
      return order !== undefined && isOrdered(operator, order);
    }
  }
}

function isOrdered(operator: string, order: number): boolean {
  if (operator.endsWith('GreaterThanOrEquals')) return order >= 0;
  if (operator.endsWith('GreaterThan')) return order > 0;
  return operator.endsWith('LessThanOrEquals') ? order <= 0 : order < 0;
}

/** Durations and quantities by what they stand for; texts with wildcards of the policy. */
function equals(key: JsonValue, { value, isLiteral }: Rendered, context: EvaluationContext): boolean {
  if (typeof key === 'number' && typeof value === 'string') return numberOf(value) === key;
  if (typeof key !== 'string') return isEqual(key, value, context);
  const durations = durationsOf(key, value);
  if (durations !== undefined) return durations[0] === durations[1];
  if (typeof value !== 'string') return false;
  const quantity = parseQuantity(key);
  if (quantity !== undefined) return quantity === parseQuantity(value);
  return isLiteral ? key === value || fits(value, key, context) : key === value;
}

function orderOf(key: JsonValue, value: JsonValue): number | undefined {
  const durations = durationsOf(key, value);
  if (durations !== undefined) return durations[0] - durations[1];
  const [left, right] = [measure(key), measure(value)];
  if (left !== undefined && right !== undefined) return left - right;
  return typeof key === 'string' && typeof value === 'string' ? compareVersions(key, value) : undefined;
}

function durationOrder(key: JsonValue, value: JsonValue): number | undefined {
  const [left, right] = [secondsOf(key), secondsOf(value)];
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

function secondsOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? parseDuration(value) : undefined;
}

function measure(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (parseQuantity(value) ?? numberOf(value)) : undefined;
}

function numberOf(text: string): number | undefined {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

function keysOf({ value }: Rendered): readonly string[] {
  return Array.isArray(value) ? value.map(scalar) : [scalar(value)];
}

/** Whether a text is one of a list, in a range, or fits a pattern that the policy has. */
function among(key: Rendered, value: Rendered, context: EvaluationContext): (text: string) => boolean {
  const range = typeof value.value === 'string' && value.isLiteral ? rangeOf(value.value) : undefined;
  const candidates = range === undefined ? candidatesOf(value.value) : [];
  return (text) => {
    if (range !== undefined) {
      const quantity = parseQuantity(text);
      return quantity !== undefined && quantity >= range[0] && quantity <= range[1];
    }
    spend(context, candidates.length);
    return candidates.some(
      (candidate) =>
        candidate === text ||
        (value.isLiteral && fits(candidate, text, context)) ||
        (key.isLiteral && fits(text, candidate, context)),
    );
  };
}

function fits(pattern: string, text: string, context: EvaluationContext): boolean {
  return /[*?]/.test(pattern) && fitsWildcard(pattern, text, context);
}

function candidatesOf(value: JsonValue): readonly string[] {
  if (Array.isArray(value)) return value.map(scalar);
  const text = scalar(value);
  if (!text.startsWith('[')) return [text];
  try {
    const json = parseJson(text);
    return Array.isArray(json) ? json.map(scalar) : [text];
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    return [text];
  }
}

/** `10-20` or `1Gi-2Gi`, both ends included. */
function rangeOf(text: string): readonly [number, number] | undefined {
  const dash = text.indexOf('-', 1);
  if (dash < 0) return undefined;
  const [low, high] = [parseQuantity(text.slice(0, dash)), parseQuantity(text.slice(dash + 1))];
  return low === undefined || high === undefined ? undefined : [low, high];
}

function scalar(value: JsonValue): string {
  if (value === null || typeof value === 'object') throw refuse('a list of texts or numbers is expected');
  return String(value);
}

function not(test: (text: string) => boolean): (text: string) => boolean {
  return (text) => !test(text);
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
