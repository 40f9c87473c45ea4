import { decodeUtf8 } from '@sealwright/bytes';
import { type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { pipelineRun, taskRun } from '@sealwright/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROVENANCE_V02, PROVENANCE_V1, SlsaError } from '../src/index.js';
import {
  artifactUris,
  formatRun,
  normalise,
  ociArtifacts,
  parseRun,
  runKeys,
  TEKTON_DEFECTS,
  type TektonFormat,
} from '../src/tekton/index.js';

const hex = 'ab'.repeat(32);
const image = 'registry.example.com/shop/checkout';
const built = parseRun(JSON.stringify(taskRun({ image, digest: `sha256:${hex}` })));
const pipeline = parseRun(JSON.stringify(pipelineRun({ image, digest: `sha256:${hex}` })));
const formats: readonly TektonFormat[] = ['in-toto', 'slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4'];

describe('parseRun', () => {
  it('knows a run by its kind, name and uid', () => {
    expect(built).toMatchObject({
      kind: 'TaskRun',
      apiVersion: 'tekton.dev/v1',
      name: 'checkout-7xk2p-build-image',
    });
    expect(runKeys(built)).toEqual({
      shortKey: `taskrun-${built.uid}`,
      fullKey: `tekton.dev-v1-TaskRun-${built.uid}`,
    });
  });

  it.each([
    '',
    '[]',
    '{"kind":"Pod"}',
    '{"kind":"TaskRun","kind":"TaskRun"}',
    '{"kind":"TaskRun","metadata":[]}',
  ])('refuses %s', (text) => {
    expect(() => parseRun(text)).toThrow(expect.objectContaining({ code: 'ERR_SLSA_RUN' }));
  });

  it('says where the fault is', () => {
    expect(() => parseRun({ kind: 'TaskRun', metadata: { uid: 7 } })).toThrow(
      expect.objectContaining({ pointer: '/metadata/uid' }),
    );
  });
});

describe('formatRun', () => {
  it.each(formats)('%s names the image as the subject, and writes what it says', (format) => {
    const { statement, payload } = formatRun(built, { format });
    const old = format === 'slsa/v1' || format === 'in-toto';
    expect(statement).toMatchObject({
      _type: old ? 'https://in-toto.io/Statement/v0.1' : 'https://in-toto.io/Statement/v1',
      subject: [{ name: image, digest: { sha256: hex } }],
      predicateType: old ? PROVENANCE_V02 : PROVENANCE_V1,
    });
    expect(parseJson(payload)).toEqual(JSON.parse(JSON.stringify(statement))); // JSON has no -0
  });

  it('tells source and builder image as materials, and where the task came from', () => {
    expect(
      formatRun(built, { format: 'slsa/v1', builderId: 'https://example.com/builder' }).statement[
        'predicate'
      ],
    ).toMatchObject({
      builder: { id: 'https://example.com/builder' },
      buildType: 'tekton.dev/v1/TaskRun',
      invocation: {
        configSource: { entryPoint: 'build-image.yaml', digest: { sha256: '7e'.repeat(32) } },
        parameters: { revision: 'main', image },
        environment: { annotations: { 'shop.example.com/requested-by': 'release-team' } },
      },
      materials: [
        { uri: 'oci://registry.example.com/tools/builder', digest: { sha256: '5a'.repeat(32) } },
        { uri: 'git+https://git.example.com/shop/checkout.git' },
      ],
      metadata: {
        buildStartedOn: '2026-11-20T09:00:00Z',
        buildFinishedOn: '2026-11-20T09:03:30Z',
        reproducible: false,
      },
    });
  });

  it('adds what its children built to a pipeline run on request only', () => {
    const plain = { ...pipeline, json: withoutResults(pipeline.json) };
    const options = { format: 'slsa/v2alpha4', taskRuns: [built] } as const;
    expect(formatRun(plain, options).statement['subject']).toBeUndefined();
    expect(formatRun(plain, { ...options, deepInspection: true }).statement['subject']).toEqual([
      { name: image, digest: { sha256: hex } },
    ]);
  });

  it('records whole children with the build type of Tekton', () => {
    const buildType = 'https://tekton.dev/chains/v2/slsa-tekton';
    const { payload } = formatRun(pipeline, { format: 'slsa/v2alpha4', buildType, taskRuns: [built] });
    const [task] = dependenciesOf(payload);
    expect(task).toMatchObject({ name: 'pipelineTask', digest: { sha256: '7e'.repeat(32) } });
    const stored: unknown = JSON.parse(atob(String(task?.['content'])));
    expect(stored).toMatchObject({ metadata: { name: built.name }, spec: { serviceAccountName: 'builder' } });
    expect(stored).not.toHaveProperty('kind');
  });

  it('writes maps sorted and structs in the order of Go, also where names are numbers', () => {
    const child = {
      kind: 'TaskRun',
      metadata: { labels: { 9: 'b', 'tekton.dev/pipelineTask': 't', 10: 'a' }, name: 'child' },
      status: {
        completionTime: '2026-11-20T09:00:00Z',
        results: [{ value: { uri: 'x', digest: 'y' }, name: 'r' }],
      },
    };
    const run = parseRun({ kind: 'PipelineRun', status: { pipelineSpec: { tasks: [{ name: 't' }] } } });
    const { payload } = formatRun(run, {
      format: 'slsa/v2alpha3',
      buildType: 'https://tekton.dev/chains/v2/slsa-tekton',
      taskRuns: [parseRun(child)],
    });
    const [task] = dependenciesOf(payload);
    expect(atob(String(task?.['content']))).toBe(
      '{"metadata":{"name":"child","labels":{"10":"a","9":"b","tekton.dev/pipelineTask":"t"}},"spec":{"serviceAccountName":""},' +
        '"status":{"podName":"","completionTime":"2026-11-20T09:00:00Z","results":[{"name":"r","value":{"digest":"y","uri":"x"}}]}}',
    );
  });

  it.each([
    ['2026-11-20T10:00:00+01:00', '2026-11-20T09:00:00Z', '2026-11-20T09:00:00Z'],
    ['2026-11-20T09:00:00.5Z', '2026-11-20T09:00:00.5Z', '2026-11-20T09:00:00.500Z'],
    ['2026-11-20T09:00:00.1234000009Z', '2026-11-20T09:00:00.1234Z', '2026-11-20T09:00:00.123400Z'],
    ['2026-11-20T09:00:00.000Z', '2026-11-20T09:00:00Z', '2026-11-20T09:00:00Z'],
  ])('keeps the digits behind the second of %s', (completionTime, old, now) => {
    const run = parseRun({ kind: 'TaskRun', status: { completionTime } });
    expect(formatRun(run, { format: 'slsa/v1' }).statement).toHaveProperty(
      'predicate.metadata.buildFinishedOn',
      old,
    );
    expect(formatRun(run, { format: 'slsa/v2alpha4' }).statement).toHaveProperty(
      'predicate.runDetails.metadata.finishedOn',
      now,
    );
  });

  it.each([
    '2026-11-20',
    'now',
    '20 Nov 2026 09:00:00 GMT',
    '2026-13-20T09:00:00Z',
    '2026-02-30T09:00:00Z',
    '2026-11-20T24:00:00Z',
  ])('refuses the time %s', (completionTime) => {
    const run = parseRun({ kind: 'TaskRun', status: { completionTime } });
    for (const format of formats)
      expect(() => formatRun(run, { format })).toThrow(expect.objectContaining({ code: 'ERR_SLSA_RUN' }));
  });

  it('keeps what a task says it runs after, adds what it refers to, and reads null as empty text', () => {
    const task = {
      name: 't',
      runAfter: ['b', 'b', null],
      params: [
        {
          name: 'p',
          value: '$(tasks.a.results.r) $(tasks.b.results.r) $(finally.c.results.r[0]) $(tasks.d.status)',
        },
      ],
    };
    const run = parseRun({ kind: 'PipelineRun', status: { pipelineSpec: { tasks: [task] } } });
    const child = parseRun({
      kind: 'TaskRun',
      metadata: { labels: { 'tekton.dev/pipelineTask': 't' } },
      status: {
        completionTime: '2026-11-20T09:00:00Z',
        taskSpec: { steps: [{ name: 's', args: ['x', null] }] },
        steps: [{ name: 's', imageID: 'image@sha256:ab' }],
      },
    });
    expect(formatRun(run, { format: 'slsa/v1', taskRuns: [child] }).statement).toMatchObject({
      predicate: {
        buildConfig: { tasks: [{ after: ['b', 'b', '', 'a', 'c'], steps: [{ arguments: ['x', ''] }] }] },
      },
    });
  });

  it('refuses a parameter without a value, which Go cannot write either', () => {
    const run = parseRun({ kind: 'TaskRun', spec: { params: [{ name: 'p' }] } });
    expect(() => formatRun(run, { format: 'slsa/v2alpha4' })).toThrow(
      expect.objectContaining({ code: 'ERR_SLSA_RUN' }),
    );
  });

  it('refuses a format that Chains does not have', () => {
    expect(() => formatRun(built, { format: 'slsa/v3' as TektonFormat })).toThrow(
      expect.objectContaining({ code: 'ERR_SLSA_FORMAT' }),
    );
  });

  it.each(['image', 'image@sha256', 'image@sha256:a@b', 'image@sha256:a:b'])(
    'refuses the image id %j of a step',
    (imageID) => {
      const run = parseRun({ kind: 'TaskRun', status: { steps: [{ name: 'build', imageID }] } });
      for (const format of formats) {
        expect(() => formatRun(run, { format })).toThrow(
          expect.objectContaining({ code: 'ERR_SLSA_IMAGE_ID' }),
        );
      }
    },
  );

  it('leaves out the image of a step that never started, and says so', () => {
    const steps = [{ name: 'a', imageID: 'image@sha256:ab' }, { name: 'b' }];
    const run = parseRun({ kind: 'TaskRun', metadata: { name: 'r' }, status: { steps } });
    const { statement, missingImageIds } = formatRun(run, { format: 'slsa/v1' });
    expect(statement).toMatchObject({
      predicate: { materials: [{ uri: 'oci://image', digest: { sha256: 'ab' } }] },
    });
    expect(missingImageIds).toEqual(['r: /status/steps/1/imageID']);
    expect(() => formatRun(run, { format: 'slsa/v1', compat: ['emptyImageId'] })).toThrow(
      expect.objectContaining({ code: 'ERR_SLSA_IMAGE_ID' }),
    );
  });

  it('believes a commit only together with its URL, unless it is told to be like Chains', () => {
    const run = parseRun({
      kind: 'TaskRun',
      status: { results: [{ name: 'CHAINS-GIT_COMMIT', value: 'abc' }] },
    });
    expect(formatRun(run, { format: 'slsa/v1' }).statement).not.toHaveProperty('predicate.materials');
    expect(formatRun(run, { format: 'slsa/v1', compat: TEKTON_DEFECTS }).statement).toMatchObject({
      predicate: { materials: [{ uri: 'git+.git', digest: { sha1: 'abc' } }] },
    });
  });

  it('answers a run with anything in it by a payload or a SlsaError', () => {
    const damaged = fc
      .tuple(fc.nat(), fc.jsonValue())
      .map(([at, value]) => replaced(built.json, at, value as JsonValue));
    fc.assert(
      fc.property(damaged, fc.constantFrom(...formats), (json, format) => {
        try {
          const { payload, statement } = formatRun(parseRun(json), { format });
          expect(parseJson(payload)).toEqual(JSON.parse(JSON.stringify(statement))); // JSON has no -0
        } catch (error) {
          expect(error).toBeInstanceOf(SlsaError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not keep or change what it was given', () => {
    const before = JSON.stringify(built.json);
    formatRun(built, { format: 'slsa/v2alpha4' });
    expect(JSON.stringify(built.json)).toBe(before);
  });
});

describe('ociArtifacts', () => {
  it('gives the exact text to sign for each image', () => {
    const [artifact, ...more] = ociArtifacts(built);
    expect(more).toEqual([]);
    expect(artifact).toMatchObject({ fullKey: `${image}@sha256:${hex}`, shortKey: hex.slice(0, 12) });
    expect(decodeUtf8(artifact?.payload ?? new Uint8Array())).toBe(
      `{"critical":{"identity":{"docker-reference":"${image}"},"image":{"docker-manifest-digest":"sha256:${hex}"},"type":"cosign container image signature"},"optional":null}`,
    );
    expect(artifactUris(built, { format: 'slsa/v1' })).toEqual([`${image}@sha256:${hex}`]);
  });

  it('gives none for a pipeline run, unless it is asked to', () => {
    expect(ociArtifacts(pipeline)).toEqual([]);
    const results = [{ name: 'IMAGES', value: `${image}@sha256:${hex}` }];
    const named = parseRun({ kind: 'PipelineRun', metadata: { name: 'p' }, status: { results } });
    expect(ociArtifacts(named)).toEqual([]);
    expect(ociArtifacts(named, { pipelineRuns: true })).toMatchObject([
      { fullKey: `${image}@sha256:${hex}` },
    ]);
  });
});

describe('normalise', () => {
  it('drops what Tekton does not know and writes what Go always writes', () => {
    expect(normalise({ steps: [{ image: 'x', colour: 'red' }] }, 'tekton.TaskSpec')).toEqual({
      steps: [{ name: '', image: 'x', computeResources: {} }],
    });
  });

  it('is the same when it is done twice', () => {
    const once = normalise(built.json['spec'], 'tekton.TaskRunSpec');
    expect(normalise(once, 'tekton.TaskRunSpec')).toEqual(once);
  });
});

function withoutResults(json: JsonObject): JsonObject {
  const { results: _results, ...status } = json['status'] as JsonObject;
  return { ...json, status };
}

function dependenciesOf(payload: Uint8Array): readonly JsonObject[] {
  const { predicate } = JSON.parse(decodeUtf8(payload)) as {
    predicate: { buildDefinition: { resolvedDependencies: readonly JsonObject[] } };
  };
  return predicate.buildDefinition.resolvedDependencies;
}

/** The object with one of its values, counted in depth, replaced. */
function replaced(json: JsonObject, at: number, value: JsonValue): JsonObject {
  const copy = structuredClone(json);
  const places: (() => void)[] = [];
  const walk = (holder: JsonObject | JsonValue[]): void => {
    for (const [key, item] of Object.entries(holder)) {
      places.push(() => Object.assign(holder, { [key]: value }));
      if (typeof item === 'object' && item !== null) walk(item);
    }
  };
  walk(copy);
  places[at % places.length]?.();
  return copy;
}
