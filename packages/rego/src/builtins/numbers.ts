import { compare, equal, integer, isNumber, RegoSet, type Value } from '../values.js';
import { type Builtins, BuiltinFault, items, number, of, text, whole, wrong } from './builtin.js';

type Num = number | bigint;

/** Arithmetic, comparison, bits, ranges. */
export const NUMBERS: Builtins = {
  plus: of(2, (args) =>
    arithmetic(
      number(args, 0),
      number(args, 1),
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  ),
  minus: of(2, (args) => {
    const [a, b] = args;
    if (a instanceof RegoSet && b instanceof RegoSet)
      return new RegoSet(a.items().filter((item) => !b.has(item)));
    return arithmetic(
      number(args, 0),
      number(args, 1),
      (x, y) => x - y,
      (x, y) => x - y,
    );
  }),
  mul: of(2, (args) =>
    arithmetic(
      number(args, 0),
      number(args, 1),
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ),
  div: of(2, (args) => {
    const [a, b] = [number(args, 0), number(args, 1)];
    if (Number(b) === 0) throw new BuiltinFault('divide by zero');
    if (isWhole(a) && isWhole(b) && BigInt(a) % BigInt(b) === 0n) return integer(BigInt(a) / BigInt(b));
    return Number(a) / Number(b);
  }),
  rem: of(2, (args) => {
    const [a, b] = [number(args, 0), number(args, 1)];
    if (!isWhole(a) || !isWhole(b)) throw new BuiltinFault('the remainder is of integers');
    if (BigInt(b) === 0n) throw new BuiltinFault('modulo by zero');
    return integer(BigInt(a) % BigInt(b));
  }),
  equal: of(2, ([a = null, b = null]) => equal(a, b)),
  neq: of(2, ([a = null, b = null]) => !equal(a, b)),
  lt: of(2, ([a = null, b = null]) => compare(a, b) < 0),
  lte: of(2, ([a = null, b = null]) => compare(a, b) <= 0),
  gt: of(2, ([a = null, b = null]) => compare(a, b) > 0),
  gte: of(2, ([a = null, b = null]) => compare(a, b) >= 0),
  abs: of(1, (args) => {
    const value = number(args, 0);
    return value < 0 ? negate(value) : value;
  }),
  ceil: of(1, (args) => rounded(number(args, 0), Math.ceil)),
  floor: of(1, (args) => rounded(number(args, 0), Math.floor)),
  round: of(1, (args) => rounded(number(args, 0), (value) => Math.sign(value) * Math.round(Math.abs(value)))),
  'bits.and': of(2, (args) => integer(whole(args, 0) & whole(args, 1))),
  'bits.or': of(2, (args) => integer(whole(args, 0) | whole(args, 1))),
  'bits.xor': of(2, (args) => integer(whole(args, 0) ^ whole(args, 1))),
  'bits.negate': of(1, (args) => integer(~whole(args, 0))),
  'bits.lsh': of(2, (args) => integer(whole(args, 0) << shift(args))),
  'bits.rsh': of(2, (args) => integer(whole(args, 0) >> shift(args))),
  'numbers.range': of(2, (args) => range(whole(args, 0), whole(args, 1), 1n)),
  'numbers.range_step': of(3, (args) => {
    const step = whole(args, 2);
    if (step <= 0n) throw new BuiltinFault('the step is greater than zero');
    return range(whole(args, 0), whole(args, 1), step);
  }),
  to_number: of(1, (args) => toNumber(args[0] ?? null)),
  format_int: of(2, (args) => {
    const value = number(args, 0);
    const base = Number(whole(args, 1));
    if (![2, 8, 10, 16].includes(base)) throw new BuiltinFault('the base is 2, 8, 10 or 16');
    return BigInt(typeof value === 'number' ? Math.trunc(value) : value).toString(base);
  }),
  sum: of(1, (args) =>
    items(args, 0).reduce(
      (sum: Num, item, index) =>
        arithmetic(
          sum,
          itemNumber(item, index),
          (a, b) => a + b,
          (a, b) => a + b,
        ),
      0,
    ),
  ),
  product: of(1, (args) =>
    items(args, 0).reduce(
      (sum: Num, item, index) =>
        arithmetic(
          sum,
          itemNumber(item, index),
          (a, b) => a * b,
          (a, b) => a * b,
        ),
      1,
    ),
  ),
};

/** Whole numbers stay exact; the result of others is that of IEEE 754. */
function arithmetic(
  a: Num,
  b: Num,
  exact: (a: bigint, b: bigint) => bigint,
  rough: (a: number, b: number) => number,
): Num {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = rough(a, b);
    if (Number.isSafeInteger(result) || !Number.isInteger(a) || !Number.isInteger(b)) return result;
  }
  if (isWhole(a) && isWhole(b)) {
    const result = exact(BigInt(a), BigInt(b));
    if (result > LARGEST || result < -LARGEST) throw new BuiltinFault('the number is too large');
    return integer(result);
  }
  return rough(Number(a), Number(b));
}

function isWhole(value: Num): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function negate(value: Num): Num {
  return typeof value === 'bigint' ? integer(-value) : -value;
}

function rounded(value: Num, round: (value: number) => number): Num {
  return typeof value === 'bigint' ? value : round(value) + 0;
}

function shift(args: readonly Value[]): bigint {
  const by = whole(args, 1);
  if (by < 0n || by > 4096n) throw new BuiltinFault('the shift is 0 to 4096');
  return by;
}

function range(from: bigint, to: bigint, step: bigint): readonly Value[] {
  const count = (from < to ? to - from : from - to) / step + 1n;
  if (count > MAX_RANGE) throw new BuiltinFault('the range is too long');
  const direction = from <= to ? step : -step;
  return Array.from({ length: Number(count) }, (_item, index) => integer(from + BigInt(index) * direction));
}

function toNumber(value: Value): Value {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (isNumber(value)) return value;
  const given = text([value], 0);
  if (!/^[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?$/.test(given))
    throw new BuiltinFault('the text is no number');
  return /^[+-]?[0-9]+$/.test(given) ? integer(BigInt(given.replace(/^\+/, ''))) : Number(given);
}

function itemNumber(value: Value, index: number): Num {
  if (!isNumber(value)) throw wrong(index, 'a number', value);
  return value;
}

const MAX_RANGE = 1_000_000n;
const LARGEST = 1n << 4096n;
