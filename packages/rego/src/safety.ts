/**
 * Which variables a line gives values to, and which must have values before it is tried.
 *
 * @module
 */
import type { Body, Expression, Statement, Term } from './ast.js';
import { bodiesOf, headsOf, partsOf, termsOf } from './parts.js';
import { namesIn } from './patterns.js';

/** The variables that a line gives values to. */
export function outputs({ what, isClosed }: Expression): ReadonlySet<string> {
  if (isClosed === true) return new Set(what.kind === 'assign' ? patternVariables(what.left) : []);
  const found = new Set<string>(enumeratedBy(what));
  if (what.kind === 'assign') for (const name of patternVariables(what.left)) found.add(name);
  if (what.kind === 'term' && what.term.kind === 'call') {
    const last = what.term.args.at(-1);
    if (last !== undefined && what.term.output === true)
      for (const name of patternVariables(last)) found.add(name);
  }
  if (what.kind === 'unify')
    for (const side of [what.left, what.right]) for (const name of patternVariables(side)) found.add(name);
  if (what.kind === 'some-in') {
    for (const pattern of [what.key, what.value])
      if (pattern !== undefined) for (const name of patternVariables(pattern)) found.add(name);
  }
  return found;
}

/** The variables in brackets of references: looking through a collection gives them values. */
export function enumeratedBy(what: Statement): readonly string[] {
  return termsOf(what).flatMap(enumerated);
}

/** The same of a term. */
export function enumerated(term: Term): readonly string[] {
  const below = partsOf(term).flatMap(enumerated);
  return term.kind === 'reference' ? [...term.path.flatMap(patternVariables), ...below] : below;
}

/** The variables that must have values before a line is tried. `given` are those that some line of the body gives. */
export function needs(expression: Expression, given: ReadonlySet<string>): ReadonlySet<string> {
  const { what, withs, negated } = expression;
  const found = new Set(withs.flatMap(({ value }) => [...needsOfTerm(value, given)]));
  if (negated) for (const name of variablesOfExpression(expression)) if (given.has(name)) found.add(name);
  for (const name of needsOfWhat(what, given)) found.add(name);
  if (expression.isClosed === true) for (const name of enumeratedBy(what)) found.add(name);
  return found;
}

function needsOfWhat(what: Expression['what'], given: ReadonlySet<string>): Iterable<string> {
  switch (what.kind) {
    case 'term':
      return what.term.kind === 'call' ? needsOfCall(what.term, given) : needsOfTerm(what.term, given);
    case 'assign':
      return [...needsOfTerm(what.right, given), ...needsOfPattern(what.left, given)];
    case 'unify':
      return needsOfUnification(what.left, what.right, given);
    case 'some':
      return [];
    case 'logic':
      return [...freeVariables(what.left, given), ...freeVariables(what.right, given)];
    case 'body':
      return freeVariables(what.body, given);
    case 'some-in':
      return [
        ...needsOfTerm(what.of, given),
        ...(what.key === undefined ? [] : needsOfPattern(what.key, given)),
        ...needsOfPattern(what.value, given),
      ];
    case 'every': {
      const own = new Set([what.value, ...(what.key === undefined ? [] : [what.key])]);
      const free = freeVariables(what.body, given);
      return [...needsOfTerm(what.of, given), ...[...free].filter((name) => !own.has(name))];
    }
  }
}

/** One side must be known; where both are arrays, of each pair one side. */
function needsOfUnification(left: Term, right: Term, given: ReadonlySet<string>): Iterable<string> {
  return [...needsOfPattern(left, given), ...needsOfPattern(right, given)];
}

/** Whether a line can be tried when so much is known. */
export function isReady(
  expression: Expression,
  known: ReadonlySet<string>,
  given: ReadonlySet<string>,
): boolean {
  if (![...needs(expression, given)].every((name) => known.has(name))) return false;
  const { what } = expression;
  return (
    what.kind !== 'unify' ||
    afterUnification(what.left, what.right, withNames(known, enumeratedBy(expression.what)), given) !==
      undefined
  );
}

/** Names that are known: those of a set, and some more. */
interface Names {
  has(name: string): boolean;
}

function withNames(names: Names, more: readonly string[]): Names {
  const own = new Set(more);
  return { has: (name) => own.has(name) || names.has(name) };
}

/** What is known after a unification; `undefined` while neither side is. */
function afterUnification(
  left: Term,
  right: Term,
  known: Names,
  given: ReadonlySet<string>,
): Names | undefined {
  if (left.kind === 'array' && right.kind === 'array' && left.items.length === right.items.length) {
    let sofar = known;
    let waiting = left.items.map((item, index) => [item, right.items[index] ?? item] as const);
    for (let before = -1; waiting.length !== before;) {
      before = waiting.length;
      waiting = waiting.filter(([a, b]) => {
        const after = afterUnification(a, b, sofar, given);
        sofar = after ?? sofar;
        return after === undefined;
      });
    }
    return waiting.length === 0 ? sofar : undefined;
  }
  if (left.kind === 'object' && right.kind === 'object') {
    const pairs = left.members.flatMap(([key, value]) => {
      const other = right.members.find(
        ([name]) => key.kind === 'scalar' && name.kind === 'scalar' && key.value === name.value,
      );
      return other === undefined ? [] : [[value, other[1]] as const];
    });
    if (pairs.length === left.members.length) {
      const all: readonly Term[] = pairs.map(([value]) => value);
      const others = pairs.map(([, value]) => value);
      const { place } = left;
      return afterUnification(
        { kind: 'array', items: all, place },
        { kind: 'array', items: others, place },
        known,
        given,
      );
    }
  }
  const isKnown = (term: Term): boolean => [...needsOfTerm(term, given)].every((name) => known.has(name));
  if (!isKnown(left) && !isKnown(right)) return undefined;
  return withNames(known, [...patternVariables(left), ...patternVariables(right)]);
}

/** As a line of its own, a call may give its last argument a value; whether it does, its number of arguments says. */
function needsOfCall(term: Term & { kind: 'call' }, given: ReadonlySet<string>): Iterable<string> {
  const last = term.args.at(-1);
  if (last === undefined || term.output !== true) return needsOfTerm(term, given);
  return [...needsOfTerm({ ...term, args: term.args.slice(0, -1) }, given), ...needsOfPattern(last, given)];
}

/** Within a pattern only calls, references and keys need something. */
function needsOfPattern(term: Term, given: ReadonlySet<string>): readonly string[] {
  if (term.kind === 'variable') return [];
  if (term.kind === 'array') return term.items.flatMap((each) => needsOfPattern(each, given));
  if (term.kind === 'object')
    return term.members.flatMap(([key, value]) => [
      ...needsOfTerm(key, given),
      ...needsOfPattern(value, given),
    ]);
  return [...needsOfTerm(term, given)];
}

/** The variables that must have values before a term has one. */
export function needsOfTerm(term: Term, given: ReadonlySet<string>): Iterable<string> {
  switch (term.kind) {
    case 'scalar':
    case 'template':
      return [];
    case 'variable':
      return isRoot(term.name) ? [] : [term.name];
    case 'reference': {
      const brackets = term.path.flatMap((each) =>
        each.kind === 'variable' ? [] : needsOfPattern(each, given),
      );
      return [...needsOfTerm(term.head, given), ...brackets];
    }
    case 'array':
    case 'set':
    case 'object':
    case 'call': {
      const own = new Set(enumerated(term));
      return partsOf(term)
        .flatMap((each) => [...needsOfTerm(each, given)])
        .filter((name) => !own.has(name));
    }
    case 'comprehension':
      return freeVariables(term.body, given);
  }
}

/** Variables of a nested body that the body around it gives values to. */
function freeVariables(body: Body, given: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(variablesOfBody(body).filter((name) => given.has(name)));
}

/** All variables of a line, nested bodies included. */
export function variablesOfExpression({ what, withs }: Expression): ReadonlySet<string> {
  const terms = [...withs.map(({ value }) => value), ...termsOf(what)];
  return new Set([
    ...terms.flatMap((each) => [...variablesOf(each)]),
    ...bodiesOf(what).flatMap(variablesOfBody),
  ]);
}

function variablesOfBody(body: Body): readonly string[] {
  return body.flatMap((each) => [...variablesOfExpression(each)]);
}

/** All variables of a term, nested bodies included. */
export function variablesOf(term: Term): ReadonlySet<string> {
  if (term.kind === 'variable') return new Set(isRoot(term.name) ? [] : [term.name]);
  const isComprehension = term.kind === 'comprehension';
  return new Set([
    ...(isComprehension ? headsOf(term) : partsOf(term)).flatMap((each) => [...variablesOf(each)]),
    ...(isComprehension ? variablesOfBody(term.body) : []),
  ]);
}

function patternVariables(term: Term): readonly string[] {
  return namesIn(term).filter((name) => !isRoot(name));
}

function isRoot(name: string): boolean {
  return name === 'input' || name === 'data';
}
