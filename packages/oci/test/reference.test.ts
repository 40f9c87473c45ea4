import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference, OciError, parseReference, referenceScopes } from '../src/index.js';

const DIGEST = `sha256:${'0f'.repeat(32)}`;

describe('parseReference', () => {
  it.each([
    ['app', 'docker.io/library/app:latest'],
    ['team/app:1', 'docker.io/team/app:1'],
    ['index.docker.io/library/app', 'docker.io/library/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    [`reg.example.com:5000/a/b__c-d.e:v1.0_x@${DIGEST}`, `reg.example.com:5000/a/b__c-d.e:v1.0_x@${DIGEST}`],
    [`app@${DIGEST}`, `docker.io/library/app@${DIGEST}`],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    ['xn--n3h.com/a:xn--n3h.com', 'xn--n3h.com/a:xn--n3h.com'],
    ['foo_bar.com:8080', 'docker.io/library/foo_bar.com:8080'],
    [`a@sha384:${'0f'.repeat(48)}`, `docker.io/library/a@sha384:${'0f'.repeat(48)}`],
    ['Host.Example/a', 'Host.Example/a:latest'],
  ])('reads %s', (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
    expect(formatReference(parseReference(full))).toBe(full);
  });

  it.each([
    '',
    ':tag',
    '@',
    'a//b',
    'a/',
    '/a',
    'A',
    'a..b',
    'a___b',
    '-a',
    'a-',
    'a:',
    'a:b:c',
    `a@${DIGEST}@${DIGEST}`,
    `a@${DIGEST}0`,
    'a@md5:00',
    'a b',
    'ex ample.com/a',
    'a'.repeat(2000),
    `a:${'t'.repeat(129)}`,
    'host:99999999/a',
    'a'.repeat(256),
    'a'.repeat(248), // with library/ it is one too long
    'ab'.repeat(32),
    '-host.io/a',
    'host-.io/a',
    'a..io/b',
    'host_.io/a',
    '[::1/a',
    'host:/a',
    `a@sha384:${'0f'.repeat(32)}`,
  ])('refuses %j', (text) =>
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'ERR_OCI_REFERENCE' })),
  );

  it('leaves the tag out where asked to', () => {
    expect(parseReference('app', { defaultTag: 'none' })).toEqual({
      registry: 'docker.io',
      repository: 'library/app',
    });
    expect(parseReference('app:1', { defaultTag: 'none' }).tag).toBe('1');
  });

  it('answers any text at all with a reference that reads back, or an OciError', () => {
    const part = fc.constantFrom('a', 'B', '.', '-', '_', '/', ':', '@', '1', 'localhost', DIGEST);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          const reference = parseReference(parts.join(''));
          expect(parseReference(formatReference(reference))).toEqual(reference);
        } catch (error) {
          expect(error).toBeInstanceOf(OciError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('lists scopes from narrow to wide', () => {
    expect(referenceScopes(parseReference('a.b.c:5000/x/y'))).toEqual([
      'a.b.c:5000/x/y',
      'a.b.c:5000/x',
      'a.b.c:5000',
      '*.b.c',
      '*.c',
    ]);
  });
});
