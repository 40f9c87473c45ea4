import { describe, expect, it } from 'vitest';
import {
  isReleaseTag,
  matchBuilderId,
  matchSource,
  matchVersionedTag,
  normalizeSource,
  parseBuilderId,
  splitSource,
} from '../src/index.js';

describe('builder ids', () => {
  it('are a name and perhaps a version', () => {
    expect(parseBuilderId('https://b')).toEqual({ name: 'https://b', version: '' });
    expect(parseBuilderId('https://b@v1')).toEqual({ name: 'https://b', version: 'v1' });
  });

  it.each(['', '@v1', 'b@', 'b@v1@v2'])('refuse %j', (id) =>
    expect(() => parseBuilderId(id)).toThrow(expect.objectContaining({ code: 'SLSA_BAD_BUILDER_ID' })),
  );

  it('refuse a missing version that is needed', () =>
    expect(() => parseBuilderId('b', { needVersion: true })).toThrow(
      expect.objectContaining({ code: 'SLSA_BAD_BUILDER_ID' }),
    ));

  it('compare whole', () => {
    expect(matchBuilderId('b@v1', 'b')).toBe(true);
    expect(matchBuilderId('b@v1', 'b', { exact: true })).toBe(false);
    expect(matchBuilderId('bb@v1', 'b')).toBe(false);
    expect(matchBuilderId('b@refs/tags/v1.2.3', 'b@v1.2.3', { allowRef: true })).toBe(true);
    expect(matchBuilderId('b@refs/tags/v1.2.3', 'b@v1.2.3')).toBe(false);
    expect(matchBuilderId('b@v1.2.3', 'b@refs/tags/v1.2.3', { allowRef: true })).toBe(false);
  });
});

describe('sources', () => {
  it('are completed', () => {
    expect(normalizeSource('example.com/a')).toBe('git+https://example.com/a');
    expect(normalizeSource('ssh://git@example.com/a')).toBe('git+ssh://git@example.com/a');
  });

  it('are split behind the authority', () =>
    expect(splitSource('git+ssh://git@example.com/a@refs/heads/b@c')).toEqual({
      repository: 'git+ssh://git@example.com/a',
      ref: 'refs/heads/b@c',
    }));

  it.each([
    '',
    'https://example.com/a',
    'git+',
    'git+://a',
    'git+https://',
    'git+https:///a',
    'git+https://a/b@',
  ])('refuse %j', (uri) =>
    expect(() => splitSource(uri)).toThrow(expect.objectContaining({ code: 'SLSA_BAD_URI' })),
  );

  it('may be files, which have no host', () =>
    expect(splitSource('git+file:///srv/a@refs/heads/b')).toEqual({
      repository: 'git+file:///srv/a',
      ref: 'refs/heads/b',
    }));

  it('match byte for byte', () => {
    expect(matchSource('git+https://example.com/a@refs/heads/b', 'example.com/a')).toBe(true);
    expect(matchSource('git+https://example.com/a.git', 'example.com/a')).toBe(false);
  });
});

describe('tags', () => {
  it('are releases with three numbers', () => {
    expect(isReleaseTag('refs/tags/v1.2.3')).toBe(true);
    for (const ref of [
      'refs/tags/v1.2',
      'refs/tags/v1.2.3-a',
      'refs/tags/v1.2.3+a',
      'refs/heads/v1.2.3',
      'v1.2.3',
    ])
      expect(isReleaseTag(ref)).toBe(false);
  });

  it.each([
    ['v1.2.3', 'v1', true],
    ['v1', 'v1.0.0', true],
    ['v1.2.3', 'v1.3', false],
    ['v1.2.3-rc.1', 'v1.2.3', false],
    ['v1.2.3-rc.1', 'v1.2', true],
    ['v1.2.3+5', 'v1.2.3+6', true],
  ])('%s for %s: %s', (tag, expected, matches) =>
    expect(matchVersionedTag(`refs/tags/${tag}`, expected)).toBe(matches),
  );

  it.each(['1.2', 'v01', 'v1.2-a', 'v1.2.3-', 'v1.2.3-01', 'v1.2.3+', 'v1.2.3.4', `v${'1'.repeat(300)}`])(
    'expect a version, not %j',
    (expected) =>
      expect(() => matchVersionedTag('refs/tags/v1.2.3', expected)).toThrow(
        expect.objectContaining({ code: 'SLSA_BAD_SEMVER' }),
      ),
  );

  it('is not a branch', () =>
    expect(() => matchVersionedTag('refs/heads/v1.2.3', 'v1')).toThrow(
      expect.objectContaining({ code: 'SLSA_BAD_REF' }),
    ));
});
