/**
 * What an evaluation carries: the world that `with` changes, the values of rules that are known, what is left of the budget.
 *
 * @module
 */
import type { Builtin, BuiltinContext } from './builtins/builtin.js';
import { BuiltinFault } from './builtins/builtin.js';
import { RegoDecimal } from './decimal.js';
import { type DocumentNode, isOverlaid } from './documents.js';
import { type Place, RegoError } from './errors.js';
import { equal, isArray, keyOf, RegoObject, RegoSet, type Value } from './values.js';

/** What an evaluation works with. */
export interface RunOptions {
  readonly root: DocumentNode;
  readonly data: Value;
  readonly input: Value | undefined;
  readonly builtins: ReadonlyMap<string, Builtin>;
  readonly context: BuiltinContext;
  /** Whether a fault of a built-in function ends the evaluation; else its line is undefined. */
  readonly strict: boolean;
  /** Given each line of `print`. */
  readonly print: ((line: string, place: Place) => void) | undefined;
  /** How many steps are left; shared by all parts of an evaluation. */
  readonly budget: { steps: number };
  readonly signal: AbortSignal | undefined;
  /** Whether it is past the deadline. */
  readonly isLate: () => boolean;
  /** The code of the rules at a node. */
  readonly rulesAt: (node: DocumentNode) => RulesCode;
}

/** The rules of a node, ready to run. */
export interface RulesCode {
  /** The value of a rule without arguments. */
  readonly value: (run: Run) => Value | undefined;
  /** The value of a function. */
  readonly apply: (run: Run, args: readonly Value[]) => Value | undefined;
}

/** What `with` replaces. */
export interface World {
  readonly input: Value | undefined;
  readonly data: Value;
  readonly replaced: readonly Replacement[];
  readonly functions: ReadonlyMap<string, FunctionReplacement>;
  /** Values of rules, by node; {@link NONE} where a rule has none. */
  readonly known: (Value | typeof NONE | typeof ACTIVE | undefined)[];
  /** Whether nothing given or replaced lies where rules are. */
  readonly isPlain: boolean;
}

/** A document that `with` replaces. */
export interface Replacement {
  readonly path: readonly string[];
  readonly value: Value;
}

/** What is called in place of a function. */
export type FunctionReplacement = { readonly value: Value } | { readonly path: readonly string[] };

/** The mark of a rule without a value. */
export const NONE: unique symbol = Symbol('none');

/** The mark of a rule whose value is being found. */
export const ACTIVE: unique symbol = Symbol('active');

/** Where variables are while a clause runs. */
export interface Frame {
  readonly run: Run;
  /** Values of variables, and what loops need. */
  readonly slots: unknown[];
  /** Given each value of a clause; `true` ends the search. */
  readonly take: (value: Value, keys: readonly Value[]) => boolean;
}

/** A place below `data` that is no value yet. */
export interface Cursor {
  readonly at: readonly string[];
  readonly node: DocumentNode | undefined;
  readonly base: Value | undefined;
  readonly isCursor: true;
}

/** One evaluation. */
export class Run {
  readonly options: RunOptions;
  world: World;
  #depth = 0;
  #nextLook = Infinity;

  constructor(options: RunOptions) {
    this.options = options;
    const { input, data, root } = options;
    this.world = {
      input,
      data,
      replaced: [],
      functions: new Map(),
      known: [],
      isPlain: !isOverlaid(root, data),
    };
  }

  /** One step of the budget. */
  tick(place: Place): void {
    const { budget, signal } = this.options;
    budget.steps -= 1;
    if (budget.steps < 0)
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation takes more steps than allowed', { place });
    if (budget.steps < this.#nextLook) this.#look(place, signal);
  }

  /** Whether to go on, which is asked every thousand steps. */
  #look(place: Place, signal: AbortSignal | undefined): void {
    this.#nextLook = this.options.budget.steps - 1024;
    if (signal?.aborted === true)
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation was aborted', { place });
    if (this.options.isLate())
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation takes longer than allowed', { place });
  }

  #enter(place: Place | undefined): void {
    this.#depth += 1;
    if (this.#depth <= MAX_DEPTH) return;
    this.#depth -= 1;
    throw new RegoError('ERR_REGO_LIMIT', `rules call each other at most ${MAX_DEPTH} deep`, { place });
  }

  /** The value that the rules of a place give, once for each world. */
  rules(node: DocumentNode): Value | undefined {
    const { known } = this.world;
    const before = known[node.id];
    if (before === NONE) return undefined;
    if (before === ACTIVE)
      throw new RegoError('ERR_REGO_RECURSION', `data.${node.path.join('.')} depends on itself`, {
        place: node.rules[0]?.place,
      });
    if (before !== undefined) return before;
    this.#enter(node.rules[0]?.place);
    known[node.id] = ACTIVE;
    try {
      const value = this.options.rulesAt(node).value(this);
      known[node.id] = value === undefined ? NONE : value;
      return value;
    } catch (error) {
      known[node.id] = undefined;
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /** The value of a function of a policy. */
  apply(node: DocumentNode, args: readonly Value[], place: Place): Value | undefined {
    this.tick(place);
    this.#enter(place);
    try {
      return this.options.rulesAt(node).apply(this, args);
    } finally {
      this.#depth -= 1;
    }
  }

  /** The value of a built-in function. */
  call(builtin: Builtin, name: string, args: readonly Value[], place: Place): Value | undefined {
    this.tick(place);
    try {
      const value = builtin.call(args, this.options.context);
      if (value !== undefined) this.#charge(value, place);
      return value;
    } catch (cause) {
      this.faulted(cause, name, place);
      return undefined;
    }
  }

  /** Large values cost what it takes to hold them. */
  #charge(value: Value, place: Place): void {
    const size =
      typeof value === 'string'
        ? value.length >> 6
        : isArray(value)
          ? value.length >> 2
          : value instanceof RegoObject || value instanceof RegoSet
            ? value.size >> 2
            : 0;
    if (size === 0) return;
    this.options.budget.steps -= size;
    this.tick(place);
  }

  /** A fault ends a strict evaluation, and is nothing in any other. */
  faulted(cause: unknown, name: string, place: Place): void {
    if (cause instanceof RegoError && cause.place === undefined)
      throw new RegoError(cause.code, cause.message, { place, cause });
    if (!(cause instanceof BuiltinFault)) throw cause;
    if (!this.options.strict) return;
    const shown = name.replace('internal.member_2', 'in').replace('internal.', '');
    throw new RegoError(cause.isType ? 'ERR_REGO_TYPE' : 'ERR_REGO_BUILTIN', `${shown}: ${cause.message}`, {
      place,
      cause,
    });
  }

  /** All of `data`. */
  root(): Cursor {
    return { at: [], node: this.options.root, base: this.world.data, isCursor: true };
  }

  /** One step into a document or value. */
  step(from: Value | Cursor, key: Value): Value | Cursor | undefined {
    if (!isCursor(from)) return memberOf(from, key);
    const name = typeof key === 'string' ? key : keyOf(key); // the names of data are text
    const base =
      from.base === undefined ? undefined : (memberOf(from.base, key) ?? memberOf(from.base, name));
    return this.settled({
      at: [...from.at, name],
      node: from.node?.children.get(name),
      base,
      isCursor: true,
    });
  }

  /** A place as its value where it is one; `undefined` where nothing is. */
  settled(cursor: Cursor): Value | Cursor | undefined {
    const { at, node, base } = cursor;
    const { replaced } = this.world;
    if (replaced.length > 0) {
      const own = replaced.find(({ path }) => samePath(path, at));
      if (own !== undefined) return own.value;
      if (replaced.some(({ path }) => path.length > at.length && samePath(path.slice(0, at.length), at)))
        return cursor;
    }
    if (node === undefined) return base instanceof RegoObject ? cursor : base; // names of given data are text
    if (base !== undefined && !(base instanceof RegoObject)) return base; // given data hides rules
    return node.rules.length === 0 ? cursor : this.whole(cursor);
  }

  /** The whole value of a document. */
  whole(from: Value | Cursor): Value | undefined {
    if (!isCursor(from)) return from;
    const { at, node, base } = from;
    if (node === undefined && this.world.replaced.length === 0) return base;
    const members: [Value, Value][] = [];
    const own = node === undefined ? undefined : this.#own(node);
    if (own !== undefined && !(own instanceof RegoObject)) return own;
    for (const [key, value] of base instanceof RegoObject ? base.entries() : []) members.push([key, value]);
    for (const name of this.#names(from)) {
      const step = this.step(from, name);
      const value = step === undefined ? undefined : this.whole(step);
      if (value !== undefined) members.push([name, value]);
    }
    const isPartial = node?.rules.some(({ kind }) => kind !== 'value') === true;
    for (const [key, value] of own === undefined ? [] : own.entries()) {
      const other =
        typeof key === 'string' && node?.children.has(key) === true
          ? members.find(([name]) => name === key)
          : undefined;
      members.push([key, other === undefined ? value : this.#merged(other[1], value, node, isPartial)]);
    }
    const isEmpty = members.length === 0 && base === undefined && own === undefined;
    return isEmpty && node !== undefined && node.rules.length > 0 && at.length > 0
      ? undefined
      : new RegoObject(members);
  }

  /** What the rules at a node give by themselves; of functions only those without parameters have a value. */
  #own(node: DocumentNode): Value | undefined {
    const [first] = node.rules;
    if (first === undefined) return undefined;
    const called = node.rules.find(({ kind }) => kind === 'function');
    if (called === undefined) return this.rules(node);
    return called.args.length === 0 ? this.apply(node, [], first.place) : undefined;
  }

  /** What two rules say of one key: objects are one, all else must be the same. */
  #merged(a: Value, b: Value, node: DocumentNode | undefined, isPartial = true): Value {
    if (isPartial && a instanceof RegoObject && b instanceof RegoObject) {
      const both = b.entries().map(([key, value]): [Value, Value] => {
        const other = a.get(key);
        return [key, other === undefined ? value : this.#merged(other, value, node)];
      });
      return new RegoObject([...a.entries(), ...both]);
    }
    if (a instanceof RegoSet && b instanceof RegoSet) return new RegoSet([...a.items(), ...b.items()]);
    if (equal(a, b)) return a;
    throw new RegoError('ERR_REGO_CONFLICT', 'object keys must be unique', { place: node?.rules[0]?.place });
  }

  /** Keys and members of a document or value. */
  members(from: Value | Cursor): readonly (readonly [Value, Value | Cursor])[] {
    if (!isCursor(from)) return [];
    const { base } = from;
    const keys = new RegoSet([
      ...this.#names(from),
      ...(base instanceof RegoObject ? base.entries().map(([key]) => key) : []),
    ]);
    return keys.items().flatMap((key): [Value, Value | Cursor][] => {
      const member = this.step(from, key);
      return member === undefined ? [] : [[key, member]];
    });
  }

  /** Names below a place that rules or replacements have. */
  #names({ at, node }: Cursor): readonly string[] {
    const replaced = this.world.replaced
      .filter(({ path }) => path.length > at.length && samePath(path.slice(0, at.length), at))
      .map(({ path }) => path[at.length] ?? '');
    return [...new Set([...(node?.children.keys() ?? []), ...replaced])];
  }
}

/** Whether something is a place, and not a value. */
export function isCursor(from: Value | Cursor | undefined): from is Cursor {
  return typeof from === 'object' && from !== null && 'isCursor' in from;
}

/** The member of a value at a key; of a set the item itself. */
export function memberOf(value: Value, key: Value): Value | undefined {
  if (value instanceof RegoObject) return value.get(key);
  if (isArray(value)) {
    const index = key instanceof RegoDecimal ? key.valueOf() : key;
    return typeof index === 'number' && index >= 0 ? value[index] : undefined;
  }
  return value instanceof RegoSet && value.has(key) ? key : undefined;
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

const MAX_DEPTH = 200;
