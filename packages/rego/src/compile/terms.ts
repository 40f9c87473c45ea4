import type { Body, Span, Term } from '../ast.js';
import type { Builtin } from '../builtins/builtin.js';
import { type DocumentNode, findNode } from '../documents.js';
import { RegoError } from '../errors.js';
import { type Cursor, type Frame, isCursor, memberOf } from '../runtime.js';
import { equal, isArray, literalText, membersOf, RegoObject, RegoSet, type Value } from '../values.js';
import type { Observer } from './observer.js';

/** Runs to the next solution; `true` ends the search. */
export type Code = (frame: Frame) => boolean;

/** The value of a term that has one at most. */
export type Get = (frame: Frame) => Value | undefined;

/** The variables that have values. */
export type Bound = ReadonlySet<string>;

/** What follows, given where the value is and what is bound then. */
export type Then = (get: Get, bound: Bound) => Code;

/** What code is made for. */
export interface Target {
  readonly root: DocumentNode;
  readonly builtins: ReadonlyMap<string, Builtin>;
  /** Answers of another engine, where they differ. */
  readonly isRegorus: boolean;
  readonly observer: Observer | undefined;
}

/** Makes code of terms. One compiler serves one clause, whose variables it gives slots. */
export abstract class TermCompiler {
  protected readonly target: Target;
  readonly #slots = new Map<string, number>();
  #count = 0;

  constructor(target: Target) {
    this.target = target;
  }

  /** Code of lines, and of what follows them. */
  protected abstract body(body: Body, bound: Bound, then: (bound: Bound) => Code): Code;

  /** The slot of a variable. */
  protected slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.fresh();
    this.#slots.set(name, slot);
    return slot;
  }

  /** A slot that no variable has. */
  protected fresh(): number {
    this.#count += 1;
    return this.#count - 1;
  }

  /** Code that runs what follows for each value of a term. */
  protected term(term: Term, bound: Bound, then: Then): Code {
    const get = this.simple(term, bound);
    if (get !== undefined) return then(get, bound);
    switch (term.kind) {
      case 'reference':
        return this.#reference(term, bound, then);
      case 'call':
        return this.call(term, term.args, bound, then);
      case 'array':
      case 'set': {
        const of = term.kind;
        return this.terms(term.items, bound, (gets, known) => then(collection(of, gets), known));
      }
      case 'object': {
        const flat = term.members.flatMap(([key, value]) => [key, value]);
        return this.terms(flat, bound, (gets, known) =>
          then(objectOf(gets, term.place, this.target.isRegorus), known),
        );
      }
      case 'scalar':
      case 'comprehension':
      case 'template':
      case 'variable':
    }
    const name = term.kind === 'variable' ? shown(term.name) : 'a variable';
    throw new RegoError('ERR_REGO_UNSAFE', `${name} has no value here`, { place: term.place });
  }

  /** Code that runs what follows for all values of several terms. Each value is kept: the terms after it may run often. */
  protected terms(
    terms: readonly Term[],
    bound: Bound,
    then: (gets: readonly Get[], bound: Bound) => Code,
  ): Code {
    const gets: Get[] = [];
    const from = (left: readonly number[], known: Bound): Code => {
      // a variable waits for a term that gives it its value
      const index = left.find((each) => !this.#isOpen(terms[each] ?? NULL, known)) ?? left[0];
      const term = index === undefined ? undefined : terms[index];
      if (term === undefined || index === undefined) return then(gets, known);
      return this.term(term, known, (get, after) => {
        gets[index] = get;
        return from(
          left.filter((each) => each !== index),
          after,
        );
      });
    };
    return from([...terms.keys()], bound);
  }

  /** The value of a term that has one at most; `undefined` for one that gives variables values. */
  protected simple(term: Term, bound: Bound): Get | undefined {
    switch (term.kind) {
      case 'scalar': {
        const { value } = term;
        return () => value;
      }
      case 'variable':
        return this.#variable(term.name, bound);
      case 'reference':
        return this.#simpleReference(term, bound);
      case 'array':
      case 'set': {
        const gets = this.#allSimple(term.items, bound);
        return gets === undefined ? undefined : collection(term.kind, gets);
      }
      case 'object': {
        const gets = this.#allSimple(
          term.members.flatMap(([key, value]) => [key, value]),
          bound,
        );
        return gets === undefined ? undefined : objectOf(gets, term.place, this.target.isRegorus);
      }
      case 'comprehension':
        return this.#comprehension(term, bound);
      case 'call':
        return this.#simpleCall(term, bound);
      case 'template':
        throw new TypeError('templates are calls by now');
    }
  }

  #allSimple(terms: readonly Term[], bound: Bound): readonly Get[] | undefined {
    const gets: Get[] = [];
    for (const term of terms) {
      const get = this.simple(term, bound);
      if (get === undefined) return undefined;
      gets.push(get);
    }
    return gets;
  }

  #variable(name: string, bound: Bound): Get | undefined {
    if (name === 'input') return ({ run }) => run.world.input;
    if (name === 'data') return ({ run }) => run.whole(run.root());
    if (!bound.has(name)) return undefined;
    const slot = this.slot(name);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- variables are bound to values only
    return ({ slots }) => slots[slot] as Value;
  }

  /** Whether a step in brackets looks for keys. */
  #isOpen(term: Term, bound: Bound): boolean {
    if (term.kind === 'variable')
      return term.name !== 'input' && term.name !== 'data' && !bound.has(term.name);
    if (term.kind === 'array') return term.items.some((each) => this.#isOpen(each, bound));
    if (term.kind === 'object') return term.members.some(([, value]) => this.#isOpen(value, bound));
    return false;
  }

  #simpleReference(term: Term & { kind: 'reference' }, bound: Bound): Get | undefined {
    const { head, path } = term;
    const steps = this.#allSimple(path, bound);
    if (steps === undefined) return undefined;
    if (head.kind === 'variable' && head.name === 'data') return this.#dataReference(path, steps);
    const base = this.simple(head, bound);
    if (base === undefined) return undefined;
    const [first, second] = steps;
    if (first !== undefined && steps.length === 1) return oneStep(base, first);
    if (first !== undefined && second !== undefined && steps.length === 2)
      return oneStep(oneStep(base, first), second);
    return (frame) => {
      let value = base(frame);
      for (let index = 0; index < steps.length && value !== undefined; index += 1) {
        const key = steps[index]?.(frame);
        value = key === undefined ? undefined : memberOf(value, key);
      }
      return value;
    };
  }

  /** A document whose path is known: the rules there, unless something is given or replaced. */
  #dataReference(path: readonly Term[], steps: readonly Get[]): Get {
    const slow = (frame: Frame): Value | undefined => {
      const { run } = frame;
      let value: Value | Cursor | undefined = run.root();
      for (const step of steps) {
        const key = step(frame);
        if (key === undefined) return undefined;
        value = run.step(value, key);
        if (value === undefined) return undefined;
      }
      return run.whole(value);
    };
    let node: DocumentNode | undefined = this.target.root;
    for (const [index, term] of path.entries()) {
      node =
        term.kind === 'scalar' && typeof term.value === 'string' ? node?.children.get(term.value) : undefined;
      if (node === undefined) return slow;
      if (node.rules.length > 0) {
        if (node.children.size > 0 || node.rules.some(({ kind }) => kind === 'function')) return slow;
        const found = node;
        const rest = steps.slice(index + 1);
        return (frame) => {
          if (!frame.run.world.isPlain) return slow(frame);
          let value = frame.run.rules(found);
          for (const step of rest) {
            const key = value === undefined ? undefined : step(frame);
            if (key === undefined || value === undefined) return undefined;
            value = memberOf(value, key);
          }
          return value;
        };
      }
    }
    return slow;
  }

  #reference(term: Term & { kind: 'reference' }, bound: Bound, then: Then): Code {
    const { head, path } = term;
    if (head.kind === 'variable' && head.name === 'data')
      return this.#documents(({ run }) => run.root(), path, 0, bound, then, term.place);
    return this.term(head, bound, (get, known) => this.#walk(get, path, 0, known, then, term.place));
  }

  /** Follow a path into a value. */
  #walk(get: Get, path: readonly Term[], index: number, bound: Bound, then: Then, place: Span): Code {
    const step = path[index];
    if (step === undefined) return then(get, bound);
    const key = this.simple(step, bound);
    if (key !== undefined) {
      const member = this.fresh();
      const next = this.#walk(({ slots }) => valueIn(slots, member), path, index + 1, bound, then, place);
      const at = oneStep(get, key);
      return (frame) => {
        const value = at(frame);
        if (value === undefined) return false;
        frame.slots[member] = value;
        return next(frame);
      };
    }
    if (!this.#isOpen(step, bound)) {
      return this.term(step, bound, (found, known) =>
        this.#walk(oneStep(get, found), path, index + 1, known, then, place),
      );
    }
    const [keySlot, member] = [this.fresh(), this.fresh()];
    const next = this.unify(
      step,
      ({ slots }) => valueIn(slots, keySlot),
      bound,
      (known) => this.#walk(({ slots }) => valueIn(slots, member), path, index + 1, known, then, place),
    );
    return (frame) => {
      const value = get(frame);
      if (value === undefined) return false;
      for (const [each, item] of membersOf(value)) {
        frame.run.tick(place);
        frame.slots[keySlot] = each;
        frame.slots[member] = item;
        if (next(frame)) return true;
      }
      return false;
    };
  }

  /** Follow a path below `data`, where rules and given data lie over one another. */
  #documents(
    get: (frame: Frame) => Value | Cursor | undefined,
    path: readonly Term[],
    index: number,
    bound: Bound,
    then: Then,
    place: Span,
  ): Code {
    const step = path[index];
    const here = this.fresh();
    const got = (frame: Frame): Value | Cursor | undefined => cursorIn(frame.slots, here);
    if (step === undefined) {
      const next = then((frame) => valueIn(frame.slots, here), bound);
      return (frame) => {
        const value = get(frame);
        const whole = value === undefined ? undefined : frame.run.whole(value);
        if (whole === undefined) return false;
        frame.slots[here] = whole;
        return next(frame);
      };
    }
    const [keySlot, member] = [this.fresh(), this.fresh()];
    const below = (known: Bound): Code =>
      this.#documents(({ slots }) => cursorIn(slots, member), path, index + 1, known, then, place);
    if (!this.#isOpen(step, bound)) {
      return this.term(step, bound, (key, known) => {
        const next = below(known);
        return (frame) => {
          const [value, name] = [get(frame), key(frame)];
          const found = value === undefined || name === undefined ? undefined : frame.run.step(value, name);
          if (found === undefined) return false;
          frame.slots[member] = found;
          return next(frame);
        };
      });
    }
    const next = this.unify(step, ({ slots }) => valueIn(slots, keySlot), bound, below);
    return (frame) => {
      const value = get(frame);
      if (value === undefined) return false;
      frame.slots[here] = value;
      const from = got(frame) ?? null;
      for (const [key, item] of isCursor(from) ? frame.run.members(from) : membersOf(from)) {
        frame.run.tick(place);
        frame.slots[keySlot] = key;
        frame.slots[member] = item;
        if (next(frame)) return true;
      }
      return false;
    };
  }

  /** Code that makes a pattern equal to a value, giving its variables theirs. */
  protected unify(pattern: Term, get: Get, bound: Bound, then: (bound: Bound) => Code): Code {
    if (
      pattern.kind === 'variable' &&
      !bound.has(pattern.name) &&
      pattern.name !== 'input' &&
      pattern.name !== 'data'
    ) {
      const slot = this.slot(pattern.name);
      const next = then(new Set([...bound, pattern.name]));
      return (frame) => {
        const value = get(frame);
        if (value === undefined) return false;
        frame.slots[slot] = value;
        return next(frame);
      };
    }
    const known = this.simple(pattern, bound);
    if (known !== undefined) {
      const next = then(bound);
      return (frame) => {
        const [a, b] = [get(frame), known(frame)];
        return a !== undefined && b !== undefined && equal(a, b) && next(frame);
      };
    }
    if (pattern.kind === 'array') return this.#unifyArray(pattern.items, get, bound, then);
    if (pattern.kind === 'object') return this.#unifyObject(pattern.members, get, bound, then);
    return this.term(pattern, bound, (other, after) => {
      const next = then(after);
      return (frame) => {
        const [a, b] = [get(frame), other(frame)];
        return a !== undefined && b !== undefined && equal(a, b) && next(frame);
      };
    });
  }

  #unifyArray(items: readonly Term[], get: Get, bound: Bound, then: (bound: Bound) => Code): Code {
    const slot = this.fresh();
    const from = (index: number, known: Bound): Code => {
      const item = items[index];
      if (item === undefined) return then(known);
      const member: Get = ({ slots }) => memberOf(valueIn(slots, slot) ?? null, index);
      return this.unify(item, member, known, (after) => from(index + 1, after));
    };
    const next = from(0, bound);
    return (frame) => {
      const value = get(frame);
      if (value === undefined || !isArray(value) || value.length !== items.length) return false;
      frame.slots[slot] = value;
      return next(frame);
    };
  }

  #unifyObject(
    members: readonly (readonly [Term, Term])[],
    get: Get,
    bound: Bound,
    then: (bound: Bound) => Code,
  ): Code {
    const slot = this.fresh();
    const from = (index: number, known: Bound): Code => {
      const [key, value] = members[index] ?? [];
      if (key === undefined || value === undefined) return then(known);
      return this.term(key, known, (keyGet, after) =>
        this.unify(
          value,
          oneStep(({ slots }) => valueIn(slots, slot), keyGet),
          after,
          (later) => from(index + 1, later),
        ),
      );
    };
    const next = from(0, bound);
    return (frame) => {
      const value = get(frame);
      if (!(value instanceof RegoObject) || value.size !== members.length) return false;
      frame.slots[slot] = value;
      return next(frame);
    };
  }

  #comprehension(term: Term & { kind: 'comprehension' }, bound: Bound): Get {
    const slot = this.fresh();
    const { place, of } = term;
    const code = this.body(term.body, bound, (known) => {
      const heads = term.of === 'object' ? [term.key, term.item] : [term.item];
      return this.terms(heads, known, ([first, second]) => (frame) => {
        const [key, item] = [first?.(frame), second?.(frame)];
        if (key === undefined) return false;
        frame.run.tick(place);
        const found = listIn(frame.slots, slot);
        if (of !== 'object') found.push(key);
        else if (item !== undefined) found.push(key, item);
        return false;
      });
    });
    return (frame) => {
      const before = frame.slots[slot];
      const found: Value[] = [];
      frame.slots[slot] = found;
      code(frame);
      frame.slots[slot] = before;
      if (of === 'array') return found;
      return of === 'set' ? new RegoSet(found) : withoutConflict(found, place);
    };
  }

  #simpleCall(term: Term & { kind: 'call' }, bound: Bound): Get | undefined {
    const gets = this.#allSimple(term.args, bound);
    if (gets === undefined) return undefined;
    const name = term.path.join('.');
    if (this.target.builtins.get(name)?.each !== undefined) return undefined;
    const { place } = term;
    const plain = this.#callee(term.path, gets, place);
    const [first, second] = gets;
    if (name === 'internal.equal' && first !== undefined && second !== undefined) {
      const mocked = this.#mocked(name, gets, plain, place);
      return (frame) => {
        if (frame.run.world.functions.size > 0) return mocked(frame);
        const [a, b] = [first(frame), second(frame)];
        return a === undefined || b === undefined ? undefined : equal(a, b);
      };
    }
    return this.#mocked(name, gets, plain, place);
  }

  /** A call, unless `with` replaces the function. */
  #mocked(name: string, gets: readonly Get[], plain: Get, place: Span): Get {
    return (frame) => {
      const { run } = frame;
      if (run.world.functions.size === 0) return plain(frame);
      const mock = run.world.functions.get(name);
      if (mock === undefined) return plain(frame);
      const args = valuesOf(gets, frame);
      if (args === undefined) return undefined;
      if ('value' in mock) return mock.value;
      const outer = run.world;
      run.world = { ...outer, functions: new Map() };
      try {
        return this.#callByPath(frame, mock.path, args, place);
      } finally {
        run.world = outer;
      }
    };
  }

  #callByPath(frame: Frame, path: readonly string[], args: readonly Value[], place: Span): Value | undefined {
    if (path[0] === 'data') {
      const node = findNode(this.target.root, path.slice(1));
      return node === undefined ? undefined : frame.run.apply(node, args, place);
    }
    const builtin = this.target.builtins.get(path.join('.'));
    return builtin === undefined ? undefined : frame.run.call(builtin, path.join('.'), args, place);
  }

  #callee(path: readonly string[], gets: readonly Get[], place: Span): Get {
    const name = path.join('.');
    if (path[0] === 'data') {
      const node = findNode(this.target.root, path.slice(1));
      if (node === undefined || !node.rules.some(({ kind }) => kind === 'function'))
        return unknown(name, place);
      const arity = node.rules.find(({ kind }) => kind === 'function')?.args.length ?? 0;
      if (arity !== gets.length) return wrongArity(name, arity, gets.length, place);
      return (frame) => {
        const args = valuesOf(gets, frame);
        return args === undefined ? undefined : frame.run.apply(node, args, place);
      };
    }
    if (name === 'print') return printing(gets, place, this.target.isRegorus);
    const builtin = this.target.builtins.get(name);
    if (builtin === undefined) return unknown(name, place);
    if (builtin.arity >= 0 && builtin.arity !== gets.length)
      return wrongArity(name, builtin.arity, gets.length, place);
    return (frame) => {
      const args = valuesOf(gets, frame);
      return args === undefined ? undefined : frame.run.call(builtin, name, args, place);
    };
  }

  /** Code of a call whose arguments look for values, or that has several values itself. */
  protected call(term: Term & { kind: 'call' }, args: readonly Term[], bound: Bound, then: Then): Code {
    const name = term.path.join('.');
    const { place } = term;
    const several = this.target.builtins.get(name)?.each;
    return this.terms(args, bound, (gets, known) => {
      const slot = this.fresh();
      const next = then(({ slots }) => valueIn(slots, slot), known);
      const once = this.#mocked(name, gets, this.#callee(term.path, gets, place), place);
      const first: Code = (frame) => {
        const value = once(frame);
        if (value === undefined) return false;
        frame.slots[slot] = value;
        return next(frame);
      };
      if (several === undefined) return first;
      return (frame) => {
        if (frame.run.world.functions.has(name)) return first(frame);
        const values = valuesOf(gets, frame);
        if (values === undefined) return false;
        const take = (value: Value): boolean => {
          frame.run.tick(place);
          frame.slots[slot] = value;
          return next(frame);
        };
        return several(values, take, frame.run.options.context);
      };
    });
  }
}

const NULL: Term = {
  kind: 'scalar',
  value: null,
  place: { file: '', line: 1, column: 1, from: 0, to: 0, endLine: 1 },
};

function oneStep(base: Get, key: Get): Get {
  return (frame) => {
    const value = base(frame);
    if (value === undefined) return undefined;
    const step = key(frame);
    return step === undefined ? undefined : memberOf(value, step);
  };
}

function valuesOf(gets: readonly Get[], frame: Frame): Value[] | undefined {
  const values: Value[] = [];
  for (const get of gets) {
    const value = get(frame);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function collection(of: 'array' | 'set', gets: readonly Get[]): Get {
  return (frame) => {
    const values = valuesOf(gets, frame);
    return values === undefined || of === 'array' ? values : new RegoSet(values);
  };
}

/** An object that is written out: of a key that is there twice the last counts, but not for regorus. */
function objectOf(gets: readonly Get[], place: Span, isRegorus: boolean): Get {
  return (frame) => {
    const values = valuesOf(gets, frame);
    if (values === undefined) return undefined;
    return isRegorus ? withoutConflict(values, place) : new RegoObject(pairs(values));
  };
}

/** Keys and values in turn, as an object: one key has one value. */
function withoutConflict(flat: readonly Value[], place: Span): RegoObject {
  const members: [Value, Value][] = [];
  for (let index = 0; index < flat.length; index += 2)
    members.push([flat[index] ?? null, flat[index + 1] ?? null]);
  const made = new RegoObject(members);
  if (made.size < members.length && members.some(([key, value]) => !equal(made.get(key) ?? null, value)))
    throw new RegoError('ERR_REGO_CONFLICT', 'object keys must be unique', { place });
  return made;
}

function pairs(flat: readonly Value[]): [Value, Value][] {
  const members: [Value, Value][] = [];
  for (let index = 0; index < flat.length; index += 2)
    members.push([flat[index] ?? null, flat[index + 1] ?? null]);
  return members;
}

function printing(gets: readonly Get[], place: Span, isRegorus: boolean): Get {
  return (frame) => {
    const { print } = frame.run.options;
    if (print === undefined) return true;
    const words = gets.map((get) => {
      const value = get(frame);
      if (value === undefined) return '<undefined>';
      if (isRegorus && value instanceof RegoSet && value.size === 0) return '{}';
      return typeof value === 'string' ? value : literalText(value);
    });
    print(words.join(' '), place);
    return true;
  };
}

function unknown(name: string, place: Span): Get {
  return () => {
    throw new RegoError('ERR_REGO_REFERENCE', `there is no function ${name}`, { place });
  };
}

function wrongArity(name: string, arity: number, given: number, place: Span): Get {
  return () => {
    throw new RegoError('ERR_REGO_REFERENCE', `${name} takes ${arity} arguments, not ${given}`, { place });
  };
}

/** The name that an author wrote. */
export function shown(name: string): string {
  return name.split('$')[0] ?? name;
}

// oxlint-disable typescript/no-unsafe-type-assertion -- each slot is written by one place, which knows what is in it
function valueIn(slots: readonly unknown[], slot: number): Value | undefined {
  return slots[slot] as Value | undefined;
}

function cursorIn(slots: readonly unknown[], slot: number): Value | Cursor | undefined {
  return slots[slot] as Value | Cursor | undefined;
}

function listIn(slots: readonly unknown[], slot: number): Value[] {
  return slots[slot] as Value[];
}
