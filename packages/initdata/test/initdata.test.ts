import { encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockImage,
  buildInitData,
  decodeInitDataAnnotation,
  encodeInitDataAnnotation,
  fitDigest,
  initDataClaims,
  InitDataError,
  parseBlockImage,
  parseInitData,
  pcr8,
} from '../src/index.js';

const DOCUMENT = encodeUtf8(`version = "0.1.0"
algorithm = "sha384"

[data]
"aa.toml" = '''
[token_configs.kbs]
url = "http://127.0.0.1:8080" # a comment is measured
'''
"policy.rego" = "package agent_policy"
`);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('parseInitData', () => {
  it('reads a document and keeps its bytes', () => {
    const { document, bytes, digest } = parseInitData(DOCUMENT);
    expect(document.version).toBe('0.1.0');
    expect(document.algorithm).toBe('sha384');
    expect(Object.keys(document.data)).toEqual(['aa.toml', 'policy.rego']);
    expect(bytes).toEqual(DOCUMENT);
    expect(bytes).not.toBe(DOCUMENT);
    expect(digest).toHaveLength(48);
  });

  it('gives another digest for every other byte', () => {
    const text = new TextDecoder().decode(DOCUMENT);
    const digests = [
      text,
      `${text}\n`,
      `${text}# comment`,
      text.replaceAll('\n', '\r\n'),
      text.replace(' = ', '='),
    ];
    expect(new Set(digests.map((each) => encodeHex(parseInitData(each).digest))).size).toBe(digests.length);
  });

  it.each([
    ['version = "0.1.1"\nalgorithm = "sha256"\n[data]\n', 'ERR_INITDATA_VERSION'],
    ['version = "0.1.0"\nalgorithm = "sm3"\n[data]\n', 'ERR_INITDATA_ALGORITHM'],
    ['version = "0.1.0"\nalgorithm = "sha-256"\n[data]\n', 'ERR_INITDATA_ALGORITHM'],
    ['version = 1\nalgorithm = "sha256"\n[data]\n', 'ERR_INITDATA_FORMAT'],
    ['version = "0.1.0"\nalgorithm = "sha256"\n', 'ERR_INITDATA_FORMAT'],
    ['version = "0.1.0"\nalgorithm = "sha256"\ndata = []\n', 'ERR_INITDATA_FORMAT'],
    ['version = "0.1.0"\nalgorithm = "sha256"\ndata = 1979-05-27\n', 'ERR_INITDATA_FORMAT'],
    ['version = "0.1.0"\nalgorithm = "sha256"\n[data]\naa.toml = "unquoted"\n', 'ERR_INITDATA_FORMAT'],
    ['version = "0.1.0"\nversion = "0.1.0"\n', 'ERR_INITDATA_FORMAT'],
    ['{"version":"0.1.0"}', 'ERR_INITDATA_FORMAT'],
    ['\ud800', 'ERR_INITDATA_FORMAT'],
  ])('refuses %j', (text, expected) => {
    expect(() => parseInitData(text)).toThrow(code(expected));
  });

  it('takes what it is told to take', () => {
    const text = 'version = "9"\nalgorithm = "sm3"\n[data]\n';
    expect(parseInitData(text, { versions: 'any', algorithms: ['sm3'] }).digest).toHaveLength(32);
    expect(() => parseInitData(text, { maxBytes: 10 })).toThrow(code('ERR_INITDATA_SIZE'));
    expect(() => parseInitData(Uint8Array.of(0xff))).toThrow(code('ERR_INITDATA_FORMAT'));
  });
});

describe('annotation and block image', () => {
  it('carry the document, the same way each time', () => {
    const annotation = encodeInitDataAnnotation(DOCUMENT);
    expect(encodeInitDataAnnotation(DOCUMENT)).toBe(annotation);
    expect(decodeInitDataAnnotation(annotation)?.bytes).toEqual(DOCUMENT);
    const wrapped = annotation.replaceAll(/.{64}/g, '$&\r\n');
    expect(decodeInitDataAnnotation(wrapped)?.bytes).toEqual(DOCUMENT);
    expect(decodeInitDataAnnotation('')).toBeUndefined();
    expect(decodeInitDataAnnotation(encodeBase64(DOCUMENT), { legacy: true })?.bytes).toEqual(DOCUMENT);
    const image = blockImage(DOCUMENT);
    expect(image.length % 512).toBe(0);
    expect(parseBlockImage(image)).toEqual(DOCUMENT);
  });

  it('refuse what is not whole, or more than whole', () => {
    const gzip = Uint8Array.from(atob(encodeInitDataAnnotation(DOCUMENT)), (character) =>
      character.charCodeAt(0),
    );
    const broken = [
      gzip.subarray(0, -1),
      gzip.subarray(0, 12),
      Uint8Array.of(...gzip, 0),
      Uint8Array.of(...gzip, ...gzip),
      gzip.map((byte, index) => (index === gzip.length - 6 ? byte ^ 1 : byte)),
    ];
    for (const bytes of broken) {
      expect(() => decodeInitDataAnnotation(encodeBase64(bytes))).toThrow(code('ERR_INITDATA_GZIP'));
    }
    expect(() => decodeInitDataAnnotation('not base64')).toThrow(code('ERR_INITDATA_BASE64'));
    expect(() => decodeInitDataAnnotation('A'.repeat(3_000_000))).toThrow(code('ERR_INITDATA_SIZE'));
    const bomb = encodeInitDataAnnotation(new Uint8Array(8 << 20));
    expect(() => decodeInitDataAnnotation(bomb)).toThrow(code('ERR_INITDATA_SIZE'));
    const image = blockImage(DOCUMENT);
    expect(parseBlockImage(image.subarray(1))).toBeUndefined();
    expect(parseBlockImage(new Uint8Array())).toBeUndefined();
    expect(() => parseBlockImage(image.subarray(0, 20))).toThrow(code('ERR_INITDATA_SIZE'));
    expect(() => parseBlockImage(image.subarray(0, 10))).toThrow(code('ERR_INITDATA_SIZE'));
  });

  it('answer any change with a document or an InitDataError', () => {
    const image = blockImage(DOCUMENT);
    fc.assert(
      fc.property(fc.nat(image.length - 1), fc.nat(255), (at, to) => {
        const changed = image.slice();
        changed[at] = to;
        try {
          const content = parseBlockImage(changed);
          if (content !== undefined) parseInitData(content);
        } catch (error) {
          expect(error).toBeInstanceOf(InitDataError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('buildInitData', () => {
  it('writes what reads back, entries sorted', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), (data) => {
        fc.pre(!Object.hasOwn(data, '__proto__'));
        const read = parseInitData(buildInitData({ algorithm: 'sha256', data }));
        expect({ ...read.document.data }).toEqual({ ...data });
        const sorted = Object.fromEntries(
          Object.keys(data)
            .sort()
            .map((name) => [name, data[name]]),
        ); // `0` comes first in any object
        expect(Object.keys(read.document.data)).toEqual(Object.keys(sorted));
      }),
    );
  });

  it('keeps blocks of text readable', () => {
    const built = (value: string) =>
      new TextDecoder().decode(buildInitData({ algorithm: 'sha256', data: { 'a.b': value } }));
    expect(built('one\ntwo\n')).toBe(
      `version = "0.1.0"\nalgorithm = "sha256"\n\n[data]\n"a.b" = '''\none\ntwo\n'''\n`,
    );
    for (const value of ["'''\n", "\n'", 'a\r\nb', 'a\n\u0001', '\n\u007f']) {
      expect(parseInitData(built(value)).document.data['a.b']).toBe(value);
      expect(built(value)).not.toContain("= '''");
    }
  });
});

describe('initDataClaims', () => {
  const claims = (data: Record<string, string>) =>
    initDataClaims({ version: '0.1.0', algorithm: 'sha256', data });

  it('opens what it can and keeps the rest as text', () => {
    expect(
      claims({ 'aa.toml': 'a = 1979-05-27T00:32:00Z\nb = inf', 'cdh.toml': '= no', other: 'x = 1' }),
    ).toEqual({
      'aa.toml': { a: '1979-05-27T00:32:00.000Z', b: 'Infinity' },
      'cdh.toml': '= no',
      other: 'x = 1',
    });
  });

  it('takes the data of a policy only when it reaches the very end', () => {
    expect(claims({ 'policy.rego': 'package p\npolicy_data := {"a": [1]}\n' })).toEqual({
      agent_policy_claims: { a: [1] },
    });
    for (const policy of ['policy_data := {"a": 1}\nallow = true', 'policy_data := {', 'package p']) {
      expect(claims({ 'policy.rego': policy })).toEqual({ 'policy.rego': policy });
    }
  });
});

describe('registers', () => {
  it('cut and pad on the right', () => {
    const digest = Uint8Array.from({ length: 48 }, (_, index) => index + 1);
    expect(fitDigest(digest, 'snp')).toEqual(digest.subarray(0, 32));
    expect(fitDigest(digest, 'tdx')).toEqual(digest);
    expect([...fitDigest(digest, 'se')].slice(48)).toEqual(Array.from({ length: 208 }, () => 0));
  });

  it('extend PCR 8 with 32 bytes only', () => {
    expect(encodeHex(pcr8(new Uint8Array(32)))).toBe(
      'f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b',
    );
    expect(() => pcr8(new Uint8Array(48))).toThrow(code('ERR_INITDATA_SIZE'));
  });
});
