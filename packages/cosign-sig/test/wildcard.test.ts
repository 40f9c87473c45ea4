import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchImageGlob, matchWildcard } from '../src/policy/index.js';

describe('matchWildcard', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['?', '', false],
    ['?', '\u{1f600}', true],
    ['??', '\u{1f600}', false],
    ['a*b*c', 'a/b/c', true],
    ['a*b*c', 'a/b/', false],
    ['**a', 'ba', true],
    ['*?*', '', false],
    ['*.io/*', 'a.io/b:c@d', true],
    ['a', 'A', false],
  ])('%j of %j: %s', (pattern, text, fits) => {
    expect(matchWildcard(pattern, text)).toBe(fits);
  });

  it('agrees with the regular expression that says the same', () => {
    const letters = fc.constantFrom('a', 'b', '/', '*', '?');
    const pattern = fc.array(letters, { maxLength: 8 }).map((all) => all.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 8 }).map((all) => all.join(''));
    fc.assert(
      fc.property(pattern, text, (wild, name) => {
        const expression = new RegExp(`^${wild.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
        expect(matchWildcard(wild, name)).toBe(expression.test(name));
      }),
      { numRuns: 10_000, seed: 3 },
    );
  });
});

describe('matchImageGlob', () => {
  it('agrees with the regular expression that says the same', () => {
    const glob = fc
      .array(fc.constantFrom('a', 'b', '/', '*', '**'), { maxLength: 8 })
      .map((all) => `r.io/${all.join('')}`);
    const image = fc
      .array(fc.constantFrom('a', 'b', 'a/b', 'b/a', 'a/b/a'), { minLength: 1, maxLength: 3 })
      .map((all) => `r.io/${all.join('')}:a`);
    fc.assert(
      fc.property(glob, image, (pattern, name) => {
        const runs = pattern.replace(/\*\*?/g, (run) => (run === '*' ? '[^/]*' : '.*'));
        expect(matchImageGlob(pattern, name)).toBe(new RegExp(`^${runs}$`, 'u').test(name));
      }),
      { numRuns: 10_000, seed: 4 },
    );
  });
});
