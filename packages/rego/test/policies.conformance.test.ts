import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  fromJson,
  type HostFunction,
  type Policy,
  preparePolicy,
  RegoError,
  toJson,
  type Value,
} from '../src/index.js';

const area = vectorArea('kbs');
const lines = <T>(...path: string[]): T[] =>
  area
    .text(...path)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

describe.skipIf(!area.present).each(area.present ? area.list('rego', 'kata-v0') : [])('%s', (folder) => {
  const policy = preparePolicy(
    [{ file: 'policy.rego', text: area.text('rego', 'kata-v0', folder, 'policy.rego') }],
    { version: 'v0', compat: 'regorus' },
  );
  const cases = lines<{ name: string; rule: string; input: unknown; expect: { value?: unknown } }>(
    'rego',
    'kata-v0',
    folder,
    'cases.jsonl',
  );

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_name, { rule, input, expect: wanted }) => {
    const value = policy.value(rule, { input, strict: false });
    expect(value === undefined ? undefined : toJson(value)).toEqual(wanted.value);
  });
});

/** Reference values as the key broker gives them to a policy. */
function referenceValues(
  values: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, HostFunction>> {
  return { query_reference_value: { arity: 1, call: ([name]) => referenceValue(values, name) } };
}

function referenceValue(values: Readonly<Record<string, unknown>>, name: Value | undefined): Value {
  if (typeof name !== 'string') throw new TypeError('a reference value has a name');
  return fromJson(values[name] ?? null);
}

describe.skipIf(!area.present)('engine semantics', () => {
  const cases = area.present ? lines<EngineCase>('rego', 'engine-semantics.jsonl') : [];

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_name, vector) => {
    const prepare = (): Policy =>
      preparePolicy([{ file: 'policy.rego', text: vector.policy }], {
        limits: TRUSTEE,
        compat: 'regorus',
        functions: vector.reference_values === undefined ? {} : referenceValues(vector.reference_values),
      });
    if (vector.expect['load'] === 'refused') {
      expect(prepare).toThrow(RegoError);
      return;
    }
    for (const rule of vector.rules) {
      const wanted = vector.expect[rule] as {
        value?: unknown;
        evaluation_error?: boolean;
        undefined?: boolean;
        missing?: boolean;
      };
      const evaluate = (): Value | undefined => prepare().value(rule, { input: vector.input });
      if (wanted.evaluation_error === true) expect(evaluate).toThrow(RegoError);
      else if ('value' in wanted)
        expect(JSON.parse(JSON.stringify(toJson(evaluate() ?? null), big))).toEqual(wanted.value);
      else expect(evaluate()).toBe(undefined);
    }
  });
});

/** Limits of the key broker. */
const TRUSTEE = { size: 1 << 20, lines: 20_000, columns: 1024 };

/** Integers that `JSON.parse` rounds are rounded the same way. */
function big(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

interface EngineCase {
  readonly name: string;
  readonly policy: string;
  readonly input: unknown;
  readonly rules: readonly string[];
  readonly reference_values?: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, unknown>>;
}

interface AttestationCase {
  readonly policy: string;
  readonly name: string;
  readonly input: unknown;
  readonly reference_values?: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, unknown>>;
}

describe.skipIf(!area.present)('attestation policies', () => {
  const cases = area.present ? area.json<AttestationCase[]>('policy', 'attestation-cases.json') : [];

  it.each(cases.map((each) => [`${each.policy}: ${each.name}`, each] as const))('%s', (_name, vector) => {
    const text = area.text('policy', 'policies', vector.policy);
    const policy = preparePolicy([{ file: vector.policy, text }], {
      compat: 'regorus',
      functions: referenceValues(vector.reference_values),
    });
    for (const name of ['trust_claims', 'extensions']) {
      if (!(name in vector.expect)) continue;
      const value = policy.value(`data.policy.${name}`, { input: vector.input });
      expect(value === undefined ? null : toJson(value)).toEqual(vector.expect[name]);
    }
  });
});

describe.skipIf(!area.present)('resource policies', () => {
  const cases = area.present
    ? area.json<
        {
          policy?: string;
          policy_text?: string;
          name: string;
          data: object;
          input: unknown;
          expect: { allow?: boolean } & Record<string, unknown>;
        }[]
      >('policy', 'resource-cases.json')
    : [];

  it.each(cases.map((each) => [`${each.policy ?? ''}: ${each.name}`, each] as const))(
    '%s',
    (_name, vector) => {
      const text = vector.policy_text ?? area.text('policy', 'policies', vector.policy ?? '');
      const evaluate = (): boolean =>
        preparePolicy([{ file: 'policy.rego', text }], { data: vector.data, compat: 'regorus' }).value(
          'data.policy.allow',
          {
            input: vector.input,
          },
        ) === true;
      if (vector.expect.allow === undefined) expect(evaluate).toThrow(RegoError);
      else expect(evaluate()).toBe(vector.expect.allow);
    },
  );
});
