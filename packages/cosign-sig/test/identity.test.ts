import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whyNotIdentity, wildcard } from '../src/index.js';

const certified = {
  names: [
    {
      type: 'uri' as const,
      value: 'https://github.com/example/app/.github/workflows/release.yml@refs/heads/main',
    },
  ],
  extensions: { issuerV2: 'https://token.example', sourceRepositoryURI: 'https://github.com/example/app' },
};

describe('whyNotIdentity', () => {
  it('takes the exact issuer and subject', () => {
    const subject = certified.names[0]?.value ?? '';
    expect(whyNotIdentity(certified, { issuer: 'https://token.example', subject })).toBeUndefined();
  });

  it.each([
    [{ issuer: 'https://token.example.org', subject: wildcard('*') }, 'expected issuer'],
    [{ issuer: 'https://token.example', subject: 'https://github.com/example/app' }, 'expected subject'],
    [{ issuer: 'https://token.example', subject: wildcard('github.com/*') }, 'expected subject'],
    [
      {
        issuer: 'https://token.example',
        subject: wildcard('*'),
        extensions: { sourceRepositoryURI: 'other' },
      },
      'expected sourceRepositoryURI',
    ],
  ])('says what does not fit', (identity, words) => {
    expect(whyNotIdentity(certified, identity)).toContain(words);
  });

  it('refuses two issuers that contradict each other', () => {
    const both = { ...certified, extensions: { issuer: 'https://a.example', issuerV2: 'https://b.example' } };
    expect(() => whyNotIdentity(both, { issuer: 'https://a.example', subject: wildcard('*') })).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_CERTIFICATE' }),
    );
  });
});

describe('wildcard', () => {
  it.each([
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'abcd', false],
    ['*', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['ab*ba', 'aba', false],
    ['abc', 'abc', true],
    ['abc', 'xabc', false],
  ])('%s on %s is %s', (pattern, text, fits) => {
    expect(wildcard(pattern).test(text)).toBe(fits);
  });

  it('agrees with the obvious definition', () => {
    const letter = fc.constantFrom('a', 'b', '*');
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 8 }), fc.stringMatching(/^[ab]{0,8}$/), (pattern, text) => {
        expect(wildcard(pattern.join('')).test(text)).toBe(
          new RegExp(`^${pattern.join('').replaceAll('*', '.*')}$`).test(text),
        );
      }),
    );
  });
});
