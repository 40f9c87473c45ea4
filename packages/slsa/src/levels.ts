import { SlsaError } from './errors.js';

/** A track of SLSA 1.2, or of the drafts after it. */
export type SlsaTrack = 'BUILD' | 'SOURCE' | 'BUILD_ENVIRONMENT';

/** What the levels of a track say. */
export interface TrackInfo {
  /** Whether results may carry it: a draft has no level names yet. */
  readonly status: 'approved' | 'draft';
  /** One line for each level, from level 0. */
  readonly levels: readonly string[];
}

/** The tracks, and what their levels say. */
export const SLSA_TRACKS: Readonly<Record<SlsaTrack, TrackInfo>> = {
  BUILD: {
    status: 'approved',
    levels: [
      'nothing is known',
      'provenance exists',
      'a hosted platform made and authenticated the provenance',
      'builds are isolated, and cannot reach what signs the provenance',
    ],
  },
  SOURCE: {
    status: 'approved',
    levels: [
      'nothing is known',
      'version controlled',
      'history is kept and enforced, every revision has source provenance',
      'technical controls are enforced on protected references',
      'two trusted persons agreed to every change',
    ],
  },
  BUILD_ENVIRONMENT: {
    status: 'draft',
    levels: [
      'nothing is known',
      'the build image has provenance that was verified before use',
      'the environment was measured and attested before the build',
      'hardware attests the host interface and the environment',
    ],
  },
};

/** The result of a verification, as it stands in a summary. */
export type SlsaResult =
  | { readonly kind: 'level'; readonly track: string; readonly level: number }
  | { readonly kind: 'unevaluated'; readonly track: string }
  | { readonly kind: 'legacy'; readonly level: number }
  | { readonly kind: 'property'; readonly value: string }
  | { readonly kind: 'custom'; readonly value: string }
  | { readonly kind: 'failed'; readonly value: string };

/**
 * Read a result: `SLSA_BUILD_LEVEL_3`, `SLSA_SOURCE_LEVEL_UNEVALUATED`, a property such as `SLSA_SOURCE_TWO_PARTY_REVIEWED`,
 * `SLSA_LEVEL_2` of old summaries (`legacy`), `FAILED`, or a name of one's own. Every text is one of these.
 *
 * @param text - the result
 */
export function parseLevel(text: string): SlsaResult {
  if (text === 'FAILED') return { kind: 'failed', value: text };
  if (!text.startsWith('SLSA_')) return { kind: 'custom', value: text };
  const old = /^SLSA_LEVEL_([0-4])$/.exec(text);
  if (old !== null) return { kind: 'legacy', level: Number(old[1]) };
  const mark = text.lastIndexOf('_LEVEL_');
  const track = text.slice('SLSA_'.length, mark);
  const level = text.slice(mark + '_LEVEL_'.length);
  if (mark > 'SLSA_'.length && /^[A-Z][A-Z0-9_]*$/.test(track)) {
    if (level === 'UNEVALUATED') return { kind: 'unevaluated', track };
    if (/^(?:0|[1-9][0-9]{0,2})$/.test(level)) return { kind: 'level', track, level: Number(level) };
  }
  return { kind: 'property', value: text };
}

/**
 * Write a level of an approved track.
 *
 * @param track - the track
 * @param level - its level
 * @throws {@link SlsaError} `SLSA_LEVEL` for a level that the track does not have, or a draft
 */
export function formatLevel(track: SlsaTrack, level: number): string {
  const { status, levels } = SLSA_TRACKS[track];
  if (status === 'draft' || levels[level] === undefined) {
    throw new SlsaError('SLSA_LEVEL', 'no result has such a name');
  }
  return `SLSA_${track}_LEVEL_${level}`;
}

/**
 * Name a level of a draft track and all below it, with a prefix of one's own: the drafts have no names, and names of one's own
 * are compared literally.
 *
 * @param prefix - of the organisation, such as `ACME`
 * @param track - the track
 * @param level - the highest level reached
 * @throws {@link SlsaError} `VSA_RESERVED_PREFIX` for `SLSA`, `SLSA_LEVEL` for a level that the track does not have
 */
export function ownLevels(prefix: string, track: SlsaTrack, level: number): string[] {
  if (prefix === 'SLSA' || prefix.startsWith('SLSA_') || prefix === '') {
    throw new SlsaError('VSA_RESERVED_PREFIX', 'names that begin with SLSA_ are reserved');
  }
  if (SLSA_TRACKS[track].levels[level] === undefined) throw new SlsaError('SLSA_LEVEL', 'no such level');
  return Array.from({ length: level }, (_, index) => `${prefix}_${track}_LEVEL_${index + 1}`);
}

/**
 * Whether results meet what is wanted: a number by the same track at that number or above, everything else literally. A level
 * implies no property, a number is not `UNEVALUATED`.
 *
 * @param have - results
 * @param want - one result
 * @example
 * ```ts
 * console.log(satisfies(['SLSA_BUILD_LEVEL_3'], 'SLSA_BUILD_LEVEL_2')); // true
 * ```
 */
export function satisfies(have: readonly string[], want: string): boolean {
  const wanted = numbered(want);
  if (wanted === undefined) return have.includes(want);
  return have.some((text) => {
    const found = numbered(text);
    return found !== undefined && found.track === wanted.track && found.level >= wanted.level;
  });
}

/**
 * All that is shown by one result or the other: the highest level of each track, and every other result. A track that one of
 * them evaluated is evaluated.
 *
 * @param results - lists of results about one artifact
 */
export function joinLevels(...results: readonly (readonly string[])[]): string[] {
  const all = [...new Set(results.flat())];
  return all.filter((text) => {
    const found = parseLevel(text);
    const least = found.kind === 'unevaluated' ? { track: found.track, level: -1 } : numbered(text);
    return least === undefined || !all.some((other) => isAbove(numbered(other), least));
  });
}

/**
 * What holds for every one: the lowest level of each track that all have, and the other results that all have.
 *
 * @param results - a list of results for each artifact
 */
export function meetLevels(...results: readonly (readonly string[])[]): string[] {
  const all = results.flat();
  return joinLevels(all.filter((text) => results.every((have) => satisfies(have, text))));
}

/**
 * The track that has two results in a list, `undefined` when each has one.
 *
 * @param results - of one summary
 */
export function duplicateTrack(results: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const text of results) {
    const found = parseLevel(text);
    const track = found.kind === 'unevaluated' ? found.track : numbered(text)?.track;
    if (track === undefined) continue;
    if (seen.has(track)) return track;
    seen.add(track);
  }
  return undefined;
}

interface Numbered {
  /** Empty for the levels before version 1, which were of no track. */
  readonly track: string;
  readonly level: number;
}

function numbered(text: string): Numbered | undefined {
  const found = parseLevel(text);
  if (found.kind === 'legacy') return { track: '', level: found.level };
  return found.kind === 'level' ? found : undefined;
}

function isAbove(other: Numbered | undefined, found: Numbered): boolean {
  return other !== undefined && other.track === found.track && other.level > found.level;
}
