/**
 * The value of a JMESPath expression over a document, in a bounded number of steps.
 *
 * @module
 */
import { isJsonObject, type JsonValue } from '@sealwright/json';
import { type Argument, type EvaluationContext, isEqual, spend } from './context.js';
import { callFunction } from './functions.js';
import type { Comparison, Expression } from './parse.js';
import { refuse } from '../refuse.js';

/**
 * Evaluate an expression.
 *
 * @throws CosignError `ERR_COSIGN_NO_MATCH` for a function that is not there or takes other values, `ERR_COSIGN_LIMIT`.
 */
export function evaluate(expression: Expression, value: JsonValue, context: EvaluationContext): JsonValue {
  spend(context, 1);
  const on = (part: Expression): JsonValue => evaluate(part, value, context);
  switch (expression.kind) {
    case 'current':
      return value;
    case 'literal':
      return expression.value;
    case 'field':
      return memberOf(value, expression.name);
    case 'index':
      return Array.isArray(value) ? (value.at(expression.index) ?? null) : null;
    case 'slice':
      return Array.isArray(value) ? slice(value, expression.bounds) : null;
    case 'then':
      return evaluate(expression.right, on(expression.left), context);
    case 'each':
      return project(expression, on(expression.left), context);
    case 'or': {
      const left = on(expression.left);
      return isTrue(left) ? left : on(expression.right);
    }
    case 'and': {
      const left = on(expression.left);
      return isTrue(left) ? on(expression.right) : left;
    }
    case 'not':
      return !isTrue(on(expression.of));
    case 'compare':
      return compare(expression.by, on(expression.left), on(expression.right), context);
    case 'list':
      return value === null ? null : expression.items.map(on);
    case 'object':
      return value === null
        ? null
        : Object.fromEntries(expression.members.map(([name, part]) => [name, on(part)]));
    case 'call': {
      const args = expression.args.map((part): Argument =>
        part.kind === 'function' ? (item) => evaluate(part.of, item, context) : on(part),
      );
      return callFunction(expression.name, args, context);
    }
    case 'function':
      throw refuse('an expression with & stands among the arguments of a function only');
  }
}

function project(
  { of, where, right }: Extract<Expression, { kind: 'each' }>,
  value: JsonValue,
  context: EvaluationContext,
): JsonValue {
  const items = itemsOf(of, value);
  if (items === undefined) return null;
  spend(context, items.length);
  const found: JsonValue[] = [];
  for (const item of items) {
    if (where !== undefined && !isTrue(evaluate(where, item, context))) continue;
    const projected = evaluate(right, item, context);
    if (projected !== null) found.push(projected);
  }
  return found;
}

function itemsOf(of: 'list' | 'values' | 'flattened', value: JsonValue): readonly JsonValue[] | undefined {
  if (of === 'values') return isJsonObject(value) ? Object.values(value) : undefined;
  if (!Array.isArray(value)) return undefined;
  return of === 'flattened' ? value.flat() : value;
}

function memberOf(value: JsonValue, name: string): JsonValue {
  return isJsonObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

function slice(list: readonly JsonValue[], bounds: readonly (number | undefined)[]): JsonValue[] {
  const [from, to, step = 1] = bounds;
  if (step === 0) throw refuse('a slice has a step');
  const { length } = list;
  const clamp = (at: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, at < 0 ? at + length : at));
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const first = from === undefined ? (step > 0 ? 0 : length - 1) : clamp(from, low, high);
  const last = to === undefined ? (step > 0 ? length : -1) : clamp(to, low, high);
  const found: JsonValue[] = [];
  for (let at = first; step > 0 ? at < last : at > last; at += step) {
    const item = list[at];
    if (item !== undefined) found.push(item);
  }
  return found;
}

function compare(by: Comparison, a: JsonValue, b: JsonValue, context: EvaluationContext): JsonValue {
  if (by === '==') return isEqual(a, b, context);
  if (by === '!=') return !isEqual(a, b, context);
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  if (by === '<') return a < b;
  if (by === '<=') return a <= b;
  return by === '>' ? a > b : a >= b;
}

/** Everything but nothing, `false`, and what is empty. */
function isTrue(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return value !== null && value !== false && value !== '';
}
