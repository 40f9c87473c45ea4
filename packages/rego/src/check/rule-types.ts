import type { RegoError } from '../errors.js';
import { TypeTree } from './documents.js';
import { Inference } from './inference.js';
import { ANY, type Type } from './types.js';
import type { RuleIndex } from './uses.js';

/**
 * Find what can never be: arguments that a function does not take, values that are never equal, and steps into what has no such member.
 *
 * @param rules - with resolved names and ordered lines; none depends on itself
 * @param input - the type of `input`
 */
export function findWrongTypes(rules: RuleIndex, input: Type): readonly RegoError[] {
  const tree = new TypeTree();
  const errors: RegoError[] = [];
  const documents = {
    rules: tree,
    input,
    affectedBy: (target: readonly string[]) => rules.dependentsOf(target),
  };
  const done = new Set<string>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    // What stands below a name is part of its value.
    for (const next of [...rules.usesOf(name), ...rules.below(name)]) visit(next);
    for (const rule of rules.clauses.get(name) ?? []) {
      for (const { body, value } of [rule, ...rule.otherwise]) {
        const inference = new Inference(documents);
        const type = inference.clause(rule, body, value);
        errors.push(...inference.errors);
        tree.add(name.split('.').slice(1), inference.errors.length > 0 ? ANY : type);
      }
    }
  };
  for (const name of rules.clauses.keys()) visit(name);
  return errors;
}
