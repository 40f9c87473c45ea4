import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  isReleaseTag,
  matchBuilderId,
  matchSource,
  matchVersionedTag,
  normalizeSource,
  parseBuilderId,
  splitSource,
} from '../src/index.js';

const area = vectorArea('slsa');

interface BuilderIds {
  readonly parse: readonly {
    id: string;
    needVersion: boolean;
    name?: string;
    version?: string;
    error?: string;
  }[];
  readonly match: readonly {
    trusted: string;
    given: string;
    allowRef: boolean;
    loose: boolean;
    full: boolean;
  }[];
  readonly builderTag: readonly { ref: string; ok: boolean }[];
}

describe.skipIf(!area.present)('builder ids', () => {
  const ids = area.present
    ? area.json<BuilderIds>('builder-id.json')
    : { parse: [], match: [], builderTag: [] };

  it.each(ids.parse)(
    'parse $id, version needed: $needVersion',
    ({ id, needVersion, name, version, error: code }) => {
      const parse = (): unknown => parseBuilderId(id, { needVersion });
      if (code === undefined) expect(parse()).toEqual({ name, version });
      else expect(parse).toThrow(expect.objectContaining({ code }));
    },
  );

  it.each(ids.match)(
    'match $trusted for $given, ref: $allowRef',
    ({ trusted, given, allowRef, loose, full }) => {
      expect(matchBuilderId(trusted, given, { allowRef })).toBe(loose);
      expect(matchBuilderId(trusted, given, { allowRef, exact: true })).toBe(full);
    },
  );

  it.each(ids.builderTag)('release tag $ref: $ok', ({ ref, ok }) => expect(isReleaseTag(ref)).toBe(ok));
});

interface Sources {
  readonly normalize: readonly { in: string; out: string }[];
  readonly split: readonly { uri: string; repository?: string; ref?: string; error?: string }[];
  readonly sourceMatch: readonly { provenance: string; expected: string; match: boolean }[];
}

describe.skipIf(!area.present)('sources', () => {
  const sources = area.present
    ? area.json<Sources>('git-source.json')
    : { normalize: [], split: [], sourceMatch: [] };

  it.each(sources.normalize)('normalize $in', (vector) =>
    expect(normalizeSource(vector.in)).toBe(vector.out),
  );

  it.each(sources.split)('split $uri', ({ uri, repository, ref, error: code }) => {
    if (code === undefined) expect(splitSource(uri)).toEqual({ repository, ref });
    else expect(() => splitSource(uri)).toThrow(expect.objectContaining({ code }));
  });

  it.each(sources.sourceMatch)('match $provenance for $expected', ({ provenance, expected, match }) =>
    expect(matchSource(provenance, expected)).toBe(match),
  );
});

interface Tags {
  readonly cases: readonly { provenanceTag: string; expected: string; match?: boolean; error?: string }[];
}

describe.skipIf(!area.present)('versioned tags', () => {
  it.each(area.present ? area.json<Tags>('versioned-tag.json').cases : [])(
    '$provenanceTag for $expected',
    ({ provenanceTag, expected, match, error: code }) => {
      if (code === undefined) expect(matchVersionedTag(provenanceTag, expected)).toBe(match);
      else
        expect(() => matchVersionedTag(provenanceTag, expected)).toThrow(expect.objectContaining({ code }));
    },
  );
});
