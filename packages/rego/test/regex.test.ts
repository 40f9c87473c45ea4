import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex, RegexSyntaxError } from '../src/regex.js';

describe('compileRegex', () => {
  it('finds what the engine of the platform finds', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\w',
      '(a|b)',
      '(?:ab)',
      '^',
      '$',
      '\\b',
    );
    const repeat = fc.constantFrom('', '*', '+', '?', '*?', '+?', '{1,2}');
    const pattern = fc
      .array(fc.tuple(atom, repeat), { maxLength: 5 })
      .map((parts) =>
        parts.map(([each, times]) => (/^(?:\^|\$|\\b)$/.test(each) ? each : each + times)).join(''),
      );
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (source, given) => {
        const expected = new RegExp(source, 'd').exec(given);
        const found = compileRegex(source).match(given, 0);
        expect(compileRegex(source).test(given)).toBe(found !== undefined);
        expect(found?.[0]).toEqual(expected === null ? undefined : expected.indices?.[0]);
      }),
      { numRuns: 3000 },
    );
  });

  it('gives groups, and -1 for one that took no part', () => {
    expect(compileRegex('(a)|(b)').match('xb', 0)).toEqual([
      [1, 2],
      [-1, -1],
      [1, 2],
    ]);
  });

  it.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(a)\\1',
    '(',
    ')',
    '[a',
    'a**',
    'a{2000}',
    '\\',
    '[b-a]',
    '(?P<1>a)',
    '\\p{Nothing}',
  ])('refuses %s', (pattern) => {
    expect(() => compileRegex(pattern)).toThrow(RegexSyntaxError);
  });

  it('takes time linear in the text', () => {
    expect(compileRegex('(a*)*$').match(`${'a'.repeat(2000)}b`, 0)).toEqual(expect.anything());
    expect(compileRegex('^(a+)+$').match(`${'a'.repeat(2000)}b`, 0)).toBe(undefined);
  });

  it('knows flags, Unicode and named groups', () => {
    expect(compileRegex('(?i)ABC').match('xabc', 0)?.[0]).toEqual([1, 4]);
    expect(compileRegex('^\\p{L}+$').match('\u00e4\u4e2d', 0)).toBeDefined();
    expect(compileRegex('(?P<x>.)').match('\u{1f600}', 0)?.[1]).toEqual([0, 2]);
    expect(compileRegex('(?m)^b$').match('a\nb\nc', 0)?.[0]).toEqual([2, 3]);
  });
});
