/**
 * What each name of a rule stands for: a local variable, a document, or a variable to be found. Locals get names of their own, so that
 * nothing shadows anything afterwards.
 *
 * @module
 */
import type { Body, Expression, Module, Rule, Span, Term } from './ast.js';
import { type Local, type LocalScope, NO_LOCALS, scopeAt } from './local-scope.js';
import { DEPRECATED } from './builtins/index.js';
import { RegoError } from './errors.js';
import { mapParts } from './parts.js';
import { checkPatterns, declaredBy, invalid, namesIn, namesUsed } from './patterns.js';
import type { Value } from './values.js';

/** A module whose names are resolved. */
export interface ResolvedModule {
  readonly file: string;
  readonly strict: boolean;
  readonly package: readonly string[];
  readonly rules: readonly Rule[];
}

/**
 * Resolve the names of a module.
 *
 * @param module - as parsed
 * @param ruleNames - first names of all rules of its package, in any file
 * @param arityOf - how many arguments a function takes
 * @param options - how the engine differs, and what it knows of other modules
 */
export function resolveModule(
  module: Module,
  ruleNames: ReadonlySet<string>,
  arityOf: ArityOf,
  options: ResolveOptions,
): ResolvedModule {
  const resolver = new Resolver(module, ruleNames, arityOf, options);
  return {
    file: module.file,
    strict: module.strict,
    package: module.package,
    rules: module.rules.map((rule) => resolver.rule(rule)),
  };
}

/** How names are resolved. */
export interface ResolveOptions {
  /** Whether parts of a negated line must be defined, as in the reference. */
  readonly narrowNot: boolean;
  /** The value of a function that depends on nothing but where it is called; `undefined` for any other. */
  readonly about: (name: string, rule: Rule | undefined, module: Module) => Value | undefined;
}

/** Resolve the names of a query, which belongs to no package. */
export function resolveQuery(body: Body, arityOf: ArityOf, options: ResolveOptions): Body {
  const module: Module = {
    file: 'query',
    package: [],
    packagePlace: NOWHERE,
    strict: true,
    wideNot: false,
    imports: [],
    keywordImports: [],
    rules: [],
    comments: [],
    annotations: [],
  };
  return new Resolver(module, new Set(), arityOf, options).body(body, NO_LOCALS);
}

/** How many arguments a function takes; `undefined` where there is none. */
export type ArityOf = (path: readonly string[]) => number | undefined;

class Resolver {
  readonly #module: Module;
  readonly #ruleNames: ReadonlySet<string>;
  readonly #arityOf: ArityOf;
  readonly #options: ResolveOptions;
  #rule: Rule | undefined;
  #count = 0;

  constructor(module: Module, ruleNames: ReadonlySet<string>, arityOf: ArityOf, options: ResolveOptions) {
    this.#arityOf = arityOf;
    this.#options = options;
    this.#module = module;
    this.#ruleNames = ruleNames;
  }

  rule(rule: Rule): Rule {
    this.#rule = rule;
    const names = rule.args.flatMap(namesIn);
    const scope = this.#declared(NO_LOCALS, names);
    const parameters = new Set(names);
    const first: Expression[] = [];
    const args = rule.args.map((each) => this.#pattern(this.#term(each, scope), first));
    const clause = (
      body: Body,
      value: Term,
      keys: readonly Term[],
    ): { body: Body; value: Term; keys: Term[] } => {
      const scopeOf = this.#bodyScope(body, scope, parameters);
      return {
        body: [...first, ...this.#lines(body, scopeOf)],
        value: this.#term(value, scopeOf(body.length)),
        keys: keys.map((each) => this.#term(each, scopeOf(body.length))),
      };
    };
    const main = clause(rule.body, rule.value, rule.keys);
    const otherwise = rule.otherwise.map((each) => {
      const { body, value } = clause(each.body, each.value, []);
      return { ...each, body, value };
    });
    return { ...rule, args, ...main, otherwise };
  }

  /** A parameter that must be computed is a variable, and a line that makes it equal. */
  #pattern(term: Term, lines: Expression[]): Term {
    if (term.kind !== 'call' && term.kind !== 'comprehension') return term;
    const { place } = term;
    const left = this.#fresh(place);
    lines.push({ negated: false, what: { kind: 'unify', left, right: term }, withs: [], place });
    return left;
  }

  #fresh(place: Span): Term {
    this.#count += 1;
    return { kind: 'variable', name: `$$${this.#count}`, place };
  }

  #lines(body: Body, scopeOf: (line: number) => LocalScope): Body {
    return body.flatMap((each, line) => this.#hoisted(this.#expression(each, scopeOf(line))));
  }

  /** In the reference, what a negated line computes on the way must be defined: it stands before the line. */
  #hoisted(line: Expression): readonly Expression[] {
    const { what, place } = line;
    if (!line.negated || !this.#options.narrowNot || this.#module.wideNot) return [line];
    const before: Expression[] = [];
    const named = (right: Term, over: Partial<Expression>): Term => {
      const left = this.#fresh(right.place);
      before.push({ negated: false, what: { kind: 'assign', left, right }, withs: [], place, ...over });
      return left;
    };
    const withs = line.withs.map((each) =>
      each.value.kind === 'scalar' ? each : { ...each, value: named(each.value, {}) },
    );
    const inner = (term: Term, isOperand: boolean, isNested = false): Term => {
      const isCall = term.kind === 'call' && isOperand;
      const parts = mapParts(term, (each) => inner(each, true, isNested || isCall));
      if (isCall) return named(parts, { withs });
      return isOperand && term.kind === 'reference' ? named(parts, { withs, isClosed: !isNested }) : parts;
    };
    const isEquality = what.kind === 'term' && what.term.kind === 'call' && what.term.path[1] === 'equal';
    const operand = (term: Term): Term =>
      term.kind === 'reference' ? inner(term, false) : inner(term, true);
    if (what.kind === 'unify' || what.kind === 'assign') {
      const sides = { left: operand(what.left), right: operand(what.right) };
      return [...before, { ...line, withs, isClosed: true, what: { ...what, ...sides } }];
    }
    if (what.kind !== 'term') return [line];
    const term =
      isEquality && what.term.kind === 'call'
        ? { ...what.term, args: what.term.args.map(operand) }
        : inner(what.term, false);
    return [...before, { ...line, withs, isClosed: true, what: { kind: 'term', term } }];
  }

  body(body: Body, scope: LocalScope): Body {
    return this.#lines(body, this.#bodyScope(body, scope));
  }

  /** What names stand for in a body: each line sees what the lines before it declare, and what it declares itself. */
  #bodyScope(body: Body, scope: LocalScope, parameters?: ReadonlySet<string>): (line: number) => LocalScope {
    const seen = new Set<string>();
    const used = new Set<string>();
    const declared = new Map<string, Local[]>();
    for (const [line, expression] of body.entries()) {
      const names = declaredBy(expression);
      for (const name of names) {
        if (used.has(name)) throw invalid(`${name} is used before it is declared`, expression);
        if (this.#module.strict && (name === 'input' || name === 'data'))
          throw invalid(`${name} cannot be hidden`, expression);
        if (seen.has(name) || parameters?.has(name) === true)
          throw invalid(`${name} is declared twice`, expression);
        if (!name.startsWith('$')) seen.add(name);
      }
      checkPatterns(expression);
      if (this.#module.strict) for (const name of namesUsed(expression)) used.add(name);
      this.#declare(names, line, declared);
    }
    return (line) => scopeAt(scope, declared, line);
  }

  #declared(scope: LocalScope, names: readonly string[]): LocalScope {
    const declared = new Map<string, Local[]>();
    this.#declare(names, 0, declared);
    return scopeAt(scope, declared, 0);
  }

  #declare(names: readonly string[], line: number, declared: Map<string, Local[]>): void {
    for (const name of new Set(names)) {
      this.#count += 1;
      const local = { name: `${name}$${this.#count}`, line };
      declared.set(name, [local, ...(declared.get(name) ?? [])]);
    }
  }

  #expression(expression: Expression, scope: LocalScope): Expression {
    const withs = expression.withs.map(({ target, value, place }): Expression['withs'][number] => {
      const functionPath = this.#functionValue(target, value, scope);
      return functionPath === undefined
        ? { target: this.#target(target), value: this.#term(value, scope), place }
        : {
            target: this.#target(target),
            value: { kind: 'scalar', value: null, place: value.place },
            place,
            functionPath,
          };
    });
    return { ...expression, what: this.#what(expression.what, scope), withs };
  }

  #what(what: Expression['what'], scope: LocalScope): Expression['what'] {
    switch (what.kind) {
      case 'term':
        return { kind: 'term', term: this.#line(this.#term(what.term, scope)) };
      case 'unify':
      case 'assign':
        return { kind: what.kind, left: this.#term(what.left, scope), right: this.#term(what.right, scope) };
      case 'some':
        return { kind: 'some', names: what.names.map((name) => scope(name) ?? name) };
      case 'some-in': {
        const key = what.key === undefined ? undefined : this.#term(what.key, scope);
        return { kind: 'some-in', key, value: this.#term(what.value, scope), of: this.#term(what.of, scope) };
      }
      case 'logic':
        return { ...what, left: this.body(what.left, scope), right: this.body(what.right, scope) };
      case 'body':
        return { kind: 'body', body: this.body(what.body, scope) };
      case 'every': {
        const names = what.key === undefined ? [what.value] : [what.key, what.value];
        const inner = this.#declared(scope, names);
        const renamed = (name: string): string => inner(name) ?? name;
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

  /** The path of a function that stands as a value after `with`. */
  #functionValue(target: readonly string[], value: Term, scope: LocalScope): readonly string[] | undefined {
    const path = target[0] === 'input' ? undefined : pathOf(value);
    if (path === undefined || scope(path[0] ?? '') !== undefined) return undefined;
    const full = this.#function(path, value.place, scope);
    return this.#arityOf(full) === undefined ? undefined : full;
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

  #term(term: Term, scope: LocalScope): Term {
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
      case 'object':
        return mapParts(term, (each) => this.#term(each, scope));
      case 'comprehension': {
        const scopeOf = this.#bodyScope(term.body, scope);
        const body = this.#lines(term.body, scopeOf);
        const last = scopeOf(term.body.length);
        const item = this.#term(term.item, last);
        return term.of === 'object'
          ? { ...term, key: this.#term(term.key, last), item, body }
          : { ...term, item, body };
      }
      case 'call':
        return this.#call(term, scope);
      case 'template':
        return this.#template(term, scope);
    }
  }

  #call(term: Term & { kind: 'call' }, scope: LocalScope): Term {
    const path = this.#function(term.path, term.place, scope);
    const name = path.join('.');
    const value = this.#options.about(name, this.#rule, this.#module);
    if (value !== undefined) return { kind: 'scalar', value, place: term.place };
    return { ...term, path, args: term.args.map((each) => this.#term(each, scope)) };
  }

  /** A template joins what it finds: each expression a set, of which one item is shown. */
  #template({ parts, place }: Term & { kind: 'template' }, scope: LocalScope): Term {
    const items = parts.map((part): Term => {
      if (typeof part === 'string') return { kind: 'scalar', value: part, place };
      const item = this.#fresh(part.place);
      const line = this.#expression(part, scope);
      const right: Term = line.what.kind === 'term' ? line.what.term : { kind: 'scalar', value: null, place };
      const body: Body = [{ ...line, what: { kind: 'unify', left: item, right } }];
      return { kind: 'comprehension', of: 'set', item, body, place: part.place };
    });
    // what stands in an expression has its value from elsewhere: they are arguments too, so that the template waits for them
    const needed = parts
      .flatMap((part) => (typeof part === 'string' ? [] : namesUsed(part)))
      .filter((name) => scope(name) !== undefined || this.#document(name) === undefined)
      .map((name) => this.#variable(name, place, scope));
    const args = [items, needed].map((each): Term => ({ kind: 'array', items: each, place }));
    return { kind: 'call', path: ['internal', 'template_string'], args, place };
  }

  #variable(name: string, place: Span, scope: LocalScope): Term {
    const local = scope(name);
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
  #function(path: readonly string[], place: Span, scope: LocalScope): readonly string[] {
    const [first = '', ...rest] = path;
    if (first === 'data') return path;
    if (scope(first) !== undefined) throw invalid(`${first} is a variable, and no function`, { place });
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

/** The names of a reference without variables. */
function pathOf(term: Term): readonly string[] | undefined {
  if (term.kind === 'variable') return [term.name];
  if (term.kind !== 'reference' || term.head.kind !== 'variable') return undefined;
  const names = term.path.map((each) =>
    each.kind === 'scalar' && typeof each.value === 'string' ? each.value : '',
  );
  return names.includes('') ? undefined : [term.head.name, ...names];
}

const NOWHERE: Span = { file: 'query', line: 1, column: 1, from: 0, to: 0, endLine: 1 };
