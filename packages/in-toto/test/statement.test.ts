import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createStatement,
  encodeStatement,
  InTotoError,
  matchSubjects,
  parseStatement,
  type StatementInput,
} from '../src/index.js';

const SHA256 = 'ab'.repeat(32);
const GOOD: StatementInput = {
  subject: [{ name: 'app', digest: { sha256: SHA256 } }],
  predicateType: 'https://example.com/p/v1',
  predicate: { a: 1 },
};
const raw = (members: object) =>
  JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', ...GOOD, ...members });

describe('a statement', () => {
  it('reads back as it was written, in both versions', () => {
    for (const version of ['v1', 'v0.1'] as const) {
      const statement = createStatement({ ...GOOD, version });
      expect(statement).toMatchObject({ version, ...GOOD });
      expect(statement.bytes).toEqual(encodeStatement(statement));
    }
    expect(new TextDecoder().decode(encodeStatement(GOOD))).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"app","digest":{"sha256":"${SHA256}"}}],"predicateType":"https://example.com/p/v1","predicate":{"a":1}}`,
    );
  });

  it('takes unknown members, a missing predicate, unknown algorithms', () => {
    const text = raw({
      other: 1,
      predicate: undefined,
      subject: [{ digest: { custom: 'x!' }, annotations: { b: 2 } }],
    });
    expect(parseStatement(text)).toMatchObject({
      predicate: {},
      subject: [{ digest: { custom: 'x!' }, annotations: { b: 2 } }],
    });
  });

  it.each([
    [{ sha256: SHA256 }, undefined],
    [{ goModuleH1: 'h1:x' }, undefined],
    [{ gomoduleh1: 'h1:x' }, 'gomoduleh1'],
    [{ 'sha512-256': SHA256 }, 'sha512-256'],
    [{ GitCommit: 'x' }, 'GitCommit'],
  ])('tells of names that look like a known algorithm: %j', (digest, name) => {
    const { warnings } = parseStatement(raw({ subject: [{ digest }] }));
    const pointer = `/subject/0/digest/${name}`;
    expect(warnings).toMatchObject(name === undefined ? [] : [{ code: 'INTOTO_UNKNOWN_ALGORITHM', pointer }]);
  });

  it.each([
    [16, ['md5']],
    [20, ['sha1', 'ripemd160']],
    [28, ['sha224', 'sha512_224', 'sha3_224']],
    [32, ['sha256', 'sha512_256', 'sha3_256', 'blake2s', 'sm3', 'gost', 'dirHash', 'dirHash1']],
    [48, ['sha384', 'sha3_384']],
    [64, ['sha512', 'sha3_512', 'blake2b']],
  ])('takes digests of %i bytes only for %j', (bytes, algorithms) => {
    for (const algorithm of algorithms) {
      const read = (length: number) =>
        parseStatement(raw({ subject: [{ digest: { [algorithm]: 'ab'.repeat(length) } }] })).warnings;
      expect(read(bytes)).toEqual([]);
      for (const length of [bytes - 1, bytes + 1])
        expect(() => read(length)).toThrow(expect.objectContaining({ code: 'INTOTO_BAD_DIGEST_LENGTH' }));
    }
  });

  it('tells of two subjects with one name or URI, but for names that mean nothing', () => {
    const digest = { sha256: SHA256 };
    const named = [
      { name: 'a', uri: 'x:y', digest },
      { name: '_', uri: 'x:y', digest },
      { name: '_', digest },
      { name: 'a', uri: '', digest },
      { uri: '', digest },
    ];
    const { warnings } = parseStatement(raw({ subject: named }));
    expect(warnings).toMatchObject([
      { code: 'INTOTO_DUPLICATE_NAME', pointer: '/subject/1/uri' },
      { code: 'INTOTO_DUPLICATE_NAME', pointer: '/subject/3/name' },
    ]);
  });

  it.each([
    ['[]', 'INTOTO_WRONG_TYPE', ''],
    ['{', 'INTOTO_MALFORMED_JSON', ''],
    ['{}', 'INTOTO_MISSING_FIELD', '/_type'],
    [raw({ _type: 'https://in-toto.io/Statement/v1/' }), 'INTOTO_UNSUPPORTED_STATEMENT_TYPE', '/_type'],
    [raw({ predicateType: '' }), 'INTOTO_MISSING_FIELD', '/predicateType'],
    [raw({ predicate: [] }), 'INTOTO_WRONG_TYPE', '/predicate'],
    [raw({ subject: undefined }), 'INTOTO_MISSING_FIELD', '/subject'],
    [raw({ subject: {} }), 'INTOTO_WRONG_TYPE', '/subject'],
    [raw({ subject: [] }), 'INTOTO_EMPTY_SUBJECT', '/subject'],
    [raw({ subject: [1] }), 'INTOTO_WRONG_TYPE', '/subject/0'],
    [raw({ subject: [{ name: 'a' }] }), 'INTOTO_DIGEST_REQUIRED', '/subject/0/digest'],
    [raw({ subject: [{ digest: {} }] }), 'INTOTO_DIGEST_REQUIRED', '/subject/0/digest'],
    [
      raw({ subject: [{ digest: { sha256: 'zz' } }] }),
      'INTOTO_BAD_DIGEST_ENCODING',
      '/subject/0/digest/sha256',
    ],
    [
      raw({ subject: [{ digest: { sha256: 'abcd' } }] }),
      'INTOTO_BAD_DIGEST_LENGTH',
      '/subject/0/digest/sha256',
    ],
    [raw({ subject: [{ digest: { sha256: 1 } }] }), 'INTOTO_WRONG_TYPE', '/subject/0/digest/sha256'],
    [raw({ subject: [{ uri: 1, digest: { sha256: SHA256 } }] }), 'INTOTO_WRONG_TYPE', '/subject/0/uri'],
    [
      raw({ _type: 'https://in-toto.io/Statement/v0.1', subject: [{ digest: { sha256: SHA256 } }] }),
      'INTOTO_MISSING_FIELD',
      '/subject/0/name',
    ],
    [
      raw({ _type: 'https://in-toto.io/Statement/v0.1', subject: [...GOOD.subject, ...GOOD.subject] }),
      'INTOTO_DUPLICATE_NAME',
      '/subject/1/name',
    ],
  ])('is refused as %s', (text, code, pointer) => {
    expect(() => parseStatement(text)).toThrow(expect.objectContaining({ code, pointer }));
  });

  it('answers any JSON at all with a statement or an InTotoError', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('subject', 'predicate', 'predicateType', '_type'),
        (value, member) => {
          try {
            parseStatement(raw({ [member]: value }));
          } catch (error) {
            expect(error).toBeInstanceOf(InTotoError);
          }
        },
      ),
    );
  });
});

describe('matchSubjects', () => {
  it('matches by digest alone', () => {
    const subject = [
      { name: 'x', digest: { sha1: 'ab'.repeat(20) } },
      { name: 'y', digest: { sha256: SHA256.toUpperCase() } },
    ];
    const statement = parseStatement(raw({ subject }));
    expect(matchSubjects(statement, { sha256: SHA256 })).toEqual([
      { subject: subject[1], index: 1, algorithm: 'sha256' },
    ]);
    expect(matchSubjects(statement, { sha1: 'ab'.repeat(20) })).toEqual([]);
    expect(matchSubjects(statement, { sha1: 'ab'.repeat(20) }, ['sha1'])).toHaveLength(1);
    expect(matchSubjects(statement, {})).toEqual([]);
  });
});
