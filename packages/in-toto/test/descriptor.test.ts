import { describe, expect, it } from 'vitest';
import {
  createStatement,
  descriptorContent,
  InTotoError,
  isTimestamp,
  parsePayloadType,
  parseResourceDescriptor,
  parseStatement,
  type StatementOptions,
} from '../src/index.js';

const SHA256 = 'ab'.repeat(32);
const text = (members: object) =>
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: SHA256 } }],
    predicateType: 'https://example.com/p',
    ...members,
  });
const found = (members: object, options?: StatementOptions): readonly string[] => {
  try {
    return parseStatement(text(members), options).warnings.map(({ code, pointer }) => `${code} ${pointer}`);
  } catch (error) {
    if (error instanceof InTotoError) return error.findings.map(({ code, pointer }) => `${code} ${pointer}`);
    throw error;
  }
};

describe('parseResourceDescriptor', () => {
  it('drops members that are null and keeps unknown ones', () => {
    const { descriptor } = parseResourceDescriptor({ uri: 'x:y', name: null, x_more: 1 });
    expect(descriptor).toEqual({ uri: 'x:y', x_more: 1 });
  });

  it.each([
    [{ content: 'SGVsbG8=' }, 'Hello'],
    [{ content: 'SGVsbG8' }, 'Hello'],
    [{ content: '_w' }, '\ufffd'],
    [{ content: '%' }, undefined],
    [{}, undefined],
  ])('decodes the content of %o', (descriptor, expected) => {
    const bytes = descriptorContent(descriptor);
    expect(bytes && new TextDecoder().decode(bytes)).toBe(expected);
  });

  it('warns of content that is large or has another digest', () => {
    const warnings = (value: { [name: string]: string | { sha256: string } }) =>
      parseResourceDescriptor(value).warnings.map(({ code }) => code);
    expect(warnings({ content: 'A'.repeat(1368) })).toEqual(['INTOTO_CONTENT_LARGE']);
    expect(warnings({ content: 'SGVsbG8=', digest: { sha256: SHA256 } })).toEqual([
      'INTOTO_CONTENT_DIGEST_MISMATCH',
    ]);
  });

  it('is refused without anything that says what it is', () => {
    expect(() => parseResourceDescriptor({ name: 'x', digest: {} })).toThrow(
      expect.objectContaining({ code: 'INTOTO_RD_EMPTY', pointer: '' }),
    );
    expect(parseResourceDescriptor({}, { mode: 'tolerant' }).warnings).toHaveLength(1);
    expect(() => parseResourceDescriptor([])).toThrow(InTotoError);
  });
});

describe('parseStatement', () => {
  it('finds all faults at once', () => {
    expect(
      found({ _type: 'x', subject: [{ digest: { sha256: 'zz' } }, {}], predicateType: 1, predicate: [] }),
    ).toEqual([
      'INTOTO_UNSUPPORTED_STATEMENT_TYPE /_type',
      'INTOTO_BAD_DIGEST_ENCODING /subject/0/digest/sha256',
      'INTOTO_DIGEST_REQUIRED /subject/1/digest',
      'INTOTO_WRONG_TYPE /predicateType',
      'INTOTO_WRONG_TYPE /predicate',
    ]);
  });

  it('never softens what identifies an artifact', () => {
    const members = { subject: [{ digest: { sha256: 'zz' } }] };
    expect(found(members, { mode: 'tolerant' })).toEqual([
      'INTOTO_BAD_DIGEST_ENCODING /subject/0/digest/sha256',
    ]);
  });

  it('refuses members that differ in case, and ignores them in tolerant mode', () => {
    expect(found({ PredicateType: 'x' })).toEqual(['INTOTO_AMBIGUOUS_KEY /PredicateType']);
    expect(found({ PredicateType: 'x' }, { mode: 'tolerant' })).toEqual([]);
  });

  it('reads misspelt members when told to', () => {
    const members = { predicateType: undefined, predicate_type: 'https://example.com/q' };
    expect(found(members)).toEqual([
      'INTOTO_MISSPELT_FIELD /predicate_type',
      'INTOTO_MISSING_FIELD /predicateType',
    ]);
    const read = parseStatement(text(members), { acceptMisspelt: true });
    expect(read.predicateType).toBe('https://example.com/q');
    const subject = [{ digest: { sha256: SHA256 }, media_type: 'text/plain' }];
    expect(parseStatement(text({ subject }), { acceptMisspelt: true }).subject[0]?.mediaType).toBe(
      'text/plain',
    );
  });

  it('reads a predicate that is text when told to', () => {
    expect(found({ predicate: 'SPDXVersion: SPDX-2.2' })).toEqual(['INTOTO_WRONG_TYPE /predicate']);
    const read = parseStatement(text({ predicate: 'x' }), { allowStringPredicate: true });
    expect([read.predicate, read.predicateText]).toEqual([{}, 'x']);
  });

  it('holds its caps', () => {
    const subject = [{ digest: { sha256: SHA256, a: 'b' } }, { digest: { sha256: SHA256 } }];
    expect(found({ subject }, { limits: { maxSubjects: 1 } })).toEqual(['INTOTO_LIMIT_EXCEEDED /subject']);
    expect(found({ subject }, { limits: { maxDigests: 1 } })).toEqual([
      'INTOTO_LIMIT_EXCEEDED /subject/0/digest',
    ]);
    expect(found({}, { limits: { maxBytes: 10 } })).toEqual(['INTOTO_LIMIT_EXCEEDED ']);
    expect(found({ predicate: { a: [[]] } }, { limits: { maxDepth: 2 } })).toEqual([
      'INTOTO_LIMIT_EXCEEDED ',
    ]);
    const many = Array.from({ length: 3000 }, () => ({}));
    expect(found({ subject: many })).toHaveLength(1000);
  });

  it('warns of names that stand twice and of look-alike algorithms', () => {
    const one = { name: 'a', digest: { 'SHA-256': SHA256 } };
    expect(found({ subject: [one, one] })).toEqual([
      'INTOTO_UNKNOWN_ALGORITHM /subject/0/digest/SHA-256',
      'INTOTO_UNKNOWN_ALGORITHM /subject/1/digest/SHA-256',
      'INTOTO_DUPLICATE_NAME /subject/1/name',
    ]);
  });

  it('warns of capitals in digests, which a writer may not have', () => {
    const subject = [{ digest: { sha256: SHA256.toUpperCase() } }];
    expect(found({ subject })).toEqual(['INTOTO_DIGEST_NOT_LOWERCASE /subject/0/digest/sha256']);
    expect(() => createStatement({ subject, predicateType: 'https://example.com/p', predicate: {} })).toThrow(
      expect.objectContaining({ code: 'INTOTO_DIGEST_NOT_LOWERCASE' }),
    );
  });
});

describe('scalars', () => {
  it.each([
    ['2024-02-29T23:59:59.123456789Z', true],
    ['2023-02-29T00:00:00Z', false],
    ['1900-02-29T00:00:00Z', false],
    ['2024-13-01T00:00:00Z', false],
    ['2024-01-01T00:00:60Z', false],
    ['2024-01-01T00:00:00+00:00', false],
    ['0000-01-01T00:00:00Z', false],
  ])('%s is a timestamp: %s', (value, expected) => {
    expect(isTimestamp(value)).toBe(expected);
  });

  it.each([
    ['application/vnd.in-toto+json', { predicate: undefined }],
    ['application/vnd.in-toto.test-result+json', { predicate: 'test-result' }],
    ['application/vnd.in-toto.+json', undefined],
    ['application/vnd.in-toto+json;a=b', undefined],
  ])('%s is a payload type: %o', (value, expected) => {
    expect(parsePayloadType(value)).toEqual(expected);
  });

  it.each([
    ['HTTPS://example.com/p', 'INTOTO_URI_NOT_NORMALIZED'],
    ['https://User@example.com/P', undefined],
    ['https://Example.com', 'INTOTO_URI_NOT_NORMALIZED'],
    ['example.com/p', 'INTOTO_BAD_URI'],
    ['https://example.com/%zz', 'INTOTO_BAD_URI'],
    ['https://example.com/a b', 'INTOTO_BAD_URI'],
    ['mailto:A@B', undefined],
  ])('the URI %s', (predicateType, code) => {
    expect(found({ predicateType })).toEqual(code === undefined ? [] : [`${code} /predicateType`]);
  });
});
