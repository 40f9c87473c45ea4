/**
 * What is wrong with a policy, all of it, before anything is evaluated.
 *
 * @module
 */
import type { Body, Expression, Module, Rule, Term } from './ast.js';
import { partsOfBody } from './parts.js';
import { RegoError } from './errors.js';

/** A rule, and the name that it has below `data`. */
interface NamedRule {
  readonly name: string;
  readonly rule: Rule;
}

/** Calls of functions that do not exist, or with another number of arguments; rules that depend on themselves. */
export function findMistakes(
  rules: readonly NamedRule[],
  arityOf: (path: readonly string[]) => number | undefined,
): readonly RegoError[] {
  const errors: RegoError[] = [];
  for (const { rule } of rules) {
    for (const call of callsOf(rule)) {
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
  return [...errors, ...circles(rules)];
}

/** Imports that no rule uses, and names that are imported twice. */
export function findUnused(
  modules: readonly Module[],
  sources: ReadonlyMap<string, string>,
): readonly RegoError[] {
  return modules.flatMap(({ imports, file }) => {
    const text = sources.get(file) ?? '';
    return imports.flatMap(({ alias, place }, index) => {
      if (imports.some((each, at) => at < index && each.alias === alias))
        return [new RegoError('ERR_REGO_REFERENCE', `${alias} is imported twice`, { place })];
      const words: ReadonlySet<string> = new Set(text.slice(place.to).match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
      return words.has(alias)
        ? []
        : [new RegoError('ERR_REGO_REFERENCE', `the import ${alias} is not used`, { place })];
    });
  });
}

function circles(rules: readonly NamedRule[]): readonly RegoError[] {
  const byName = new Map<string, Rule[]>();
  for (const { name, rule } of rules) byName.set(name, [...(byName.get(name) ?? []), rule]);
  const names = [...byName.keys()];
  const uses = new Map(
    names.map((name) => [name, (byName.get(name) ?? []).flatMap((rule) => usesOf(rule, byName))] as const),
  );
  const done = new Set<string>();
  const errors: RegoError[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name);
    if (at >= 0) {
      const place = byName.get(name)?.[0]?.place;
      const circle = [...path.slice(at), name].join(' -> ');
      errors.push(new RegoError('ERR_REGO_RECURSION', `${name} depends on itself: ${circle}`, { place }));
      return;
    }
    if (done.has(name)) return;
    for (const next of uses.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of names) visit(name, []);
  return errors;
}

/** Names of the rules that a rule refers to. */
function usesOf(rule: Rule, byName: ReadonlyMap<string, unknown>): readonly string[] {
  const used = new Set<string>();
  const add = (path: readonly string[]): void => {
    for (let length = path.length; length > 0; length -= 1) {
      const name = path.slice(0, length).join('.');
      if (byName.has(name)) {
        used.add(name);
        return;
      }
    }
  };
  for (const term of termsOfRule(rule)) {
    if (term.kind === 'call' && term.path[0] === 'data') add(term.path);
    if (term.kind === 'reference' && term.head.kind === 'variable' && term.head.name === 'data') {
      const names: string[] = [];
      for (const step of term.path) {
        if (step.kind !== 'scalar' || typeof step.value !== 'string') break;
        names.push(step.value);
      }
      add(['data', ...names]);
    }
  }
  return [...used];
}

function callsOf(rule: Rule): readonly (Term & { kind: 'call' })[] {
  return termsOfRule(rule).filter((term) => term.kind === 'call');
}

function termsOfRule(rule: Rule): readonly Term[] {
  const bodies: readonly Body[] = [rule.body, ...rule.otherwise.map(({ body }) => body)];
  const heads = [...rule.args, ...rule.keys, rule.value, ...rule.otherwise.map(({ value }) => value)];
  return partsOfBody(bodies.flat() satisfies readonly Expression[], heads);
}
