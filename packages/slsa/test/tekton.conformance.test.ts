import { decodeUtf8 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { SlsaError } from '../src/index.js';
import {
  artifactUris,
  formatDuration,
  formatQuantity,
  formatRun,
  normalise,
  ociArtifacts,
  paramValueOfText,
  parseDigestString,
  parseImageReference,
  parseRun,
  runKeys,
  TEKTON_DEFECTS,
  type TektonFormat,
  type TektonImage,
} from '../src/tekton/index.js';
import { FIELDS } from '../src/tekton/schema.js';

const area = vectorArea('chains');

interface RunCase {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly run: JsonObject;
  readonly taskRuns: readonly JsonObject[];
  readonly expect: {
    readonly shortKey: string;
    readonly fullKey: string;
    readonly ociArtifacts?: readonly {
      readonly fullKey: string;
      readonly shortKey: string;
      readonly payload: string;
    }[];
    readonly statements: Readonly<Record<string, JsonObject>>;
    readonly artifactURIs?: Readonly<Record<string, readonly string[] | null>>;
    readonly payloadText?: Readonly<Record<string, string>>;
    readonly order?: unknown;
  };
}

describe.skipIf(!area.present)('runs of Tekton Chains', () => {
  const cases = area.present ? area.list('runs').filter((name) => name.endsWith('.json')) : [];
  const read = (name: string): RunCase => area.json<RunCase>('runs', name);

  it.each(cases)('%s: keys', (name) => {
    const { run, expect: expected } = read(name);
    expect(runKeys(parseRun(run))).toEqual({ shortKey: expected.shortKey, fullKey: expected.fullKey });
  });

  it.each(cases)('%s: statements and payloads', (name) => {
    const vector = read(name);
    const formats = Object.entries(vector.expect.statements);
    expect(formats.length).toBeGreaterThan(0);
    for (const [format, statement] of formats) {
      const make = (): ReturnType<typeof formatRun> =>
        formatRun(parseRun(vector.run), optionsOf(vector, format));
      if ('error' in statement) {
        expect(make).toThrow(SlsaError);
        continue;
      }
      const made = make();
      expect(inOrder(vector, made.statement)).toEqual(inOrder(vector, statement));
      expect(inOrder(vector, JSON.parse(decodeUtf8(made.payload)) as JsonObject)).toEqual(
        inOrder(vector, statement),
      );
      const text = vector.expect.payloadText?.[format];
      if (text !== undefined) expect(decodeUtf8(made.payload)).toBe(text);
    }
  });

  it.each(cases)('%s: images to sign', (name) => {
    const vector = read(name);
    const made = ociArtifacts(parseRun(vector.run)).map(({ fullKey, shortKey, payload }) => ({
      fullKey,
      shortKey,
      payload: decodeUtf8(payload),
    }));
    const expected = vector.expect.ociArtifacts ?? [];
    if (vector.expect.order === undefined)
      expect(made).toEqual(expected.map((each) => expect.objectContaining(each)));
    else expect(sorted(made)).toEqual(sorted(expected));
  });

  it.each(cases)('%s: subject URIs', (name) => {
    const vector = read(name);
    for (const [format, uris] of Object.entries(vector.expect.artifactURIs ?? {})) {
      const made = artifactUris(parseRun(vector.run), optionsOf(vector, format));
      if (vector.expect.order === undefined) expect(made).toEqual(uris ?? []);
      else expect(sorted(made)).toEqual(sorted(uris ?? []));
    }
  });
});

function optionsOf(vector: RunCase, format: string): Parameters<typeof formatRun>[1] {
  const { config } = vector;
  const [builderId, buildType] = [config['builder.id'], config['builddefinition.buildtype']];
  return {
    format: format as TektonFormat,
    compat: TEKTON_DEFECTS,
    taskRuns: vector.taskRuns.map((run) => parseRun({ kind: 'TaskRun', ...run })),
    deepInspection: config['artifacts.pipelinerun.enable-deep-inspection'] === 'true',
    ...(builderId === undefined ? {} : { builderId }),
    ...(buildType === undefined ? {} : { buildType }),
  };
}

/** The reference walks a hash map in some cases: their subjects are a set. */
function inOrder(vector: RunCase, statement: JsonObject): JsonObject {
  const { subject } = statement;
  return vector.expect.order === undefined || !Array.isArray(subject)
    ? statement
    : { ...statement, subject: sorted(subject) };
}

function sorted<T>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

interface TypeSchema {
  readonly special: readonly string[];
  readonly types: Readonly<
    Record<string, readonly (readonly [name: string, type: string, emission: string])[]>
  >;
}

describe.skipIf(!area.present)('types of runs', () => {
  const { types, special } = area.present
    ? area.json<TypeSchema>('type-schema.json')
    : { types: {}, special: [] };
  const marks: Readonly<Record<string, string>> = { always: ':!', omitzero: ':0', omitempty: '' };

  it.each(Object.entries(types))('%s', (name, fields) =>
    expect(FIELDS[name]?.split(' ')).toEqual(
      fields.map(([field, type, emission]) => `${field}:${type}${marks[emission] ?? '?'}`),
    ),
  );

  it('normalises every special scalar', () => {
    for (const type of special) expect(() => normalise(null, type)).not.toThrow();
  });
});

interface DigestCase {
  readonly input: string;
  readonly algorithm?: string;
  readonly hex?: string;
  readonly error?: string;
}

describe.skipIf(!area.present)('digests of type hints', () => {
  it.each(area.present ? area.json<DigestCase[]>('digests.json') : [])(
    '$input',
    ({ input, algorithm, hex, error }) => {
      if (error === undefined) expect(parseDigestString(input)).toEqual({ algorithm, hex });
      else expect(() => parseDigestString(input)).toThrow(SlsaError);
    },
  );
});

interface ReferenceCase extends Partial<TektonImage> {
  readonly input: string;
  readonly fullName?: string;
  readonly error?: string;
}

describe.skipIf(!area.present)('image references', () => {
  it.each(area.present ? area.json<ReferenceCase[]>('image-references.json') : [])('$input', (vector) => {
    if (vector.error !== undefined) {
      expect(() => parseImageReference(vector.input)).toThrow(SlsaError);
      return;
    }
    const { repository, digest, scheme, fullName } = vector;
    const image = parseImageReference(vector.input);
    expect(image).toEqual({ repository, digest, scheme });
    expect(`${image.repository}@${image.digest}`).toBe(fullName);
  });
});

interface ScalarCase {
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
}

describe.skipIf(!area.present)('scalars', () => {
  const scalars = area.present
    ? area.json<Record<'quantities' | 'durations' | 'paramValues', readonly ScalarCase[]>>('scalars.json')
    : { quantities: [], durations: [], paramValues: [] };

  it.each(scalars.quantities)('quantity $input', (vector) => checkScalar(formatQuantity, vector));
  it.each(scalars.durations)('duration $input', (vector) => checkScalar(formatDuration, vector));
  it.each(scalars.paramValues)('value $input', ({ input, output = '' }) =>
    expect(paramValueOfText(input)).toEqual(JSON.parse(output)),
  );
});

function checkScalar(format: (text: string) => string, { input, output, error }: ScalarCase): void {
  if (error === undefined) expect(format(input)).toBe(output);
  else expect(() => format(input)).toThrow(SlsaError);
}
