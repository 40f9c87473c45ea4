import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatResourcePath,
  formatResourceUri,
  KbsProtocolError,
  parseResourcePath,
  parseResourceUri,
  parseTeeName,
  resourceHttpPath,
  sessionCookie,
  sessionCookieFrom,
  sessionIdOf,
  TEE_NAMES,
} from '../src/index.js';

const part = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,9}$/);

describe('parseResourcePath', () => {
  it('reads what formatResourcePath writes', () => {
    fc.assert(
      fc.property(fc.record({ repository: part, type: part, tag: part }), (path) => {
        expect(parseResourcePath(formatResourcePath(path))).toEqual(path);
      }),
    );
  });

  it.each([
    'a/b',
    'a/b/c/d',
    '/a/b/c',
    'a/b/c/',
    'a/./c',
    'a/../c',
    'a/b/c\n',
    'a/b/ä',
    `a/b/${'c'.repeat(1024)}`,
  ])('refuses %j', (path) => {
    expect(() => parseResourcePath(path)).toThrow(expect.objectContaining({ code: 'ERR_KBS_RESOURCE_PATH' }));
  });
});

describe('parseResourceUri', () => {
  it('reads the plugin, the address and the query', () => {
    const uri = parseResourceUri('kbs+nebula-ca://[::1]:8080/credential?name=a&ip=10.0.0.1/24');
    expect(uri).toEqual({
      address: '[::1]:8080',
      plugin: 'nebula-ca',
      path: ['credential'],
      query: 'name=a&ip=10.0.0.1/24',
    });
    expect(resourceHttpPath(uri)).toBe('/kbs/v0/nebula-ca/credential?name=a&ip=10.0.0.1/24');
  });

  it('writes the plugin resource without saying so', () => {
    expect(formatResourceUri(parseResourceUri('kbs+resource:///a/b/c'))).toBe('kbs:///a/b/c');
  });

  it.each([
    'kbs://',
    'kbs:///',
    'kbs://host',
    'kbs:/a/b/c',
    'KBS:///a/b/c',
    'kbs+a/b:///c',
    'kbs://user@host/a/b/c',
    'kbs:///a/../c',
    'kbs:///a/%2e%2E/c',
    'kbs:///a/b/c#d',
    'kbs:///a b/c/d',
    `kbs:///${'a'.repeat(4096)}`,
  ])('refuses %j', (uri) => {
    expect(() => parseResourceUri(uri)).toThrow(expect.objectContaining({ code: 'ERR_KBS_RESOURCE_URI' }));
  });

  it('answers any text with a URI or a KbsProtocolError, and writes again what it read', () => {
    const near = fc.array(
      fc.constantFrom('kbs', '+', '://', '/', '?', '.', '..', 'a', '%', '[', ':', '8', '\n', 'é'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const uri = parseResourceUri(text);
            expect(parseResourceUri(formatResourceUri(uri))).toEqual(uri);
          } catch (error) {
            expect(error).toBeInstanceOf(KbsProtocolError);
          }
        },
      ),
    );
  });
});

describe('parseTeeName', () => {
  it('reads its own names and the old spellings', () => {
    for (const name of TEE_NAMES) expect(parseTeeName(name)).toBe(name);
    expect(['azsnpvtpm', 'aztdxvtpm', 'dpu'].map((name) => parseTeeName(name))).toEqual([
      'az-snp-vtpm',
      'az-tdx-vtpm',
      'nvidia-dpu',
    ]);
  });

  it.each(['', 'sev', 'SNP', 'constructor'])('refuses %j', (name) => {
    expect(() => parseTeeName(name)).toThrow(expect.objectContaining({ code: 'ERR_KBS_TEE' }));
  });
});

describe('the session cookie', () => {
  const id = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';

  it('is found among others', () => {
    expect(sessionIdOf(`a=b; kbs-session-id=${id};c=d`)).toBe(id);
  });

  it.each([
    undefined,
    null,
    '',
    'kbs-session-id',
    `kbs-session-id=${id}0`,
    `kbs-session-id="${id}"`,
    `x${id}=${id}`,
  ])('is not found in %j', (header) => {
    expect(sessionIdOf(header)).toBeUndefined();
  });

  it('says when it ends', () => {
    expect(sessionCookie(id, 0)).toBe(
      `kbs-session-id=${id}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly`,
    );
  });

  it('goes back as a pair, whatever comes with it', () => {
    const headers = new Headers();
    let lines = ['other=1', sessionCookie(id, 0)];
    Object.defineProperty(headers, 'getSetCookie', { value: () => lines });
    expect(sessionCookieFrom(headers)).toBe(`kbs-session-id=${id}`);
    lines = ['kbs-session-id=a\nb'];
    expect(sessionCookieFrom(headers)).toBeUndefined();
  });
});
