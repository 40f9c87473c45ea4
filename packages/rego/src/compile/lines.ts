import type { Body, Expression, Statement, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import type { Frame, FunctionReplacement, World } from '../runtime.js';
import { isArray, membersOf, RegoObject, RegoSet, type Value } from '../values.js';
import type { Seen } from './observer.js';
import { type Bound, type Code, type Get, TermCompiler } from './terms.js';

/** Makes code of lines and bodies. */
export class LineCompiler extends TermCompiler {
  protected body(body: Body, bound: Bound, then: (bound: Bound) => Code): Code {
    const from = (index: number, known: Bound): Code => {
      const line = body[index];
      return line === undefined ? then(known) : this.line(line, known, (after) => from(index + 1, after));
    };
    return from(0, bound);
  }

  /** Code of a line, and of what follows it. */
  protected line(line: Expression, bound: Bound, then: (bound: Bound) => Code): Code {
    const code = this.observed(line, bound, then, (next) => this.#plain(line, bound, next));
    const { place } = line;
    return (frame) => {
      frame.run.tick(place);
      return code(frame);
    };
  }

  /** The same code, of which an observer is told. */
  protected observed(
    line: Expression,
    bound: Bound,
    then: (bound: Bound) => Code,
    make: (then: (bound: Bound) => Code) => Code,
  ): Code {
    const { observer } = this.target;
    if (observer === undefined) return make(then);
    const slot = this.fresh();
    const look = this.#looks(line, bound);
    const code = make((known) => {
      const next = then(known);
      return (frame) => {
        frame.slots[slot] = true;
        observer.passLine(line);
        return next(frame);
      };
    });
    return (frame) => {
      frame.slots[slot] = false;
      observer.enterLine(line);
      if (code(frame)) {
        observer.stopLine(line);
        return true;
      }
      observer.failLine(line, frame.slots[slot] === true, () => look(frame));
      return false;
    };
  }

  #plain(line: Expression, bound: Bound, then: (bound: Bound) => Code): Code {
    if (line.withs.length > 0) {
      const inner: Expression = { ...line, withs: [] };
      if (line.negated) {
        const code = this.#withWorld(line, bound, (leave) =>
          this.#statement({ ...inner, negated: false }, bound, () => leave(bound, () => () => true)),
        );
        const next = then(bound);
        return (frame) => !code(frame) && next(frame);
      }
      return this.#withWorld(line, bound, (leave) =>
        this.#statement(inner, bound, (known) => leave(known, then)),
      );
    }
    if (!line.negated) return this.#statement(line, bound, then);
    const code = this.#statement({ ...line, negated: false }, bound, () => () => true);
    const next = then(bound);
    return (frame) => !code(frame) && next(frame);
  }

  #statement(line: Expression, bound: Bound, then: (bound: Bound) => Code): Code {
    const { what, place } = line;
    switch (what.kind) {
      case 'term':
        return this.truth(line, what.term, bound, then);
      case 'unify':
        return this.#unification(what.left, what.right, bound, then);
      case 'assign':
        return this.term(what.right, bound, (get, known) => this.unify(what.left, get, known, then));
      case 'some':
        return then(bound);
      case 'some-in':
        return this.#someIn(what, line, bound, then);
      case 'every':
        return this.#every(what, bound, then, place);
      case 'body': {
        const code = this.body(what.body, bound, () => () => true);
        const next = then(bound);
        return (frame) => code(frame) && next(frame);
      }
      case 'logic': {
        const left = this.body(what.left, bound, () => () => true);
        const right = this.body(what.right, bound, () => () => true);
        const next = then(bound);
        return what.operator === 'and'
          ? (frame) => left(frame) && right(frame) && next(frame)
          : (frame) => (left(frame) || right(frame)) && next(frame);
      }
    }
  }

  /** A line that is a term: it holds unless it is false or undefined. */
  protected truth(_line: Expression, term: Term, bound: Bound, then: (bound: Bound) => Code): Code {
    if (term.kind === 'call' && term.output === true) {
      const last = term.args.at(-1);
      if (last !== undefined)
        return this.call(term, term.args.slice(0, -1), bound, (get, known) =>
          this.unify(last, get, known, then),
        );
    }
    return this.term(term, bound, (get, known) => {
      const next = then(known);
      return (frame) => {
        const value = get(frame);
        return value !== undefined && value !== false && next(frame);
      };
    });
  }

  /** Two terms made equal; of two arrays each pair, so that both sides may have variables. */
  #unification(left: Term, right: Term, bound: Bound, then: (bound: Bound) => Code): Code {
    const isKnown = (term: Term): boolean => this.#isKnown(term, bound);
    if (left.kind === 'array' && right.kind === 'array' && !isKnown(left) && !isKnown(right)) {
      if (left.items.length !== right.items.length) return () => false;
      const pairs = left.items.map((item, index) => [item, right.items[index] ?? item] as const);
      return this.#pairs(pairs, bound, then);
    }
    if (left.kind === 'object' && right.kind === 'object' && !isKnown(left) && !isKnown(right)) {
      const pairs = left.members.flatMap(([key, value]) => {
        const other = right.members.find(([name]) => sameScalar(key, name));
        return other === undefined ? [] : [[value, other[1]] as const];
      });
      if (pairs.length === left.members.length && pairs.length === right.members.length)
        return this.#pairs(pairs, bound, then);
    }
    const [pattern, known] = isKnown(right) ? [left, right] : [right, left];
    return this.term(known, bound, (get, after) => this.unify(pattern, get, after, then));
  }

  /** Pairs in an order in which one side of each is known. */
  #pairs(pairs: readonly (readonly [Term, Term])[], bound: Bound, then: (bound: Bound) => Code): Code {
    if (pairs.length === 0) return then(bound);
    const ready = pairs.findIndex(([a, b]) => this.#isKnown(a, bound) || this.#isKnown(b, bound));
    const index = Math.max(0, ready);
    const [left, right] = pairs[index] ?? [];
    if (left === undefined || right === undefined) return then(bound);
    const rest = pairs.filter((_pair, at) => at !== index);
    return this.#unification(left, right, bound, (known) => this.#pairs(rest, known, then));
  }

  #isKnown(term: Term, bound: Bound): boolean {
    switch (term.kind) {
      case 'variable':
        return term.name === 'input' || term.name === 'data' || bound.has(term.name);
      case 'array':
        return term.items.every((each) => this.#isKnown(each, bound));
      case 'object':
        return term.members.every(([, value]) => this.#isKnown(value, bound));
      case 'scalar':
      case 'reference':
      case 'set':
      case 'call':
      case 'comprehension':
      case 'template':
        return true;
    }
  }

  #someIn(
    what: Statement & { kind: 'some-in' },
    line: Expression,
    bound: Bound,
    then: (bound: Bound) => Code,
  ): Code {
    const [keySlot, itemSlot] = [this.fresh(), this.fresh()];
    const at =
      (slot: number): Get =>
      ({ slots }) =>
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written below
        slots[slot] as Value;
    const { place } = line;
    const { key, value } = what;
    const { isRegorus } = this.target;
    return this.term(what.of, bound, (get, known) => {
      const next = this.unify(value, at(itemSlot), known, (after) =>
        key === undefined ? then(after) : this.unify(key, at(keySlot), after, then),
      );
      return (frame) => {
        const collection = get(frame);
        if (collection === undefined) return false;
        if (isRegorus && frame.run.options.strict && !isCollection(collection))
          throw new RegoError('ERR_REGO_BUILTIN', 'some … in takes an array, a set or an object', { place });
        for (const [each, item] of membersOf(collection)) {
          frame.run.tick(place);
          frame.slots[keySlot] = each;
          frame.slots[itemSlot] = item;
          if (next(frame)) return true;
        }
        return false;
      };
    });
  }

  #every(
    what: Statement & { kind: 'every' },
    bound: Bound,
    then: (bound: Bound) => Code,
    place: Expression['place'],
  ): Code {
    return this.term(what.of, bound, (get, known) => {
      const names = [what.value, ...(what.key === undefined ? [] : [what.key])];
      const [value, key] = names.map((name) => this.slot(name));
      const body = this.body(what.body, new Set([...known, ...names]), () => () => true);
      const next = then(known);
      return (frame) => {
        const collection = get(frame);
        if (collection === undefined || !isCollection(collection)) return false;
        for (const [each, item] of membersOf(collection)) {
          frame.run.tick(place);
          if (value !== undefined) frame.slots[value] = item;
          if (key !== undefined) frame.slots[key] = each;
          if (!body(frame)) return false;
        }
        return next(frame);
      };
    });
  }

  /** Code that runs in a world with replacements; what `leave` makes runs in the world before. */
  #withWorld(
    line: Expression,
    bound: Bound,
    make: (leave: (bound: Bound, then: (bound: Bound) => Code) => Code) => Code,
  ): Code {
    const slot = this.fresh();
    const inner = make((known, then) => {
      const next = then(known);
      return (frame) => {
        const within = frame.run.world;
        frame.run.world = worldIn(frame, slot);
        try {
          return next(frame);
        } finally {
          frame.run.world = within;
        }
      };
    });
    const replacements = line.withs;
    const values = replacements
      .filter(({ functionPath }) => functionPath === undefined)
      .map(({ value }) => value);
    return this.terms(values, bound, (gets) => (frame) => {
      const { run } = frame;
      const outer = run.world;
      let world: World = { ...outer, known: [], isPlain: false };
      let index = 0;
      for (const { target, functionPath } of replacements) {
        if (functionPath !== undefined) world = mocked(world, target, { path: functionPath });
        else {
          const value = gets[index]?.(frame);
          if (value === undefined) return false;
          index += 1;
          world = replacedIn(world, target, value);
        }
      }
      const before = frame.slots[slot];
      frame.slots[slot] = outer;
      run.world = world.replaced.length === 0 && outer.isPlain ? { ...world, isPlain: true } : world;
      try {
        return inner(frame);
      } finally {
        run.world = outer;
        frame.slots[slot] = before;
      }
    });
  }

  /** What an observer may look at when a line fails: its variables, references and calls. */
  #looks(line: Expression, bound: Bound): (frame: Frame) => readonly Seen[] {
    const parts: { readonly place: Term['place']; readonly get: Get }[] = [];
    const add = (term: Term): void => {
      if (parts.length >= MAX_SEEN || term.place.file === '') return;
      const isShown =
        term.kind === 'variable'
          ? !term.name.startsWith('_')
          : term.kind === 'reference' || term.kind === 'call';
      const get = isShown ? this.simple(term, bound) : undefined;
      if (get !== undefined) parts.push({ place: term.place, get });
      for (const inner of partsOf(term)) add(inner);
    };
    for (const term of termsOf(line.what)) add(term);
    return (frame) => parts.map(({ place, get }) => ({ place, value: quietly(get, frame) }));
  }
}

function quietly(get: Get, frame: Frame): Value | undefined {
  try {
    return get(frame);
  } catch (error) {
    if (error instanceof RegoError && error.code !== 'ERR_REGO_LIMIT') return undefined;
    throw error;
  }
}

function termsOf(what: Statement): readonly Term[] {
  switch (what.kind) {
    case 'term':
      return [what.term];
    case 'unify':
    case 'assign':
      return [what.left, what.right];
    case 'some-in':
    case 'every':
      return [what.of];
    case 'some':
    case 'logic':
    case 'body':
      return [];
  }
}

function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'call':
      return term.args;
    case 'array':
    case 'set':
      return term.items;
    case 'object':
      return term.members.flat();
    case 'reference':
      return [
        ...(term.head.kind === 'call' ? [term.head] : []),
        ...term.path.filter(({ kind }) => kind !== 'scalar'),
      ];
    case 'scalar':
    case 'variable':
    case 'comprehension':
    case 'template':
      return [];
  }
}

function worldIn(frame: Frame, slot: number): World {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the code around it
  return frame.slots[slot] as World;
}

function mocked(world: World, target: readonly string[], by: FunctionReplacement): World {
  return { ...world, functions: new Map([...world.functions, [target.join('.'), by]]) };
}

function replacedIn(world: World, target: readonly string[], value: Value): World {
  const [root, ...path] = target;
  if (root === 'input') return { ...world, input: setIn(world.input, path, value) };
  const made = mocked(world, target, { value });
  return root === 'data' ? { ...made, replaced: [{ path, value }, ...world.replaced] } : made;
}

function setIn(value: Value | undefined, path: readonly string[], replacement: Value): Value {
  const [first, ...rest] = path;
  if (first === undefined) return replacement;
  const members = value instanceof RegoObject ? value.entries() : [];
  const before = value instanceof RegoObject ? value.get(first) : undefined;
  return new RegoObject([...members, [first, setIn(before, rest, replacement)]]);
}

function sameScalar(a: Term, b: Term): boolean {
  return a.kind === 'scalar' && b.kind === 'scalar' && a.value === b.value;
}

function isCollection(value: Value): boolean {
  return isArray(value) || value instanceof RegoObject || value instanceof RegoSet;
}

const MAX_SEEN = 40;
