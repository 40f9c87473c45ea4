import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlsaError } from '../src/index.js';
import {
  formatDuration,
  formatQuantity,
  paramValue,
  paramValueOfText,
  parseDigestString,
  parseImageReference,
} from '../src/tekton/index.js';

const hex = 'ab'.repeat(32);

describe('scalars', () => {
  it.each([
    ['3600s', '1h0m0s'],
    ['0', '0s'],
    ['1500ms', '1.5s'],
    ['-90m', '-1h30m0s'],
    ['0.3333333333333333333h', '20m0s'],
    ['-9223372036854775808ns', '-2562047h47m16.854775808s'],
  ])('writes the duration %s as %s', (text, written) => expect(formatDuration(text)).toBe(written));

  it.each(['', '10', '1x', 's', '-', '1h ', '9223372036854775808ns', '2562048h'])(
    'refuses the duration %j',
    (text) => {
      expect(() => formatDuration(text)).toThrow(expect.objectContaining({ code: 'ERR_SLSA_SCALAR' }));
    },
  );

  it.each([
    ['1000m', '1'],
    ['0.5Gi', '512Mi'],
    ['500m', '500m'],
    [1.5, '1500m'],
    [' 100Mi ', '100Mi'],
    ['+1', '+1'],
    ['Ki', '0'],
    ['.', '0'],
    ['0.9765625Ki', '1k'],
    ['1023.5Ki', '1048064'],
    ['0.100', '100m'],
    ['0.123456789', '123456789n'],
    ['0.9999999999', '1'],
    ['1e-12', '1e-9'],
    ['1e99', '1e99'],
    ['1e100', '10e99'],
    ['7Ei', '7Ei'],
    ['8Ei', '9223372036854775807'],
    ['-16Ei', '-9223372036854775807'],
    ['1000E', '1'],
  ])('writes the quantity %s as %s', (value, written) => expect(formatQuantity(value)).toBe(written));

  it.each(['', 'Pi', '1KB', '1.2.3', '1 Mi', '1e99999999999', '1e-9999', '1'.repeat(257)])(
    'refuses the quantity %j',
    (text) => {
      expect(() => formatQuantity(text)).toThrow(expect.objectContaining({ code: 'ERR_SLSA_SCALAR' }));
    },
  );

  it('reads values as text, lists or maps of text, and everything else as its JSON', () => {
    expect([
      paramValue('a'),
      paramValue(['a']),
      paramValue({ a: null }),
      paramValue([1]),
      paramValue(null),
      paramValue(['a', null]),
      paramValue([null, 1]),
    ]).toEqual(['a', ['a'], { a: '' }, '[1]', '', ['a', ''], '[null,1]']);
  });

  it('reads values of text, of which the odd ones stay to the letter', () => {
    const texts = ['1.50', ' [1, 2] ', '{"a":"1","a":"2"}', '"b"'];
    expect(texts.map(paramValueOfText)).toEqual(['1.50', '[1, 2]', { a: '2' }, 'b']);
    expect(() => paramValueOfText('{')).toThrow(expect.objectContaining({ code: 'ERR_SLSA_SCALAR' }));
  });
});

describe('digests and references', () => {
  it('reads them', () => {
    expect(parseDigestString(` SHA256 : ${hex}\n`)).toEqual({ algorithm: 'sha256', hex });
    expect(parseImageReference(`busybox:1@sha256:${hex}`)).toEqual({
      repository: 'index.docker.io/library/busybox',
      digest: `sha256:${hex}`,
      scheme: 'https',
    });
    expect(parseDigestString(`\u0085sha1:${'a'.repeat(40)}\u00a0`).algorithm).toBe('sha1');
    expect(() => parseDigestString(`\ufeffsha256:${hex}`)).toThrow(SlsaError);
  });

  it.each([
    ['localhost:5000', 'http'],
    ['localhost', 'https'],
    ['a.localhost', 'http'],
    ['127.0.0.1:80', 'http'],
    ['127.0.0.2', 'https'],
    ['10.0.0.1', 'http'],
    ['10.0.0.01', 'https'],
    ['10.0.0.256', 'https'],
    ['172.31.255.255:1', 'http'],
    ['172.32.0.1', 'https'],
    ['192.168.1.1.example.com', 'https'],
    ['[::1]:5000', 'http'],
    ['::1', 'http'],
    ['gcr.io:999999', 'https'],
    [':', 'https'],
  ])('speaks to the registry %s by %s', (registry, scheme) => {
    const reference = `${registry}/ab@sha256:${hex}`;
    expect(parseImageReference(reference)).toMatchObject({ repository: `${registry}/ab`, scheme });
    expect(parseImageReference(reference, { insecure: true }).scheme).toBe('http');
  });

  it.each(['', 'sha256', `sha256:${hex.toUpperCase()}`, `md5:${'a'.repeat(32)}`, `sha256:${hex}:`])(
    'refuses the digest %j',
    (text) => {
      expect(() => parseDigestString(text)).toThrow(expect.objectContaining({ code: 'ERR_SLSA_DIGEST' }));
    },
  );

  it.each([
    '',
    'busybox',
    `Busy@sha256:${hex}`,
    `a@sha256:${hex}`,
    `ab:@sha256:${hex}`,
    `ab:${'a'.repeat(129)}@sha256:${hex}`,
    `ab:b c@sha256:${hex}`,
    `${'a'.repeat(248)}@sha256:${hex}`,
    `a%41.io/ab@sha256:${hex}`,
    `a b.io/ab@sha256:${hex}`,
    `gcr.io:x/ab@sha256:${hex}`,
    `[::1/ab@sha256:${hex}`,
    `a[::1]/ab@sha256:${hex}`,
    `ab@sha512:${hex}`,
    `ab@sha256:${hex}@sha256:${hex}`,
  ])('refuses the reference %j', (text) => {
    expect(() => parseImageReference(text)).toThrow(expect.objectContaining({ code: 'ERR_SLSA_REFERENCE' }));
  });

  it('answers any text by a value or a SlsaError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const read of [parseDigestString, parseImageReference, formatDuration, formatQuantity]) {
          try {
            read(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SlsaError);
          }
        }
      }),
    );
  });
});
