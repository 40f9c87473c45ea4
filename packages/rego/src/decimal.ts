/**
 * Arithmetic of the reference: fractions have a mantissa of 64 bits, and are written with as few digits as tell them apart.
 *
 * @module
 */

/** A fraction: sign and mantissa, times a power of two. */
interface Float {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** A number that is written with more digits than a `number` keeps, such as a third, or `1.0`. */
export class RegoDecimal {
  /** As JSON writes it. */
  readonly text: string;

  /**
   * Make a number. Use {@link RegoDecimal} only where the text has more digits than a `number` keeps.
   *
   * @param text - as JSON writes it
   */
  constructor(text: string) {
    this.text = text;
  }

  /** The nearest `number`. */
  valueOf(): number {
    return Number(this.text);
  }

  /** As JSON writes it. */
  toString(): string {
    return this.text;
  }
}

/** A number in any of its forms. */
export type Numeric = number | bigint | RegoDecimal;

/** A number as it is written: its text is kept where it is not the shortest one, such as `1.0`. */
export function written(text: string): Numeric {
  const value = numeric(text);
  const plain = text.startsWith('+') ? text.slice(1) : text;
  const isShortest = value instanceof RegoDecimal || !/[.eE]/.test(plain) || String(value) === plain;
  return isShortest ? value : new RegoDecimal(plain);
}

/** A text that JSON could have as a number, in the form that it has as a value. */
export function numeric(text: string): Numeric {
  const plain = text.startsWith('+') ? text.slice(1) : text;
  if (/^-?[0-9]+$/.test(plain)) return narrow(BigInt(plain));
  const near = Number(plain);
  const exact = decimalOf(plain);
  if (exact === undefined) return near;
  const { digits, exponent } = exact;
  if (exponent >= 0 && exponent < MAX_EXPONENT) return narrow(digits * 10n ** BigInt(exponent));
  const back = decimalOf(String(near));
  return !Number.isFinite(near) || back === undefined || back.digits !== digits || back.exponent !== exponent
    ? new RegoDecimal(plain)
    : near;
}

/** The form of an integer: `number` where it is exact. */
export function narrow(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

/** Text that equal numbers share and others do not. */
export function numberKey(value: Numeric): string {
  const same = canonical(value);
  if (!(same instanceof RegoDecimal)) return String(same);
  const { digits, exponent } = scaled(same);
  return `${digits}e${exponent}`;
}

/** The form that numbers have which a `number` or `bigint` holds. */
export function canonical(value: Numeric): Numeric {
  return value instanceof RegoDecimal ? numeric(value.text) : value;
}

/** Whether a number is whole. */
export function isWholeNumber(value: Numeric): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

/** Whether a number is a whole number of times another, exactly. */
export function isMultipleOf(value: Numeric, unit: Numeric): boolean {
  const [left, right] = [scaled(value), scaled(unit)];
  const apart = left.exponent - right.exponent;
  if (right.digits === 0n || left.digits === 0n) return left.digits === 0n;
  if (Math.abs(apart) > MAX_EXPONENT) return false;
  const ten = 10n ** BigInt(Math.abs(apart));
  return apart < 0 ? left.digits % (right.digits * ten) === 0n : (left.digits * ten) % right.digits === 0n;
}

/** With the other sign. */
export function negated(value: Numeric): Numeric {
  if (value instanceof RegoDecimal)
    return new RegoDecimal(value.text.startsWith('-') ? value.text.slice(1) : `-${value.text}`);
  return typeof value === 'bigint' ? narrow(-value) : value === 0 ? 0 : -value;
}

/** Less than, equal, or more. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  if (!(a instanceof RegoDecimal) && !(b instanceof RegoDecimal)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [scaled(a), scaled(b)];
  const exponent = Math.min(left.exponent, right.exponent);
  if (Math.max(left.exponent, right.exponent) - exponent > MAX_EXPONENT)
    return Number(a) < Number(b) ? -1 : 1;
  const shift = ({ digits, exponent: at }: Decimal): bigint => digits * 10n ** BigInt(at - exponent);
  const difference = shift(left) - shift(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, product, or quotient of fractions. */
export function fraction(operation: '+' | '-' | '*' | '/', a: Numeric, b: Numeric): Numeric {
  const [x, y] = [floatOf(a), floatOf(b)];
  switch (operation) {
    case '*':
      return numberOf(rounded(x.mantissa * y.mantissa, x.exponent + y.exponent));
    case '/':
      return numberOf(
        divided(x.mantissa << DIVISION_BITS, y.mantissa, x.exponent - y.exponent - Number(DIVISION_BITS)),
      );
    case '+':
    case '-': {
      const exponent = Math.min(x.exponent, y.exponent);
      const left = x.mantissa << BigInt(x.exponent - exponent);
      const right = y.mantissa << BigInt(y.exponent - exponent);
      return numberOf(rounded(operation === '+' ? left + right : left - right, exponent));
    }
  }
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Digits without zeros at the end, times a power of ten. */
function decimalOf(text: string): Decimal | undefined {
  const [all, sign = '', whole = '', part = '', power = '0'] =
    /^(-?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text) ?? [];
  if (all === undefined || whole + part === '') return undefined;
  const given = whole + part;
  let end = given.length;
  while (end > 1 && given.charCodeAt(end - 1) === 0x30) end -= 1;
  const digits = BigInt(sign + given.slice(0, end));
  const exponent = digits === 0n ? 0 : Number(power) - part.length + (given.length - end);
  return { digits, exponent };
}

function scaled(value: Numeric): Decimal {
  return decimalOf(String(value)) ?? { digits: 0n, exponent: 0 };
}

function floatOf(value: Numeric): Float {
  if (Number.isSafeInteger(value)) return { mantissa: BigInt(Number(value)), exponent: 0 };
  if (isWholeNumber(value)) return rounded(BigInt(value), 0);
  const { digits, exponent } = scaled(value);
  if (exponent >= 0) return rounded(digits * 10n ** BigInt(Math.min(exponent, MAX_EXPONENT)), 0);
  const divisor = 10n ** BigInt(Math.min(-exponent, MAX_EXPONENT));
  const shift = BITS * 2 + bitsOf(divisor);
  return divided(digits << BigInt(shift), divisor, -shift);
}

/** A quotient times a power of two; one bit more says whether something is left. */
function divided(dividend: bigint, divisor: bigint, exponent: number): Float {
  const quotient = dividend / divisor;
  const rest = dividend - quotient * divisor === 0n ? 0n : dividend < 0n === divisor < 0n ? 1n : -1n;
  return rounded(quotient * 2n + rest, exponent - 1);
}

/** To 64 bits, half to even. */
function rounded(mantissa: bigint, exponent: number): Float {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const excess = bitsOf(size) - BITS;
  if (excess <= 0) return { mantissa, exponent };
  const by = BigInt(excess);
  const cut = size >> by;
  const rest = size - (cut << by);
  const half = 1n << (by - 1n);
  const up = rest > half || (rest === half && (cut & 1n) === 1n);
  const result = up ? cut + 1n : cut;
  return { mantissa: mantissa < 0n ? -result : result, exponent: exponent + excess };
}

/** With the fewest digits that lie closer to this than to its neighbours. */
function numberOf({ mantissa, exponent }: Float): Numeric {
  if (mantissa === 0n) return 0;
  if (exponent >= 0) return narrow(shortestWhole(mantissa, Math.min(exponent, 4 * MAX_EXPONENT)));
  const trailing = mantissa & ((1n << BigInt(Math.min(-exponent, 4 * MAX_EXPONENT))) - 1n);
  if (trailing === 0n) return narrow(mantissa >> BigInt(-exponent));
  const negative = mantissa < 0n;
  const size = negative ? -mantissa : mantissa;
  const room = Math.max(0, BITS - bitsOf(size));
  const full = size << BigInt(room);
  const isEven = (full & 1n) === 0n;
  // with a point so far to the right the digits are more than enough
  let places = Math.max(0, 21 - Math.floor(Math.log10(Number(size)) + exponent * Math.log10(2)));
  const scale = 10n ** BigInt(places);
  const value = full * scale * 2n;
  const [low, high] = [value - scale, value + scale];
  let digits = 0n;
  for (let unit = 1n << BigInt(room - exponent + 1); ; unit *= 10n) {
    let near = (value * 2n + unit) / (unit * 2n);
    if ((near * 2n - 1n) * unit === value * 2n) near -= near & 1n; // half to even
    const at = near * unit;
    if (places < 0 || (isEven ? at < low || at > high : at <= low || at >= high)) break;
    digits = near;
    places -= 1;
  }
  const text = String(digits);
  const sign = negative ? '-' : '';
  const power = text.length - 2 - places;
  if (power < -4 || power >= 6) {
    const rest = text.length > 1 ? `.${text.slice(1)}` : '';
    const exponential = `e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
    return new RegoDecimal(sign + text.charAt(0) + rest + exponential);
  }
  const plain = `${sign}${pointed(text, places + 1)}`;
  return digits > MOST_DIGITS ? new RegoDecimal(plain) : numeric(plain);
}

/** Beyond 64 bits the last digits say nothing: they are zeros. */
function shortestWhole(mantissa: bigint, exponent: number): bigint {
  const value = mantissa << BigInt(exponent);
  if (exponent === 0) return value;
  const half = 1n << BigInt(exponent - 1);
  let best = value;
  for (let ten = 10n; ten < half * 20n; ten *= 10n) {
    const size = value < 0n ? -value : value;
    const near = ((size + ten / 2n) / ten) * ten;
    const away = near > size ? near - size : size - near;
    if (away > half || (away === half && (mantissa & 1n) === 1n)) break;
    best = value < 0n ? -near : near;
  }
  return best;
}

function pointed(digits: string, places: number): string {
  const text = digits.padStart(places + 1, '0');
  return `${text.slice(0, -places)}.${text.slice(-places)}`;
}

function bitsOf(value: bigint): number {
  const digits = (value < 0n ? -value : value).toString(16);
  return digits.length * 4 + 28 - Math.clz32(Number.parseInt(digits.charAt(0), 16));
}

/** No `number` is written with more digits. */
const MOST_DIGITS = 10n ** 17n;
const BITS = 64;
/** How far a dividend is shifted, so that a quotient has bits enough. */
const DIVISION_BITS = 130n;
const MAX_EXPONENT = 5000;
