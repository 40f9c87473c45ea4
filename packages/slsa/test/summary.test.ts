import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { createStatement } from '@sealwright/in-toto';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  appraiseSummary,
  createSummary,
  levelsOf,
  parseSummary,
  type ProvenanceVerdict,
  type SummaryExpectations,
  type SummaryInput,
  summaryOf,
  type VerifiedSummary,
} from '../src/index.js';
import { identityOf, signedBy } from './signed.ts';

const HEX = 'ab'.repeat(32);
const INPUT: SummaryInput = {
  subject: [{ name: 'a', digest: { sha256: HEX }, annotations: { sourceRefs: ['refs/heads/main'] } }],
  verifier: { id: 'https://example.com/verifier', version: { sealwright: '1' } },
  timeVerified: new Date('2026-01-02T03:04:05.678Z'),
  resourceUri: 'https://example.com/a.tgz',
  policy: { uri: 'https://example.com/policy', digest: { sha256: '11'.repeat(32) } },
  inputs: [
    { bytes: encodeUtf8('{}'), uri: 'https://example.com/a.intoto.jsonl' },
    { bytes: encodeUtf8('[]') },
  ],
  verdict: { ok: true, levels: ['SLSA_BUILD_LEVEL_3', 'SLSA_SOURCE_LEVEL_2', 'ACME_SCANNED'] },
  dependencyLevels: {},
};
const EXPECT: SummaryExpectations = {
  subjectDigests: [`sha256:${HEX}`],
  verifierId: 'https://example.com/verifier',
  resourceUri: 'https://example.com/a.tgz',
  verifiedLevels: ['SLSA_BUILD_LEVEL_2', 'ACME_SCANNED'],
};

describe('createSummary', () => {
  it('writes what was verified', () => {
    const { predicate } = createSummary(INPUT);
    expect(predicate).toEqual({
      verifier: INPUT.verifier,
      timeVerified: '2026-01-02T03:04:05Z',
      resourceUri: 'https://example.com/a.tgz',
      policy: INPUT.policy,
      inputAttestations: [
        {
          uri: 'https://example.com/a.intoto.jsonl',
          digest: { sha256: encodeHex(digest('sha256', encodeUtf8('{}'))) },
        },
        { digest: { sha256: encodeHex(digest('sha256', encodeUtf8('[]'))) } },
      ],
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_3', 'SLSA_SOURCE_LEVEL_2', 'ACME_SCANNED'],
      dependencyLevels: {},
      slsaVersion: '1.2',
    });
  });

  it('gives a failure no level', () => {
    const { predicate } = createSummary({ ...INPUT, verdict: { ok: false, levels: ['SLSA_BUILD_LEVEL_3'] } });
    expect([predicate.verificationResult, predicate.verifiedLevels]).toEqual(['FAILED', ['FAILED']]);
  });

  it.each<[Partial<SummaryInput>, string]>([
    [{ verdict: { ok: true, levels: ['FAILED'] } }, 'VSA_NOT_PASSED'],
    [{ verdict: { ok: true, levels: ['SLSA_BUILD_LEVEL_1', 'SLSA_BUILD_LEVEL_2'] } }, 'VSA_DUPLICATE_TRACK'],
    [{ verdict: { ok: true, levels: ['SLSA_BUILD_ENVIRONMENT_LEVEL_1'] } }, 'VSA_RESERVED_PREFIX'],
    [{ timeVerified: new Date(Number.NaN) }, 'PREDICATE_BAD_TIMESTAMP'],
    [{ resourceUri: '' }, 'PREDICATE_MISSING_FIELD'],
    [{ subject: [] }, 'INTOTO_EMPTY_SUBJECT'],
  ])('refuses %j', (patch, code) =>
    expect(() => createSummary({ ...INPUT, ...patch })).toThrow(expect.objectContaining({ code })),
  );

  it('takes the levels of a verdict', () => {
    const verdict = { ok: true, level: 2 } as ProvenanceVerdict; // all that is read of it
    expect(levelsOf(verdict)).toEqual(['SLSA_BUILD_LEVEL_2']);
    expect(levelsOf({ ...verdict, ok: false })).toEqual(['FAILED']);
  });
});

describe('appraiseSummary', () => {
  const verified = async (patch: object = {}): Promise<VerifiedSummary> => {
    const { subject, predicate, predicateType } = createSummary(INPUT);
    const { bytes } = createStatement({ subject, predicateType, predicate: { ...predicate, ...patch } });
    return summaryOf(await signedBy('verifier', bytes));
  };
  const failures = async (
    patch: object,
    expectation: Partial<SummaryExpectations> = {},
    now: Date | undefined = new Date('2026-01-02T04:04:05Z'),
  ): Promise<readonly [string, string | undefined][]> => {
    const trust = [{ signer: { keys: [await identityOf('verifier')] }, id: EXPECT.verifierId }];
    const verdict = appraiseSummary(await verified(patch), {
      trust,
      expect: { ...EXPECT, ...expectation },
      ...(now === undefined ? {} : { now }),
    });
    const failed = verdict.checks.filter(({ status }) => status === 'fail');
    expect(verdict.ok).toBe(failed.length === 0);
    expect(verdict.levels.length > 0).toBe(verdict.ok);
    return failed.map(({ code, pointer }) => [code, pointer]);
  };

  it.each<[object, Partial<SummaryExpectations>]>([
    [{}, {}],
    [{}, { verifiedLevels: [] }],
    [{}, { policyUri: 'https://example.com/policy', policyDigest: { sha256: '11'.repeat(32) } }],
    [{}, { maxAgeSeconds: 3600 }],
    [{ timeVerified: '2026-01-02T03:04:05.123456789Z' }, { maxAgeSeconds: 3600 }],
    [{}, { sourceRefs: ['refs/heads/main'] }],
  ])('takes %j for %j', async (patch, expectation) => expect(await failures(patch, expectation)).toEqual([]));

  it.each<[object, Partial<SummaryExpectations>, string, string | undefined]>([
    [{}, { subjectDigests: [] }, 'VSA_BAD_EXPECTATION', undefined],
    [{}, { subjectDigests: [HEX] }, 'VSA_BAD_EXPECTATION', undefined],
    [{}, { subjectDigests: [`sha256:${'00'.repeat(32)}`] }, 'VSA_SUBJECT', '/subject'],
    [{}, { verifierId: 'https://x' }, 'VSA_VERIFIER', '/predicate/verifier/id'],
    [
      { verifier: { id: 'https://x' } },
      { verifierId: 'https://x' },
      'VSA_VERIFIER',
      '/predicate/verifier/id',
    ],
    [{}, { resourceUri: 'https://example.com/a' }, 'VSA_RESOURCE', '/predicate/resourceUri'],
    [{ verificationResult: 'FAILED' }, {}, 'VSA_NOT_PASSED', '/predicate/verificationResult'],
    [{ verifiedLevels: ['FAILED'] }, { verifiedLevels: [] }, 'VSA_NOT_PASSED', '/predicate/verifiedLevels/0'],
    [{}, { verifiedLevels: ['SLSA_SOURCE_LEVEL_3'] }, 'VSA_LEVEL', '/predicate/verifiedLevels'],
    [{}, { policyUri: 'https://x' }, 'VSA_POLICY', '/predicate/policy/uri'],
    [{}, { policyDigest: { sha256: '22'.repeat(32) } }, 'VSA_POLICY', '/predicate/policy/digest'],
    [{}, { maxAgeSeconds: 3599 }, 'VSA_TOO_OLD', '/predicate/timeVerified'],
    [{ timeVerified: null }, { maxAgeSeconds: 3600 }, 'VSA_TOO_OLD', '/predicate/timeVerified'],
    [
      { timeVerified: '2026-01-02T05:04:05Z' },
      { maxAgeSeconds: 3600 },
      'VSA_TOO_OLD',
      '/predicate/timeVerified',
    ],
    [{}, { maxAgeSeconds: Number.NaN }, 'VSA_BAD_EXPECTATION', undefined],
    [
      {},
      { sourceRefs: ['refs/heads/main', 'refs/heads/x'] },
      'VSA_SOURCE_REF',
      '/subject/0/annotations/sourceRefs',
    ],
  ])('refuses %j for %j', async (patch, expectation, code, pointer) =>
    expect(await failures(patch, expectation)).toContainEqual([code, pointer]),
  );

  it('needs the time for an age', async () =>
    expect(
      appraiseSummary(await verified(), { trust: [], expect: { ...EXPECT, maxAgeSeconds: 1 } }).checks.map(
        ({ code }) => code,
      ),
    ).toContain('VSA_BAD_EXPECTATION'));

  it('reads version 1 alone, and nothing that is no result', () => {
    const { subject, predicate } = createSummary(INPUT);
    const read = (predicateType: string, patch: object) => () =>
      parseSummary(createStatement({ subject, predicateType, predicate: { ...predicate, ...patch } }));
    const v1 = 'https://slsa.dev/verification_summary/v1';
    expect(read('https://slsa.dev/verification_summary/v0.2', {})).toThrow(
      expect.objectContaining({ code: 'VSA_PREDICATE_TYPE' }),
    );
    expect(read(v1, { verificationResult: 'passed' })).toThrow(
      expect.objectContaining({ code: 'VSA_NOT_PASSED' }),
    );
    expect(read(v1, { verifier: {} })).toThrow(
      expect.objectContaining({ code: 'PREDICATE_MISSING_FIELD', pointer: '/predicate/verifier/id' }),
    );
  });

  it('lets only verified summaries be appraised', async () => {
    expectTypeOf(appraiseSummary).parameter(0).toEqualTypeOf<VerifiedSummary>();
    const { statement, signers } = await verified();
    // @ts-expect-error only summaryOf makes it
    expect(appraiseSummary({ statement, signers }, { trust: [], expect: EXPECT }).ok).toBe(false);
    // @ts-expect-error bytes were not verified
    expect(() => summaryOf(statement.bytes)).toThrow(TypeError);
  });
});
