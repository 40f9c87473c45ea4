import { SlsaError } from '../errors.js';

/**
 * Write a quantity as Kubernetes does: text that is canonical enough is kept, everything else is rewritten.
 *
 * @param input - such as `500m`, `1.5Gi`, `1e3`, or a number
 * @throws {@link SlsaError} `ERR_SLSA_SCALAR`.
 */
export function formatQuantity(input: string | number): string {
  const text = String(input).trim();
  const [, sign = '', whole = '', fraction = '', suffix = ''] = QUANTITY.exec(text) ?? [];
  if (text.length > 64 || whole + fraction === '') throw refuse();
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return binaryForm(text, sign, whole, fraction, binary);
  const exponent = exponentOf(suffix);
  return decimalForm(text, sign, whole, fraction, exponent, /^[eE]/.test(suffix) && suffix !== 'E');
}

function decimalForm(
  text: string,
  sign: string,
  whole: string,
  fraction: string,
  exponent: number,
  scientific: boolean,
): string {
  const integer = whole.replace(/^0{1,64}/, '');
  const digits = (BigInt(integer || '0') === 0n ? '' : integer) + fraction;
  const effective = exponent - fraction.length;
  if (BigInt(digits || '0') === 0n) return '0';
  const kept =
    effective % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0') && digits.length <= 18;
  if (kept) return text.replace(/^\+/, '');
  return sign.replace('+', '') + rewritten(BigInt(digits), effective, scientific);
}

function binaryForm(text: string, sign: string, whole: string, fraction: string, power: number): string {
  const mantissa = BigInt(whole + fraction);
  if (mantissa === 0n) return '0';
  if (fraction === '' && mantissa % 8n !== 0n) return text.replace(/^\+/, '');
  const scaled = mantissa * 1024n ** BigInt(power);
  const divisor = 10n ** BigInt(fraction.length);
  const head = sign.replace('+', '');
  if (scaled % divisor !== 0n || scaled / divisor < 1024n)
    return head + rewritten(scaled, -fraction.length, false);
  let value = scaled / divisor;
  let largest = 0;
  while (largest < BINARY.length - 1 && value % 1024n === 0n) {
    value /= 1024n;
    largest += 1;
  }
  return `${head}${value}${BINARY[largest]}`;
}

/** An integer mantissa with the largest power of 1000 that divides it; what is below a nano is rounded up. */
function rewritten(digits: bigint, exponent: number, scientific: boolean): string {
  let mantissa = digits;
  let power = exponent;
  while (mantissa % 10n === 0n) {
    mantissa /= 10n;
    power += 1;
  }
  if (power < -9) {
    const divisor = 10n ** BigInt(-9 - power);
    mantissa = (mantissa + divisor - 1n) / divisor;
    power = -9;
  }
  while (power % 3 !== 0 || power > 18) {
    mantissa *= 10n;
    power -= 1;
  }
  if (scientific) return power === 0 ? `${mantissa}` : `${mantissa}e${power}`;
  return `${mantissa}${DECIMAL.get(power) ?? ''}`;
}

function exponentOf(suffix: string): number {
  for (const [power, name] of DECIMAL) if (name === suffix) return power;
  const exponent = Number(suffix.slice(1));
  if (!Number.isSafeInteger(exponent) || Math.abs(exponent) > 60) throw refuse();
  return exponent;
}

function refuse(): SlsaError {
  return new SlsaError(
    'ERR_SLSA_SCALAR',
    'a quantity is a number with an SI or binary suffix, such as 500m or 1Gi',
  );
}

const QUANTITY = /^([+-]?)([0-9]{0,64})(?:\.([0-9]{0,64}))?(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})$/;
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
