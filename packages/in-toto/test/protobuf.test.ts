import { decodeHex, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InTotoError, type Statement } from '../src/index.js';
import {
  encodeBundleProto,
  encodeDescriptorProto,
  encodeEnvelopeProto,
  encodePredicateProto,
  encodeStatementProto,
  parseBundleProto,
  parseDescriptorProto,
  parseEnvelopeProto,
  parsePredicateProto,
  parseStatementProto,
  PROVENANCE_V01_MESSAGE,
  REFERENCE_MESSAGE,
  RELEASE_V02_MESSAGE,
  SCAI_MESSAGE,
  SVR_V01_MESSAGE,
  VSA_V1_MESSAGE,
} from '../src/protobuf/index.js';

/** A field with a length below 128, put together by hand: tag byte, length byte, content. */
const field = (number: number, content: string) =>
  ((number << 3) | 2).toString(16).padStart(2, '0') +
  (content.length / 2).toString(16).padStart(2, '0') +
  content;
const text = (value: string) => encodeHex(encodeUtf8(value));

const SHA256 = 'ab'.repeat(32);
const DIGEST = `1a4a0a067368613235361240${text(SHA256)}`; // field 3, 74 bytes: key "sha256", value of 64
const DESCRIPTOR = [
  field(1, text('app')),
  field(2, text('pkg:a/b')),
  DIGEST,
  field(4, 'fbff'),
  field(5, text('https://x')),
  field(6, text('text/plain')),
  // annotations { n: 1.5, t: true }: entries of key 1 and value 2; a number is field 2 of eight bytes, a boolean field 4
  field(
    7,
    field(1, field(1, text('n')) + field(2, '11000000000000f83f')) +
      field(1, field(1, text('t')) + field(2, '2001')),
  ),
].join('');
const STATEMENT = [
  field(1, text('https://in-toto.io/Statement/v1')),
  `124c${DIGEST}`,
  field(3, text('https://example.com/p/v1')),
  // predicate { a: [null, "x"], o: {} }: a list is field 6 with values 1, null field 1, text field 3, an object field 5
  field(
    4,
    field(1, field(1, text('a')) + field(2, field(6, field(1, '0800') + field(1, field(3, text('x')))))) +
      field(1, field(1, text('o')) + field(2, field(5, ''))),
  ),
].join('');
const ENVELOPE = [
  field(1, text('{}')),
  field(2, text('application/vnd.in-toto+json')),
  field(3, field(1, '0102') + field(2, text('k'))),
].join('');
const GOLDEN = {
  descriptor: {
    name: 'app',
    uri: 'pkg:a/b',
    digest: { sha256: SHA256 },
    content: '+/8=',
    downloadLocation: 'https://x',
    mediaType: 'text/plain',
    annotations: { n: 1.5, t: true },
  },
  statement: {
    subject: [{ digest: { sha256: SHA256 } }],
    predicateType: 'https://example.com/p/v1',
    predicate: { a: [null, 'x'], o: {} },
  },
  envelope: {
    payload: encodeUtf8('{}'),
    payloadType: 'application/vnd.in-toto+json',
    signatures: [{ keyid: 'k', sig: Uint8Array.of(1, 2), unknown: {} }],
  },
};
const code = (value: string) => expect.objectContaining({ name: 'InTotoError', code: value });

describe('protobuf', () => {
  it('writes and reads the bytes that the field numbers give', () => {
    expect(encodeHex(encodeDescriptorProto(GOLDEN.descriptor))).toBe(DESCRIPTOR);
    expect(parseDescriptorProto(decodeHex(DESCRIPTOR))).toEqual(GOLDEN.descriptor);
    expect(encodeHex(encodeStatementProto(GOLDEN.statement))).toBe(STATEMENT);
    const bytes = decodeHex(STATEMENT);
    expect(parseStatementProto(bytes)).toEqual({ version: 'v1', ...GOLDEN.statement, warnings: [], bytes });
    expect(encodeHex(encodeEnvelopeProto(GOLDEN.envelope))).toBe(ENVELOPE);
    expect(parseEnvelopeProto(decodeHex(ENVELOPE))).toEqual(GOLDEN.envelope);
  });

  it('reads and writes the envelope of a Sigstore bundle, which has one signature', () => {
    const bundle = field(1, text('m')) + field(2, '0a00') + field(4, ENVELOPE);
    const value = { mediaType: 'm', verificationMaterial: decodeHex('0a00'), envelope: GOLDEN.envelope };
    expect(parseBundleProto(decodeHex(bundle))).toEqual(value);
    expect(encodeHex(encodeBundleProto(value))).toBe(bundle);
    const two = field(4, ENVELOPE + field(3, field(1, '01')));
    expect(() => parseBundleProto(decodeHex(two))).toThrow(code('DSSE_LIMIT_EXCEEDED'));
    expect(() => parseBundleProto(decodeHex(field(3, '')))).toThrow(code('DSSE_MISSING_FIELD'));
    expect(() => parseBundleProto(decodeHex(field(3, '') + field(4, ENVELOPE)))).toThrow(
      code('DSSE_MISSING_FIELD'),
    );
  });

  it('keeps the extension of a signature', () => {
    const extension = field(1, text('k')) + field(2, field(1, field(1, text('a')) + field(2, '2001')));
    const bytes = decodeHex(field(3, field(1, '01') + field(3, extension)));
    const envelope = parseEnvelopeProto(bytes);
    expect(envelope.signatures[0]?.unknown).toEqual({ extension: { kind: 'k', ext: { a: true } } });
    expect(encodeEnvelopeProto(envelope)).toEqual(bytes);
  });

  it('skips unknown fields of every wire type', () => {
    const unknown = `7801${field(15, 'ff')}7900000000000000007d00000000`;
    expect(parseEnvelopeProto(decodeHex(unknown + ENVELOPE))).toEqual(GOLDEN.envelope);
    expect(parseStatementProto(decodeHex(STATEMENT + unknown)).predicate).toEqual(GOLDEN.statement.predicate);
  });

  it('takes any name in a struct, those of prototypes too', () => {
    const predicate = field(1, field(1, text('__proto__')) + field(2, '2001'));
    const { predicate: read } = parseStatementProto(decodeHex(withPredicate(predicate)));
    expect(Object.entries(read)).toEqual([['__proto__', true]]);
  });

  const value = (hex: string) => withPredicate(field(1, field(1, text('a')) + field(2, hex)));
  it.each([
    ['a length past the end', '0a05', 'PROTOBUF_MALFORMED'],
    ['a length above 2^53', '0affffffffffffffffff01', 'PROTOBUF_MALFORMED'],
    ['a number of more than 64 bits', '78ffffffffffffffffff02', 'PROTOBUF_MALFORMED'],
    ['a number that ends early', '7880', 'PROTOBUF_MALFORMED'],
    ['field number 0', '0200', 'PROTOBUF_MALFORMED'],
    ['a group', '7b7c', 'PROTOBUF_MALFORMED'],
    ['a known field of another wire type', '0801', 'PROTOBUF_MALFORMED'],
    ['broken UTF-8', STATEMENT.replace(text('https://example.com'), 'ff'.repeat(19)), 'PROTOBUF_MALFORMED'],
    ['a field twice', STATEMENT + field(3, ''), 'INTOTO_DUPLICATE_KEY'],
    ['an empty message', '', 'INTOTO_MISSING_FIELD'],
    ['a value that is nothing', value(''), 'PROTOBUF_MALFORMED'],
    ['a value that is two things', value('20012001'), 'INTOTO_DUPLICATE_KEY'],
    ['a value of another wire type', value('22017f'), 'PROTOBUF_MALFORMED'],
    ['a number that is not finite', value('11000000000000f07f'), 'INTOTO_WRONG_TYPE'],
    [
      'a member twice',
      withPredicate(field(1, field(1, text('a')) + field(2, '2001')).repeat(2)),
      'INTOTO_DUPLICATE_KEY',
    ],
  ])('refuses %s', (_name, hex, expected) => {
    expect(() => parseStatementProto(decodeHex(hex))).toThrow(code(expected));
  });

  it('holds its caps', () => {
    const limits = { maxBytes: 10 };
    expect(() => parseStatementProto(decodeHex(STATEMENT), { limits })).toThrow(
      code('INTOTO_LIMIT_EXCEEDED'),
    );
    expect(() => parseEnvelopeProto(decodeHex(ENVELOPE), { limits })).toThrow(code('DSSE_LIMIT_EXCEEDED'));
    expect(() => parseEnvelopeProto(decodeHex(ENVELOPE), { limits: { maxSignatures: 0 } })).toThrow(
      code('DSSE_LIMIT_EXCEEDED'),
    );
    expect(() => parseEnvelopeProto(new Uint8Array())).toThrow(code('DSSE_NO_SIGNATURES'));
    expect(() => parseStatementProto(decodeHex(STATEMENT), { limits: { maxSubjects: 0 } })).toThrow(
      code('INTOTO_LIMIT_EXCEEDED'),
    );
    expect(() => parseStatementProto(decodeHex(STATEMENT), { limits: { maxDigests: 0 } })).toThrow(
      code('INTOTO_LIMIT_EXCEEDED'),
    );
    expect(() => parseStatementProto(decodeHex(STATEMENT), { limits: { maxDepth: 1 } })).toThrow(
      code('INTOTO_LIMIT_EXCEEDED'),
    );
    let deep = '';
    for (let level = 0; level < 10; level += 1) deep = field(1, field(1, '61') + field(2, field(5, deep)));
    expect(parseStatementProto(decodeHex(withPredicate(deep))).predicate).toHaveProperty('a.a.a');
  });

  it('refuses to write what it could not read', () => {
    expect(() => encodeStatementProto({ ...GOLDEN.statement, subject: [] })).toThrow(
      code('INTOTO_EMPTY_SUBJECT'),
    );
    expect(() => encodeDescriptorProto({ name: '\ud800' })).toThrow(code('INTOTO_WRONG_TYPE'));
    expect(() => encodeDescriptorProto({ content: '!' })).toThrow(code('INTOTO_BAD_BASE64'));
    const odd = {
      ...GOLDEN.envelope,
      signatures: [{ keyid: '', sig: Uint8Array.of(1), unknown: { extension: { kind: 1 } } }],
    };
    expect(() => encodeEnvelopeProto(odd)).toThrow(code('DSSE_WRONG_TYPE'));
  });

  it('writes lengths of more than one byte', () => {
    const payload = new Uint8Array(70_000).fill(7);
    const bytes = encodeEnvelopeProto({ ...GOLDEN.envelope, payload });
    expect(encodeHex(bytes.subarray(0, 4))).toBe('0af0a204');
    expect(parseEnvelopeProto(bytes).payload).toEqual(payload);
  });

  it('reads back what it wrote', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }).map(withoutMinusZero));
    fc.assert(
      fc.property(
        json,
        fc.dictionary(fc.string(), fc.string({ minLength: 1 }), { minKeys: 1, maxKeys: 4 }),
        (predicate, other) => {
          fc.pre(wellFormed(predicate) && wellFormed(other));
          const digest = Object.fromEntries(
            Object.entries(other).map(([name, value]) => [`x-${name}`, value]),
          );
          const bytes = encodeStatementProto({ ...GOLDEN.statement, subject: [{ digest }], predicate });
          const read: Statement = parseStatementProto(bytes);
          expect(read.predicate).toEqual(predicate);
          expect(read.subject).toEqual([{ digest }]);
          expect(encodeStatementProto(read)).toEqual(bytes);
        },
      ),
    );
  });

  it('answers any bytes, and any change of good ones, with a message or an InTotoError', () => {
    const good = [STATEMENT, DESCRIPTOR, ENVELOPE, field(4, ENVELOPE)].map(decodeHex);
    const changed = fc
      .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
      .map(([bytes, changes]) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
        for (const parse of [
          parseStatementProto,
          parseDescriptorProto,
          parseEnvelopeProto,
          parseBundleProto,
        ]) {
          try {
            parse(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(InTotoError);
          }
        }
      }),
    );
  });
});

describe('a predicate in protobuf', () => {
  it.each([
    ['text', { purl: 1 }, RELEASE_V02_MESSAGE, 'PREDICATE_WRONG_TYPE', '/purl'],
    ['a list', { properties: 'a' }, SVR_V01_MESSAGE, 'PREDICATE_WRONG_TYPE', '/properties'],
    ['an element', { properties: [null] }, SVR_V01_MESSAGE, 'PREDICATE_WRONG_TYPE', '/properties/0'],
    ['an object', { verifier: [] }, SVR_V01_MESSAGE, 'PREDICATE_WRONG_TYPE', '/verifier'],
    [
      'a boolean',
      { metadata: { reproducible: 1 } },
      PROVENANCE_V01_MESSAGE,
      'PREDICATE_WRONG_TYPE',
      '/metadata/reproducible',
    ],
    ['a map', { policy: { digest: { a: 1 } } }, VSA_V1_MESSAGE, 'PREDICATE_WRONG_TYPE', '/policy/digest/a'],
    [
      'a count',
      { dependencyLevels: { a: '0x1' } },
      VSA_V1_MESSAGE,
      'PREDICATE_WRONG_TYPE',
      '/dependencyLevels/a',
    ],
    [
      'a negative count',
      { dependencyLevels: { a: -1 } },
      VSA_V1_MESSAGE,
      'PREDICATE_OUT_OF_RANGE',
      '/dependencyLevels/a',
    ],
    [
      'an index',
      { recipe: { definedInMaterial: 2 ** 31 } },
      PROVENANCE_V01_MESSAGE,
      'PREDICATE_OUT_OF_RANGE',
      '/recipe/definedInMaterial',
    ],
    [
      'a day',
      { timeCreated: '2024-02-30T00:00:00Z' },
      SVR_V01_MESSAGE,
      'PREDICATE_BAD_TIMESTAMP',
      '/timeCreated',
    ],
    [
      'ten digits',
      { timeCreated: '2024-02-20T00:00:00.0000000000Z' },
      SVR_V01_MESSAGE,
      'PREDICATE_BAD_TIMESTAMP',
      '/timeCreated',
    ],
    [
      'a descriptor',
      { references: [{ name: 1 }] },
      REFERENCE_MESSAGE,
      'INTOTO_WRONG_TYPE',
      '/references/0/name',
    ],
  ])('is not written with %s of another kind', (_name, predicate, message, expected, pointer) => {
    expect(() => encodePredicateProto(predicate, message)).toThrow(
      expect.objectContaining({ name: 'InTotoError', code: expected, pointer }),
    );
  });

  it('takes counts in text, as protobuf writes them in JSON', () => {
    const message = VSA_V1_MESSAGE;
    expect(encodePredicateProto({ dependencyLevels: { a: '7' } }, message)).toEqual(
      encodePredicateProto({ dependencyLevels: { a: 7 } }, message),
    );
  });

  it('leaves out null and what it has no field for', () => {
    const predicate = { purl: 'pkg:a/b@1', packageId: null, other: { a: 1 } };
    expect(
      parsePredicateProto(encodePredicateProto(predicate, RELEASE_V02_MESSAGE), RELEASE_V02_MESSAGE),
    ).toEqual({
      purl: 'pkg:a/b@1',
    });
  });

  const count = (varint: string) => field(8, field(1, text('a')) + `10${varint}`);
  it.each([
    ['a count above 2^53', count('ffffffffffffffffff01'), 'PREDICATE_OUT_OF_RANGE'],
    ['a key twice', count('01').repeat(2), 'INTOTO_DUPLICATE_KEY'],
    ['nanoseconds of more than a second', field(2, '1080a8d6b907'), 'PREDICATE_BAD_TIMESTAMP'],
    ['negative nanoseconds', field(2, '10ffffffffffffffffff01'), 'PREDICATE_BAD_TIMESTAMP'],
    ['year 10000', field(2, '08ffffffffff7f'), 'PREDICATE_BAD_TIMESTAMP'],
    ['a level of another wire type', '3801', 'PROTOBUF_MALFORMED'],
    ['a field twice', field(3, text('u')).repeat(2), 'INTOTO_DUPLICATE_KEY'],
  ])('is not read with %s', (_name, hex, expected) => {
    expect(() => parsePredicateProto(decodeHex(hex), VSA_V1_MESSAGE)).toThrow(code(expected));
  });

  it('reads 0 and false where they stand', () => {
    const hex = field(2, '1000') + field(3, field(4, '0800'));
    expect(parsePredicateProto(decodeHex(hex), PROVENANCE_V01_MESSAGE)).toEqual({
      recipe: { definedInMaterial: 0 },
      metadata: { completeness: { arguments: false } },
    });
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        for (const message of [VSA_V1_MESSAGE, PROVENANCE_V01_MESSAGE, SCAI_MESSAGE]) {
          try {
            encodePredicateProto(parsePredicateProto(bytes, message), message);
          } catch (error) {
            expect(error).toBeInstanceOf(InTotoError);
          }
        }
      }),
    );
  });
});

function withPredicate(struct: string): string {
  const prefix = STATEMENT.slice(0, STATEMENT.indexOf(text('https://example.com/p/v1')) - 4);
  const length = struct.length / 2;
  const varint =
    length < 128
      ? length.toString(16).padStart(2, '0')
      : encodeHex(Uint8Array.of((length & 0x7f) | 0x80, length >> 7));
  return `${prefix}${field(3, text('https://example.com/p/v1'))}22${varint}${struct}`;
}

function wellFormed(value: unknown): boolean {
  return !/\\ud[89a-f]/i.test(JSON.stringify(value));
}

/** JSON has no -0. */
function withoutMinusZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
