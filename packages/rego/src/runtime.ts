/**
 * What an evaluation carries: the world that `with` changes, the values of rules that are known, what is left of the budget.
 *
 * @module
 */
import type { Builtin, BuiltinContext } from './builtins/builtin.js';
import { BuiltinFault } from './builtins/builtin.js';
import type { DocumentNode } from './documents.js';
import { type Place, RegoError } from './errors.js';
import { isArray, RegoObject, RegoSet, type Value } from './values.js';

/** What an evaluation works with. */
export interface RunOptions {
  readonly root: DocumentNode;
  readonly data: Value;
  readonly input: Value | undefined;
  /** Whether no given document lies where rules are. */
  readonly isPlain: boolean;
  /** The code of the rules at a node. */
  readonly rulesAt: (node: DocumentNode) => RulesCode;
  /** What functions are given, made for the first of them. */
  readonly contextOf: (run: Run) => BuiltinContext;
  /** How many steps it may take. */
  readonly steps: number;
  /** Whether a fault of a built-in function ends the evaluation; else its line is undefined. */
  readonly strict: boolean;
  /** Given each line of `print`. */
  readonly print: ((line: string, place: Place) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether it is past the deadline. */
  readonly isLate: (() => boolean) | undefined;
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
const NONE: unique symbol = Symbol('none');

/** The mark of a rule whose value is being found. */
const ACTIVE: unique symbol = Symbol('active');

/** Where variables are while a clause runs. */
export interface Frame {
  readonly run: Run;
  /** Values of variables, and what loops need. */
  readonly slots: unknown[];
  /** Given each value of a clause; `true` ends the search. */
  readonly take: (value: Value, keys: readonly Value[]) => boolean;
}

/** One evaluation. */
export class Run {
  readonly options: RunOptions;
  world: World;
  #steps: number;
  /** Below so many steps left it is asked whether to go on. */
  #nextLook = Infinity;
  #depth = 0;
  #context: BuiltinContext | undefined;

  constructor(options: RunOptions) {
    this.options = options;
    this.#steps = options.steps;
    const { input, data, isPlain } = options;
    this.world = { input, data, replaced: NOTHING, functions: NO_FUNCTIONS, known: [], isPlain };
  }

  /** What functions are given. */
  get context(): BuiltinContext {
    this.#context ??= this.options.contextOf(this);
    return this.#context;
  }

  /** One step of the budget. */
  tick(place: Place): void {
    this.#steps -= 1;
    if (this.#steps < this.#nextLook) this.#look(place);
  }

  /** Steps of work that grows with its arguments. */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0)
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation takes more steps than allowed');
  }

  /** Whether to go on, which is asked every thousand steps. */
  #look(place: Place): void {
    if (this.#steps < 0)
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation takes more steps than allowed', { place });
    this.#nextLook = Math.max(0, this.#steps - 1024);
    const { signal, isLate } = this.options;
    if (signal?.aborted === true)
      throw new RegoError('ERR_REGO_LIMIT', 'the evaluation was aborted', { place, cause: signal.reason });
    if (isLate?.() === true)
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

  /** The value of a built-in function, or of one of the host, which may have aborted the evaluation. */
  call(builtin: Builtin, name: string, args: readonly Value[], place: Place): Value | undefined {
    this.tick(place);
    let value: Value | undefined;
    try {
      value = builtin.call(args, this.context);
    } catch (cause) {
      this.#faulted(cause, name, place);
      return undefined;
    }
    if (this.options.signal?.aborted === true) this.#look(place);
    if (value !== undefined) this.#charge(value, place);
    return value;
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
    this.#steps -= size;
    this.tick(place);
  }

  /** A fault ends a strict evaluation, and is nothing in any other. */
  #faulted(cause: unknown, name: string, place: Place): void {
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
}

const MAX_DEPTH = 200;
const NOTHING: readonly Replacement[] = [];
const NO_FUNCTIONS: ReadonlyMap<string, FunctionReplacement> = new Map();
