/**
 * What is wrong with a policy, all of it, before anything is evaluated.
 *
 * @module
 */
import { RegoError } from '../errors.js';
import { linesOfRule, type NamedRule, type RuleIndex, termsOfRule } from './uses.js';

/** Calls of functions that do not exist, or with another number of arguments; `with` of what cannot be replaced. */
export function findMistakes(
  rules: readonly NamedRule[],
  arityOf: (path: readonly string[]) => number | undefined,
): readonly RegoError[] {
  const errors: RegoError[] = [];
  for (const { rule } of rules) {
    for (const { withs } of linesOfRule(rule))
      for (const { target, place } of withs)
        if (target[0] !== 'input' && target[0] !== 'data' && arityOf(target) === undefined)
          errors.push(
            new RegoError(
              'ERR_REGO_REFERENCE',
              `with replaces input, data or a function, not ${target.join('.')}`,
              { place },
            ),
          );
    for (const call of termsOfRule(rule)) {
      if (call.kind !== 'call') continue;
      const name = call.path.join('.').replace(/^internal\./, '');
      const arity = arityOf(call.path);
      if (name === 'print' || arity === -1) continue;
      const { place } = call;
      if (arity === undefined)
        errors.push(new RegoError('ERR_REGO_REFERENCE', `there is no function ${name}`, { place }));
      else if (call.args.length !== arity && !(call.output === true && call.args.length === arity + 1))
        errors.push(
          new RegoError('ERR_REGO_REFERENCE', `${name} takes ${arity} arguments, not ${call.args.length}`, {
            place,
          }),
        );
    }
  }
  return errors;
}

/** Rules that depend on themselves. */
export function findCircles(rules: RuleIndex): readonly RegoError[] {
  const done = new Set<string>();
  const errors: RegoError[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name);
    if (at >= 0) {
      const place = rules.clauses.get(name)?.[0]?.place;
      const circle = [...path.slice(at), name].join(' -> ');
      errors.push(new RegoError('ERR_REGO_RECURSION', `${name} depends on itself: ${circle}`, { place }));
      return;
    }
    if (done.has(name)) return;
    for (const next of rules.usesOf(name)) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of rules.clauses.keys()) visit(name, []);
  return errors;
}
