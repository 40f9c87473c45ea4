/**
 * Kyverno's conditions, over the predicate of an attestation.
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import type { TextMatcher } from '../fulcio/identity.js';
import { type Fields, readFields } from './fields.js';
import { type EvaluationContext, MAX_STEPS } from './jmespath/context.js';
import { policyFault } from './members.js';
import { type ConditionOperator, holds, operatorOf } from './operators.js';
import { parseTemplate, type Rendered, render } from './template.js';
import { reasonOf } from './verdict.js';

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
  /**
   * What other variables name, such as `request`. A predicate cannot take their names. Default: `request.object` is the manifest, where
   * one is given.
   */
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

/** What conditions are evaluated with, all of them with what one image may cost. */
export function evaluationContext({ now, regExp }: ConditionOptions): EvaluationContext {
  return { now, regExp, left: MAX_STEPS };
}

/**
 * Judges conditions.
 *
 * @param context - what they may cost
 * @param variables - what other variables name
 */
export function conditionJudge(context: EvaluationContext, variables: JsonObject): WhyNot {
  return (groups, predicate) =>
    isJsonObject(predicate)
      ? whyNotGroups(groups, { ...predicate, ...variables }, context)
      : 'the predicate is no object';
}

/** All variables are filled in before anything is compared: one that names nothing fails the whole. */
function whyNotGroups(
  groups: readonly ConditionGroup[],
  document: JsonObject,
  context: EvaluationContext,
): string | undefined {
  const sides = new Map<Condition, Sides>();
  for (const condition of groups.flatMap(({ any, all }) => [...any, ...all])) {
    const { pointer } = condition;
    try {
      sides.set(condition, sidesOf(condition, document, context));
    } catch (error) {
      return `${pointer}: ${reasonOf(error)}`;
    }
  }
  const why = (condition: Condition): string | undefined => whyNot(condition, sides.get(condition), context);
  for (const { any, all } of groups) {
    const failed = all.map(why).find((reason) => reason !== undefined);
    if (failed !== undefined) return failed;
    const reasons = any.map(why);
    if (any.length > 0 && !reasons.includes(undefined)) return reasons.join('; ').slice(0, 1024);
  }
  return undefined;
}

/** Read one comparison. */
export function conditionOf(fields: Fields): Condition {
  const key = fields.get('key') ?? null;
  const value = fields.get('value') ?? null;
  const operator = operatorOf(fields.text('operator'));
  if (operator === undefined) throw policyFault('unknown operator', fields.at('operator'));
  parseTemplate(key, fields.at('key'));
  parseTemplate(value, fields.at('value'));
  return { key, operator, value, message: fields.text('message'), pointer: fields.pointer };
}

/** What is compared, with the variables filled in. */
export interface Sides {
  readonly key: Rendered;
  readonly value: Rendered;
}

/** Fill in the variables of both sides. */
export function sidesOf(
  { key, value, pointer }: Condition,
  document: JsonObject,
  context: EvaluationContext,
): Sides {
  return {
    key: render(parseTemplate(key, pointer), document, context),
    value: render(parseTemplate(value, pointer), document, context),
  };
}

function whyNot(
  { operator, message, pointer }: Condition,
  sides: Sides | undefined,
  context: EvaluationContext,
): string | undefined {
  try {
    if (sides !== undefined && holds(operator, sides.key, sides.value, context)) return undefined;
    return message || `${pointer}: ${operator} does not hold`;
  } catch (error) {
    return `${pointer}: ${reasonOf(error)}`;
  }
}
