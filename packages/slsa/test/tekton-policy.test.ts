import { createStatement } from '@sealwright/in-toto';
import type { JsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import {
  appraiseProvenance,
  type Check,
  provenanceOf,
  sourceClaims,
  type TektonExpectations,
} from '../src/index.js';
import { formatRun, parseRun } from '../src/tekton/index.js';
import { tekton } from '../src/trust/index.js';
import { identityOf, signedBy } from './signed.ts';

const HEX = 'ab'.repeat(32);
const COMMIT = 'cd'.repeat(20);
const PINNED = `registry.example.com/git@sha256:${HEX}`;
const SPEC = {
  serviceAccountName: 'builder',
  params: [{ name: 'revision', value: 'main' }],
  taskRef: { resolver: 'git', params: [{ name: 'pathInRepo', value: 'build.yaml' }] },
};
const REF_SOURCE = { uri: 'git+https://e.com/tasks', digest: { sha1: COMMIT }, entryPoint: 'build.yaml' };
const STATUS = {
  startTime: '2026-01-02T03:04:05Z',
  completionTime: '2026-01-02T03:04:06Z',
  provenance: { refSource: REF_SOURCE },
  steps: [{ name: 'clone', imageID: PINNED }],
  taskSpec: { steps: [{ name: 'clone', image: PINNED }] },
  results: [
    { name: 'IMAGES', value: `registry.example.com/app@sha256:${HEX}` },
    { name: 'CHAINS-GIT_URL', value: 'https://e.com/app' },
    { name: 'CHAINS-GIT_COMMIT', value: COMMIT },
  ],
};

async function checksOf(
  expectations: TektonExpectations,
  run: { spec?: JsonObject; status?: JsonObject; kind?: string; format?: 'slsa/v1' | 'slsa/v2alpha4' } = {},
): Promise<readonly Check[]> {
  const { spec = SPEC, status = STATUS, kind = 'TaskRun', format = 'slsa/v2alpha4' } = run;
  const { payload } = formatRun(parseRun({ kind, metadata: { name: 'r', uid: 'u' }, spec, status }), {
    format,
  });
  const trust = tekton({ signer: { keys: [await identityOf('chains')] } });
  const provenance = provenanceOf(await signedBy('chains', payload));
  const expectation = {
    digest: `sha256:${HEX}`,
    source: 'https://e.com/app.git',
    commit: COMMIT,
    tekton: expectations,
  };
  const verdict = appraiseProvenance(provenance, { trust, expect: expectation });
  expect(verdict.level).toBe(2);
  return verdict.checks.filter(({ status: outcome }) => outcome === 'fail');
}

const places = (checks: readonly Check[]) => checks.map(({ code, pointer }) => `${code} ${pointer}`);
const AT = '/predicate/buildDefinition/externalParameters';

describe('a run of Tekton', () => {
  it('holds where configuration, parameters, images and account are as expected', async () => {
    const pipeline = { uri: REF_SOURCE.uri, digest: { sha1: COMMIT }, path: 'build.yaml' };
    const all = {
      pipeline,
      params: { revision: 'main' },
      requirePinnedStepImages: true,
      serviceAccounts: ['builder'],
      specMembers: [],
    };
    expect(await checksOf(all)).toEqual([]);
    expect(await checksOf({})).toEqual([]);
    expect(places(await checksOf({ pipeline, params: { revision: 'main' } }, { format: 'slsa/v1' }))).toEqual(
      [],
    );
  });

  it.each([
    [{ pipeline: { uri: 'git+https://e.com/task' } }],
    [{ pipeline: { uri: REF_SOURCE.uri, digest: { sha1: 'ee'.repeat(20) } } }],
    [{ pipeline: { uri: REF_SOURCE.uri, digest: {} } }],
    [{ pipeline: { uri: REF_SOURCE.uri, path: 'other.yaml' } }],
  ])('comes from elsewhere than %j', async (expected) => {
    expect(places(await checksOf(expected))).toEqual([`SLSA_TEKTON_CONFIG ${AT}/buildConfigSource`]);
    expect(places(await checksOf(expected, { format: 'slsa/v1' }))).toEqual([
      'SLSA_TEKTON_CONFIG /predicate/invocation/configSource',
    ]);
  });

  it('may come from the cluster, and then is told among the dependencies', async () => {
    const spec = { ...SPEC, taskRef: { name: 'build' } };
    expect(await checksOf({ pipeline: { uri: REF_SOURCE.uri, digest: { sha1: COMMIT } } }, { spec })).toEqual(
      [],
    );
    expect(places(await checksOf({ pipeline: { uri: 'x' } }, { spec }))).toEqual([
      'SLSA_TEKTON_CONFIG /predicate/buildDefinition/resolvedDependencies/0',
    ]);
    const status = { ...STATUS, provenance: {} };
    expect(places(await checksOf({ pipeline: { uri: REF_SOURCE.uri } }, { spec, status }))).toEqual([
      `SLSA_TEKTON_CONFIG ${AT}`,
    ]);
  });

  it('has no parameter that was not expected, and all that were', async () => {
    expect(places(await checksOf({ params: {} }))).toEqual([
      `SLSA_EXTERNAL_PARAMETER ${AT}/runSpec/params/0/value`,
    ]);
    expect(places(await checksOf({ params: { revision: 'x' } }))).toEqual([
      `SLSA_EXTERNAL_PARAMETER ${AT}/runSpec/params/0/value`,
    ]);
    expect(places(await checksOf({ params: { revision: 'main', x: 'y' } }))).toEqual([
      `SLSA_EXTERNAL_PARAMETER ${AT}/runSpec/params`,
    ]);
  });

  it('brings no Task or Pipeline along, unless it may', async () => {
    const taskSpec = {
      steps: [
        { name: 'a', image: 'busybox' },
        { name: 'b', image: PINNED },
      ],
      sidecars: [{ image: 'redis:7' }],
      stepTemplate: { image: 'x' },
    };
    const spec = { taskSpec };
    expect(places(await checksOf({}, { spec }))).toEqual([`SLSA_TEKTON_INLINE_SPEC ${AT}/runSpec/taskSpec`]);
    expect(await checksOf({ allowInlineSpec: true }, { spec })).toEqual([]);
    expect(
      places(await checksOf({ allowInlineSpec: true, requirePinnedStepImages: true }, { spec })).sort(),
    ).toEqual([
      `SLSA_TEKTON_UNPINNED_STEP ${AT}/runSpec/taskSpec/sidecars/0/image`,
      `SLSA_TEKTON_UNPINNED_STEP ${AT}/runSpec/taskSpec/stepTemplate/image`,
      `SLSA_TEKTON_UNPINNED_STEP ${AT}/runSpec/taskSpec/steps/0/image`,
    ]);
    const pipelineSpec = { tasks: [{ name: 't', taskSpec }] };
    const nested = await checksOf(
      { allowInlineSpec: true, requirePinnedStepImages: true },
      { kind: 'PipelineRun', spec: { pipelineSpec } },
    );
    expect(places(nested)).toContain(
      `SLSA_TEKTON_UNPINNED_STEP ${AT}/runSpec/pipelineSpec/tasks/0/taskSpec/steps/0/image`,
    );
  });

  it('is refused in old provenance that does not tell where its configuration came from', async () => {
    const status = { ...STATUS, provenance: {} };
    const run = { status, format: 'slsa/v1' } as const;
    expect(places(await checksOf({}, run))).toEqual([
      'SLSA_TEKTON_INLINE_SPEC /predicate/invocation/configSource',
    ]);
    expect(await checksOf({ allowInlineSpec: true }, run)).toEqual([]);
  });

  it('ran images that are pinned, as old provenance tells them', async () => {
    expect(await checksOf({ requirePinnedStepImages: true }, { format: 'slsa/v1' })).toEqual([]);
    const status = { ...STATUS, steps: [{ name: 'clone', imageID: 'git@sha256:ab' }] };
    expect(places(await checksOf({ requirePinnedStepImages: true }, { format: 'slsa/v1', status }))).toEqual([
      'SLSA_TEKTON_UNPINNED_STEP /predicate/buildConfig/steps/0/environment/image',
    ]);
  });

  it('ran as an account that will do', async () => {
    expect(places(await checksOf({ serviceAccounts: ['other'] }))).toEqual([
      `SLSA_TEKTON_CONFIG ${AT}/runSpec/serviceAccountName`,
    ]);
    expect(await checksOf({ serviceAccounts: ['builder', 'other'] })).toEqual([]);
    const spec = {
      pipelineRef: { name: 'p' },
      taskRunTemplate: { serviceAccountName: 'builder' },
      taskRunSpecs: [{ pipelineTaskName: 't', serviceAccountName: 'root' }],
    };
    expect(await checksOf({ serviceAccounts: ['builder'] }, { kind: 'PipelineRun', spec })).toHaveLength(1);
    expect(await checksOf({ serviceAccounts: ['builder', 'root'] }, { kind: 'PipelineRun', spec })).toEqual(
      [],
    );
    expect(await checksOf({ serviceAccounts: ['builder'] }, { format: 'slsa/v1' })).toHaveLength(1);
  });

  it('is influenced by nothing else', async () => {
    const spec = { ...SPEC, workspaces: [{ name: 'source', emptyDir: {} }] };
    expect(places(await checksOf({ specMembers: [] }, { spec }))).toEqual([
      `SLSA_EXTERNAL_PARAMETER ${AT}/runSpec/workspaces`,
    ]);
    expect(await checksOf({ specMembers: ['workspaces'] }, { spec })).toEqual([]);
  });

  it('tells its sources as inputs, and not where its configuration came from', async () => {
    const { payload } = formatRun(
      parseRun({ kind: 'TaskRun', metadata: { name: 'r' }, spec: SPEC, status: STATUS }),
      { format: 'slsa/v2alpha4' },
    );
    const { view } = provenanceOf(await signedBy('chains', payload));
    expect(sourceClaims(view).map(({ repository }) => repository)).toEqual(['git+https://e.com/app.git']);
  });
});

it('refuses a statement that lost the spec of its run', async () => {
  const { bytes } = createStatement({
    subject: [{ digest: { sha256: HEX } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://tekton.dev/chains/v2/slsa',
        externalParameters: { runSpec: null },
      },
      runDetails: { builder: { id: 'https://tekton.dev/chains/v2' } },
    },
  });
  const trust = tekton({ signer: { keys: [await identityOf('chains')] } });
  const expectation = { digest: `sha256:${HEX}`, tekton: {} };
  const verdict = appraiseProvenance(provenanceOf(await signedBy('chains', bytes)), {
    trust,
    expect: expectation,
  });
  expect(verdict.checks.filter(({ status }) => status === 'fail').map(({ code }) => code)).toEqual([
    'SLSA_TEKTON_INLINE_SPEC',
  ]);
});
