/**
 * What every part of an evaluation works with, and what it may cost.
 *
 * @module
 */
import { isJsonObject, type JsonValue } from '@sealwright/json';
import { CosignError } from '../../errors.js';
import type { TextMatcher } from '../../fulcio/identity.js';
import { matchWildcard } from '../wildcard.js';

/** What an evaluation has besides its document. */
export interface EvaluationContext {
  /** What time it is: milliseconds since 1970; `undefined` where nobody may ask. */
  readonly now: number | undefined;
  /** Compiles regular expressions; `undefined` where there are none. */
  readonly regExp: ((pattern: string) => TextMatcher) | undefined;
  /** Steps that are left. */
  left: number;
}

/** What an argument of a function is: a value, or an expression to apply to values. */
export type Argument = JsonValue | ((value: JsonValue) => JsonValue);

/** How many steps all conditions over one image may take: each part of an expression at each item is one. */
export const MAX_STEPS = 4_000_000;

/** Take steps. */
export function spend(context: EvaluationContext, steps: number): void {
  context.left -= steps;
  if (context.left < 0)
    throw new CosignError('ERR_COSIGN_LIMIT', `conditions take more than ${MAX_STEPS} steps`);
}

/** Whether a text fits a pattern with `*` and `?`, at its price. */
export function fitsWildcard(pattern: string, text: string, context: EvaluationContext): boolean {
  spend(context, 1 + Math.ceil((pattern.length * text.length) / COMPARISONS));
  return matchWildcard(pattern, text);
}

/** Whether two values are the same, members in any order. */
export function isEqual(a: JsonValue, b: JsonValue, context: EvaluationContext): boolean {
  spend(context, 1);
  if (Array.isArray(a))
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => isEqual(item, b[index] ?? null, context))
    );
  if (!isJsonObject(a)) return a === b;
  if (!isJsonObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name] ?? null, b[name] ?? null, context))
  );
}

/** Comparisons of a character that take as long as a step. */
const COMPARISONS = 32;
