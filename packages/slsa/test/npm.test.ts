import { createStatement } from '@sealwright/in-toto';
import { describe, expect, it } from 'vitest';
import {
  appraiseNpm,
  certificateIdentity,
  NPM_PUBLISH_V01,
  type NpmPolicy,
  npmPurl,
  provenanceOf,
} from '../src/index.js';
import { GITHUB_ISSUER, githubGenerators, npm } from '../src/trust/index.js';
import { identityOf, signedBy } from './signed.ts';

const SHA512 = 'ab'.repeat(64);
const REPOSITORY = 'https://github.com/shop/checkout';
const COMMIT = 'cd'.repeat(20);
const WORKFLOW = { ref: 'refs/heads/main', repository: REPOSITORY, path: '.github/workflows/npm.yml' };
const SAN = `${REPOSITORY}/.github/workflows/npm.yml@refs/heads/main`;
const subject = [{ name: 'pkg:npm/%40shop/checkout@1.2.3', digest: { sha512: SHA512 } }];
const V1 = {
  buildDefinition: {
    buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
    externalParameters: { workflow: WORKFLOW },
    internalParameters: { github: { event_name: 'push', repository_id: '1', repository_owner_id: '2' } },
    resolvedDependencies: [{ uri: `git+${REPOSITORY}@refs/heads/main`, digest: { gitCommit: COMMIT } }],
  },
  runDetails: {
    builder: { id: 'https://github.com/actions/runner/github-hosted' },
    metadata: { invocationId: `${REPOSITORY}/actions/runs/7/attempts/1` },
  },
};
const V02 = {
  builder: { id: 'https://github.com/actions/runner' },
  buildType: 'https://github.com/npm/cli/gha/v2',
  invocation: {
    configSource: {
      uri: `git+${REPOSITORY}@refs/heads/main`,
      digest: { sha1: COMMIT },
      entryPoint: WORKFLOW.path,
    },
    environment: {
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REPOSITORY: 'shop/checkout',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKFLOW_REF: SAN.slice('https://github.com/'.length),
    },
  },
  metadata: { buildInvocationId: '7-1', completeness: { parameters: false }, reproducible: false },
  materials: [{ uri: `git+${REPOSITORY}@refs/heads/main`, digest: { sha1: COMMIT } }],
};
const CERTIFIED = {
  issuer: GITHUB_ISSUER,
  runnerEnvironment: 'github-hosted',
  sourceRepositoryURI: REPOSITORY,
  sourceRepositoryDigest: COMMIT,
  sourceRepositoryRef: 'refs/heads/main',
  sourceRepositoryIdentifier: '1',
  sourceRepositoryOwnerIdentifier: '2',
  buildTrigger: 'push',
  buildConfigURI: SAN,
  runInvocationURI: `${REPOSITORY}/actions/runs/7/attempts/1`,
};

interface Patch {
  readonly predicate?: object;
  readonly predicateType?: string;
  readonly subject?: typeof subject;
  readonly certified?: object;
  readonly publish?: object | null;
  readonly publishType?: string;
  readonly registry?: string;
  readonly policy?: Partial<NpmPolicy>;
}

async function failures(patch: Patch = {}): Promise<readonly (readonly [string, string | undefined])[]> {
  const { predicate = V1, predicateType = 'https://slsa.dev/provenance/v1', certified = CERTIFIED } = patch;
  const of = { subject: patch.subject ?? subject };
  const payload = await signedBy('workflow', createStatement({ ...of, predicateType, predicate }).bytes);
  const provenance = provenanceOf(payload, { signers: [certificateIdentity(SAN, certified)] });
  const said = {
    name: '@shop/checkout',
    version: '1.2.3',
    registry: 'https://registry.example.com',
    ...patch.publish,
  };
  const published = createStatement({
    ...of,
    predicateType: patch.publishType ?? NPM_PUBLISH_V01,
    predicate: said,
  });
  const publish = await signedBy(patch.registry ?? 'registry', published.bytes);
  const policy: NpmPolicy = {
    name: '@shop/checkout',
    version: '1.2.3',
    digest: `sha512:${SHA512}`,
    trust: npm({ repository: REPOSITORY }),
    registry: { keys: [await identityOf('registry')] },
    ...patch.policy,
  };
  const verdict = appraiseNpm(patch.publish === null ? { provenance } : { provenance, publish }, policy);
  const failed = verdict.checks.filter(({ status }) => status === 'fail');
  expect(verdict.ok).toBe(failed.length === 0);
  if (verdict.ok) expect(verdict.provenance.level).toBe(2);
  return failed.map(({ code, pointer }) => [code, pointer] as const);
}

describe('a package of npm', () => {
  it('holds in both versions of provenance', async () => {
    expect(npmPurl('left-pad', '1.0.0')).toBe('pkg:npm/left-pad@1.0.0');
    expect(await failures()).toEqual([]);
    expect(await failures({ predicate: V02, predicateType: 'https://slsa.dev/provenance/v0.2' })).toEqual([]);
    expect(
      await failures({ policy: { expect: { source: REPOSITORY, branch: 'main', minLevel: 2 } } }),
    ).toEqual([]);
  });

  it.each<[Patch, string, string | undefined]>([
    [{ policy: { name: 'checkout' } }, 'SLSA_PACKAGE_NAME', '/subject/0/name'],
    [{ policy: { version: '1.2.4' } }, 'SLSA_PACKAGE_VERSION', '/subject/0/name'],
    [{ policy: { digest: `sha512:${'00'.repeat(64)}` } }, 'SLSA_SUBJECT', '/subject'],
    [
      { subject: [...subject, ...subject.map((each) => ({ ...each, name: 'b' }))] },
      'SLSA_PACKAGE_SUBJECT_COUNT',
      '/subject',
    ],
    [{ publish: null }, 'SLSA_UNTRUSTED_BUILDER', undefined],
    [{ registry: 'stranger' }, 'SLSA_UNTRUSTED_BUILDER', undefined],
    [{ publishType: 'https://example.com/t' }, 'SLSA_PREDICATE_TYPE', '/predicateType'],
    [{ publish: { name: 'checkout' } }, 'SLSA_PACKAGE_NAME', '/predicate/name'],
    [{ publish: { version: '1' } }, 'SLSA_PACKAGE_VERSION', '/predicate/version'],
    [
      { certified: { ...CERTIFIED, runnerEnvironment: 'self-hosted' } },
      'SLSA_UNTRUSTED_BUILDER',
      '/predicate/runDetails/builder/id',
    ],
    [
      { certified: { ...CERTIFIED, sourceRepositoryIdentifier: undefined } },
      'SLSA_CERT_CLAIM',
      '/predicate/buildDefinition/internalParameters/github/repository_id',
    ],
    [
      { certified: { ...CERTIFIED, runInvocationURI: undefined } },
      'SLSA_CERT_CLAIM',
      '/predicate/runDetails/metadata/invocationId',
    ],
    [
      { policy: { trust: npm({ repository: 'https://github.com/shop/other' }) } },
      'SLSA_SIGNER_BUILDER_MISMATCH',
      '/predicate/runDetails/builder/id',
    ],
    [
      { certified: { ...CERTIFIED, sourceRepositoryDigest: undefined } },
      'SLSA_CERT_CLAIM',
      '/predicate/buildDefinition/externalParameters/workflow',
    ],
    [
      { certified: { ...CERTIFIED, runnerEnvironment: undefined } },
      'SLSA_CERT_CLAIM',
      '/predicate/runDetails/builder/id',
    ],
    [
      {
        predicate: {
          ...V1,
          runDetails: { ...V1.runDetails, builder: { id: 'https://github.com/actions/runner/self-hosted' } },
        },
        policy: { trust: npm({ repository: REPOSITORY, allowSelfHosted: true }) },
      },
      'SLSA_CERT_CLAIM',
      '/predicate/runDetails/builder/id',
    ],
  ])('is refused: %j', async (patch, code, pointer) =>
    expect(await failures(patch)).toContainEqual([code, pointer]),
  );

  it.each([
    [
      {
        buildDefinition: {
          ...V1.buildDefinition,
          externalParameters: { workflow: { ...WORKFLOW, job: 'x' } },
        },
      },
      '/predicate/buildDefinition/externalParameters/workflow/job',
    ],
    [
      {
        buildDefinition: {
          ...V1.buildDefinition,
          externalParameters: { workflow: WORKFLOW, inputs: { a: 1 } },
        },
      },
      '/predicate/buildDefinition/externalParameters/inputs',
    ],
    [
      { buildDefinition: { ...V1.buildDefinition, internalParameters: { github: { actor_id: '3' } } } },
      '/predicate/buildDefinition/internalParameters/github/actor_id',
    ],
    [
      { runDetails: { ...V1.runDetails, metadata: { startedOn: '2026-01-01T00:00:00Z' } } },
      '/predicate/runDetails/metadata/startedOn',
    ],
    [
      { runDetails: { ...V1.runDetails, byproducts: [{ content: 'eA==' }] } },
      '/predicate/runDetails/byproducts/0',
    ],
    [
      {
        buildDefinition: {
          ...V1.buildDefinition,
          resolvedDependencies: [...V1.buildDefinition.resolvedDependencies, { uri: 'https://e.com/x' }],
        },
      },
      '/predicate/buildDefinition/resolvedDependencies/1',
    ],
  ])('says nothing that its certificate does not confirm', async (patch, pointer) =>
    expect(await failures({ predicate: { ...V1, ...patch } })).toContainEqual(['SLSA_CERT_CLAIM', pointer]),
  );

  it('may be from a runner of its owner, when that is allowed', async () => {
    const predicate = {
      ...V1,
      runDetails: { ...V1.runDetails, builder: { id: 'https://github.com/actions/runner/self-hosted' } },
    };
    const trust = npm({ repository: REPOSITORY, allowSelfHosted: true });
    const certified = { ...CERTIFIED, runnerEnvironment: 'self-hosted' };
    const payload = await signedBy(
      'workflow',
      createStatement({ subject, predicateType: 'https://slsa.dev/provenance/v1', predicate }).bytes,
    );
    const provenance = provenanceOf(payload, { signers: [certificateIdentity(SAN, certified)] });
    const policy = {
      name: '@shop/checkout',
      version: '1.2.3',
      digest: `sha512:${SHA512}`,
      trust: [...trust, ...githubGenerators()],
    };
    expect(appraiseNpm({ provenance }, policy)).toMatchObject({ ok: true, provenance: { level: 1 } });
  });
});
