import { createStatement, parseStatement } from '@sealwright/in-toto';
import {
  object,
  optional,
  text,
  type AnyStandardSchema,
  type Check,
  definePredicate,
} from '@sealwright/in-toto/predicates';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  convertV01ToV02,
  convertV02ToV1,
  createProvenance,
  createProvenanceV01,
  createProvenanceV02,
  defineBuildType,
  parseProvenance,
  type ProvenanceInput,
  SlsaError,
} from '../src/index.js';

const subject = [{ name: 'app.tgz', digest: { sha256: 'ab'.repeat(32) } }];
const SOURCE = { uri: 'git+https://example.com/a@refs/heads/b', digest: { sha1: 'cd'.repeat(20) } };
const INPUT: ProvenanceInput = {
  subject,
  buildType: 'https://example.com/make/v1',
  external: { target: 'all' },
  internal: { host: 'h' },
  builder: { id: 'https://example.com/builder@v1', version: { make: '4' } },
  dependencies: [SOURCE],
  invocationId: 'https://example.com/runs/1',
  startedOn: new Date('2026-01-02T03:04:05.678Z'),
  finishedOn: '2026-01-02T03:04:06.123456789Z',
  byproducts: [{ name: 'log', content: 'bG9n' }],
};
const V02 = {
  builder: { id: 'https://example.com/builder@v1' },
  buildType: 'https://example.com/make/v0',
  invocation: {
    configSource: { ...SOURCE, entryPoint: 'all' },
    parameters: { a: '1' },
    environment: { host: 'h' },
  },
  buildConfig: { steps: [] },
  metadata: {
    buildInvocationId: '7',
    buildStartedOn: '2026-01-02T03:04:05Z',
    buildFinishedOn: '2026-01-02T03:04:06Z',
    completeness: { parameters: true },
    reproducible: false,
  },
  materials: [{ ...SOURCE, name: 'other' }],
};
const V01 = {
  builder: { id: 'https://example.com/builder@v1' },
  recipe: {
    type: 'https://example.com/make/v0',
    definedInMaterial: 0,
    entryPoint: 'all',
    arguments: { a: '1' },
  },
  metadata: { buildInvocationId: '7', completeness: { arguments: true, materials: false } },
  materials: [SOURCE],
};

describe('createProvenance', () => {
  it('makes a statement that reads back', () => {
    const made = createProvenance(INPUT);
    expect(made.version).toBe('v1');
    const view = parseProvenance(parseStatement(made.bytes));
    expect(view).toMatchObject({
      version: 'v1',
      builderId: 'https://example.com/builder@v1',
      buildType: 'https://example.com/make/v1',
      external: { target: 'all' },
      internal: { host: 'h' },
      dependencies: [SOURCE],
      invocationId: 'https://example.com/runs/1',
      startedOn: '2026-01-02T03:04:05Z',
      finishedOn: '2026-01-02T03:04:06.123456789Z',
      byproducts: [{ name: 'log', content: 'bG9n' }],
      warnings: [],
    });
  });

  it.each([
    [{ invocationId: '' }, 'PREDICATE_MISSING_FIELD', '/predicate/runDetails/metadata/invocationId'],
    [{ startedOn: new Date(NaN) }, 'PREDICATE_MISSING_FIELD', '/predicate/runDetails/metadata/startedOn'],
    [
      { finishedOn: '2026-01-02 03:04' },
      'PREDICATE_BAD_TIMESTAMP',
      '/predicate/runDetails/metadata/finishedOn',
    ],
    [{ buildType: 'make' }, 'SLSA_BAD_URI', '/predicate/buildDefinition/buildType'],
    [{ builder: { id: 'me' } }, 'SLSA_BAD_URI', '/predicate/runDetails/builder/id'],
    [{ builder: { id: '' } }, 'PREDICATE_MISSING_FIELD', '/predicate/runDetails/builder/id'],
    [
      { internal: { target: 1 } },
      'SLSA_EXTERNAL_PARAMETER',
      '/predicate/buildDefinition/externalParameters/target',
    ],
    [
      { dependencies: [{ name: 'x' }] },
      'INTOTO_RD_EMPTY',
      '/predicate/buildDefinition/resolvedDependencies/0',
    ],
    [{ subject: [] }, 'INTOTO_EMPTY_SUBJECT', '/subject'],
  ])('refuses %j', (patch, code, pointer) =>
    expect(() => createProvenance({ ...INPUT, ...patch })).toThrow(
      expect.objectContaining({ code, pointer }),
    ),
  );

  it('checks parameters by the build type', () => {
    const make = defineBuildType({
      uri: 'https://example.com/make/v1',
      external: schema(object({ target: text })),
      internal: schema(object({ host: optional(text) })),
    });
    const made = createProvenance({ ...INPUT, buildType: make, external: { target: 'all' }, internal: {} });
    expect(made.predicate.buildDefinition.buildType).toBe('https://example.com/make/v1');
    expect(() =>
      createProvenance({ ...INPUT, buildType: make, external: { target: '' }, internal: {} }),
    ).toThrow(
      expect.objectContaining({
        code: 'SLSA_EXTERNAL_PARAMETER',
        pointer: '/predicate/buildDefinition/externalParameters/target',
      }),
    );
    // @ts-expect-error the build type has no such parameter
    expect(() => createProvenance({ ...INPUT, buildType: make, external: { goal: 'all' } })).toThrow(
      SlsaError,
    );
    expectTypeOf(make).toExtend<{ readonly uri: string }>();
  });

  it('wants schemas that answer at once', () => {
    const slow: AnyStandardSchema<object> = {
      '~standard': { version: 1, validate: async (value) => ({ value: Object(value) }) },
    };
    const buildType = defineBuildType({ uri: 'https://example.com/t', external: slow });
    expect(() => createProvenance({ ...INPUT, buildType })).toThrow(TypeError);
  });
});

function schema<T>(check: Check<T>): AnyStandardSchema<T> {
  return definePredicate({ type: 'https://example.com/parameters', check });
}

describe('older versions', () => {
  it('are made and read', () => {
    const made = createProvenanceV02({ subject, predicate: V02 });
    expect(made.version).toBe('v0.1');
    expect(parseProvenance(made)).toMatchObject({
      version: 'v0.2',
      configSource: { ...SOURCE, entryPoint: 'all' },
      external: { a: '1' },
      internal: { host: 'h' },
      invocationId: '7',
      completeness: { parameters: true },
      reproducible: false,
    });
    expect(parseProvenance(createProvenanceV01({ subject, predicate: V01 }))).toMatchObject({
      version: 'v0.1',
      configSource: { ...SOURCE, entryPoint: 'all' },
      external: { a: '1' },
      completeness: { parameters: true, materials: false },
    });
  });

  it('refuse what readers would', () => {
    expect(() => createProvenanceV02({ subject, predicate: { ...V02, buildType: 'make' } })).toThrow(
      expect.objectContaining({ code: 'SLSA_BAD_URI', pointer: '/predicate/buildType' }),
    );
    const recipe = { ...V01.recipe, definedInMaterial: 1 };
    expect(() => createProvenanceV01({ subject, predicate: { ...V01, recipe } })).toThrow(
      expect.objectContaining({ code: 'PREDICATE_OUT_OF_RANGE' }),
    );
  });
});

describe('parseProvenance', () => {
  const read = (predicateType: string, predicate: object) =>
    parseProvenance(createStatement({ subject, predicateType, predicate }));

  it('refuses other predicates, unless told how to read them', () => {
    expect(() => read('https://example.com/t', {})).toThrow(
      expect.objectContaining({ code: 'SLSA_PREDICATE_TYPE', pointer: '/predicateType' }),
    );
    const statement = createStatement({ subject, predicateType: 'https://example.com/t', predicate: V02 });
    expect(parseProvenance(statement, { readAs: { 'https://example.com/t': 'v0.2' } }).version).toBe('v0.2');
  });

  it('says where something is missing', () =>
    expect(() =>
      read('https://slsa.dev/provenance/v1', { buildDefinition: {}, runDetails: { builder: null } }),
    ).toThrow(
      expect.objectContaining({
        code: 'PREDICATE_MISSING_FIELD',
        pointer: '/predicate/buildDefinition/buildType',
        findings: expect.arrayContaining([
          expect.objectContaining({ pointer: '/predicate/runDetails/builder' }),
        ]) as unknown,
      }),
    ));

  it('reads misspelt names, and takes null and empty for unset', () => {
    const view = read('https://slsa.dev/provenance/v0.2', {
      builder: V02.builder,
      buildType: V02.buildType,
      invocation: { configSource: { uri: '' }, parameters: null },
      metadata: { buildInvocationID: '8', completeness: {} },
    });
    expect(view.invocationId).toBe('8');
    expect('configSource' in view || 'completeness' in view).toBe(false);
    const v1 = read('https://slsa.dev/provenance/v1', {
      buildDefinition: { buildType: 'https://t', externalParameters: {} },
      runDetails: { builder: { id: 'https://b' }, byProducts: [{ content: '' }, 1] },
    });
    expect(v1.byproducts).toEqual([{ content: '' }]);
  });

  it('refuses parameters of version 0.1 that are no object', () =>
    expect(() =>
      read('https://slsa.dev/provenance/v0.1', { ...V01, recipe: { ...V01.recipe, arguments: ['x'] } }),
    ).toThrow(
      expect.objectContaining({ code: 'PREDICATE_WRONG_TYPE', pointer: '/predicate/recipe/arguments' }),
    ));
});

describe('conversions', () => {
  it('lose nothing from 0.1 to 0.2 but extensions', () => {
    const { value, lost } = convertV01ToV02(Object.assign({ acme_note: 'x' }, V01));
    expect(value).toEqual({
      builder: V01.builder,
      buildType: V01.recipe.type,
      invocation: { configSource: { ...SOURCE, entryPoint: 'all' }, parameters: { a: '1' } },
      metadata: { buildInvocationId: '7', completeness: { parameters: true, materials: false } },
      materials: [SOURCE],
    });
    expect(lost).toEqual(['/acme_note']);
  });

  it('keep the id of the run, however it is spelt', () => {
    const metadata = Object.assign({ reproducible: true }, { buildInvocationID: '8' });
    expect(convertV01ToV02({ ...V01, metadata })).toMatchObject({
      value: { metadata: { buildInvocationId: '8' } },
      lost: [],
    });
  });

  it('say what is lost from 0.2 to 1', () => {
    const { value, lost } = convertV02ToV1(
      { ...V02, invocation: Object.assign({ acme_x: 1 }, V02.invocation) },
      { buildType: 'https://example.com/make/v1' },
    );
    expect(value).toEqual({
      buildDefinition: {
        buildType: 'https://example.com/make/v1',
        externalParameters: { a: '1', entryPoint: 'all', source: SOURCE.uri },
        internalParameters: { host: 'h' },
        resolvedDependencies: [{ ...SOURCE, name: 'other' }],
      },
      runDetails: {
        builder: V02.builder,
        metadata: {
          invocationId: '7',
          startedOn: '2026-01-02T03:04:05Z',
          finishedOn: '2026-01-02T03:04:06Z',
        },
      },
    });
    expect(lost).toEqual([
      '/buildConfig',
      '/metadata/completeness',
      '/metadata/reproducible',
      '/invocation/acme_x',
    ]);
  });

  it('add the config source unless it is there', () => {
    const other = { ...V02, materials: [{ uri: SOURCE.uri, digest: { sha1: 'ef'.repeat(20) } }] };
    const { value } = convertV02ToV1(other, {
      buildType: 'https://t',
      names: { source: 'from', entryPoint: 'at' },
    });
    expect(value.buildDefinition.resolvedDependencies).toHaveLength(2);
    expect(value.buildDefinition.externalParameters).toEqual({ a: '1', at: 'all', from: SOURCE.uri });
  });

  it('refuse what has no equal', () => {
    expect(() => convertV01ToV02({ builder: V01.builder })).toThrow(
      expect.objectContaining({ code: 'SLSA_CONVERT_MISSING', pointer: '/recipe' }),
    );
    expect(() => convertV01ToV02({ ...V01, recipe: { ...V01.recipe, definedInMaterial: -1 } })).toThrow(
      expect.objectContaining({ code: 'SLSA_CONVERT_RANGE', pointer: '/recipe/definedInMaterial' }),
    );
    const unnamed = { ...V01, recipe: { ...V01.recipe, type: '' } };
    expect(() => convertV01ToV02(unnamed)).toThrow(
      expect.objectContaining({ code: 'SLSA_CONVERT_MISSING', pointer: '/recipe/type' }),
    );
    expect(() => convertV02ToV1(V02, { buildType: '' })).toThrow(
      expect.objectContaining({ code: 'SLSA_CONVERT_MISSING', pointer: '/buildType' }),
    );
    const names = { source: 'config', entryPoint: 'config' };
    expect(() => convertV02ToV1(V02, { buildType: 'https://t', names })).toThrow(
      expect.objectContaining({ code: 'SLSA_CONVERT_CONFLICT', pointer: '/invocation/configSource' }),
    );
    const parameters = { entryPoint: 'x' };
    expect(() => convertV02ToV1({ ...V02, invocation: { parameters } }, { buildType: 'https://t' })).toThrow(
      expect.objectContaining({
        code: 'SLSA_CONVERT_CONFLICT',
        pointer: '/invocation/parameters/entryPoint',
      }),
    );
  });
});
