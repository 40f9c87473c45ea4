import { SlsaError } from '../errors.js';
import { trimSpace } from './white-space.js';

/**
 * Write a quantity as Kubernetes does: text that is canonical enough is kept, everything else is rewritten. Where Kubernetes
 * gets it wrong so does this, for the bytes are compared: `1000E` becomes `1`, for there is no larger suffix.
 *
 * @param input - such as `500m`, `1.5Gi`, `1e3`, or a number
 * @throws {@link SlsaError} `ERR_SLSA_SCALAR`.
 */
export function formatQuantity(input: string | number): string {
  const text = trimSpace(String(input));
  const match = text === '' || text.length > MAX_LENGTH ? null : QUANTITY.exec(text);
  if (match === null) throw refuse();
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  const digits = whole.replace(/^0+/, '');
  const power = BINARY.indexOf(suffix);
  const number: Decimal = {
    negative: sign === '-',
    digits: (digits || '0') + fraction,
    exponent: power > 0 ? 0 : exponentOf(suffix) - fraction.length,
  };
  const isFast =
    power > 0
      ? fraction === '' && number.digits.length + power * 3 <= 14
      : number.digits.length <= 18 && number.exponent >= NANO;
  if (BigInt(number.digits) === 0n) {
    if (whole + fraction === '' && !isFast) throw refuse();
    return '0';
  }
  if (power > 0) {
    const isKept = isFast && BigInt(digits) % 8n !== 0n;
    return isKept ? text : binaryForm(number, fraction.length, power);
  }
  if (isFast && number.exponent % 3 === 0 && !/^0|000$/.test(number.digits)) return text;
  if (!isFast && Math.abs(number.exponent) > MAX_EXPONENT) throw refuse();
  return decimalForm(number, /^[eE]./.test(suffix));
}

interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  /** The power of ten that the digits are multiplied by. */
  readonly exponent: number;
}

function binaryForm({ negative, digits }: Decimal, places: number, power: number): string {
  const scaled = BigInt(digits) * 1024n ** BigInt(power);
  const divisor = 10n ** BigInt(places);
  const capped = scaled > MAX_BINARY * divisor ? MAX_BINARY * divisor : scaled;
  if (capped % divisor !== 0n || capped < 1024n * divisor)
    return decimalForm({ negative, digits: `${capped}`, exponent: -places }, false);
  let value = capped / divisor;
  let largest = 0;
  while (largest < BINARY.length - 1 && value % 1024n === 0n) {
    value /= 1024n;
    largest += 1;
  }
  return `${negative ? '-' : ''}${value}${BINARY[largest]}`;
}

/** An integer mantissa with the largest power of 1000 that divides it; what is below a nano is rounded up. */
function decimalForm({ negative, digits, exponent }: Decimal, scientific: boolean): string {
  let [mantissa, power] = [BigInt(digits), exponent];
  if (power < NANO) {
    const divisor = 10n ** BigInt(NANO - power);
    [mantissa, power] = [(mantissa + divisor - 1n) / divisor, NANO];
  }
  while (mantissa % 10n === 0n) {
    mantissa /= 10n;
    power += 1;
  }
  while (power % 3 !== 0) {
    mantissa *= 10n;
    power -= 1;
  }
  const suffix = scientific ? (power === 0 ? '' : `e${power}`) : (DECIMAL.get(power) ?? '');
  return `${negative ? '-' : ''}${mantissa}${suffix}`;
}

function exponentOf(suffix: string): number {
  for (const [power, name] of DECIMAL) if (name === suffix) return power;
  const exponent = Number(suffix.slice(1));
  if (!Number.isSafeInteger(exponent) || Math.abs(exponent) > 0x7fff_ffff) throw refuse();
  return exponent;
}

function refuse(): SlsaError {
  return new SlsaError(
    'ERR_SLSA_SCALAR',
    'a quantity is a number with an SI or binary suffix, such as 500m or 1Gi',
  );
}

const QUANTITY = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)$/;
const MAX_LENGTH = 256;
const MAX_EXPONENT = 1000;
const MAX_BINARY = 2n ** 63n - 1n;
const NANO = -9;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: ReadonlyMap<number, string> = new Map([
  [-9, 'n'],
  [-6, 'u'],
  [-3, 'm'],
  [0, ''],
  [3, 'k'],
  [6, 'M'],
  [9, 'G'],
  [12, 'T'],
  [15, 'P'],
  [18, 'E'],
]);
