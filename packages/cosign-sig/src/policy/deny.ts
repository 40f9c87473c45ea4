/**
 * Kyverno's `validate` of an entry of `verifyImages`: conditions over everything that was verified, which deny the image where they hold.
 *
 * @module
 */
import type { JsonObject } from '@sealwright/json';
import { type Condition, conditionOf, sidesOf } from './conditions.js';
import { type Fields, readFields } from './fields.js';
import type { EvaluationContext } from './jmespath/context.js';
import { holds } from './operators.js';
import { parseTemplate, render } from './template.js';
import { reasonOf } from './verdict.js';

/** When what was verified denies an image: each of `all` holds, and one of `any`. */
export interface DenyRule {
  /** For the user; it may have variables. Empty where the policy has none. */
  readonly message: string;
  /** One of them must hold; `undefined` where the policy has no such list. An empty list never holds. */
  readonly any: readonly Condition[] | undefined;
  /** Each of them must hold. */
  readonly all: readonly Condition[];
  /** JSON pointer of `deny`. */
  readonly pointer: string;
}

/** Read `validate`; `undefined` where it denies nothing. Without conditions it denies everything. */
export function denyRule(fields: Fields): DenyRule | undefined {
  const message = fields.text('message');
  return fields.child('deny', (deny) => {
    const { pointer } = deny;
    const nothing = { message, any: undefined, all: [], pointer };
    if (Array.isArray(deny.get('conditions'))) return { ...nothing, all: conditions(deny, 'conditions') };
    const lists = deny.child('conditions', (each) => ({
      any: each.has('any') ? conditions(each, 'any') : undefined,
      all: conditions(each, 'all'),
    }));
    return { ...nothing, ...lists };
  });
}

/**
 * Why an image is denied; `undefined` where it is not. Where it cannot be told, it is.
 *
 * @param rule - of the policy
 * @param found - by the name of each attestation, its predicate, and other variables
 * @param context - what it may cost
 */
export function whyDenied(rule: DenyRule, found: JsonObject, context: EvaluationContext): string | undefined {
  const messages: string[] = [];
  const isMet = (condition: Condition): boolean => {
    const { key, value } = sidesOf(condition, found, context);
    const met = holds(condition.operator, key, value, context, true);
    if (met && condition.message !== '') messages.push(condition.message);
    return met;
  };
  try {
    const isAny = rule.any === undefined || rule.any.some(isMet);
    const isAll = rule.all.every(isMet);
    return isAny && isAll ? wordsOf(rule, messages, found, context) : undefined;
  } catch (error) {
    return `${rule.pointer}: ${reasonOf(error)}`;
  }
}

function wordsOf(
  { message }: DenyRule,
  messages: readonly string[],
  found: JsonObject,
  context: EvaluationContext,
): string {
  const plain = messages.join('; ');
  const words = [message, ...messages].filter((each) => each !== '').join('; ');
  try {
    const { value } = render(parseTemplate(words, ''), found, context);
    return (typeof value === 'string' && value.slice(0, 1024)) || 'denied by what was verified';
  } catch {
    return plain || 'denied by what was verified';
  }
}

function conditions(fields: Fields, name: string): readonly Condition[] {
  return fields.list(name, (item, pointer) => readFields(item, pointer, conditionOf));
}
