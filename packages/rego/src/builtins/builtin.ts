import { isArray, isNumber, RegoObject, RegoSet, typeName, type Value } from '../values.js';

/** What built-in functions need from outside. */
export interface BuiltinContext {
  /** Nanoseconds since 1970, the same for a whole evaluation. */
  readonly now: () => bigint;
  /** Given each note of `trace`. */
  readonly trace: (note: string) => void;
}

/** A built-in function. */
export interface Builtin {
  /** How many arguments it takes; -1 for any number. */
  readonly arity: number;
  /** `undefined` has no value; a {@link BuiltinFault} is a fault of the arguments. */
  readonly call: (args: readonly Value[], context: BuiltinContext) => Value | undefined;
}

/** Arguments that a function does not take. */
export class BuiltinFault extends Error {
  /** Always `BuiltinFault`. */
  override readonly name = 'BuiltinFault';
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
  if (typeof value !== 'string') throw wrong(index, 'a string', value);
  return value;
}

/** The argument at a position, as a number. */
export function number(args: readonly Value[], index: number): number | bigint {
  const value = args[index];
  if (value === undefined || !isNumber(value)) throw wrong(index, 'a number', value);
  return value;
}

/** The argument at a position, as an integer. */
export function whole(args: readonly Value[], index: number): bigint {
  const value = number(args, index);
  if (typeof value === 'number' && !Number.isInteger(value)) throw wrong(index, 'an integer', value);
  return BigInt(value);
}

/** The argument at a position, as an array. */
export function list(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index];
  if (value === undefined || !isArray(value)) throw wrong(index, 'an array', value);
  return value;
}

/** The argument at a position, as a set. */
export function set(args: readonly Value[], index: number): RegoSet {
  const value = args[index];
  if (!(value instanceof RegoSet)) throw wrong(index, 'a set', value);
  return value;
}

/** The argument at a position, as an object. */
export function object(args: readonly Value[], index: number): RegoObject {
  const value = args[index];
  if (!(value instanceof RegoObject)) throw wrong(index, 'an object', value);
  return value;
}

/** The items of an array or set. */
export function items(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index];
  if (value instanceof RegoSet) return value.items();
  if (value === undefined || !isArray(value)) throw wrong(index, 'an array or a set', value);
  return value;
}

/** A fault that names the argument. */
export function wrong(index: number, expected: string, value: Value | undefined): BuiltinFault {
  return new BuiltinFault(
    `argument ${index + 1} is ${expected}, not ${value === undefined ? 'nothing' : typeName(value)}`,
  );
}
