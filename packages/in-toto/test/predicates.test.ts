import { describe, expect, expectTypeOf, it } from 'vitest';
import { InTotoError, parseStatement, type Statement } from '../src/index.js';
import {
  anyObject,
  anyText,
  boolean,
  bySchema,
  count,
  cyclonedx,
  definePredicate,
  descriptorWith,
  digestSet,
  type Infer,
  link,
  linkV1,
  list,
  map,
  narrow,
  object,
  oneOf,
  optional,
  provenanceV01,
  provenanceV02,
  provenanceV1,
  refine,
  releaseV02,
  scai,
  type SchemaResult,
  spdx2,
  statementOf,
  text,
  timestamp,
  uri,
  vsaV1,
} from '../src/predicates/index.js';

const SUBJECT = [{ name: 'app', digest: { sha256: 'ab'.repeat(32) } }];
const review = definePredicate({
  type: 'https://example.com/review/v1',
  check: object({ reviewer: text, approved: boolean, comment: optional(anyText) }),
});
const reviews = statementOf(review);

function statement(predicateType: string, predicate: object): Statement {
  const _type = 'https://in-toto.io/Statement/v1';
  return parseStatement(JSON.stringify({ _type, subject: SUBJECT, predicateType, predicate }));
}

function isRelease(purl: string): boolean {
  return releaseV02['~standard'].validate({ purl }).issues === undefined;
}

function codes(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InTotoError) return error.findings.map(({ code, pointer }) => `${code} ${pointer}`);
    throw error;
  }
  return [];
}

describe('a check by a schema of another library', () => {
  const schema = (answer: SchemaResult<{ n: number }> | Promise<SchemaResult<{ n: number }>>) =>
    statementOf(
      definePredicate({
        type: 'https://example.com/n/v1',
        check: bySchema({ '~standard': { version: 1, validate: () => answer } }),
      }),
    );
  const parse = (answer: Parameters<typeof schema>[0]) => () =>
    schema(answer).parse(statement('https://example.com/n/v1', {}).bytes);

  it('gives what the schema gives', () => {
    expect(parse({ value: { n: 1 } })().predicate.n).toBe(1);
  });

  it('refuses with what the schema found, where it found it', () => {
    const issues = [
      { message: 'a', path: ['x/y', 0, { key: 'z' }] },
      { message: 'b' },
      { message: 'c', path: [Symbol('s')] },
    ];
    expect(codes(parse({ issues }))).toEqual([
      'PREDICATE_INVALID /predicate/x~1y/0/z',
      'PREDICATE_INVALID /predicate',
      'PREDICATE_INVALID /predicate/Symbol(s)',
    ]);
    expect(codes(parse({ issues: [] }))).toEqual(['PREDICATE_INVALID /predicate']);
  });

  it('must answer at once', () => {
    expect(parse(Promise.resolve({ value: { n: 1 } }))).toThrow(TypeError);
  });
});

describe('faults without end', () => {
  const subject = Array.from({ length: 5000 }, () => ({ name: 1 }));
  const statementWith = (member: object) =>
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: SUBJECT,
      predicateType: 'a:b',
      ...member,
    });

  it('are told up to 1000, the first error by its code', () => {
    const found = codes(() => parseStatement(statementWith({ subject })));
    expect(found).toHaveLength(1000);
    expect(found[0]).toBe('INTOTO_WRONG_TYPE /subject/0/name');
    const predicate = { reviewer: 'x', approved: 1, materials: [] };
    const listed = definePredicate({ type: 'a:b', check: object({ all: list(text) }) });
    const many = { ...predicate, all: subject };
    expect(listed['~standard'].validate(many).issues).toHaveLength(1000);
    expect(codes(() => narrow(statement('a:b', many), [listed]))).toHaveLength(1000);
  });

  it('have an error among them, however many warnings come first', () => {
    const warned = Array.from({ length: 2000 }, () => ({
      uri: 'no uri',
      digest: { sha256: 'ab'.repeat(32) },
    }));
    const text = statementWith({ subject: [...warned, { uri: 'a:b' }] });
    const found = codes(() => parseStatement(text));
    expect(found).toHaveLength(1000);
    expect(found.at(-1)).toBe('INTOTO_DIGEST_REQUIRED /subject/2000/digest');
  });
});

describe('older names', () => {
  const digest = { sha256: 'ab'.repeat(32) };

  it('of links have files by path or listed', () => {
    const read = (predicate: object) =>
      narrow(statement('https://in-toto.io/Link/v1', predicate), [linkV1]).predicate;
    const byPath = { name: 's', materials: { 'a/b': digest }, products: { c: digest }, command: ['x'] };
    expect(read(byPath)).toEqual(byPath);
    const listed = { name: 's', materials: [{ uri: 'file:a', digest }], _type: 'link' };
    expect(read(listed)).toEqual(listed);
    expect(codes(() => read({ name: 's', materials: { a: { sha256: 'x' } } }))).toEqual([
      'INTOTO_BAD_DIGEST_ENCODING /predicate/materials/a/sha256',
    ]);
    expect(codes(() => read({ name: 's', products: [{ uri: 'file:a' }], materials: 1 }))).toEqual([
      'PREDICATE_WRONG_TYPE /predicate/materials',
      'PREDICATE_MISSING_FIELD /predicate/products/0/digest',
    ]);
  });

  it('of attribute reports are read as today', () => {
    const old = 'https://in-toto.io/attestation/scai/attribute-report/v0.2';
    const predicate = { attributes: [{ attribute: 'a' }] };
    expect(narrow(statement(old, predicate), [scai])).toMatchObject({ predicateType: old, predicate });
  });
});

describe('a predicate of your own', () => {
  it('is read, written and typed', () => {
    const made = reviews.create({ subject: SUBJECT, predicate: { reviewer: 'ada', approved: true } });
    const read = reviews.parse(made.bytes);
    expect(read.predicate).toEqual({ reviewer: 'ada', approved: true });
    expectTypeOf(read.predicate.reviewer).toEqualTypeOf<string>();
    expectTypeOf(read.predicateType).toEqualTypeOf<'https://example.com/review/v1'>();
    expectTypeOf<Infer<typeof review>['comment']>().toEqualTypeOf<string | undefined>();
    // @ts-expect-error -- a member is missing
    expect(() => reviews.create({ subject: SUBJECT, predicate: { reviewer: 'ada' } })).toThrow(InTotoError);
  });

  it('is refused with every fault at once', () => {
    const bad = statement(review.type, { reviewer: '', approved: 'yes', comment: null });
    expect(codes(() => narrow(bad, [review]))).toEqual([
      'PREDICATE_MISSING_FIELD /predicate/reviewer',
      'PREDICATE_WRONG_TYPE /predicate/approved',
    ]);
  });

  it('keeps members that it does not know', () => {
    const read = narrow(statement(review.type, { reviewer: 'a', approved: true, x_more: [1] }), [review]);
    expect(read.predicate).toEqual({ reviewer: 'a', approved: true, x_more: [1] });
  });

  it('may have rules, which run over what was checked', () => {
    const rule = refine(object({ a: count, b: count }), ({ a, b }, context) => {
      if (a > b) context.at('a').error('PREDICATE_INVALID', 'expected a to be at most b');
    });
    const ordered = definePredicate({ type: 'https://example.com/o', check: rule });
    expect(codes(() => narrow(statement(ordered.type, { a: 2, b: 1 }), [ordered]))).toEqual([
      'PREDICATE_INVALID /predicate/a',
    ]);
    const never = definePredicate({ type: 'https://example.com/n', check: () => undefined });
    expect(codes(() => narrow(statement(never.type, {}), [never]))).toEqual(['PREDICATE_INVALID /predicate']);
  });

  it('is a Standard Schema', () => {
    const { version, vendor, validate } = review['~standard'];
    expect([version, vendor]).toEqual([1, 'sealwright']);
    expect(validate({ reviewer: 'ada', approved: false })).toEqual({
      value: { reviewer: 'ada', approved: false },
    });
    expect(validate({ reviewer: 'ada', approved: 0 }).issues).toMatchObject([{ path: ['approved'] }]);
    expect(validate(7).issues).toMatchObject([{ path: [] }]);
    const odd = definePredicate({ type: 'x:y', check: object({ 'a/b~': text }) });
    expect(odd['~standard'].validate({}).issues).toMatchObject([{ path: ['a/b~'] }]);
    expectTypeOf<NonNullable<(typeof review)['~standard']['types']>['output']>().toEqualTypeOf<
      Infer<typeof review>
    >();
  });
});

describe('narrow', () => {
  it('tells predicates apart by their type', () => {
    const read = narrow(statement(review.type, { reviewer: 'a', approved: true }), [review, scai]);
    if (read.predicateType === 'https://example.com/review/v1') {
      expectTypeOf(read.predicate.approved).toEqualTypeOf<boolean>();
      expect(read.predicate.approved).toBe(true);
    } else expectTypeOf(read.predicate.attributes[0]?.attribute).toEqualTypeOf<string | undefined>();
  });

  it('refuses other types, and reads aliases', () => {
    expect(codes(() => narrow(statement(review.type, {}), [scai]))).toEqual([
      'INTOTO_PREDICATE_TYPE /predicateType',
    ]);
    const document = { spdxVersion: 'SPDX-2.2', SPDXID: 'SPDXRef-DOCUMENT' };
    expect(narrow(statement('https://spdx.dev/Document', document), [spdx2]).predicate).toEqual(document);
    expect(codes(() => narrow(statement('https://spdx.dev/Document/v2.3', document), [spdx2]))).toEqual([
      'PREDICATE_VERSION_MISMATCH /predicate/spdxVersion',
    ]);
    const bom = { bomFormat: 'CycloneDX', specVersion: '1.6' };
    expect(narrow(statement('https://cyclonedx.org/bom', bom), [cyclonedx]).predicate).toEqual(bom);
  });

  it('reads what real builders write in tolerant mode only', () => {
    const predicate = {
      buildDefinition: { buildType: 'https://t', externalParameters: { a: 1 } },
      runDetails: { builder: { id: 'https://b' }, byproducts: [{}] },
    };
    const given = statement(provenanceV1.type, predicate);
    expect(codes(() => narrow(given, [provenanceV1]))).toEqual([
      'INTOTO_RD_EMPTY /predicate/runDetails/byproducts/0',
    ]);
    const read = narrow(given, [provenanceV1], { mode: 'tolerant' });
    expect(read.warnings).toMatchObject([{ code: 'INTOTO_RD_EMPTY', severity: 'warning' }]);
    const local = { timeCreated: '2022-06-17T00:47:27+03:00' };
    const at = definePredicate({ type: 'https://example.com/t', check: object({ timeCreated: timestamp }) });
    expect(codes(() => narrow(statement(at.type, local), [at]))).toHaveLength(1);
    expect(narrow(statement(at.type, local), [at], { mode: 'tolerant' }).warnings).toHaveLength(1);
  });

  it('looks at the subjects of a link', () => {
    const twice = { ...statement(link.type, { name: 'build' }), subject: [...SUBJECT, ...SUBJECT] };
    expect(codes(() => narrow(twice, [link]))).toEqual(['PREDICATE_DUPLICATE_NAME /predicate']);
  });

  it('reads older spellings under the right name', () => {
    const given = statement(provenanceV02.type, {
      builder: { id: 'https://b' },
      buildType: 'https://t',
      metadata: { buildInvocationID: '1-1' },
    });
    expect(narrow(given, [provenanceV02]).predicate.metadata?.buildInvocationId).toBe('1-1');
    const older = { builder: { id: 'https://b' }, metadata: { buildInvocationID: '1-1' } };
    const first = narrow(statement(provenanceV01.type, older), [provenanceV01]);
    expect(first.predicate.metadata?.buildInvocationId).toBe('1-1');
    expect(first.warnings).toMatchObject([{ code: 'PREDICATE_LEGACY_SHAPE' }]);
    const summary = {
      verifier: { id: 'https://v' },
      resourceUri: 'a:b',
      policy: { uri: 'a:b' },
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_2', 'ORG_X'],
      dependencyLevels: { SLSA_BUILD_LEVEL_1: '5' },
    };
    const read = narrow(statement(vsaV1.type, summary), [vsaV1]);
    expect(read.predicate.dependencyLevels).toEqual({ SLSA_BUILD_LEVEL_1: 5 });
    expect(read.warnings).toMatchObject([{ code: 'PREDICATE_INT_AS_STRING' }]);
  });
});

describe('checks', () => {
  it.each([
    [text, '', 'PREDICATE_MISSING_FIELD'],
    [text, 1, 'PREDICATE_WRONG_TYPE'],
    [uri, 'no scheme', 'INTOTO_BAD_URI'],
    [uri, 'https://Example.com', 'INTOTO_URI_NOT_NORMALIZED'],
    [boolean, 0, 'PREDICATE_WRONG_TYPE'],
    [count, -1, 'PREDICATE_WRONG_TYPE'],
    [count, '-1', 'PREDICATE_WRONG_TYPE'],
    [count, '1.0', 'PREDICATE_WRONG_TYPE'],
    [count, '7', 'PREDICATE_INT_AS_STRING'],
    [count, 2 ** 53, 'PREDICATE_WRONG_TYPE'],
    [oneOf('A', 'B'), 'a', 'PREDICATE_BAD_ENUM'],
    [list(text), {}, 'PREDICATE_WRONG_TYPE'],
    [list(text, { nonEmpty: true }), [], 'PREDICATE_EMPTY'],
    [map(text), [], 'PREDICATE_WRONG_TYPE'],
    [anyObject, [], 'PREDICATE_WRONG_TYPE'],
    [digestSet, 'x', 'PREDICATE_WRONG_TYPE'],
    [digestSet, { sha256: 'x' }, 'INTOTO_BAD_DIGEST_ENCODING'],
    [descriptorWith('uri'), 1, 'PREDICATE_WRONG_TYPE'],
    [descriptorWith('uri'), { digest: { a: 'b' } }, 'PREDICATE_MISSING_FIELD'],
  ])('%# answer with their code', (check, value, code) => {
    const one = definePredicate({ type: 'https://example.com/one', check: object({ value: check }) });
    let found: readonly { code: string }[] = [];
    try {
      found = narrow(statement(one.type, { value }), [one]).warnings;
    } catch (error) {
      if (error instanceof InTotoError) found = error.findings;
    }
    expect(found.map((finding) => finding.code)).toEqual([code]);
  });

  it.each(['pkg:npm/a@1', 'pkg:npm/%40a/b@1?x=y#z', 'pkg:oci/a@sha256%3Aab'])('%s is a release', (purl) => {
    expect(isRelease(purl)).toBe(true);
  });

  it.each(['pkg:npm/a', 'pkg:npm/@a/b', 'pkg:@1', 'pkg:npm/@1', 'pkg:npm/a@', 'npm/a@1', 'pkg:npm/a b@1'])(
    '%s is none',
    (purl) => {
      expect(isRelease(purl)).toBe(false);
    },
  );
});
