import {
  canonical,
  compareNumbers,
  fraction,
  isWholeNumber,
  narrow,
  negated,
  type Numeric,
  written,
} from '../decimal.js';
import { compare, equal, isNumber, RegoSet, type Value } from '../values.js';
import {
  type BuiltinContext,
  type Builtins,
  BuiltinFault,
  items,
  number,
  of,
  whole,
  wrong,
  wrongItem,
} from './builtin.js';

/** Arithmetic, comparison, bits, ranges. */
export const NUMBERS: Builtins = {
  plus: of(2, (args) => sum(number(args, 0), number(args, 1))),
  minus: of(2, (args) => {
    const [a = null, b = null] = args;
    if (a instanceof RegoSet && b instanceof RegoSet)
      return new RegoSet(a.items().filter((item) => !b.has(item)));
    if (!isNumber(a) && !(a instanceof RegoSet)) throw wrong(0, '{number, set}', a);
    if (isNumber(a) && isNumber(b)) return difference(a, b);
    throw wrong(1, isNumber(b) ? 'set' : 'number', b);
  }),
  mul: of(2, (args) => product(number(args, 0), number(args, 1))),
  div: of(2, (args) => {
    const [a, b] = [canonical(number(args, 0)), canonical(number(args, 1))];
    if (isZero(b)) throw new BuiltinFault('divide by zero');
    if (typeof a === 'number' && typeof b === 'number' && Number.isInteger(a) && a % b === 0)
      return a / b + 0;
    return fraction('/', a, b);
  }),
  rem: of(2, (args) => {
    const [a, b] = [canonical(number(args, 0)), canonical(number(args, 1))];
    if (!isWholeNumber(a) || !isWholeNumber(b)) throw new BuiltinFault('modulo on floating-point number');
    if (isZero(b)) throw new BuiltinFault('modulo by zero');
    return narrow(BigInt(a) % BigInt(b));
  }),
  eq: of(2, ([a = null, b = null]) => equal(a, b)),
  ...comparing(compare),
  abs: of(1, (args) => {
    const value = number(args, 0);
    return compareNumbers(value, 0) < 0 ? negated(value) : value;
  }),
  ceil: of(1, (args) =>
    rounded(number(args, 0), (value, down) => (isWholeNumber(value) ? value : sum(down, 1))),
  ),
  floor: of(1, (args) => rounded(number(args, 0), (_value, down) => down)),
  round: of(1, (args) =>
    rounded(number(args, 0), (value, down) => {
      const past = compareNumbers(difference(value, down), 0.5);
      return past > 0 || (past === 0 && compareNumbers(value, 0) > 0) ? sum(down, 1) : down;
    }),
  ),
  'bits.and': of(2, (args) => narrow(whole(args, 0) & whole(args, 1))),
  'bits.or': of(2, (args) => narrow(whole(args, 0) | whole(args, 1))),
  'bits.xor': of(2, (args) => narrow(whole(args, 0) ^ whole(args, 1))),
  'bits.negate': of(1, (args) => narrow(~whole(args, 0))),
  'bits.lsh': of(2, (args) => narrow(whole(args, 0) << shift(args))),
  'bits.rsh': of(2, (args) => narrow(whole(args, 0) >> shift(args))),
  'numbers.range': of(2, (args, context) => range(whole(args, 0), whole(args, 1), 1n, context)),
  'numbers.range_step': of(3, (args, context) => {
    const step = whole(args, 2);
    if (step <= 0n) throw new BuiltinFault('step must be a positive integer');
    return range(whole(args, 0), whole(args, 1), step, context);
  }),
  to_number: of(1, ([value = null]) => toNumber(value)),
  format_int: of(2, (args) => {
    const value = number(args, 0);
    const base = canonical(number(args, 1));
    if (typeof base !== 'number' || ![2, 8, 10, 16].includes(base))
      throw new BuiltinFault('operand 2 must be one of {2, 8, 10, 16}', true);
    return BigInt(truncated(value)).toString(base);
  }),
  sum: of(1, (args) => itemNumbers(args).reduce(sum, 0)),
  product: of(1, (args) => itemNumbers(args).reduce(product, 1)),
};

/** The comparisons behind operators. */
export const COMPARISONS: Comparisons = comparisonsBy(compare);

/** Whether two values compare in a way, by the name of the function that no rule of a policy hides. */
export type Comparisons = Readonly<Record<string, (a: Value, b: Value) => boolean>>;

/** Comparisons by an order of values. */
export function comparisonsBy(order: (a: Value, b: Value) => number): Comparisons {
  return {
    'internal.equal': equal,
    'internal.neq': (a, b) => !equal(a, b),
    'internal.lt': (a, b) => order(a, b) < 0,
    'internal.lte': (a, b) => order(a, b) <= 0,
    'internal.gt': (a, b) => order(a, b) > 0,
    'internal.gte': (a, b) => order(a, b) >= 0,
  };
}

/** The same as functions. */
export function comparing(order: (a: Value, b: Value) => number): Builtins {
  return Object.fromEntries(
    Object.entries(comparisonsBy(order)).map(([name, test]) => [
      name.slice('internal.'.length),
      of(2, ([a = null, b = null]) => test(a, b)),
    ]),
  );
}

function sum(left: Numeric, right: Numeric): Numeric {
  const [a, b] = [canonical(left), canonical(right)];
  if (typeof a === 'number' && typeof b === 'number') {
    const result = a + b;
    if (Number.isSafeInteger(result) && Number.isInteger(a) && Number.isInteger(b)) return result;
  }
  if (isWholeNumber(a) && isWholeNumber(b)) return bounded(BigInt(a) + BigInt(b));
  return fraction('+', a, b);
}

function difference(a: Numeric, b: Numeric): Numeric {
  return sum(a, negated(b));
}

function product(left: Numeric, right: Numeric): Numeric {
  const [a, b] = [canonical(left), canonical(right)];
  if (typeof a === 'number' && typeof b === 'number') {
    const result = a * b;
    if (Number.isSafeInteger(result) && Number.isInteger(a) && Number.isInteger(b)) return result + 0;
  }
  if (isWholeNumber(a) && isWholeNumber(b)) return bounded(BigInt(a) * BigInt(b));
  return fraction('*', a, b);
}

function bounded(value: bigint): number | bigint {
  if (value > LARGEST || value < -LARGEST) throw new BuiltinFault('the number is too large');
  return narrow(value);
}

function isZero(value: Numeric): boolean {
  return value === 0;
}

function truncated(value: Numeric): number | bigint {
  const exact = canonical(value);
  return isWholeNumber(exact) ? exact : Math.trunc(Number(exact));
}

function rounded(value: Numeric, round: (value: Numeric, down: number | bigint) => Numeric): Numeric {
  const exact = canonical(value);
  if (isWholeNumber(exact)) return exact;
  const near = Math.floor(Number(value));
  const down = compareNumbers(near, value) > 0 ? near - 1 : near;
  return round(value, Number.isSafeInteger(down) ? down + 0 : narrow(BigInt(down)));
}

function shift(args: readonly Value[]): bigint {
  const by = whole(args, 1);
  if (by < 0n)
    throw new BuiltinFault('operand 2 must be an unsigned integer number but got a negative integer', true);
  if (by > 4096n) throw new BuiltinFault('the shift is 4096 at most');
  return by;
}

function range(from: bigint, to: bigint, step: bigint, { spend }: BuiltinContext): readonly Value[] {
  const count = (from < to ? to - from : from - to) / step + 1n;
  if (count > MAX_RANGE) throw new BuiltinFault(`a range has at most ${MAX_RANGE} numbers`);
  spend(Number(count));
  const direction = from <= to ? step : -step;
  return Array.from({ length: Number(count) }, (_item, index) => narrow(from + BigInt(index) * direction));
}

function toNumber(value: Value): Value {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (isNumber(value)) return value;
  if (typeof value !== 'string') throw wrong(0, '{null, boolean, number, string}', value);
  if (/^[+-]?(?:nan|inf|infinity)$/i.test(value)) throw wrong(0, 'valid number string', value);
  if (!/^[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?$/.test(value))
    throw new BuiltinFault('invalid syntax');
  const number = written(value);
  if (number === Infinity || number === -Infinity) throw new BuiltinFault('the number is out of range');
  return number;
}

function itemNumbers(args: readonly Value[]): readonly Numeric[] {
  return items(args, 0).map((item) => {
    if (!isNumber(item)) throw wrongItem(0, args[0] ?? null, 'number', item);
    return item;
  });
}

const MAX_RANGE = 1_000_000n;
const LARGEST = 1n << 4096n;
