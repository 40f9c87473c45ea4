/**
 * What regorus, the engine of Trustee and of the Kata agent, does in another way than the reference: fractions are IEEE 754 doubles,
 * sets come before objects, units go up to quetta, JSON escapes nothing that it need not.
 *
 * @module
 */
import { canonical, isWholeNumber, narrow, type Numeric } from '../decimal.js';
import { compare, isNumber, RegoObject, RegoSet, toText, type Value } from '../values.js';
import { type Builtins, BuiltinFault, items, number, of, text, wrongItem } from './builtin.js';
import { comparing, type Comparisons, comparisonsBy, NUMBERS } from './numbers.js';
import { marshalledWithOptions } from './misc.js';
import { TIME } from './time.js';
import { parseVersion } from './versions.js';

/** The functions that differ. */
export const REGORUS: Builtins = {
  plus: of(2, (args) => sum(canonical(number(args, 0)), canonical(number(args, 1)))),
  minus: of(2, (args, context) => {
    const [a = null, b = null] = args;
    if (!isNumber(a) || !isNumber(b) || areWhole(a, b)) return NUMBERS['minus']?.call(args, context);
    return Number(a) - Number(b);
  }),
  mul: of(2, (args) => product(canonical(number(args, 0)), canonical(number(args, 1)))),
  div: of(2, (args, context) => {
    const [a, b] = [canonical(number(args, 0)), canonical(number(args, 1))];
    if (Number(b) === 0) throw new BuiltinFault('divide by zero');
    if (isWholeNumber(a) && isWholeNumber(b) && BigInt(a) % BigInt(b) === 0n)
      return narrow(BigInt(a) / BigInt(b));
    return areWhole(a, b) && typeof a === 'bigint'
      ? NUMBERS['div']?.call(args, context)
      : Number(a) / Number(b);
  }),
  sum: of(1, (args) => numbers(args).reduce(sum, 0)),
  product: of(1, (args) => numbers(args).reduce(product, 1)),
  ...comparing(order),
  'time.add_date': of(4, (args, context) => {
    try {
      return TIME['time.add_date']?.call(args, context);
    } catch (error) {
      if (error instanceof BuiltinFault && !error.isType) return undefined; // past the last year there is none
      throw error;
    }
  }),
  'json.marshal': of(1, ([value = null]) => toText(value)),
  'json.marshal_with_options': of(2, (args) => marshalledWithOptions(args)),
  'semver.is_valid': of(1, (args) => parseVersion(text(args, 0)) !== undefined),
  'units.parse': of(1, (args) => scaled(text(args, 0), PREFIXES)),
  'units.parse_bytes': of(1, (args) => {
    const value = scaled(text(args, 0).toLowerCase().replace(/b$/, ''), BYTE_PREFIXES);
    return typeof value === 'number' ? Math.floor(value) : value;
  }),
};

/** The comparisons that differ. */
export const REGORUS_COMPARISONS: Comparisons = comparisonsBy(order);

function areWhole(a: Numeric, b: Numeric): boolean {
  return isWholeNumber(a) && isWholeNumber(b);
}

function sum(a: Numeric, b: Numeric): Numeric {
  return isWholeNumber(a) && isWholeNumber(b) ? bounded(BigInt(a) + BigInt(b)) : Number(a) + Number(b);
}

function product(a: Numeric, b: Numeric): Numeric {
  return isWholeNumber(a) && isWholeNumber(b) ? bounded(BigInt(a) * BigInt(b)) : Number(a) * Number(b);
}

function bounded(value: bigint): number | bigint {
  if (value > LARGEST || value < -LARGEST) throw new BuiltinFault('the number is too large');
  return narrow(value);
}

function numbers(args: readonly Value[]): readonly Numeric[] {
  return items(args, 0).map((item) => {
    if (!isNumber(item)) throw wrongItem(0, args[0] ?? null, 'number', item);
    return canonical(item);
  });
}

function order(a: Value, b: Value): number {
  const mixed =
    (a instanceof RegoSet && b instanceof RegoObject) || (a instanceof RegoObject && b instanceof RegoSet);
  return mixed ? -compare(a, b) : compare(a, b);
}

function scaled(given: string, prefixes: ReadonlyMap<string, number>): Value | undefined {
  const plain = given.replaceAll('"', '');
  const [all, amount = '', unit = ''] =
    /^([+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?)([A-Za-z\u03bc]{0,2})$/.exec(
      plain,
    ) ?? [];
  const scale = prefixes.get(unit) ?? prefixes.get(unit.toLowerCase());
  if (all === undefined) throw new BuiltinFault('the text is a number with a unit');
  if (scale === undefined) return undefined;
  const value = Number((Number(amount) * scale).toPrecision(15));
  if (Number.isInteger(Number(amount)) && Number.isInteger(scale))
    return narrow(BigInt(Number(amount)) * exactly(unit, scale));
  return value;
}

/** Powers beyond 2^53 are not exact as numbers. */
function exactly(unit: string, scale: number): bigint {
  const order = 'kmgtpezyrq'.indexOf(unit.charAt(0).toLowerCase()) + 1;
  if (unit.length === 2 && unit.charAt(1).toLowerCase() === 'i') return 1024n ** BigInt(order);
  return scale >= 1000 ? 1000n ** BigInt(order) : BigInt(scale);
}

const LARGEST = 1n << 4096n;
const LARGE = ['k', 'm', 'g', 't', 'p', 'e', 'z', 'y', 'r', 'q'];
const BYTE_PREFIXES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ...LARGE.flatMap((each, index): [string, number][] => [
    [each, 1000 ** (index + 1)],
    [`${each}i`, 1024 ** (index + 1)],
  ]),
]);
const SMALL = ['m', '\u03bc', 'n', 'p', 'f', 'a', 'z', 'y', 'r', 'q'];
const PREFIXES: ReadonlyMap<string, number> = new Map([
  ...BYTE_PREFIXES,
  ...SMALL.filter((each) => each !== 'p').map((each, index): [string, number] => [
    each,
    1 / 1000 ** ([1, 2, 3, 5, 6, 7, 8, 9, 10][index] ?? 1),
  ]),
  ...['M', 'G', 'T', 'P', 'E', 'Z', 'Y', 'R', 'Q'].map((each, index): [string, number] => [
    each,
    1000 ** (index + 2),
  ]),
  ['h', 100],
  ['da', 10],
  ['d', 0.1],
  ['c', 0.01],
]);
