/**
 * The order in which the lines of a body are tried: each after those that give its variables their values.
 *
 * @module
 */
import type { Body, Expression, Rule, Term } from './ast.js';
import { RegoError } from './errors.js';
import { mapParts } from './parts.js';
import { shown } from './patterns.js';
import {
  enumerated,
  enumeratedBy,
  isReady,
  needs,
  needsOfTerm,
  outputs,
  variablesOf,
  variablesOfExpression,
} from './safety.js';

/**
 * Put the lines of a body, and of all bodies in it, into an order in which every variable has a value when it is needed.
 *
 * @param body - with resolved names
 * @param bound - variables that have values before
 * @param place - of the rule, for the error
 * @throws {@link RegoError} `ERR_REGO_UNSAFE` naming a variable that nothing gives a value.
 */
export function orderBody(
  body: Body,
  bound: ReadonlySet<string>,
): { readonly body: Body; readonly bound: ReadonlySet<string> } {
  const known = new Set(bound);
  const given = new Set([...bound, ...body.flatMap((each) => (each.negated ? [] : [...outputs(each)]))]);
  const left: (Expression | undefined)[] = [...body];
  const ordered: Expression[] = [];
  /** Lines that are not ready, and the same by the variables that may make them so. */
  const asleep = new Set<number>();
  const waiting = new Map<string, number[]>();
  // Always the first line that is ready; what stands before it is looked at again once one of its variables is known.
  for (let at = 0, next = 0; at < left.length; at = next) {
    next = at + 1;
    const line = left[at];
    if (line === undefined || asleep.has(at)) continue;
    if (!isReady(line, known, given)) {
      asleep.add(at);
      for (const name of variablesOfExpression(line)) {
        const lines = waiting.get(name) ?? [];
        lines.push(at);
        waiting.set(name, lines);
      }
      continue;
    }
    left[at] = undefined;
    ordered.push(inner(line, known));
    for (const name of line.negated ? [] : outputs(line)) {
      known.add(name);
      for (const index of waiting.get(name) ?? []) if (asleep.delete(index)) next = Math.min(next, index);
      waiting.delete(name);
    }
  }
  if (ordered.length < body.length)
    throw unsafe(
      left.flatMap((each) => each ?? []),
      known,
      given,
    );
  return { body: ordered, bound: known };
}

/** Order all bodies of a rule, and see that its head has values. */
export function orderRule(rule: Rule): Rule {
  const bound = new Set(rule.args.flatMap((each) => [...variablesOf(each)]));
  const clause = (body: Body, terms: readonly Term[]): { body: Body; terms: readonly Term[] } => {
    const ordered = orderBody(body, bound);
    return { body: ordered.body, terms: terms.map((each) => checkedTerm(each, ordered.bound)) };
  };
  const main = clause(rule.body, [rule.value, ...rule.keys]);
  const [value = rule.value, ...keys] = main.terms;
  const otherwise = rule.otherwise.map((each) => {
    const ordered = clause(each.body, [each.value]);
    return { ...each, body: ordered.body, value: ordered.terms[0] ?? each.value };
  });
  return { ...rule, body: main.body, value, keys, otherwise };
}

/** A term of a head: its variables must have values, except those that its own references enumerate. */
function checkedTerm(term: Term, bound: ReadonlySet<string>): Term {
  const all = new Set([...bound, ...enumerated(term)]);
  const missing = [...needsOfTerm(term, all)].find((name) => !all.has(name));
  if (missing !== undefined)
    throw new RegoError('ERR_REGO_UNSAFE', `nothing gives ${shown(missing)} a value`, { place: term.place });
  return innerTerm(term, () => all);
}

/** Order the bodies within a line. */
function inner(expression: Expression, known: ReadonlySet<string>): Expression {
  const { what, negated } = expression;
  let all: ReadonlySet<string> | undefined; // made for a body within, which few lines have
  const bound = (): ReadonlySet<string> =>
    (all ??= new Set([...known, ...(negated ? enumeratedBy(what) : outputs(expression))]));
  const withs = expression.withs.map((each) => ({ ...each, value: innerTerm(each.value, bound) }));
  const term = (each: Term): Term => innerTerm(each, bound);
  switch (what.kind) {
    case 'term':
      return { ...expression, withs, what: { kind: 'term', term: term(what.term) } };
    case 'unify':
    case 'assign':
      return {
        ...expression,
        withs,
        what: { kind: what.kind, left: term(what.left), right: term(what.right) },
      };
    case 'some':
      return expression;
    case 'logic':
      return {
        ...expression,
        withs,
        what: {
          ...what,
          left: orderBody(what.left, bound()).body,
          right: orderBody(what.right, bound()).body,
        },
      };
    case 'body':
      return { ...expression, withs, what: { kind: 'body', body: orderBody(what.body, bound()).body } };
    case 'some-in':
      return { ...expression, withs, what: { ...what, of: term(what.of) } };
    case 'every': {
      const names = [what.value, ...(what.key === undefined ? [] : [what.key])];
      const { body } = orderBody(what.body, new Set([...bound(), ...names]));
      return { ...expression, withs, what: { ...what, of: term(what.of), body } };
    }
  }
}

function innerTerm(term: Term, bound: () => ReadonlySet<string>): Term {
  if (term.kind !== 'comprehension') return mapParts(term, (each) => innerTerm(each, bound));
  const ordered = orderBody(term.body, bound());
  const item = checkedTerm(term.item, ordered.bound);
  return term.of === 'object'
    ? { ...term, key: checkedTerm(term.key, ordered.bound), item, body: ordered.body }
    : { ...term, item, body: ordered.body };
}

function unsafe(
  left: readonly Expression[],
  known: ReadonlySet<string>,
  given: ReadonlySet<string>,
): RegoError {
  for (const expression of left) {
    const missing = [...needs(expression, given)].find((name) => !known.has(name) && !given.has(name));
    if (missing !== undefined)
      return new RegoError('ERR_REGO_UNSAFE', `nothing gives ${shown(missing)} a value`, {
        place: expression.place,
      });
  }
  const [first] = left;
  const missing = first === undefined ? undefined : [...needs(first, given)].find((name) => !known.has(name));
  return new RegoError(
    'ERR_REGO_UNSAFE',
    `nothing gives ${shown(missing ?? 'a variable')} a value before it is needed`,
    { place: first?.place },
  );
}
