/**
 * What texts measure: durations of Go, quantities of Kubernetes, semantic versions, times.
 *
 * @module
 */
import { momentOf } from '../moment.js';

/**
 * Seconds of a duration of Go, such as `1h30m`.
 *
 * @returns `undefined` for any other text, and for `0` without a unit
 */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '' || rest.length > MAX_DIGITS) return undefined;
  let seconds = 0;
  while (rest !== '') {
    const [part, digits = '', unit = ''] = /^(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/.exec(rest) ?? [];
    const scale = UNITS.get(unit);
    if (part === undefined || scale === undefined) return undefined;
    seconds += Number(digits) * scale;
    rest = rest.slice(part.length);
  }
  return sign * seconds;
}

/** A duration as Go writes it. */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const whole = Math.abs(milliseconds);
  if (whole === 0) return '0s';
  if (whole < 1000) return `${sign}${whole}ms`;
  const seconds = `${(whole % 60_000) / 1000}s`;
  const minutes = Math.floor(whole / 60_000);
  if (minutes === 0) return `${sign}${seconds}`;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60}m${seconds}`;
}

/**
 * The number that a quantity of Kubernetes stands for, such as `512Mi` or `100m`.
 *
 * @returns `undefined` for any other text, and for one with more digits than are exact
 */
export function parseQuantity(text: string): number | undefined {
  if (text.length > MAX_DIGITS) return undefined;
  const [all, digits = '', suffix = ''] =
    /^([-+]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][-+]?\d{1,2})?$/.exec(text) ?? [];
  if (all === undefined || digits.replaceAll(/\D/g, '').length > 15) return undefined;
  const power = SUFFIXES.get(suffix);
  if (power !== undefined) return Number(digits) * power;
  return Number(`${digits}${suffix}`);
}

/**
 * A decimal number as Go writes it, with an exponent or without.
 *
 * @returns `undefined` for any other text
 */
export function parseNumber(text: string): number | undefined {
  return text.length <= MAX_DIGITS && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)
    ? Number(text)
    : undefined;
}

/**
 * Order of two semantic versions: negative, zero or positive.
 *
 * @returns `undefined` where one of them is none
 */
export function compareVersions(a: string, b: string): number | undefined {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === undefined || right === undefined) return undefined;
  for (const [index, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(left.before, right.before);
}

/**
 * Whether a version is in a range: alternatives between `||`, each of comparisons such as `>=1.2.3 <2.0.0`, `1.x` or `<1.2.x`.
 *
 * @returns `undefined` for texts that are no version or range
 */
export function versionFits(version: string, range: string): boolean | undefined {
  let fits = false;
  for (const alternative of range.split('||')) {
    const comparisons = alternative
      .trim()
      .replaceAll(/([<>=!]) +/g, '$1')
      .split(/ +/);
    let holds = true;
    for (const comparison of comparisons) {
      const [, operator = '', wanted = ''] = /^(>=|<=|!=|==|[<>=!]|)([^<>=!]+)$/.exec(comparison) ?? [];
      for (const [by, bound] of boundsOf(operator, wanted)) {
        const order = compareVersions(version, bound);
        if (order === undefined) return undefined;
        holds &&= isInOrder(by, order);
      }
    }
    fits ||= holds;
  }
  return fits;
}

/**
 * Milliseconds since 1970 of a time in RFC 3339.
 *
 * @returns `undefined` for any other text, also for one without a zone
 */
export function parseTime(text: string): number | undefined {
  const time = momentOf(text);
  return Number.isNaN(time) ? undefined : time;
}

/** What a comparison with `1.x` or `1.2.x` stands for; with `!` nothing is in it, as the library of Kyverno has it. */
function boundsOf(
  operator: string,
  wanted: string,
): readonly (readonly [operator: string, version: string])[] {
  const [all, major = '', minor] = /^(\d{1,15})(?:\.(\d{1,15}))?\.x$/.exec(wanted) ?? [];
  if (all === undefined) return [[operator, wanted]];
  const first = `${major}.${minor ?? 0}.0`;
  const next = minor === undefined ? `${Number(major) + 1}.0.0` : `${major}.${Number(minor) + 1}.0`;
  if (operator === '>=' || operator === '<') return [[operator, first]];
  if (operator === '>') return [['>=', next]];
  if (operator === '<=') return [['<', next]];
  return operator.startsWith('!')
    ? [
        ['<', first],
        ['>=', next],
      ]
    : [
        ['>=', first],
        ['<', next],
      ];
}

function isInOrder(operator: string, order: number): boolean {
  if (operator === '>') return order > 0;
  if (operator === '>=') return order >= 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator.startsWith('!') ? order !== 0 : order === 0;
}

function parseVersion(text: string): { numbers: readonly number[]; before: readonly string[] } | undefined {
  if (text.length > 256) return undefined;
  const [all, major, minor, patch, before] =
    /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(
      text,
    ) ?? [];
  if (all === undefined) return undefined;
  return { numbers: [Number(major), Number(minor), Number(patch)], before: before?.split('.') ?? [] };
}

/** A release comes after what is released before it (semver.org, 11). */
function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const [one, two] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (one && two) return Number(part) - Number(other);
    if (one !== two) return one ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return a.length - b.length;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['μs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);
const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ...['k', 'M', 'G', 'T', 'P', 'E'].map((suffix, index): [string, number] => [suffix, 1000 ** (index + 1)]),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index): [string, number] => [
    suffix,
    1024 ** (index + 1),
  ]),
]);
const MAX_DIGITS = 64;
