import { describe, expect, it } from 'vitest';
import {
  duplicateTrack,
  formatLevel,
  joinLevels,
  meetLevels,
  ownLevels,
  parseLevel,
  satisfies,
  SLSA_TRACKS,
  SlsaError,
} from '../src/index.js';

describe('parseLevel', () => {
  it.each([
    ['SLSA_BUILD_LEVEL_3', { kind: 'level', track: 'BUILD', level: 3 }],
    ['SLSA_SOURCE_LEVEL_0', { kind: 'level', track: 'SOURCE', level: 0 }],
    ['SLSA_BUILD_ENVIRONMENT_LEVEL_2', { kind: 'level', track: 'BUILD_ENVIRONMENT', level: 2 }],
    ['SLSA_BUILD_LEVEL_UNEVALUATED', { kind: 'unevaluated', track: 'BUILD' }],
    ['SLSA_LEVEL_4', { kind: 'legacy', level: 4 }],
    ['SLSA_LEVEL_5', { kind: 'property', value: 'SLSA_LEVEL_5' }],
    ['SLSA_BUILD_LEVEL_03', { kind: 'property', value: 'SLSA_BUILD_LEVEL_03' }],
    ['SLSA_BUILD_LEVEL_', { kind: 'property', value: 'SLSA_BUILD_LEVEL_' }],
    ['SLSA_SOURCE_TWO_PARTY_REVIEWED', { kind: 'property', value: 'SLSA_SOURCE_TWO_PARTY_REVIEWED' }],
    ['FAILED', { kind: 'failed', value: 'FAILED' }],
    ['ORG_SOURCE_STATIC_ANALYSIS', { kind: 'custom', value: 'ORG_SOURCE_STATIC_ANALYSIS' }],
    ['', { kind: 'custom', value: '' }],
  ])('reads %s', (text, expected) => expect(parseLevel(text)).toEqual(expected));
});

describe('satisfies', () => {
  it.each([
    [['SLSA_BUILD_LEVEL_3'], 'SLSA_BUILD_LEVEL_2', true],
    [['SLSA_BUILD_LEVEL_10'], 'SLSA_BUILD_LEVEL_9', true],
    [['SLSA_SOURCE_LEVEL_3'], 'SLSA_BUILD_LEVEL_2', false],
    [['SLSA_BUILD_LEVEL_3'], 'SLSA_BUILD_LEVEL_UNEVALUATED', false],
    [['SLSA_BUILD_LEVEL_UNEVALUATED'], 'SLSA_BUILD_LEVEL_0', false],
    [['SLSA_SOURCE_LEVEL_4'], 'SLSA_SOURCE_TWO_PARTY_REVIEWED', false],
    [['SLSA_LEVEL_4'], 'SLSA_LEVEL_3', true],
    [['SLSA_LEVEL_4'], 'SLSA_BUILD_LEVEL_1', false],
    [['ACME_LEVEL_3'], 'ACME_LEVEL_2', false],
  ])('%j for %s: %s', (have, want, expected) => expect(satisfies(have, want)).toBe(expected));
});

describe('the algebra of levels', () => {
  it('joins what is known of one artifact', () => {
    expect(
      joinLevels(
        ['SLSA_BUILD_LEVEL_2', 'SLSA_SOURCE_LEVEL_UNEVALUATED'],
        ['SLSA_BUILD_LEVEL_3', 'SLSA_SOURCE_LEVEL_1', 'SLSA_BUILD_REPRODUCED'],
      ),
    ).toEqual(['SLSA_BUILD_LEVEL_3', 'SLSA_SOURCE_LEVEL_1', 'SLSA_BUILD_REPRODUCED']);
  });

  it('meets in what holds for every artifact', () => {
    expect(meetLevels(['SLSA_BUILD_LEVEL_2', 'X'], ['SLSA_BUILD_LEVEL_3', 'SLSA_SOURCE_LEVEL_1'])).toEqual([
      'SLSA_BUILD_LEVEL_2',
    ]);
    expect(meetLevels()).toEqual([]);
  });

  it('finds a track with two results', () => {
    expect(duplicateTrack(['SLSA_BUILD_LEVEL_1', 'SLSA_SOURCE_LEVEL_1', 'X'])).toBeUndefined();
    expect(duplicateTrack(['SLSA_BUILD_LEVEL_1', 'SLSA_BUILD_LEVEL_UNEVALUATED'])).toBe('BUILD');
  });
});

describe('writing levels', () => {
  it('names the levels of approved tracks', () => {
    expect(formatLevel('SOURCE', SLSA_TRACKS.SOURCE.levels.length - 1)).toBe('SLSA_SOURCE_LEVEL_4');
    expect(() => formatLevel('BUILD', 4)).toThrow(SlsaError);
  });

  it('has no official name for a draft, but one of your own', () => {
    expect(() => formatLevel('BUILD_ENVIRONMENT', 1)).toThrow(SlsaError);
    const reached = ownLevels('ACME', 'BUILD_ENVIRONMENT', 3);
    expect(reached.at(-1)).toBe('ACME_BUILD_ENVIRONMENT_LEVEL_3');
    expect(satisfies(reached, 'ACME_BUILD_ENVIRONMENT_LEVEL_2')).toBe(true);
    expect(() => ownLevels('SLSA_X', 'BUILD_ENVIRONMENT', 1)).toThrow(
      expect.objectContaining({ code: 'VSA_RESERVED_PREFIX' }),
    );
    expect(() => ownLevels('ACME', 'BUILD_ENVIRONMENT', 4)).toThrow(
      expect.objectContaining({ code: 'SLSA_LEVEL' }),
    );
  });
});
