import type { Body, Expression, Rule, Term } from './ast.js';
import type { Builtin, BuiltinContext } from './builtins/builtin.js';
import { BuiltinFault } from './builtins/builtin.js';
import { type DocumentNode, findNode } from './documents.js';
import { RegoError } from './errors.js';
import { equal, isArray, keyOf, membersOf, RegoObject, RegoSet, toText, type Value } from './values.js';

/** What an evaluation works with. */
export interface EvaluatorOptions {
  readonly root: DocumentNode;
  readonly data: Value;
  readonly input: Value | undefined;
  readonly builtins: ReadonlyMap<string, Builtin>;
  readonly context: BuiltinContext;
  /** Whether a fault of a built-in function ends the evaluation; else its line is undefined. */
  readonly strict: boolean;
  /** Given each line of `print`. */
  readonly print: (line: string) => void;
  /** How many steps are left; shared by all parts of an evaluation. */
  readonly budget: { steps: number };
  readonly signal: AbortSignal | undefined;
}

/** Called with each solution; `true` ends the search. */
type Next = () => boolean;
type Take = (value: Value) => boolean;

/** What `with` replaces. */
interface World {
  readonly input: Value | undefined;
  readonly data: Value;
  readonly replaced: readonly { readonly path: readonly string[]; readonly value: Value }[];
  readonly functions: ReadonlyMap<string, { readonly value: Value } | { readonly path: readonly string[] }>;
  readonly cache: Map<DocumentNode, Value | undefined>;
}

/** Finds the solutions of bodies. One evaluator serves one evaluation. */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #active: Set<DocumentNode> = new Set();
  #world: World;
  #variables: Map<string, Value> = new Map();
  #depth = 0;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    this.#world = {
      input: options.input,
      data: options.data,
      replaced: [],
      functions: new Map(),
      cache: new Map(),
    };
  }

  /** The solutions of a query: the value of each line that is a term, and the variables. */
  query(
    body: Body,
    texts: readonly Expression[],
  ): readonly { readonly values: readonly Value[]; readonly bindings: ReadonlyMap<string, Value> }[] {
    const solutions: { values: readonly Value[]; bindings: ReadonlyMap<string, Value> }[] = [];
    const values = new Map<string, Value>();
    const step = (index: number): boolean => {
      const expression = body[index];
      if (expression === undefined) {
        const ordered = texts.map((each) => values.get(`${each.place.line}:${each.place.column}`) ?? true);
        solutions.push({ values: ordered, bindings: new Map(this.#variables) });
        return false;
      }
      const key = `${expression.place.line}:${expression.place.column}`;
      if (expression.what.kind !== 'term' || expression.negated || expression.withs.length > 0) {
        if (expression.what.kind === 'term' && !expression.negated) {
          const { term } = expression.what;
          return this.#withWorld(expression, (leave) =>
            this.#term(term, (value) =>
              leave(() => {
                values.set(key, value);
                return step(index + 1);
              }),
            ),
          );
        }
        return this.#expression(expression, () => step(index + 1));
      }
      return this.#term(expression.what.term, (value) => {
        values.set(key, value);
        return step(index + 1);
      });
    };
    step(0);
    return solutions;
  }

  #tick(place: Term['place'] | undefined): void {
    this.#options.budget.steps -= 1;
    if (this.#options.budget.steps < 0)
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation takes more steps than allowed', { place });
    if ((this.#options.budget.steps & 0x3ff) === 0 && this.#options.signal?.aborted === true) {
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation was aborted', { place });
    }
  }

  #deeper<T>(place: Term['place'] | undefined, work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      throw new RegoError('ERR_REGO_LIMIT', `rules call each other at most ${MAX_DEPTH} deep`, { place });
    try {
      return work();
    } finally {
      this.#depth -= 1;
    }
  }

  #body(body: Body, index: number, next: Next): boolean {
    const expression = body[index];
    return expression === undefined
      ? next()
      : this.#expression(expression, () => this.#body(body, index + 1, next));
  }

  #expression(expression: Expression, next: Next): boolean {
    this.#tick(expression.place);
    if (expression.withs.length > 0) {
      const { withs: _withs, ...plain } = expression;
      const line: Expression = { ...plain, withs: [] };
      if (expression.negated) {
        let found = false;
        this.#withWorld(expression, () =>
          this.#expression({ ...line, negated: false }, () => (found = true)),
        );
        return !found && next();
      }
      return this.#withWorld(expression, (leave) => this.#expression(line, () => leave(next)));
    }
    if (expression.negated) {
      const found = this.#what(expression, () => true);
      return !found && next();
    }
    return this.#what(expression, next);
  }

  #what({ what, place }: Expression, next: Next): boolean {
    switch (what.kind) {
      case 'term':
        return this.#term(what.term, (value) => value !== false && next(), true);
      case 'unify':
        return this.#unifyTerms(what.left, what.right, next);
      case 'assign':
        return this.#term(what.right, (value) => this.#unify(what.left, value, next));
      case 'some':
        return next();
      case 'some-in':
        return this.#term(what.of, (collection) => {
          if (this.#options.strict && !isCollection(collection)) {
            throw new RegoError('ERR_REGO_BUILTIN', 'some … in takes an array, a set or an object', {
              place,
            });
          }
          return membersOf(collection).some(([key, value]) => {
            const rest = (): boolean => this.#unify(what.value, value, next);
            return what.key === undefined ? rest() : this.#unify(what.key, key, rest);
          });
        });
      case 'every':
        return this.#term(what.of, (collection) => {
          if (!isCollection(collection)) return false;
          const holds = membersOf(collection).every(([key, value]) =>
            this.#bound(what.value, value, () => {
              const rest = (): boolean => this.#body(what.body, 0, () => true);
              return what.key === undefined ? rest() : this.#bound(what.key, key, rest);
            }),
          );
          this.#tick(place);
          return holds && next();
        });
    }
  }

  #bound(name: string, value: Value, next: Next): boolean {
    const before = this.#variables.get(name);
    this.#variables.set(name, value);
    try {
      return next();
    } finally {
      if (before === undefined) this.#variables.delete(name);
      else this.#variables.set(name, before);
    }
  }

  /** All values of a term. */
  #term(term: Term, take: Take, statement = false): boolean {
    this.#tick(term.place);
    switch (term.kind) {
      case 'scalar':
        return take(term.value);
      case 'variable':
        return this.#variable(term, take);
      case 'reference':
        return this.#reference(term, take);
      case 'array':
        return this.#terms(term.items, (items) => take(items));
      case 'set':
        return this.#terms(term.items, (items) => take(new RegoSet(items)));
      case 'object': {
        const flat = term.members.flatMap(([key, value]) => [key, value]);
        return this.#terms(flat, (items) => take(new RegoObject(pairs(items))));
      }
      case 'comprehension':
        return take(this.#comprehension(term));
      case 'call':
        return this.#call(term, take, statement);
    }
  }

  #variable(term: Term & { kind: 'variable' }, take: Take): boolean {
    if (term.name === 'input') return this.#world.input !== undefined && take(this.#world.input);
    if (term.name === 'data') return this.#document(this.#options.root, this.#world.data, [], [], 0, take);
    const value = this.#variables.get(term.name);
    if (value === undefined) {
      throw new RegoError('ERR_REGO_UNSAFE', `${term.name.split('$')[0] ?? ''} has no value`, {
        place: term.place,
      });
    }
    return take(value);
  }

  #terms(
    terms: readonly Term[],
    take: (values: Value[]) => boolean,
    from = 0,
    sofar: readonly Value[] = [],
  ): boolean {
    const term = terms[from];
    if (term === undefined) return take([...sofar]);
    return this.#term(term, (value) => this.#terms(terms, take, from + 1, [...sofar, value]));
  }

  #comprehension(term: Term & { kind: 'comprehension' }): Value {
    const items: Value[] = [];
    const members: [Value, Value][] = [];
    this.#body(term.body, 0, () => {
      if (term.of !== 'object') return this.#term(term.item, (value) => (items.push(value), false));
      return this.#term(term.key, (key) =>
        this.#term(term.item, (value) => (members.push([key, value]), false)),
      );
    });
    if (term.of === 'array') return items;
    if (term.of === 'set') return new RegoSet(items);
    return objectWithoutConflict(members, term.place);
  }

  #reference(term: Term & { kind: 'reference' }, take: Take): boolean {
    const { head, path } = term;
    if (head.kind === 'variable' && head.name === 'data')
      return this.#document(this.#options.root, this.#world.data, [], path, 0, take);
    return this.#term(head, (value) => this.#walk(value, path, 0, take));
  }

  /** Follow a path into a value. */
  #walk(value: Value, path: readonly Term[], index: number, take: Take): boolean {
    const step = path[index];
    if (step === undefined) return take(value);
    if (!isCollection(value)) return false;
    if (this.#isOpen(step)) {
      return membersOf(value).some(([key, member]) => {
        const wanted = value instanceof RegoSet ? member : key;
        return this.#unify(step, wanted, () => this.#walk(member, path, index + 1, take));
      });
    }
    return this.#term(step, (key) => {
      const member = memberOf(value, key);
      return member !== undefined && this.#walk(member, path, index + 1, take);
    });
  }

  /** Follow a path below `data`, where rules and given data lie over one another. */
  #document(
    node: DocumentNode | undefined,
    base: Value | undefined,
    at: readonly string[],
    path: readonly Term[],
    index: number,
    take: Take,
  ): boolean {
    const replaced = this.#world.replaced.find((each) => samePath(each.path, at));
    if (replaced !== undefined) return this.#walk(replaced.value, path, index, take);
    if (node === undefined && !this.#isReplacedBelow(at))
      return base !== undefined && this.#given(base, path, index, take);
    if (node === undefined)
      return this.#document({ path: at, children: new Map(), rules: [] }, base, at, path, index, take);
    const step = path[index];
    if (node.rules.length > 0 && base !== undefined && !(base instanceof RegoObject))
      return this.#given(base, path, index, take); // given data hides rules
    if (node.rules.length > 0 || step === undefined) {
      const value = this.#valueOf(node, base, at);
      return value !== undefined && this.#walk(value, path, index, take);
    }
    const below = (key: Value): boolean => {
      const name = typeof key === 'string' ? key : keyOf(key); // the names of data are text
      const child = node.children.get(name);
      const inner = base === undefined ? undefined : (memberOf(base, key) ?? memberOf(base, name));
      return this.#document(child, inner, [...at, name], path, index + 1, take);
    };
    if (!this.#isOpen(step)) return this.#term(step, below);
    const keys = new RegoSet([
      ...node.children.keys(),
      ...(base instanceof RegoObject ? base.entries().map(([key]) => key) : []),
    ]);
    return keys.items().some((key) => this.#unify(step, key, () => below(key)));
  }

  /** Follow a path into given data, whose names are text. */
  #given(base: Value, path: readonly Term[], index: number, take: Take): boolean {
    const step = path[index];
    if (step === undefined || !(base instanceof RegoObject) || this.#isOpen(step))
      return this.#walk(base, path, index, take);
    return this.#term(step, (key) => {
      const member = base.get(key) ?? base.get(typeof key === 'string' ? key : keyOf(key));
      return member !== undefined && this.#given(member, path, index + 1, take);
    });
  }

  #isReplacedBelow(at: readonly string[]): boolean {
    return this.#world.replaced.some(
      ({ path }) => path.length > at.length && samePath(path.slice(0, at.length), at),
    );
  }

  /** The whole value at a place of `data`. */
  #valueOf(node: DocumentNode, base: Value | undefined, at: readonly string[]): Value | undefined {
    if (node.rules.some(({ kind }) => kind === 'function') && node.children.size === 0) return undefined;
    const own = node.rules.length > 0 ? this.#rules(node) : undefined;
    if (node.rules.length > 0 && node.children.size === 0)
      return own ?? (base instanceof RegoObject ? base : own);
    const members: [Value, Value][] = [];
    for (const each of [base, own])
      if (each instanceof RegoObject)
        members.push(...each.entries().map(([key, value]): [Value, Value] => [key, value]));
    for (const [name, child] of node.children) {
      const inner = base === undefined ? undefined : memberOf(base, name);
      this.#document(child, inner, [...at, name], [], 0, (value) => (members.push([name, value]), true));
    }
    for (const { path, value } of this.#world.replaced) {
      if (path.length === at.length + 1 && samePath(path.slice(0, -1), at))
        members.push([path.at(-1) ?? '', value]);
    }
    return new RegoObject(members);
  }

  /** The value that the rules of a place give, once for each world. */
  #rules(node: DocumentNode): Value | undefined {
    const { cache } = this.#world;
    if (cache.has(node)) return cache.get(node);
    const place = node.rules[0]?.place;
    if (this.#active.has(node))
      throw new RegoError('ERR_REGO_RECURSION', `data.${node.path.join('.')} depends on itself`, { place });
    this.#active.add(node);
    try {
      const value = this.#deeper(place, () => this.#freshly(() => this.#ruleValue(node)));
      cache.set(node, value);
      return value;
    } finally {
      this.#active.delete(node);
    }
  }

  #ruleValue(node: DocumentNode): Value | undefined {
    const rules = node.rules.filter(({ isDefault }) => !isDefault);
    const partial = rules.filter(({ kind }) => kind === 'set' || kind === 'object');
    if (partial.length > 0 || node.rules.some(({ isDefault, keys }) => isDefault && keys.length > 0))
      return this.#partial(partial, node);
    const found = this.#agreed(rules, (_rule, next) => next(), node);
    if (found !== undefined) return found;
    const fallback = node.rules.find(({ isDefault }) => isDefault);
    let value: Value | undefined;
    if (fallback !== undefined) this.#term(fallback.value, (each) => ((value = each), true));
    return value;
  }

  /** The one value of clauses of which several may hold. */
  #agreed(
    rules: readonly Rule[],
    enter: (rule: Rule, next: Next) => boolean,
    node: DocumentNode,
  ): Value | undefined {
    let found: Value | undefined;
    let fault: RegoError | undefined;
    for (const rule of rules) {
      const values: Value[] = [];
      try {
        this.#freshly(() => enter(rule, () => this.#clause(rule, (value) => (values.push(value), false))));
      } catch (error) {
        // As in the reference, a clause of a function that fails is overlooked where another one gives a value.
        if (!(error instanceof RegoError) || rule.kind !== 'function' || error.code === 'ERR_REGO_LIMIT')
          throw error;
        fault ??= error;
      }
      for (const value of values) {
        if (found !== undefined && !equal(found, value)) {
          const message = `data.${node.path.join('.')} has two values, ${short(found)} and ${short(value)}`;
          throw new RegoError('ERR_REGO_CONFLICT', message, { place: rule.place });
        }
        found = value;
      }
    }
    if (found === undefined && fault !== undefined) throw fault;
    return found;
  }

  /** The values of a clause; those of its `else` only when the body does not hold. */
  #clause(rule: Rule, take: Take): boolean {
    let held = false;
    // A value that does not depend on the body is the same for every solution: the first is enough.
    const isConstant = rule.value.kind === 'scalar';
    const stopped = this.#body(rule.body, 0, () => {
      held = true;
      return this.#term(rule.value, take) || isConstant;
    });
    if (held || stopped) return stopped;
    for (const { body, value } of rule.otherwise) {
      const ended = this.#body(body, 0, () => {
        held = true;
        return this.#term(value, take);
      });
      if (held || ended) return ended;
    }
    return false;
  }

  #partial(rules: readonly Rule[], node: DocumentNode): Value {
    if (rules.length > 0 && rules.every(({ kind, keys }) => kind === 'set' && keys.length === 1)) {
      const items: Value[] = [];
      for (const rule of rules) {
        const once = rule.keys.every(({ kind }) => kind === 'scalar');
        this.#freshly(() =>
          this.#body(
            rule.body,
            0,
            () => this.#terms(rule.keys, (keys) => (items.push(keys.at(-1) ?? null), false)) || once,
          ),
        );
      }
      return new RegoSet(items);
    }
    const members: { keys: Value[]; value: Value; rule: Rule }[] = [];
    for (const rule of rules) {
      const once = [...rule.keys, rule.value].every(({ kind }) => kind === 'scalar');
      const add = (keys: Value[]): boolean =>
        this.#term(rule.value, (value) => {
          members.push(
            rule.kind === 'set'
              ? { keys: keys.slice(0, -1), value: keys.at(-1) ?? null, rule }
              : { keys, value, rule },
          );
          return false;
        });
      this.#freshly(() => this.#body(rule.body, 0, () => this.#terms(rule.keys, add) || once));
    }
    const defaults = node.rules.filter(({ isDefault, keys }) => isDefault && keys.length > 0);
    for (const rule of defaults) {
      this.#terms(rule.keys, (keys) => {
        if (!members.some((each) => equal(each.keys, keys)))
          this.#term(rule.value, (value) => (members.push({ keys, value, rule }), true));
        return true;
      });
    }
    return nested(members, 0);
  }

  #freshly<T>(work: () => T): T {
    const before = this.#variables;
    this.#variables = new Map();
    try {
      return work();
    } finally {
      this.#variables = before;
    }
  }

  #call(term: Term & { kind: 'call' }, take: Take, statement: boolean): boolean {
    const name = term.path.join('.');
    const mock = this.#world.functions.get(name);
    if (name === 'print' && mock === undefined) return this.#print(term, take);
    if (mock !== undefined && !('path' in mock)) return this.#terms(term.args, () => take(mock.value));
    const path = mock !== undefined && 'path' in mock ? mock.path : term.path;
    if (path[0] === 'data') return this.#callRule(path.slice(1), term, take, statement);
    const builtin = this.#options.builtins.get(path.join('.'));
    if (builtin === undefined)
      throw new RegoError('ERR_REGO_REFERENCE', `there is no function ${path.join('.')}`, {
        place: term.place,
      });
    const output = statement && term.args.length === builtin.arity + 1 ? term.args.at(-1) : undefined;
    if (output === undefined && builtin.arity >= 0 && term.args.length !== builtin.arity) {
      throw new RegoError(
        'ERR_REGO_REFERENCE',
        `${path.join('.')} takes ${builtin.arity} arguments, not ${term.args.length}`,
        { place: term.place },
      );
    }
    return this.#terms(output === undefined ? term.args : term.args.slice(0, -1), (args) => {
      if (builtin.each !== undefined)
        return builtin.each(
          args,
          (value) => (output === undefined ? take(value) : this.#unify(output, value, () => take(true))),
          this.#options.context,
        );
      const value = this.#callBuiltin(builtin, args, term, path.join('.'));
      if (value === undefined) return false;
      return output === undefined ? take(value) : this.#unify(output, value, () => take(true));
    });
  }

  #callBuiltin(builtin: Builtin, args: readonly Value[], term: Term, name: string): Value | undefined {
    try {
      return builtin.call(args, this.#options.context);
    } catch (cause) {
      this.#faulted(cause, term, name);
      return undefined;
    }
  }

  #faulted(cause: unknown, term: Term, name: string): void {
    if (!(cause instanceof BuiltinFault)) throw cause;
    if (!this.#options.strict) return;
    const shown = name.replace('internal.member_2', 'in').replace('internal.', '');
    throw new RegoError(cause.isType ? 'ERR_REGO_TYPE' : 'ERR_REGO_BUILTIN', `${shown}: ${cause.message}`, {
      place: term.place,
      cause,
    });
  }

  #callRule(path: readonly string[], term: Term & { kind: 'call' }, take: Take, statement: boolean): boolean {
    const node = findNode(this.#options.root, path);
    const rules = node?.rules.filter(({ kind }) => kind === 'function') ?? [];
    const [first] = rules;
    if (node === undefined || first === undefined) {
      throw new RegoError('ERR_REGO_REFERENCE', `there is no function data.${path.join('.')}`, {
        place: term.place,
      });
    }
    const arity = first.args.length;
    const output = statement && term.args.length === arity + 1 ? term.args.at(-1) : undefined;
    const given = output === undefined ? term.args : term.args.slice(0, -1);
    if (given.length !== arity) {
      throw new RegoError(
        'ERR_REGO_REFERENCE',
        `data.${path.join('.')} takes ${arity} arguments, not ${given.length}`,
        { place: term.place },
      );
    }
    return this.#terms(given, (args) => {
      const value = this.#deeper(term.place, () => this.#freshly(() => this.#applied(rules, args, node)));
      if (value === undefined) return false;
      return output === undefined ? take(value) : this.#unify(output, value, () => take(true));
    });
  }

  #applied(rules: readonly Rule[], args: readonly Value[], node: DocumentNode): Value | undefined {
    const clauses = rules.filter(({ isDefault }) => !isDefault);
    const enter = (rule: Rule, next: Next, index = 0): boolean => {
      const pattern = rule.args[index];
      const value = args[index];
      return pattern === undefined || value === undefined
        ? next()
        : this.#unify(pattern, value, () => enter(rule, next, index + 1));
    };
    const found = this.#agreed(clauses, (rule, next) => enter(rule, next), node);
    if (found !== undefined) return found;
    let value: Value | undefined;
    const fallback = rules.find(({ isDefault }) => isDefault);
    if (fallback !== undefined) this.#term(fallback.value, (each) => ((value = each), true));
    return value;
  }

  #print(term: Term & { kind: 'call' }, take: Take): boolean {
    const words = term.args.map((each) => {
      let word = '<undefined>';
      this.#term(each, (value) => ((word = typeof value === 'string' ? value : printed(value)), true));
      return word;
    });
    this.#options.print(words.join(' '));
    return take(true);
  }

  #unifyTerms(left: Term, right: Term, next: Next): boolean {
    if (left.kind === 'array' && right.kind === 'array') {
      if (left.items.length !== right.items.length) return false;
      const each = (index: number): boolean => {
        const [a, b] = [left.items[index], right.items[index]];
        return a === undefined || b === undefined ? next() : this.#unifyTerms(a, b, () => each(index + 1));
      };
      return each(0);
    }
    if (this.#isOpenPattern(right)) return this.#term(left, (value) => this.#unify(right, value, next));
    return this.#term(right, (value) => this.#unify(left, value, next));
  }

  /** Make a pattern equal to a value, giving its variables theirs. */
  #unify(pattern: Term, value: Value, next: Next): boolean {
    if (pattern.kind === 'variable' && pattern.name !== 'input' && pattern.name !== 'data') {
      const known = this.#variables.get(pattern.name);
      return known === undefined ? this.#bound(pattern.name, value, next) : equal(known, value) && next();
    }
    if (pattern.kind === 'array') {
      if (!isArray(value) || value.length !== pattern.items.length) return false;
      const each = (index: number): boolean => {
        const [item, member] = [pattern.items[index], value[index]];
        return item === undefined || member === undefined
          ? next()
          : this.#unify(item, member, () => each(index + 1));
      };
      return each(0);
    }
    if (pattern.kind === 'object') {
      if (!(value instanceof RegoObject) || value.size !== pattern.members.length) return false;
      const each = (index: number): boolean => {
        const member = pattern.members[index];
        if (member === undefined) return next();
        return this.#term(member[0], (key) => {
          const found = value.get(key);
          return found !== undefined && this.#unify(member[1], found, () => each(index + 1));
        });
      };
      return each(0);
    }
    return this.#term(pattern, (other) => equal(other, value) && next());
  }

  /** Whether a term in brackets has variables that are still to be found. */
  #isOpen(term: Term): boolean {
    return this.#isOpenPattern(term);
  }

  #isOpenPattern(term: Term): boolean {
    if (term.kind === 'variable')
      return term.name !== 'input' && term.name !== 'data' && !this.#variables.has(term.name);
    if (term.kind === 'array') return term.items.some((each) => this.#isOpenPattern(each));
    if (term.kind === 'object') return term.members.some(([, value]) => this.#isOpenPattern(value));
    return false;
  }

  /** Do work in a world with replacements; `leave` goes back to the world before for what comes after. */
  #withWorld(expression: Expression, work: (leave: (next: Next) => boolean) => boolean): boolean {
    const outer = this.#world;
    return this.#terms(
      expression.withs
        .filter(({ value, target }) => !this.#isFunctionName(target, value))
        .map(({ value }) => value),
      (values) => {
        let world: World = { ...outer, cache: new Map() };
        let index = 0;
        for (const { target, value } of expression.withs) {
          if (this.#isFunctionName(target, value))
            world = {
              ...world,
              functions: new Map([...world.functions, [target.join('.'), { path: pathOf(value) }]]),
            };
          else {
            world = replacedIn(world, target, values[index] ?? null);
            index += 1;
          }
        }
        this.#world = world;
        try {
          return work((next) => {
            this.#world = outer;
            try {
              return next();
            } finally {
              this.#world = world;
            }
          });
        } finally {
          this.#world = outer;
        }
      },
    );
  }

  #isFunctionName(target: readonly string[], value: Term): boolean {
    if (target[0] === 'input') return false;
    const path = pathOf(value);
    if (path.length === 0) return false;
    if (path[0] === 'data')
      return (findNode(this.#options.root, path.slice(1))?.rules ?? []).some(
        ({ kind }) => kind === 'function',
      );
    return this.#options.builtins.has(path.join('.')) && !this.#variables.has(path[0] ?? '');
  }
}

function replacedIn(world: World, target: readonly string[], value: Value): World {
  const [root, ...path] = target;
  if (root === 'input') return { ...world, input: setIn(world.input, path, value) };
  if (root !== 'data')
    return { ...world, functions: new Map([...world.functions, [target.join('.'), { value }]]) };
  return {
    ...world,
    replaced: [{ path, value }, ...world.replaced],
    functions: new Map([...world.functions, [target.join('.'), { value }]]),
  };
}

function setIn(value: Value | undefined, path: readonly string[], replacement: Value): Value {
  const [first, ...rest] = path;
  if (first === undefined) return replacement;
  const members = value instanceof RegoObject ? value.entries() : [];
  const before = value instanceof RegoObject ? value.get(first) : undefined;
  return new RegoObject([...members, [first, setIn(before, rest, replacement)]]);
}

/** Names of a function that is given as a value; none for anything else. */
function pathOf(term: Term): readonly string[] {
  if (term.kind === 'variable') return [term.name];
  if (term.kind !== 'reference' || term.head.kind !== 'variable') return [];
  const names = term.path.map((each) =>
    each.kind === 'scalar' && typeof each.value === 'string' ? each.value : '',
  );
  return names.includes('') ? [] : [term.head.name, ...names];
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function isCollection(value: Value): value is readonly Value[] | RegoObject | RegoSet {
  return isArray(value) || value instanceof RegoObject || value instanceof RegoSet;
}

function memberOf(value: Value, key: Value): Value | undefined {
  if (isArray(value)) return typeof key === 'number' && key >= 0 ? value[key] : undefined;
  if (value instanceof RegoSet) return value.has(key) ? key : undefined;
  return value instanceof RegoObject ? value.get(key) : undefined;
}

function pairs(items: readonly Value[]): [Value, Value][] {
  return items.flatMap((item, index): [Value, Value][] =>
    index % 2 === 0 ? [[item, items[index + 1] ?? null]] : [],
  );
}

function objectWithoutConflict(members: readonly [Value, Value][], place: Term['place']): RegoObject {
  const seen = new Map<string, Value>();
  for (const [key, value] of members) {
    const before = seen.get(keyOf(key));
    if (before !== undefined && !equal(before, value)) {
      throw new RegoError('ERR_REGO_CONFLICT', `the key ${short(key)} has two values`, { place });
    }
    seen.set(keyOf(key), value);
  }
  return new RegoObject(members);
}

/** Members with several keys are objects within objects. */
function nested(
  members: readonly { readonly keys: readonly Value[]; readonly value: Value; readonly rule: Rule }[],
  level: number,
): Value {
  const groups = new Map<string, { key: Value; members: (typeof members)[number][] }>();
  for (const member of members) {
    const key = member.keys[level] ?? null;
    const group = groups.get(keyOf(key)) ?? { key, members: [] };
    groups.set(keyOf(key), group);
    group.members.push(member);
  }
  return new RegoObject(
    [...groups.values()].map(({ key, members: group }): [Value, Value] => {
      const last = group.filter(({ keys }) => keys.length === level + 1);
      const [first] = last;
      if (first === undefined) return [key, nested(group, level + 1)];
      if (first.rule.kind === 'set') return [key, new RegoSet(last.map(({ value }) => value))];
      const other = last.find(({ value }) => !equal(value, first.value));
      if (other !== undefined)
        throw new RegoError('ERR_REGO_CONFLICT', `the key ${short(key)} has two values`, {
          place: other.rule.place,
        });
      return [key, first.value];
    }),
  );
}

function printed(value: Value): string {
  if (value instanceof RegoSet) return `{${value.items().map(printedInside).join(', ')}}`;
  if (isArray(value)) return `[${value.map(printedInside).join(', ')}]`;
  if (value instanceof RegoObject)
    return `{${value
      .entries()
      .map(([key, item]) => `${printedInside(key)}: ${printedInside(item)}`)
      .join(', ')}}`;
  return toText(value);
}

function printedInside(value: Value): string {
  return typeof value === 'string' ? JSON.stringify(value) : printed(value);
}

function short(value: Value): string {
  const text = toText(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

const MAX_DEPTH = 100;
