import type { Value } from '../values.js';
import { BuiltinFault, text } from './builtin.js';

/** A semantic version, 2.0.0; a `v` before it is overlooked. */
export interface Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];
}

/** The argument at a position, as a version. */
export function version(args: readonly Value[], index: number): Version {
  const given = text(args, index);
  const found = parseVersion(given);
  if (found === undefined)
    throw new BuiltinFault(`operand ${index + 1}: string ${JSON.stringify(given)} is not a valid SemVer`);
  return found;
}

/** Read a version; `undefined` where the text is none. */
export function parseVersion(given: string): Version | undefined {
  const [all, core = '', prerelease, build] =
    /^v?([0-9.]{5,200})(?:-([0-9A-Za-z.-]{1,1000}))?(?:\+([0-9A-Za-z.-]{1,1000}))?$/.exec(given) ?? [];
  const numbers = core.split('.');
  if (all === undefined || numbers.length !== 3 || !numbers.every(isNumeric)) return undefined;
  const parts = prerelease?.split('.') ?? [];
  if (parts.some((part) => part === '' || (/^[0-9]+$/.test(part) && !isNumeric(part)))) return undefined;
  if (build?.split('.').includes('') === true) return undefined;
  return { numbers: numbers.map(BigInt), prerelease: parts };
}

/** Less than, equal, or more: -1, 0, 1. */
export function compareVersions(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(b.prerelease.length - a.prerelease.length);
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const [x, y] = [isNumeric(part), isNumeric(other)];
    if (x !== y) return x ? -1 : 1;
    return (x ? BigInt(part) < BigInt(other) : part < other) ? -1 : 1;
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0;
}

function isNumeric(text: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(text);
}
