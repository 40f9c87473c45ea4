import { SlsaError } from '../errors.js';

/**
 * Write a duration as Go does: `3600s` is `1h0m0s`.
 *
 * @param text - numbers with units `ns`, `us`, `ms`, `s`, `m`, `h`, an optional sign, or `0`
 * @throws {@link SlsaError} `ERR_SLSA_SCALAR`.
 */
export function formatDuration(text: string): string {
  const nanoseconds = parse(text);
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return (nanoseconds < 0n ? '-' : '') + written(size);
}

function parse(text: string): bigint {
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '' || text.length > 128) throw refuse();
  let total = 0n;
  while (rest !== '') {
    const [all, whole = '', fraction = '', unit = ''] = PART.exec(rest) ?? [];
    const scale = UNITS.get(unit);
    if (all === undefined || scale === undefined || whole + fraction === '') throw refuse();
    total += BigInt(whole || '0') * scale + fractionOf(fraction, scale);
    if (total > LIMIT) throw refuse();
    rest = rest.slice(all.length);
  }
  if (!negative && total === LIMIT) throw refuse();
  return negative ? -total : total;
}

/** In floating point, as Go does it, with the digits that fit into 63 bits. */
function fractionOf(digits: string, scale: bigint): bigint {
  let [value, length] = [0n, 0];
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break;
    [value, length] = [next, length + 1];
  }
  return BigInt(Math.trunc(Number(value) * (Number(scale) / 10 ** length)));
}

function written(size: bigint): string {
  if (size === 0n) return '0s';
  for (const [unit, scale] of SMALL) if (size < scale * 1000n) return decimal(size, scale) + unit;
  const hours = size / (3600n * SECOND);
  const minutes = (size / (60n * SECOND)) % 60n;
  const head = hours > 0n ? `${hours}h${minutes}m` : minutes > 0n ? `${minutes}m` : '';
  return `${head}${decimal(size % (60n * SECOND), SECOND)}s`;
}

function decimal(size: bigint, scale: bigint): string {
  const fraction = (size % scale).toString().padStart(scale.toString().length - 1, '0');
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0') end -= 1;
  return scale === 1n || end === 0 ? `${size / scale}` : `${size / scale}.${fraction.slice(0, end)}`;
}

function refuse(): SlsaError {
  return new SlsaError('ERR_SLSA_SCALAR', 'a duration is numbers with units, such as 1h30m');
}

const SECOND = 1_000_000_000n;
const LIMIT = 2n ** 63n;
const SMALL: readonly [string, bigint][] = [
  ['ns', 1n],
  ['\u00b5s', 1000n],
  ['ms', 1_000_000n],
];
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ...SMALL,
  ['us', 1000n],
  ['\u03bcs', 1000n],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3600n * SECOND],
]);
const PART = /^([0-9]*)(?:\.([0-9]*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/;
