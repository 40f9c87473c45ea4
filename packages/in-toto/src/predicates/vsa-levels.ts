import type { CheckContext } from './check.js';

/** At most one level of each track, and no made-up names that begin with `SLSA_`. */
export function checkLevels(levels: readonly string[], context: CheckContext): void {
  const tracks = new Set<string>();
  for (const [index, level] of levels.entries()) {
    const place = context.at(index);
    checkLevel(level, place);
    const track = LEVEL.exec(level)?.[1];
    if (track === undefined) continue;
    if (tracks.has(track)) place.error('VSA_DUPLICATE_TRACK', `expected one level of track ${track}`);
    tracks.add(track);
  }
}

/** No made-up name that begins with `SLSA_`. */
export function checkLevel(level: string, context: CheckContext): void {
  if (level.startsWith('SLSA_') && !LEVEL.test(level) && !PROPERTIES.has(level))
    context.error('VSA_RESERVED_PREFIX', 'names that begin with SLSA_ are those of the specification');
}

const LEVEL = /^SLSA_(BUILD|SOURCE)_LEVEL_(?:0|[1-9][0-9]{0,2}|UNEVALUATED)$/;
const PROPERTIES: ReadonlySet<string> = new Set(['SLSA_SOURCE_TWO_PARTY_REVIEWED', 'SLSA_BUILD_REPRODUCED']);
