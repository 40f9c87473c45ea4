/**
 * What is wrong with a policy, all of it, before anything is evaluated.
 *
 * @packageDocumentation
 */
import type { Rule } from '../ast.js';
import { RegoError } from '../errors.js';
import { linkModules, parseAll } from '../link.js';
import { orderRule } from '../order.js';
import { type ModuleSource, preparePolicy, type PrepareOptions, withinStack } from '../policy.js';
import { findConflicts } from './conflicts.js';
import { findCircles, findMistakes } from './mistakes.js';
import { findWrongTypes } from './rule-types.js';
import { ANY } from './types.js';
import {
  findDeprecated,
  findTwiceImported,
  findUnusedAssigned,
  findUnusedDeclared,
  findUnusedImports,
} from './unused.js';
import { type NamedRule, RuleIndex } from './uses.js';

/** How to look at a policy. */
export interface CheckOptions extends PrepareOptions {
  /** Whether what is not used is a mistake: imports, variables and parameters; and functions that are deprecated, also in v0. Default `false`. */
  readonly pedantic?: boolean;
}

/**
 * Find every mistake in modules that can be known before they are evaluated: syntax, variables without a value, functions that do not
 * exist, rules that depend on themselves or contradict one another, and types that never fit: arguments, comparisons, and steps into
 * what has no such member.
 *
 * @param modules - the files
 * @param options - as for `preparePolicy`
 * @returns the mistakes, each with its place; none for a sound policy
 *
 * @example
 * ```ts
 * const [fault] = checkPolicy([{ file: 'p.rego', text: 'package p\nallow if input.user == usr' }]);
 * console.log(fault?.message); // p.rego:2:10: nothing gives usr a value
 * ```
 */
export function checkPolicy(
  modules: readonly ModuleSource[],
  options: CheckOptions = {},
): readonly RegoError[] {
  const errors: RegoError[] = [];
  const note = (found: readonly RegoError[]): void => {
    for (const error of found) errors.push(error);
  };
  const attempt = <T>(work: () => T): T[] => {
    try {
      return [withinStack(work)];
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      errors.push(error);
      return [];
    }
  };
  const isPedantic = options.pedantic === true;
  const parsed = modules.flatMap((module) => attempt(() => parseAll([module], options)).flat());
  if (isPedantic)
    for (const [index, module] of parsed.entries())
      note(findUnusedImports(module, modules[index]?.text ?? ''));
  for (const module of parsed) if (module.strict || isPedantic) note(findTwiceImported(module));
  const { arityOf, resolveRule } = linkModules(parsed, options, false);
  const rules: NamedRule[] = [];
  const add = (resolved: Rule, owner: readonly string[]): void => {
    const ordered = attempt(() => orderRule(resolved))[0] ?? resolved;
    rules.push({ name: ['data', ...owner, ...resolved.path].join('.'), rule: ordered });
    note(findUnusedDeclared(resolved));
    if (isPedantic) note([...findUnusedAssigned(resolved), ...findDeprecated(resolved)]);
  };
  for (const module of parsed)
    for (const rule of module.rules)
      for (const resolved of attempt(() => resolveRule(module, rule))) add(resolved, module.package);
  const index = new RuleIndex(rules);
  note([...findMistakes(rules, arityOf), ...findCircles(index), ...findConflicts(parsed, index)]);
  if (errors.length === 0) attempt(() => preparePolicy(modules, options));
  if (errors.length === 0) note(attempt(() => findWrongTypes(index, ANY)).flat());
  return errors;
}

export { RegoError, type Place, type RegoErrorCode } from '../errors.js';
