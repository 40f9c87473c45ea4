import { isWholeNumber, RegoDecimal } from '../decimal.js';
import { isNumber, literalText, type Value } from '../values.js';
import { BuiltinFault } from './builtin.js';

/** What Go's `fmt` is given: integers, fractions, text; everything else is text too. */
type Argument = number | bigint | string | RegoDecimal;

/**
 * Format values as `fmt.Sprintf` of Go does, its complaints about wrong verbs included.
 *
 * @param format - with verbs such as `%d`, `%v`, `%5.2f`
 * @param values - what the verbs take, in order
 */
export function sprintf(format: string, values: readonly Value[]): string {
  const args = values.map(argumentOf);
  let result = '';
  let next = 0;
  let at = 0;
  let reordered = false;
  while (at < format.length) {
    const percent = format.indexOf('%', at);
    if (percent < 0) break;
    result += format.slice(at, percent);
    VERB.lastIndex = percent;
    const [all, flags = '', width = '', point, precision = '', index, verb = ''] = VERB.exec(format) ?? [];
    if (all === undefined) return `${result}%!(NOVERB)${extra(args, next, reordered)}`;
    at = percent + all.length;
    const star = (text: string): number | undefined => {
      if (text !== '*') return text === '' ? undefined : Number(text);
      const given = args[next];
      next += 1;
      return typeof given === 'number' ? given : undefined;
    };
    const size = star(width);
    const digits = point === undefined ? undefined : (star(precision) ?? 0);
    if ((size ?? 0) > MAX_WIDTH || (digits ?? 0) > MAX_WIDTH)
      throw new BuiltinFault('the width is too large');
    if (verb === '%') {
      result += '%';
      continue;
    }
    if (index !== undefined) {
      reordered = true;
      next = Number(index) - 1;
    }
    const value = args[next];
    next += 1;
    if (value === undefined) result += index === undefined ? `%!${verb}(MISSING)` : `%!${verb}(BADINDEX)`;
    else result += formatted(value, verb, flags, size, digits);
    if (result.length > MAX_TEXT) throw new BuiltinFault('the text is too long');
  }
  return result + format.slice(at) + extra(args, next, reordered);
}

function extra(args: readonly Argument[], next: number, reordered: boolean): string {
  if (reordered || next >= args.length) return '';
  return `%!(EXTRA ${args
    .slice(next)
    .map((each) => `${goType(each)}=${plain(each)}`)
    .join(', ')})`;
}

function argumentOf(value: Value): Argument {
  if (isNumber(value) || typeof value === 'string') return value;
  return literalText(value);
}

function formatted(
  value: Argument,
  verb: string,
  flags: string,
  width: number | undefined,
  precision: number | undefined,
): string {
  const pad = (text: string, zeros = flags.includes('0')): string => padded(text, flags, width ?? 0, zeros);
  if (verb === 'T') return pad(goType(value), false);
  if (typeof value === 'string') {
    const cut = precision === undefined ? value : Array.from(value).slice(0, precision).join('');
    if (verb === 'v' && flags.includes('#')) return pad(JSON.stringify(value), false);
    if (verb === 'v' || verb === 's') return pad(cut, false);
    if (verb === 'q') return pad(quoted(cut), false);
    if (verb === 'x' || verb === 'X') {
      const hex = [...new TextEncoder().encode(cut)].map((byte) => byte.toString(16).padStart(2, '0'));
      const joined =
        (flags.includes('#') && hex.length > 0 ? '0x' : '') + hex.join(flags.includes(' ') ? ' ' : '');
      return pad(verb === 'X' ? joined.toUpperCase() : joined, false);
    }
    return bad(cut, verb);
  }
  if (!(value instanceof RegoDecimal) && isWholeNumber(value))
    return wholeText(value, verb, flags, precision, pad);
  if (value instanceof RegoDecimal && !Number.isFinite(value.valueOf()))
    return verb === 'v' || verb === 's' ? pad(value.text, false) : bad(value, verb);
  return floatText(Number(value), verb, flags, precision, pad);
}

function wholeText(
  value: number | bigint,
  verb: string,
  flags: string,
  precision: number | undefined,
  pad: (text: string, zeros?: boolean) => string,
): string {
  const base = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }[verb];
  const big = BigInt(value);
  if (base !== undefined) {
    const size = (big < 0n ? -big : big).toString(base).padStart(precision ?? 0, '0');
    const digits = precision === 0 && big === 0n ? '' : verb === 'X' ? size.toUpperCase() : size;
    const mark = flags.includes('#') ? ({ b: '0b', o: '0', x: '0x', X: '0X' }[verb] ?? '') : '';
    const prefix = verb === 'O' ? '0o' : mark;
    return pad(signOf(big < 0n, flags) + prefix + digits, flags.includes('0') && precision === undefined);
  }
  if (typeof value === 'bigint' && (verb === 's' || !'cqU'.includes(verb))) {
    if (verb === 's') return pad(signOf(big < 0n, flags) + String(big < 0n ? -big : big));
    return bad(value, verb);
  }
  const code = big >= 0n && big <= 0x10ffffn ? Number(big) : 0xfffd;
  if (verb === 'c') return pad(String.fromCodePoint(code), false);
  if (verb === 'q') return pad(`'${String.fromCodePoint(code).replace(/['\\]/, '\\$&')}'`, false);
  if (verb === 'U') {
    const hex = `U+${big
      .toString(16)
      .toUpperCase()
      .padStart(Math.max(4, precision ?? 0), '0')}`;
    return pad(flags.includes('#') ? `${hex} '${String.fromCodePoint(code)}'` : hex, false);
  }
  return bad(value, verb);
}

function floatText(
  value: number,
  verb: string,
  flags: string,
  precision: number | undefined,
  pad: (text: string) => string,
): string {
  const lower = verb.toLowerCase();
  if (verb === 'b') return pad(signOf(value < 0, flags) + binary(Math.abs(value)));
  if (!['v', 'e', 'f', 'g'].includes(lower) || verb === 'V') return bad(value, verb);
  const size = Math.abs(value);
  const digits =
    lower === 'f'
      ? fixed(size, precision ?? 6)
      : lower === 'e'
        ? exponential(size, precision ?? 6)
        : general(size, precision);
  const text = signOf(value < 0 || Object.is(value, -0), flags) + digits;
  return pad(verb === 'E' || verb === 'G' ? text.toUpperCase() : text);
}

/** The mantissa of a double, and the power of two that it is times. */
function binary(value: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const whole = bits.getBigUint64(0);
  const exponent = Number((whole >> 52n) & 0x7ffn);
  const mantissa = (whole & ((1n << 52n) - 1n)) | (exponent === 0 ? 0n : 1n << 52n);
  const power = Math.max(exponent, 1) - 1075;
  return `${mantissa}p${power < 0 ? '' : '+'}${power}`;
}

/** Exact digits, as many as wanted: `toFixed` ends at 100 and at 1e21. */
function fixed(value: number, precision: number): string {
  if (value < 1e21) return value.toFixed(Math.min(precision, 100)).padEnd(0);
  const text = BigInt(value).toString();
  return precision === 0 ? text : `${text}.${'0'.repeat(precision)}`;
}

function exponential(value: number, precision: number | undefined): string {
  const text =
    precision === undefined ? value.toExponential() : value.toExponential(Math.min(precision, 100));
  return text.replace(/e([+-])([0-9])$/, 'e$10$2');
}

/** The shortest digits; an exponent where it is below -4 or from 21 (without a precision) on. */
function general(value: number, precision: number | undefined): string {
  if (value === 0) return '0';
  const shortest =
    precision === undefined ? value.toExponential() : value.toExponential(Math.max(0, precision - 1));
  const exponent = Number(shortest.split('e')[1]);
  const digits = (shortest.split('e')[0] ?? '').replace('.', '').replace(/0+$/, '') || '0';
  const limit =
    precision === undefined
      ? 21
      : precision === 0
        ? 1
        : Math.max(precision, digits.length > precision ? digits.length : 0);
  if (exponent < -4 || exponent >= limit) {
    const mantissa = digits.length > 1 ? `${digits.charAt(0)}.${digits.slice(1)}` : digits;
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return digits.length > exponent + 1 ? `${whole}.${digits.slice(exponent + 1)}` : whole;
}

function signOf(negative: boolean, flags: string): string {
  return negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function bad(value: Argument, verb: string): string {
  return `%!${verb}(${goType(value)}=${plain(value)})`;
}

function plain(given: Argument): string {
  const value = given instanceof RegoDecimal ? given.valueOf() : given;
  if (typeof value === 'number' && (given instanceof RegoDecimal || !Number.isInteger(value)))
    return general(Math.abs(value), undefined)
      .padStart(0)
      .replace(/^/, value < 0 ? '-' : '');
  return String(value);
}

function padded(text: string, flags: string, width: number, zeros: boolean): string {
  const length = Array.from(text).length;
  if (length >= width) return text;
  const fill = width - length;
  if (flags.includes('-')) return text + ' '.repeat(fill);
  if (!zeros) return ' '.repeat(fill) + text;
  const [, sign = '', rest = ''] = /^([+\- ]?)(.*)$/s.exec(text) ?? [];
  return sign + '0'.repeat(fill) + rest;
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\u00([01][0-9a-f])/g, (_all, code: string) =>
    code === '07' ? '\\a' : code === '0b' ? '\\v' : `\\x${code}`,
  );
}

function goType(value: Argument): string {
  if (typeof value === 'string') return 'string';
  if (value instanceof RegoDecimal) return 'float64';
  if (typeof value === 'bigint') return value >= -(2n ** 63n) && value < 2n ** 63n ? 'int64' : '*big.Int';
  return Number.isInteger(value) ? 'int64' : 'float64';
}

const VERB = /%([-+# 0]{0,5})(\*|[0-9]{0,6})(?:(\.)(\*|[0-9]{0,6}))?(?:\[([0-9]{1,3})\])?(.)/suy;
const MAX_WIDTH = 100_000;
const MAX_TEXT = 1 << 24;
