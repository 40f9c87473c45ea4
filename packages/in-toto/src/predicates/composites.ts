import { isJsonObject, type JsonObject } from '@sealwright/json';
import { withChanges } from '../members.js';
import type { Check, CheckContext } from './check.js';

/** A check of a member that may be missing or null. */
export interface OptionalCheck<T> extends Check<T> {
  /** Marks the member as optional. */
  readonly optional: true;
}

/** The members of an object, by name. */
export type Members = Readonly<Record<string, Check<unknown> | OptionalCheck<unknown>>>;

/** What {@link object} gives: a member for each check, and whatever else was there. */
export type ObjectOf<M extends Members> = {
  readonly [K in keyof M as M[K] extends OptionalCheck<unknown> ? never : K]: Checked<M[K]>;
} & {
  readonly [K in keyof M as M[K] extends OptionalCheck<unknown> ? K : never]?: Checked<M[K]>;
};

/** What a check gives. */
export type Checked<C> = C extends Check<infer T> ? T : never;

/**
 * A member that may be missing; null counts as missing.
 *
 * @param check - for when it is there
 */
export function optional<T>(check: Check<T>): OptionalCheck<T> {
  const wrapped: Check<T> = (value, context) => check(value, context);
  return Object.assign(wrapped, { optional: true as const });
}

/**
 * An object with members. Others are kept as they are, for the framework wants extensions ignored.
 *
 * @param members - what it must and may hold
 */
export function object<const M extends Members>(members: M): Check<ObjectOf<M>> {
  const checks = Object.entries(members);
  return (value, context) => {
    if (!isJsonObject(value)) return context.error('PREDICATE_WRONG_TYPE', 'expected an object');
    let changes: Map<string, unknown> | undefined;
    let failed = false;
    for (const [name, check] of checks) {
      const isThere = Object.hasOwn(value, name);
      const found = isThere ? (value[name] ?? null) : null;
      if (found === null && 'optional' in check) {
        if (isThere) (changes ??= new Map()).set(name, undefined);
        continue;
      }
      if (found === null) {
        context.at(name).error('PREDICATE_MISSING_FIELD', `member ${name} is missing`);
        failed = true;
        continue;
      }
      const checked = check(found, context.at(name));
      if (checked === undefined) failed = true;
      else if (checked !== found) (changes ??= new Map()).set(name, checked);
    }
    const result: unknown = changes === undefined ? value : withChanges(value, changes);
    return failed ? undefined : (result as ObjectOf<M>); // each member was just checked
  };
}

/**
 * A list of at most 100 000 elements.
 *
 * @param element - what each element is
 * @param options - whether it must hold something
 */
export function list<T>(
  element: Check<T>,
  options: { readonly nonEmpty?: boolean } = {},
): Check<readonly T[]> {
  return (value, context) => {
    if (!Array.isArray(value)) return context.error('PREDICATE_WRONG_TYPE', 'expected a list');
    if (value.length === 0 && options.nonEmpty === true)
      return context.error('PREDICATE_EMPTY', 'expected a list that is not empty');
    if (value.length > MAX_ITEMS)
      return context.error('INTOTO_LIMIT_EXCEEDED', `at most ${MAX_ITEMS} elements`);
    const checked = value.map((item, index) => element(item, context.at(index)));
    if (checked.includes(undefined)) return undefined;
    const isSame = checked.every((item, index) => item === value[index]);
    return (isSame ? value : checked) as readonly T[]; // the same elements, and none is undefined
  };
}

/**
 * An object whose members are named by the data, such as versions by component; at most 100 000.
 *
 * @param member - what each member is
 */
export function map<T>(member: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, context) => {
    if (!isJsonObject(value)) return context.error('PREDICATE_WRONG_TYPE', 'expected an object');
    const names = Object.keys(value);
    if (names.length > MAX_ITEMS)
      return context.error('INTOTO_LIMIT_EXCEEDED', `at most ${MAX_ITEMS} members`);
    const checked = names.map((name) => member(value[name] ?? null, context.at(name)));
    if (checked.includes(undefined)) return undefined;
    const isSame = checked.every((item, index) => item === value[names[index] ?? '']);
    const result: unknown = isSame
      ? value
      : Object.fromEntries(names.map((name, index) => [name, checked[index]]));
    return result as Readonly<Record<string, T>>; // the same members, and none is undefined
  };
}

/**
 * A check and a rule over what it gives.
 *
 * @param check - first
 * @param rule - run when the check succeeded; reports through the context
 */
export function refine<T>(check: Check<T>, rule: (value: T, context: CheckContext) => void): Check<T> {
  return (value, context) => {
    const checked = check(value, context);
    if (checked !== undefined) rule(checked, context);
    return checked;
  };
}

/**
 * Warn of a member by a name that others give it.
 *
 * @param check - the check of the object
 * @param misspelt - wrong name to right name
 */
export function warnMisspelt<T>(check: Check<T>, misspelt: Readonly<Record<string, string>>): Check<T> {
  return (value, context) => {
    const object: JsonObject = isJsonObject(value) ? value : {};
    for (const [wrong, right] of Object.entries(misspelt)) {
      if (Object.hasOwn(object, wrong) && !Object.hasOwn(object, right))
        context.at(wrong).warn('INTOTO_MISSPELT_FIELD', `this member is called ${right}`);
    }
    return check(value, context);
  };
}

const MAX_ITEMS = 100_000;
