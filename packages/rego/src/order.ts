/**
 * The order in which the lines of a body are tried: each after those that give its variables their values.
 *
 * @module
 */
import type { Body, Expression, Module, Rule, Term } from './ast.js';
import { RegoError } from './errors.js';

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
  const left = [...body];
  const ordered: Expression[] = [];
  while (left.length > 0) {
    const index = left.findIndex((each) => isReady(each, known, given));
    const next = index < 0 ? undefined : left.splice(index, 1)[0];
    if (next === undefined) throw unsafe(left, known, given);
    ordered.push(inner(next, known));
    if (!next.negated) for (const name of outputs(next)) known.add(name);
  }
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

/** Names of the rules of each package, by the package's path with dots. */
export function ruleNamesOf(modules: readonly Module[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const module of modules) {
    const key = module.package.join('.');
    const set = names.get(key) ?? new Set();
    names.set(key, set);
    for (const rule of module.rules) set.add(rule.path[0] ?? '');
  }
  return names;
}

/** A term of a head: its variables must have values, except those that its own references enumerate. */
function checkedTerm(term: Term, bound: ReadonlySet<string>): Term {
  const all = new Set([...bound, ...enumerated(term)]);
  const missing = [...needsOfTerm(term, all)].find((name) => !all.has(name));
  if (missing !== undefined)
    throw new RegoError('ERR_REGO_UNSAFE', `nothing gives ${shown(missing)} a value`, { place: term.place });
  return innerTerm(term, all);
}

/** Order the bodies within a line. */
function inner(expression: Expression, known: ReadonlySet<string>): Expression {
  const bound = new Set([...known, ...(expression.negated ? enumeratedBy(expression) : outputs(expression))]);
  const { what } = expression;
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
        what: { ...what, left: orderBody(what.left, bound).body, right: orderBody(what.right, bound).body },
      };
    case 'body':
      return { ...expression, withs, what: { kind: 'body', body: orderBody(what.body, bound).body } };
    case 'some-in':
      return { ...expression, withs, what: { ...what, of: term(what.of) } };
    case 'every': {
      const names = [what.value, ...(what.key === undefined ? [] : [what.key])];
      const { body } = orderBody(what.body, new Set([...bound, ...names]));
      return { ...expression, withs, what: { ...what, of: term(what.of), body } };
    }
  }
}

function innerTerm(term: Term, bound: ReadonlySet<string>): Term {
  switch (term.kind) {
    case 'scalar':
    case 'variable':
    case 'template':
      return term;
    case 'reference':
      return {
        ...term,
        head: innerTerm(term.head, bound),
        path: term.path.map((each) => innerTerm(each, bound)),
      };
    case 'array':
    case 'set':
      return { ...term, items: term.items.map((each) => innerTerm(each, bound)) };
    case 'object':
      return {
        ...term,
        members: term.members.map(
          ([key, value]) => [innerTerm(key, bound), innerTerm(value, bound)] as const,
        ),
      };
    case 'call':
      return { ...term, args: term.args.map((each) => innerTerm(each, bound)) };
    case 'comprehension': {
      const ordered = orderBody(term.body, bound);
      const item = checkedTerm(term.item, ordered.bound);
      return term.of === 'object'
        ? { ...term, key: checkedTerm(term.key, ordered.bound), item, body: ordered.body }
        : { ...term, item, body: ordered.body };
    }
  }
}

/** The variables that a line gives values to. */
function outputs(expression: Expression): ReadonlySet<string> {
  const { what } = expression;
  const found = new Set<string>(enumeratedBy(expression));
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
function enumeratedBy({ what }: Expression): readonly string[] {
  switch (what.kind) {
    case 'term':
      return enumerated(what.term);
    case 'unify':
    case 'assign':
      return [...enumerated(what.left), ...enumerated(what.right)];
    case 'some-in':
      return [
        ...enumerated(what.of),
        ...enumerated(what.value),
        ...(what.key === undefined ? [] : enumerated(what.key)),
      ];
    case 'every':
      return enumerated(what.of);
    case 'some':
    case 'logic':
    case 'body':
      return [];
  }
}

function enumerated(term: Term): readonly string[] {
  switch (term.kind) {
    case 'scalar':
    case 'variable':
    case 'comprehension':
    case 'template':
      return [];
    case 'reference':
      return [
        ...enumerated(term.head),
        ...term.path.flatMap((each) => [...patternVariables(each), ...enumerated(each)]),
      ];
    case 'array':
    case 'set':
      return term.items.flatMap(enumerated);
    case 'object':
      return term.members.flatMap(([key, value]) => [...enumerated(key), ...enumerated(value)]);
    case 'call':
      return term.args.flatMap(enumerated);
  }
}

/** The variables that must have values before a line is tried. `given` are those that some line of the body gives. */
function needs(expression: Expression, given: ReadonlySet<string>): ReadonlySet<string> {
  const { what } = expression;
  const found = new Set<string>();
  const add = (names: Iterable<string>): void => {
    for (const name of names) found.add(name);
  };
  for (const { value } of expression.withs) add(needsOfTerm(value, given));
  if (expression.negated) {
    for (const name of variablesOfExpression(expression)) if (given.has(name)) found.add(name);
    add([...needsOfWhat(what, given)]);
    return found;
  }
  add(needsOfWhat(what, given));
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
function isReady(expression: Expression, known: ReadonlySet<string>, given: ReadonlySet<string>): boolean {
  if (![...needs(expression, given)].every((name) => known.has(name))) return false;
  const { what } = expression;
  return (
    what.kind !== 'unify' ||
    afterUnification(what.left, what.right, new Set([...known, ...enumeratedBy(expression)]), given) !==
      undefined
  );
}

/** What is known after a unification; `undefined` while neither side is. */
function afterUnification(
  left: Term,
  right: Term,
  known: ReadonlySet<string>,
  given: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
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
  return new Set([...known, ...patternVariables(left), ...patternVariables(right)]);
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

function needsOfTerm(term: Term, given: ReadonlySet<string>): Iterable<string> {
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
    case 'set': {
      const own = new Set(enumerated(term));
      return term.items.flatMap((each) => [...needsOfTerm(each, given)]).filter((name) => !own.has(name));
    }
    case 'object': {
      const own = new Set(enumerated(term));
      return term.members
        .flatMap(([key, value]) => [...needsOfTerm(key, given), ...needsOfTerm(value, given)])
        .filter((name) => !own.has(name));
    }
    case 'call': {
      const own = new Set(enumerated(term));
      return term.args.flatMap((each) => [...needsOfTerm(each, given)]).filter((name) => !own.has(name));
    }
    case 'comprehension':
      return freeVariables(term.body, given);
  }
}

/** Variables of a nested body that the body around it gives values to. */
function freeVariables(body: Body, given: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(body.flatMap((each) => [...variablesOfExpression(each)]).filter((name) => given.has(name)));
}

function variablesOfExpression({ what, withs }: Expression): ReadonlySet<string> {
  const terms = withs.map(({ value }) => value);
  if (what.kind === 'term') terms.push(what.term);
  if (what.kind === 'unify' || what.kind === 'assign') terms.push(what.left, what.right);
  if (what.kind === 'some-in') terms.push(what.of, what.value, ...(what.key === undefined ? [] : [what.key]));
  if (what.kind === 'every') terms.push(what.of);
  const bodies =
    what.kind === 'every' || what.kind === 'body'
      ? [what.body]
      : what.kind === 'logic'
        ? [what.left, what.right]
        : [];
  const nested = bodies.flat().flatMap((each) => [...variablesOfExpression(each)]);
  return new Set([...terms.flatMap((each) => [...variablesOf(each)]), ...nested]);
}

/** All variables of a term, nested bodies included. */
function variablesOf(term: Term): ReadonlySet<string> {
  switch (term.kind) {
    case 'scalar':
    case 'template':
      return new Set();
    case 'variable':
      return new Set(isRoot(term.name) ? [] : [term.name]);
    case 'reference':
      return new Set([term.head, ...term.path].flatMap((each) => [...variablesOf(each)]));
    case 'array':
    case 'set':
      return new Set(term.items.flatMap((each) => [...variablesOf(each)]));
    case 'object':
      return new Set(term.members.flatMap(([key, value]) => [...variablesOf(key), ...variablesOf(value)]));
    case 'call':
      return new Set(term.args.flatMap((each) => [...variablesOf(each)]));
    case 'comprehension': {
      const heads = term.of === 'object' ? [term.key, term.item] : [term.item];
      return new Set([
        ...heads.flatMap((each) => [...variablesOf(each)]),
        ...term.body.flatMap((each) => [...variablesOfExpression(each)]),
      ]);
    }
  }
}

function patternVariables(term: Term): readonly string[] {
  if (term.kind === 'variable') return isRoot(term.name) ? [] : [term.name];
  if (term.kind === 'array') return term.items.flatMap(patternVariables);
  if (term.kind === 'object') return term.members.flatMap(([, value]) => patternVariables(value));
  return [];
}

function isRoot(name: string): boolean {
  return name === 'input' || name === 'data';
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

function shown(name: string): string {
  return name.split('$')[0] ?? name;
}
