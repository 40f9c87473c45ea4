import { isJsonObject, jsonPointer, type JsonValue } from '@sealwright/json';
import { digestRule, looksLike } from './digest-algorithms.js';
import type { Report } from './report.js';

/** Digests of one artifact, by algorithm. Known algorithms have hexadecimal text; other names hold whatever their users agreed on. */
export type DigestSet = Readonly<Record<string, string>>;

/** How two digest sets are compared. */
export interface MatchOptions {
  /** The algorithms that count. Default: {@link DEFAULT_ALGORITHMS}. */
  readonly accept?: readonly string[];
  /** Names to take for others, such as `{ sha1: 'gitCommit' }` for provenance that names commits so. None unless given. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** What a second accepted algorithm with different digests does: nothing, or undo the match. Default `ignore`. */
  readonly conflictPolicy?: 'ignore' | 'reject';
}

/** The algorithms that count unless others are given: those without known collisions, and the object names of git. */
export const DEFAULT_ALGORITHMS: readonly string[] = [
  'sha256',
  'sha384',
  'sha512',
  'sha512_256',
  'sha3_256',
  'sha3_384',
  'sha3_512',
  'blake2b',
  'gitCommit',
  'gitTree',
  'gitBlob',
  'gitTag',
  'dirHash1',
];

/**
 * Compare two digest sets: one accepted algorithm with equal digests is enough. Known algorithms compare as bytes, and never
 * when a digest has the wrong length; others as text.
 *
 * @param a - of one artifact
 * @param b - of another, or the same
 * @param options - what counts
 * @returns the algorithm that matched first, `undefined` when none did
 */
export function matchDigests(a: DigestSet, b: DigestSet, options: MatchOptions = {}): string | undefined {
  return digestMatcher(a, options)(b);
}

/** The same, for comparing one artifact with many. */
export function digestMatcher(
  artifact: DigestSet,
  options: MatchOptions,
): (other: DigestSet) => string | undefined {
  const left = canonical(artifact, options.aliases);
  const accept = (options.accept ?? DEFAULT_ALGORITHMS).filter((name) =>
    left.has(ONE_NAME.get(name) ?? name),
  );
  return (other) => firstMatch(left, canonical(other, options.aliases), accept, options);
}

function firstMatch(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
  accept: readonly string[],
  options: MatchOptions,
): string | undefined {
  let matched: string | undefined;
  for (const algorithm of accept) {
    const name = ONE_NAME.get(algorithm) ?? algorithm;
    const [x, y] = [left.get(name), right.get(name)];
    if (x === undefined || y === undefined) continue;
    if (x !== y) {
      if (options.conflictPolicy === 'reject') return undefined;
    } else if (digestRule(name)?.refuse(x) === undefined) matched ??= algorithm;
  }
  return matched;
}

/** Check a digest set; `undefined` when it is none at all. */
export function checkDigestSet(
  value: JsonValue,
  pointer: string,
  report: Report,
  maxDigests: number = MAX_DIGESTS,
): DigestSet | undefined {
  if (!isJsonObject(value)) return report.error('INTOTO_WRONG_TYPE', pointer, 'a digest set is an object');
  const names = Object.keys(value);
  if (names.length > maxDigests)
    return report.error('INTOTO_LIMIT_EXCEEDED', pointer, `at most ${maxDigests} digests`);
  let isText = true;
  for (const name of names) {
    checkDigest(name, value[name] ?? null, pointer, report);
    isText &&= typeof value[name] === 'string';
  }
  if (isText) return value as DigestSet; // just looked
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function checkDigest(algorithm: string, value: JsonValue, pointer: string, report: Report): void {
  const rule = digestRule(algorithm);
  if (typeof value === 'string' && rule?.isPlain(value) === true) return;
  const place = pointer + jsonPointer(algorithm);
  if (typeof value !== 'string') report.error('INTOTO_WRONG_TYPE', place, 'a digest is text');
  else if (value === '') report.error('INTOTO_MISSING_FIELD', place, 'a digest is not empty');
  else if (rule !== undefined) {
    const fault = rule.refuse(value);
    if (fault !== undefined) report.error(fault, place, `expected a ${algorithm} digest: ${rule.says}`);
    else report.warn('INTOTO_DIGEST_NOT_LOWERCASE', place, 'hexadecimal is in lower case');
  } else {
    const known = looksLike(algorithm);
    if (known !== undefined)
      report.warn('INTOTO_UNKNOWN_ALGORITHM', place, `this is not the algorithm ${known}; its name differs`);
  }
}

function canonical(set: DigestSet, aliases: Readonly<Record<string, string>> = {}): Map<string, string> {
  const result = new Map<string, string>();
  for (const [given, value] of Object.entries(set)) {
    const alias = Object.hasOwn(aliases, given) ? aliases[given] : undefined;
    const name = ONE_NAME.get(alias ?? given) ?? alias ?? given;
    if (alias !== undefined && result.has(name)) continue; // what goes by the name itself counts more
    result.set(name, digestRule(name) === undefined ? value : value.toLowerCase());
  }
  return result;
}

const MAX_DIGESTS = 64;
const ONE_NAME: ReadonlyMap<string, string> = new Map([['dirHash', 'dirHash1']]);
