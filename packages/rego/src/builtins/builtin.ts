import type { Regex } from '../regex.js';
import { canonical, type Numeric } from '../decimal.js';
import { isArray, isNumber, RegoObject, RegoSet, typeName, type Value } from '../values.js';

/** What functions need from an evaluation. */
export interface CallContext {
  /** Nanoseconds since 1970, the same for a whole evaluation. */
  readonly now: () => bigint;
  /** Given each note of `trace`. */
  readonly trace: (note: string) => void;
  /** A number from 0 to below 1; `undefined` where the host gives none. */
  readonly random: (() => number) | undefined;
  /** What the host says of itself, for `opa.runtime`. */
  readonly runtime: Value;
  /** Take steps off the budget of the evaluation, for work that grows with its arguments. */
  readonly spend: (steps: number) => void;
  /** Patterns that were compiled before, by an evaluation of the same policy. */
  readonly patterns: Map<string, Regex>;
  /** Values of the functions that a whole evaluation sees the same. */
  readonly memory: Map<string, Value>;
}

/** Where a call stands in a policy. */
export interface CallSite {
  /** Names of its rule, those of its package included; `undefined` in a query. */
  readonly rule: readonly string[] | undefined;
  /** Names of its package. */
  readonly package: readonly string[];
  /** METADATA comments of its clause, without their first line. */
  readonly own: readonly string[];
  /** Those of all clauses of the same name. */
  readonly document: readonly string[];
  /** Those of its package and of the packages above, in any file. */
  readonly packages: readonly { readonly path: readonly string[]; readonly notes: readonly string[] }[];
}

/**
 * A function of the host. It is called with values, and gives one, or `undefined` for none. What it throws is a fault of the call: it
 * ends a strict evaluation.
 */
export interface HostFunction {
  /** How many arguments it takes; -1 for any number. */
  readonly arity: number;
  /** Its work. */
  readonly call: (args: readonly Value[], context: CallContext) => Value | undefined;
  /** Several values instead of one, such as those of `walk`. It ends when `take` gives `true`, and says so. */
  readonly each?: (args: readonly Value[], take: (value: Value) => boolean, context: CallContext) => boolean;
  /** Its value where that depends on nothing but the place of the call. */
  readonly about?: (site: CallSite) => Value;
}

/** A built-in function. */
export type Builtin = HostFunction;

/** What built-in functions need from outside. */
export type BuiltinContext = CallContext;

/** Arguments that a function does not take. */
export class BuiltinFault extends Error {
  /** Always `BuiltinFault`. */
  override readonly name = 'BuiltinFault';
  /** Whether an argument is of the wrong type, and not of the wrong value. */
  readonly isType: boolean;

  /**
   * Make a fault.
   *
   * @param message - what was expected and what was found
   * @param isType - whether an argument is of the wrong type
   */
  constructor(message: string, isType = false) {
    super(message);
    this.isType = isType;
  }
}

/** A table of functions, by name. */
export type Builtins = Readonly<Record<string, Builtin>>;

/** A function of so many arguments. */
export function of(arity: number, call: Builtin['call']): Builtin {
  return { arity, call };
}

/** The argument at a position, as text. */
export function text(args: readonly Value[], index: number): string {
  const value = args[index];
  if (typeof value !== 'string') throw wrong(index, 'string', value);
  return value;
}

/** The argument at a position, as a number. */
export function number(args: readonly Value[], index: number): Numeric {
  const value = args[index];
  if (value === undefined || !isNumber(value)) throw wrong(index, 'number', value);
  return value;
}

/** The argument at a position, as an integer. */
export function whole(args: readonly Value[], index: number): bigint {
  const value = canonical(number(args, index));
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new BuiltinFault(`operand ${index + 1} must be integer number but got floating-point number`, true);
  return BigInt(value);
}

/** The argument at a position, as an integer of 64 bits: a position or a length. */
export function small(args: readonly Value[], index: number): bigint {
  const value = whole(args, index);
  if (BigInt.asIntN(64, value) !== value)
    throw new BuiltinFault(`operand ${index + 1} must be integer number of 64 bits`, true);
  return value;
}

/** The argument at a position, as an array. */
export function list(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index];
  if (value === undefined || !isArray(value)) throw wrong(index, 'array', value);
  return value;
}

/** The argument at a position, as a set. */
export function set(args: readonly Value[], index: number): RegoSet {
  const value = args[index];
  if (!(value instanceof RegoSet)) throw wrong(index, 'set', value);
  return value;
}

/** The argument at a position, as an object. */
export function object(args: readonly Value[], index: number): RegoObject {
  const value = args[index];
  if (!(value instanceof RegoObject)) throw wrong(index, 'object', value);
  return value;
}

/** The items of an array or set. */
export function items(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index];
  if (value instanceof RegoSet) return value.items();
  if (value === undefined || !isArray(value)) throw wrong(index, '{array, set}', value);
  return value;
}

/** The items of an array or set that are all texts. */
export function textItems(args: readonly Value[], index: number): readonly string[] {
  return items(args, index).map((item) => {
    if (typeof item === 'string') return item;
    throw wrongItem(index, args[index] ?? null, 'string', item);
  });
}

/** A fault that names the argument. `expected` in braces is one of several types. */
export function wrong(index: number, expected: string, value: Value | undefined): BuiltinFault {
  const one = expected.startsWith('{') ? `one of ${expected}` : expected;
  return new BuiltinFault(
    `operand ${index + 1} must be ${one} but got ${value === undefined ? 'nothing' : typeName(value)}`,
    true,
  );
}

/** A fault that names the item of an argument. */
export function wrongItem(index: number, collection: Value, expected: string, item: Value): BuiltinFault {
  const of = typeName(collection);
  return new BuiltinFault(
    `operand ${index + 1} must be ${of} of ${expected}s but got ${of} containing ${typeName(item)}`,
    true,
  );
}

/** How many characters there are between two positions of a text. */
export function countCharacters(text: string, from = 0, to: number = text.length): number {
  let count = 0;
  for (let at = from; at < to; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}
