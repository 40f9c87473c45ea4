import { definePredicate, object, text } from '@sealwright/in-toto/predicates';
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import {
  appraiseProvenance,
  bestOf,
  buildLevel,
  type CertificateIdentity,
  keyIdentities,
  type ProvenanceExpectations,
  provenanceOf,
  type ProvenanceVerdict,
  type TrustRule,
  type VerifiedProvenance,
} from '../src/index.js';
import { githubAttestations, githubGenerators } from '../src/trust/index.js';
import { identityOf, signedBy } from './signed.ts';
import { certificate, COMMIT, OWN, REPOSITORY, RUN, SHA256, signed, V1, WORKFLOW } from './github-build.ts';

const GENERATOR = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows';
const GENERIC = `${GENERATOR}/generator_generic_slsa3.yml@refs/tags/v2.1.0`;
const DELEGATOR = `${GENERATOR}/delegator_generic_slsa3.yml@refs/tags/v2.1.0`;

function built(builder: string): object {
  return { ...V1, runDetails: { ...V1.runDetails, builder: { id: builder } } };
}

const digest = `sha256:${SHA256}`;
const failures = ({ checks }: ProvenanceVerdict): string[] =>
  checks.filter(({ status }) => status === 'fail').map(({ code }) => code);

describe('signer and builder', () => {
  let key: string;
  beforeAll(async () => {
    key = await identityOf('key');
  });

  const appraised = async (
    builder: string,
    signer: CertificateIdentity | undefined,
    expect: Partial<ProvenanceExpectations> = {},
    trust: readonly TrustRule[] = githubGenerators(),
  ): Promise<ProvenanceVerdict> =>
    appraiseProvenance(await signed(built(builder), signer && [signer]), {
      trust,
      expect: { digest, ...expect },
    });

  it('are trusted as a pair', async () => {
    const verdict = await appraised(GENERIC, certificate(GENERIC), { minLevel: 3 });
    expect(failures(verdict)).toEqual([]);
    expect(verdict).toMatchObject({
      ok: true,
      level: 3,
      matchedSubjects: [{ name: 'one' }],
      signer: { san: GENERIC },
    });
  });

  it.each([
    ['a builder of another signer', GENERIC, certificate(OWN), {}, 'SLSA_SIGNER_BUILDER_MISMATCH'],
    ['a workflow that nobody trusts', OWN, certificate(OWN), {}, 'SLSA_UNTRUSTED_BUILDER'],
    [
      'another issuer',
      GENERIC,
      certificate(GENERIC, { issuer: 'https://evil', issuerV2: 'https://evil' }),
      {},
      'SLSA_UNTRUSTED_BUILDER',
    ],
    ['a workflow of a longer name', `${GENERIC}x`, certificate(`${GENERIC}x`), {}, 'SLSA_BUILDER_REF'],
    [
      'a runner of its owner',
      GENERIC,
      certificate(GENERIC, { runnerEnvironment: 'self-hosted' }),
      {},
      'SLSA_UNTRUSTED_BUILDER',
    ],
    ['another builder than expected', GENERIC, certificate(GENERIC), { builderId: OWN }, 'SLSA_BUILDER'],
    [
      'another version than expected',
      GENERIC,
      certificate(GENERIC),
      { builderId: GENERIC.replace('2.1.0', '2.1.1') },
      'SLSA_BUILDER',
    ],
    ['no builder id at all', GENERIC, certificate(GENERIC), { builderId: 'a@b@c' }, 'SLSA_BAD_BUILDER_ID'],
    [
      'a branch',
      GENERIC.replace('tags/v2.1.0', 'heads/main'),
      certificate(GENERIC.replace('tags/v2.1.0', 'heads/main')),
      {},
      'SLSA_BUILDER_REF',
    ],
    [
      'a level that is too low',
      GENERIC,
      certificate(GENERIC),
      { minLevel: 3, maxLevel: 2 } as const,
      'SLSA_LEVEL',
    ],
    ['an unexpected builder behind a delegator', OWN, certificate(DELEGATOR), {}, 'SLSA_BUILDER'],
    ['a mail address', GENERIC, certificate('me@example.com'), {}, 'SLSA_SIGNER_BUILDER_MISMATCH'],
  ])('are refused for %s', async (_, builder, signer, expected, code) => {
    const verdict = await appraised(builder, signer, expected);
    expect(failures(verdict)).toContain(code);
    expect(verdict.ok).toBe(false);
  });

  it('take a branch of the builder that the caller accepts', async () => {
    const main = GENERIC.replace('tags/v2.1.0', 'heads/main');
    const verdict = await appraised(main, certificate(main), { acceptBuilderRef: 'refs/heads/main' });
    expect([verdict.ok, verdict.level]).toEqual([true, 3]);
  });

  it('take the expected builder behind a delegator, and those in its own repository', async () => {
    expect((await appraised(OWN, certificate(DELEGATOR), { builderId: OWN })).ok).toBe(true);
    const inside = `${GENERATOR}/builder_nodejs_slsa3.yml@refs/tags/v2.1.0`;
    expect((await appraised(inside, certificate(DELEGATOR))).ok).toBe(true);
  });

  it('believe a workflow that is only named up to level 2, and never beyond for its own repository', async () => {
    const name = OWN.slice(0, OWN.indexOf('@'));
    expect((await appraised(OWN, certificate(OWN), { builderId: name })).level).toBe(2);
    expect((await appraised(OWN, certificate(OWN), { builderId: name, maxLevel: 3 })).level).toBe(2);
    const other = OWN.replace('shop', 'builders');
    expect((await appraised(other, certificate(other), { builderId: other })).level).toBe(2);
    expect((await appraised(other, certificate(other), { builderId: other, maxLevel: 3 })).level).toBe(3);
    const elsewhere = certificate(other, { issuer: 'https://login', issuerV2: 'https://login' });
    expect(failures(await appraised(other, elsewhere, { builderId: other }))).toContain(
      'SLSA_UNTRUSTED_BUILDER',
    );
  });

  it('are judged by the rule that holds, where another would trust further', async () => {
    const workflow = `${REPOSITORY}/.github/workflows/release.yml`;
    const trust = githubAttestations({ repositories: [REPOSITORY], reusableWorkflows: [workflow] });
    expect((await appraised(OWN, certificate(OWN), {}, trust)).level).toBe(3);
    const main = OWN.replace('tags/v1.2.3', 'heads/main');
    expect(await appraised(main, certificate(main), {}, trust)).toMatchObject({ ok: true, level: 2 });
  });

  it('know keys by their identity', async () => {
    const rule: TrustRule = { signer: { keys: [key] }, builder: { id: 'https://b' }, maxLevel: 2 };
    expect(await appraised('https://b', undefined, {}, [rule])).toMatchObject({ ok: true, level: 2 });
    expect(failures(await appraised('https://c', undefined, {}, [rule]))).toEqual([
      'SLSA_SIGNER_BUILDER_MISMATCH',
    ]);
    expect(failures(await appraised('https://b', undefined, {}, []))).toEqual(['SLSA_UNTRUSTED_BUILDER']);
    expect((await appraised('https://b', undefined, {}, [])).level).toBe(1);
  });

  it('are looked for among all signers', async () => {
    const provenance = await signed(built(GENERIC), [certificate(OWN), certificate(GENERIC)]);
    const verdict = appraiseProvenance(provenance, { trust: githubGenerators(), expect: { digest } });
    expect(verdict).toMatchObject({ ok: true, signer: { san: GENERIC } });
    const nobody = appraiseProvenance(await signed(built(GENERIC), []), {
      trust: githubGenerators(),
      expect: { digest },
    });
    expect(nobody).toMatchObject({ ok: false, level: 1, signer: undefined });
    expect(bestOf([nobody, verdict, nobody])).toBe(verdict);
    expect(bestOf([])).toBeUndefined();
  });

  it('decide the level', () => {
    const trust: readonly TrustRule[] = [
      { signer: { keys: ['k'] }, builder: { id: 'https://b' }, maxLevel: 3 },
    ];
    expect(buildLevel(undefined, [], trust)).toBe(0);
    expect(buildLevel('https://b', [], trust)).toBe(1);
    expect(buildLevel('https://b', [{ kind: 'key', identity: 'other' }], trust)).toBe(1);
    expect(buildLevel('https://c', [{ kind: 'key', identity: 'k' }], trust)).toBe(1);
    expect(buildLevel('https://b', [{ kind: 'key', identity: 'k' }], trust)).toBe(3);
  });
});

describe('expectations', () => {
  const trust = githubAttestations({ repositories: [REPOSITORY] });
  const appraised = async (
    expect: Partial<ProvenanceExpectations>,
    predicate: object = V1,
    signer = certificate(OWN),
  ): Promise<ProvenanceVerdict> =>
    appraiseProvenance(await signed(predicate, [signer]), { trust, expect: { digest, ...expect } });

  it.each<Partial<ProvenanceExpectations>>([
    { source: 'github.com/shop/checkout' },
    { source: REPOSITORY, commit: COMMIT, tag: 'v1.2.3', ref: 'refs/tags/v1.2.3' },
    { versionedTag: 'v1' },
    { buildType: V1.buildDefinition.buildType },
    { digest: [digest, `sha512:${'ef'.repeat(64)}`] },
    { externalParameters: { equals: { workflow: { ...WORKFLOW } } } },
    { externalParameters: { allowOnly: ['workflow'] } },
    { externalParameters: { ignore: ['workflow'], equals: {} } },
    {
      externalParameters: {
        schema: definePredicate({ type: 'x', check: object({ workflow: object({ ref: text }) }) }),
      },
    },
    { externalParameters: {} },
  ])('hold: %j', async (expected) => {
    const verdict = await appraised(expected);
    expect(failures(verdict)).toEqual([]);
    expect([verdict.ok, verdict.level]).toEqual([true, 2]);
  });

  it.each<[Partial<ProvenanceExpectations>, string, string | undefined]>([
    [{ digest: 'sha256:00' }, 'SLSA_SUBJECT', '/subject'],
    [{ digest: [digest, `sha512:${'ee'.repeat(64)}`] }, 'SLSA_SUBJECT', '/subject'],
    [{ digest: [] }, 'SLSA_SUBJECT', undefined],
    [{ digest: SHA256 }, 'SLSA_SUBJECT', undefined],
    [
      { source: 'github.com/shop/checkou' },
      'SLSA_SOURCE',
      '/predicate/buildDefinition/externalParameters/workflow',
    ],
    [{ commit: COMMIT.slice(1) }, 'SLSA_COMMIT', '/predicate/buildDefinition/externalParameters/workflow'],
    [{ tag: 'v1' }, 'SLSA_TAG', '/predicate/buildDefinition/externalParameters/workflow'],
    [{ branch: 'main' }, 'SLSA_BAD_REF', '/predicate/buildDefinition/externalParameters/workflow'],
    [{ ref: 'refs/tags/v1' }, 'SLSA_TAG', '/predicate/buildDefinition/externalParameters/workflow'],
    [{ ref: 'refs/heads/v1.2.3' }, 'SLSA_BAD_REF', '/predicate/buildDefinition/externalParameters/workflow'],
    [{ versionedTag: 'v2' }, 'SLSA_TAG', '/predicate/buildDefinition/externalParameters/workflow'],
    [{ versionedTag: '1' }, 'SLSA_BAD_SEMVER', '/predicate/buildDefinition/externalParameters/workflow'],
    [{ buildType: 'https://t' }, 'SLSA_BUILD_TYPE', '/predicate/buildDefinition/buildType'],
    [
      { externalParameters: { allowOnly: ['x'] } },
      'SLSA_EXTERNAL_PARAMETER',
      '/predicate/buildDefinition/externalParameters/workflow',
    ],
    [
      { externalParameters: { equals: { workflow: {} } } },
      'SLSA_EXTERNAL_PARAMETER',
      '/predicate/buildDefinition/externalParameters/workflow',
    ],
    [
      { externalParameters: { allowOnly: ['workflow'], equals: { x: null } } },
      'SLSA_EXTERNAL_PARAMETER',
      '/predicate/buildDefinition/externalParameters/x',
    ],
    [
      {
        externalParameters: {
          schema: definePredicate({ type: 'x', check: object({ workflow: object({ x: text }) }) }),
        },
      },
      'SLSA_EXTERNAL_PARAMETER',
      '/predicate/buildDefinition/externalParameters/workflow/x',
    ],
    [{ tekton: {} }, 'SLSA_BUILD_TYPE', '/predicate/buildDefinition/buildType'],
  ])('fail: %j gives %s at %s', async (expected, code, pointer) => {
    const verdict = await appraised(expected);
    const failed = verdict.checks.filter(({ status }) => status === 'fail');
    expect(failed.map((each) => [each.code, each.pointer])).toEqual([[code, pointer]]);
    expect(verdict.ok).toBe(false);
    expect(verdict.level).toBe(code === 'SLSA_SUBJECT' ? 0 : 2);
  });

  it('list what was not looked at', async () => {
    const { checks } = await appraised({});
    const skipped = checks.filter(({ status }) => status === 'skip').map(({ code }) => code);
    for (const code of [
      'SLSA_BUILDER',
      'SLSA_BUILD_TYPE',
      'SLSA_SOURCE',
      'SLSA_COMMIT',
      'SLSA_TAG',
      'SLSA_EXTERNAL_PARAMETER',
      'SLSA_LEVEL',
    ])
      expect(skipped).toContain(code);
  });

  it.each([
    [{ sourceRepositoryURI: 'https://github.com/shop/other' }],
    [{ sourceRepositoryDigest: 'ee'.repeat(20) }],
    [{ sourceRepositoryRef: 'refs/heads/main' }],
    [{ buildTrigger: 'pull_request' }],
    [{ buildConfigURI: OWN.replace('release', 'other') }],
    [{ runInvocationURI: RUN.replace('/7/', '/8/') }],
  ])('certificate and predicate agree, unlike with %j', async (patch) =>
    expect(failures(await appraised({}, V1, certificate(OWN, patch)))).toContain('SLSA_CERT_CLAIM'),
  );

  it('parameters are no source without a dependency that confirms them', async () => {
    const other = [{ uri: `git+${REPOSITORY}@refs/heads/main`, digest: { gitCommit: COMMIT } }];
    const twice = [
      ...V1.buildDefinition.resolvedDependencies,
      { ...V1.buildDefinition.resolvedDependencies[0], digest: { gitCommit: 'ee'.repeat(20) } },
    ];
    for (const resolvedDependencies of [other, twice]) {
      const predicate = { ...V1, buildDefinition: { ...V1.buildDefinition, resolvedDependencies } };
      expect(failures(await appraised({ source: REPOSITORY }, predicate))).toContain('SLSA_SOURCE');
    }
  });
});

describe('types', () => {
  it('let only verified provenance be appraised', async () => {
    const provenance = await signed(V1);
    expect(keyIdentities(await signedBy('key', provenance.statement.bytes))).toEqual(provenance.signers);
    expectTypeOf(appraiseProvenance).parameter(0).toEqualTypeOf<VerifiedProvenance>();
    const { statement, view, signers } = provenance;
    const expected = { trust: [], expect: { digest } };
    // @ts-expect-error a view says what was read, not who signed it
    expect(() => appraiseProvenance(view, expected)).toThrow(TypeError);
    // @ts-expect-error a statement may come from anywhere
    expect(() => appraiseProvenance(statement, expected)).toThrow(TypeError);
    // @ts-expect-error only provenanceOf makes it
    expect(appraiseProvenance({ statement, view, signers }, expected).ok).toBe(false);
    // @ts-expect-error bytes were not verified
    expect(() => provenanceOf(statement.bytes)).toThrow(TypeError);
  });
});

it('wants a statement in the payload', async () => {
  const payload = await signedBy('key', new TextEncoder().encode('{}'));
  expect(() => provenanceOf(payload)).toThrow(expect.objectContaining({ code: 'INTOTO_MISSING_FIELD' }));
  expect(() => provenanceOf({ ...payload, payloadType: 'text/plain' })).toThrow(
    expect.objectContaining({ code: 'DSSE_PAYLOAD_TYPE', pointer: '/payloadType' }),
  );
});
