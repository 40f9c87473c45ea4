/**
 * What each name of a rule stands for: a local variable, a document, or a variable to be found. Locals get names of their own, so that
 * nothing shadows anything afterwards.
 *
 * @module
 */
import type { Body, Expression, Module, Rule, Term } from './ast.js';
import { DEPRECATED } from './builtins/index.js';
import { type Place, RegoError } from './errors.js';

/** A module whose names are resolved. */
export interface ResolvedModule {
  readonly file: string;
  readonly package: readonly string[];
  readonly rules: readonly Rule[];
}

/**
 * Resolve the names of a module.
 *
 * @param module - as parsed
 * @param ruleNames - first names of all rules of its package, in any file
 * @param arityOf - how many arguments a function takes
 */
export function resolveModule(
  module: Module,
  ruleNames: ReadonlySet<string>,
  arityOf: ArityOf,
): ResolvedModule {
  const resolver = new Resolver(module, ruleNames, arityOf);
  return {
    file: module.file,
    package: module.package,
    rules: module.rules.map((rule) => resolver.rule(rule)),
  };
}

/** Resolve the names of a query, which belongs to no package. */
export function resolveQuery(body: Body, arityOf: ArityOf): Body {
  return new Resolver(
    { file: 'query', package: [], strict: true, imports: [], rules: [] },
    new Set(),
    arityOf,
  ).body(body, new Map());
}

/** How many arguments a function takes; `undefined` where there is none. */
export type ArityOf = (path: readonly string[]) => number | undefined;

type Scope = ReadonlyMap<string, string>;

class Resolver {
  readonly #module: Module;
  readonly #ruleNames: ReadonlySet<string>;
  readonly #arityOf: ArityOf;
  #count = 0;
  #parameters: ReadonlySet<string> = new Set();

  constructor(module: Module, ruleNames: ReadonlySet<string>, arityOf: ArityOf) {
    this.#arityOf = arityOf;
    this.#module = module;
    this.#ruleNames = ruleNames;
  }

  rule(rule: Rule): Rule {
    const scope = this.#declared(new Map(), rule.args.flatMap(namesIn));
    this.#parameters = new Set(rule.args.flatMap(namesIn));
    const args = rule.args.map((each) => this.#term(each, scope));
    const clause = (
      body: Body,
      value: Term,
      keys: readonly Term[],
    ): { body: Body; value: Term; keys: Term[] } => {
      const inner = this.#bodyScope(body, scope);
      return {
        body: body.map((each) => this.#expression(each, inner)),
        value: this.#term(value, inner),
        keys: keys.map((each) => this.#term(each, inner)),
      };
    };
    const main = clause(rule.body, rule.value, rule.keys);
    const otherwise = rule.otherwise.map((each) => {
      const { body, value } = clause(each.body, each.value, []);
      return { body, value };
    });
    return { ...rule, args, ...main, otherwise };
  }

  body(body: Body, scope: Scope): Body {
    const inner = this.#bodyScope(body, scope);
    return body.map((each) => this.#expression(each, inner));
  }

  #bodyScope(body: Body, scope: Scope): Scope {
    const seen = new Set<string>();
    const used = new Set<string>();
    for (const expression of body) {
      for (const name of declaredBy(expression)) {
        if (used.has(name)) throw invalid(`${name} is used before it is declared`, expression);
        if (this.#module.strict && (name === 'input' || name === 'data'))
          throw invalid(`${name} cannot be hidden`, expression);
        if (seen.has(name) || this.#parameters.has(name))
          throw invalid(`${name} is declared twice`, expression);
        if (!name.startsWith('_')) seen.add(name);
      }
      checkPatterns(expression);
      if (this.#module.strict) for (const name of namesUsed(expression)) used.add(name);
    }
    return this.#declared(scope, [
      ...seen,
      ...body.flatMap(declaredBy).filter((name) => name.startsWith('_')),
    ]);
  }

  #declared(scope: Scope, names: readonly string[]): Scope {
    const inner = new Map(scope);
    for (const name of names) {
      this.#count += 1;
      inner.set(name, `${name}$${this.#count}`);
    }
    return inner;
  }

  #expression(expression: Expression, scope: Scope): Expression {
    const withs = expression.withs.map(({ target, value }) => ({
      target: this.#target(target),
      value: this.#term(value, scope),
    }));
    return { ...expression, what: this.#what(expression.what, scope), withs };
  }

  #what(what: Expression['what'], scope: Scope): Expression['what'] {
    switch (what.kind) {
      case 'term':
        return { kind: 'term', term: this.#line(this.#term(what.term, scope)) };
      case 'unify':
      case 'assign':
        return { kind: what.kind, left: this.#term(what.left, scope), right: this.#term(what.right, scope) };
      case 'some':
        return { kind: 'some', names: what.names.map((name) => scope.get(name) ?? name) };
      case 'some-in': {
        const key = what.key === undefined ? undefined : this.#term(what.key, scope);
        return { kind: 'some-in', key, value: this.#term(what.value, scope), of: this.#term(what.of, scope) };
      }
      case 'every': {
        const names = what.key === undefined ? [what.value] : [what.key, what.value];
        const inner = this.#declared(scope, names);
        const renamed = (name: string): string => inner.get(name) ?? name;
        return {
          kind: 'every',
          key: what.key === undefined ? undefined : renamed(what.key),
          value: renamed(what.value),
          of: this.#term(what.of, scope),
          body: this.body(what.body, inner),
        };
      }
    }
  }

  /** A call that is a line of its own may give its result to one argument more. */
  #line(term: Term): Term {
    const isOutput = term.kind === 'call' && term.args.length === (this.#arityOf(term.path) ?? -2) + 1;
    return isOutput ? { ...term, output: true } : term;
  }

  #target(target: readonly string[]): readonly string[] {
    const [first = '', ...rest] = target;
    const alias = this.#module.imports.find((each) => each.alias === first);
    if (first === 'input' || first === 'data') return target;
    if (alias !== undefined) return [...alias.path, ...rest];
    return this.#ruleNames.has(first) ? ['data', ...this.#module.package, ...target] : target;
  }

  #term(term: Term, scope: Scope): Term {
    const { place } = term;
    switch (term.kind) {
      case 'scalar':
        return term;
      case 'variable':
        return this.#variable(term.name, place, scope);
      case 'reference': {
        const head = this.#term(term.head, scope);
        const path = term.path.map((each) => this.#term(each, scope));
        return head.kind === 'reference'
          ? { ...head, path: [...head.path, ...path] }
          : { kind: 'reference', head, path, place };
      }
      case 'array':
      case 'set':
        return { ...term, items: term.items.map((each) => this.#term(each, scope)) };
      case 'object':
        return {
          ...term,
          members: term.members.map(
            ([key, value]) => [this.#term(key, scope), this.#term(value, scope)] as const,
          ),
        };
      case 'comprehension': {
        const inner = this.#bodyScope(term.body, scope);
        const body = term.body.map((each) => this.#expression(each, inner));
        const item = this.#term(term.item, inner);
        return term.of === 'object'
          ? { ...term, key: this.#term(term.key, inner), item, body }
          : { ...term, item, body };
      }
      case 'call':
        return {
          ...term,
          path: this.#function(term.path, place),
          args: term.args.map((each) => this.#term(each, scope)),
        };
    }
  }

  #variable(name: string, place: Term['place'], scope: Scope): Term {
    const local = scope.get(name);
    if (local !== undefined) return { kind: 'variable', name: local, place };
    const document = this.#document(name);
    if (document === undefined) return { kind: 'variable', name, place };
    const [root = '', ...rest] = document;
    const head: Term = { kind: 'variable', name: root, place };
    if (rest.length === 0) return head;
    return {
      kind: 'reference',
      head,
      path: rest.map((each): Term => ({ kind: 'scalar', value: each, place })),
      place,
    };
  }

  #document(name: string): readonly string[] | undefined {
    if (name === 'input' || name === 'data') return [name];
    if (this.#ruleNames.has(name)) return ['data', ...this.#module.package, name]; // a rule hides an import
    return this.#module.imports.find((each) => each.alias === name)?.path;
  }

  /** Functions of the package come before built-in ones. */
  #function(path: readonly string[], place: Place): readonly string[] {
    const [first = '', ...rest] = path;
    if (first === 'data') return path;
    const alias = this.#module.imports.find((each) => each.alias === first);
    if (alias !== undefined) return [...alias.path, ...rest];
    if (this.#ruleNames.has(first)) return ['data', ...this.#module.package, ...path];
    if (this.#module.strict && DEPRECATED.has(path.join('.')))
      throw new RegoError('ERR_REGO_REFERENCE', `${path.join('.')} is deprecated, and not part of v1`, {
        place,
      });
    return path;
  }
}

function invalid(message: string, { place }: { readonly place: Term['place'] }): RegoError {
  return new RegoError('ERR_REGO_PARSE', message, { place });
}

/** Shapes that can never be equal, and assignments to something else than variables, are mistakes. */
function checkPatterns({ what, place }: Expression): void {
  if (what.kind === 'assign' && !isPattern(what.left))
    throw invalid('what is assigned to is a variable, or an array or object of them', { place });
  if (
    what.kind === 'some-in' &&
    what.of.kind === 'array' &&
    what.of.items.length > 0 &&
    what.value.kind === 'array'
  )
    checkLengths(what.value.items.length, what.of.items, place);
  if (what.kind === 'unify') checkShapes(what.left, what.right, place);
}

/** Where no item of a list has as many items as the pattern, nothing will ever fit. */
function checkLengths(length: number, items: readonly Term[], place: Term['place']): void {
  if (items.every((item) => item.kind === 'array' && item.items.length !== length))
    throw invalid('no item has as many items as this', { place });
}

function isPattern(term: Term): boolean {
  if (term.kind === 'array') return term.items.every((each) => isPattern(each) || each.kind === 'scalar');
  if (term.kind === 'object')
    return term.members.every(([, value]) => isPattern(value) || value.kind === 'scalar');
  return term.kind === 'variable';
}

function checkShapes(left: Term, right: Term, place: Term['place']): void {
  if (left.kind === 'array' && right.kind === 'array') {
    if (left.items.length !== right.items.length)
      throw invalid('these arrays have different lengths', { place });
    for (const [index, item] of left.items.entries()) checkShapes(item, right.items[index] ?? item, place);
  }
  if (
    (left.kind === 'array' && right.kind === 'object') ||
    (left.kind === 'object' && right.kind === 'array')
  ) {
    throw invalid('an array is never an object', { place });
  }
  if (left.kind === 'object' && right.kind === 'object') {
    const keysOf = (term: typeof left): string =>
      term.members
        .map(([key]) => (key.kind === 'scalar' ? String(key.value) : '?'))
        .sort()
        .join();
    if (!keysOf(left).includes('?') && !keysOf(right).includes('?') && keysOf(left) !== keysOf(right))
      throw invalid('these objects have different keys', { place });
  }
}

/** The variables that a line declares for its body. */
function declaredBy({ what }: Expression): readonly string[] {
  if (what.kind === 'some') return what.names;
  if (what.kind === 'assign') return namesIn(what.left);
  if (what.kind === 'some-in')
    return [...(what.key === undefined ? [] : namesIn(what.key)), ...namesIn(what.value)];
  return [];
}

/** Every name in a line, those of nested bodies included. */
function namesUsed({ what, withs }: Expression): readonly string[] {
  const terms = withs.map(({ value }) => value);
  if (what.kind === 'term') terms.push(what.term);
  if (what.kind === 'unify') terms.push(what.left, what.right);
  if (what.kind === 'assign') terms.push(what.right);
  if (what.kind === 'some-in' || what.kind === 'every') terms.push(what.of);
  return terms.flatMap(allNames);
}

function allNames(term: Term): readonly string[] {
  switch (term.kind) {
    case 'scalar':
    case 'comprehension':
      return [];
    case 'variable':
      return [term.name];
    case 'reference':
      return [term.head, ...term.path].flatMap(allNames);
    case 'array':
    case 'set':
      return term.items.flatMap(allNames);
    case 'object':
      return term.members.flatMap(([key, value]) => [...allNames(key), ...allNames(value)]);
    case 'call':
      return term.args.flatMap(allNames);
  }
}

/** The variables of a pattern. */
function namesIn(term: Term): readonly string[] {
  if (term.kind === 'variable') return [term.name];
  if (term.kind === 'array') return term.items.flatMap(namesIn);
  if (term.kind === 'object') return term.members.flatMap(([, value]) => namesIn(value));
  return [];
}
