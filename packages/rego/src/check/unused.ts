import type { Module, Rule, Span, Term } from '../ast.js';
import { DEPRECATED } from '../builtins/index.js';
import { RegoError } from '../errors.js';
import { shown } from '../patterns.js';
import { linesOfRule, termsOfRule } from './uses.js';

/** Imports that no rule uses. */
export function findUnusedImports({ imports, file }: Module, text: string): readonly RegoError[] {
  return imports.flatMap(({ alias, place }) => {
    const words: ReadonlySet<string> = new Set(text.slice(place.to).match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
    return words.has(alias) ? [] : [mistake(`the import ${alias} is not used in ${file}`, place)];
  });
}

/** Names that two imports give to different documents. */
export function findTwiceImported({ imports }: Module): readonly RegoError[] {
  return imports.flatMap(({ alias, place }, index) =>
    imports.some((each, at) => at < index && each.alias === alias)
      ? [mistake(`${alias} is imported twice`, place)]
      : [],
  );
}

/** Variables that a rule declares by `some` and never looks at. */
export function findUnusedDeclared(rule: Rule): readonly RegoError[] {
  const counts = countsOf(rule);
  return linesOfRule(rule).flatMap(({ what, place }) =>
    what.kind === 'some'
      ? what.names
          .filter((name) => !counts.has(name))
          .map((name) => mistake(`${shown(name)} is declared, and not used`, place))
      : [],
  );
}

/** Variables and parameters that a rule assigns and never looks at. */
export function findUnusedAssigned(rule: Rule): readonly RegoError[] {
  const counts = countsOf(rule);
  const isOnce = (name: string): boolean => (counts.get(name) ?? 0) <= 1 && !name.startsWith('$');
  const assigned = linesOfRule(rule).flatMap(({ what, place }) =>
    what.kind === 'assign'
      ? namesIn(what.left)
          .filter(isOnce)
          .map((name) => mistake(`${shown(name)} is assigned, and not used`, place))
      : [],
  );
  const parameters = rule.args
    .flatMap(namesIn)
    .filter(isOnce)
    .map((name) => mistake(`the parameter ${shown(name)} is not used: call it _`, rule.place));
  return [...assigned, ...parameters];
}

/** Calls of functions that are no longer part of the language. */
export function findDeprecated(rule: Rule): readonly RegoError[] {
  return termsOfRule(rule).flatMap((term) =>
    term.kind === 'call' && DEPRECATED.has(term.path.join('.'))
      ? [mistake(`${term.path.join('.')} is deprecated`, term.place)]
      : [],
  );
}

/** How often each variable stands in a rule. */
function countsOf(rule: Rule): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const term of termsOfRule(rule))
    if (term.kind === 'variable') counts.set(term.name, (counts.get(term.name) ?? 0) + 1);
  return counts;
}

function namesIn(term: Term): readonly string[] {
  if (term.kind === 'variable') return [term.name];
  if (term.kind === 'array') return term.items.flatMap(namesIn);
  if (term.kind === 'object') return term.members.flatMap(([, value]) => namesIn(value));
  return [];
}

function mistake(message: string, place: Span): RegoError {
  return new RegoError('ERR_REGO_REFERENCE', message, { place });
}
