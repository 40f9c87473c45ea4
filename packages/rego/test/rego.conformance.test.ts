import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  fromJson,
  preparePolicy,
  RegoError,
  RegoObject,
  RegoSet,
  type Solution,
  type Value,
} from '../src/index.js';

const area = vectorArea('kbs');

interface Case {
  readonly note: string;
  readonly modules?: readonly string[];
  readonly data?: unknown;
  readonly input?: unknown;
  readonly query: string;
  readonly want_result?: unknown;
  readonly error?: string;
  readonly no_result?: boolean;
  readonly skip?: boolean;
  readonly strict?: boolean;
  readonly want_prints?: readonly string[];
}

const files = area.present ? area.list('rego', 'cases').filter((name) => name.endsWith('.yaml')) : [];

describe.skipIf(!area.present)('the cases of the language', () => {
  it('are there', () => expect(files.length).toBeGreaterThan(0));
});

describe.skipIf(!area.present).each(files)('%s', (file) => {
  const [document] = parseAllDocuments(area.text('rego', 'cases', file), {
    intAsBigInt: true,
    merge: true,
    uniqueKeys: false,
  });
  const file_ = ((document as { toJS(options?: object): unknown } | undefined)?.toJS({
    maxAliasCount: 1000,
    mapAsMap: true,
  }) ?? new Map()) as Map<string, unknown>;
  const cases = ((file_.get('cases') ?? []) as Map<string, unknown>[]).map(
    (each) => Object.fromEntries(each) as unknown as Case,
  );
  // The cases' own mark for what the reference does not do either.
  const run = cases.filter(({ skip }) => skip !== true);
  if (run.length === 0) {
    it('holds no case to run', () => expect(run).toEqual([]));
    return;
  }

  it.each(run.map((each, index) => [`${index} ${each.note}`, each] as const))('%s', (_name, vector) => {
    const inputs = many(vector.input);
    const results = many(vector.want_result);
    const prints: string[] = [];
    const evaluate = (input: unknown): readonly Solution[] => {
      const modules = (vector.modules ?? []).map((text, index) => ({ file: `${index}.rego`, text }));
      const version = file === 'binding-bindings.yaml' ? 'v1' : 'v0';
      const data = vector.data === undefined || vector.data === null ? {} : special(vector.data);
      return preparePolicy(modules, { version, data, compat: 'regorus' }).query(vector.query, {
        strict: vector.strict !== false,
        print: (line) => prints.push(line),
        ...(input === undefined ? {} : { input: special(input) }),
      });
    };
    if (vector.error !== undefined) {
      expect(() => inputs.map(evaluate)).toThrow(RegoError);
      return;
    }
    for (const [index, input] of inputs.entries()) {
      const solutions = evaluate(input);
      if (vector.no_result === true) expect(solutions).toEqual([]);
      else expectResult(solutions, results[index] ?? results[0]);
    }
    if (vector.want_prints !== undefined)
      expect(prints.map((line) => line.replace(/^.*?:\d+: /, ''))).toEqual(
        vector.want_prints.map((line) => line.replace(/^.*?:\d+: /, '')),
      );
  });
});

function expectResult(solutions: readonly Solution[], wanted: unknown): void {
  if (wanted === '#undefined') {
    expect(solutions.map(({ values }) => values)).toEqual([]);
    return;
  }
  const value = special(wanted);
  const values = solutions.map((each) => each.values);
  const shown = solutions.some(({ bindings }) => Object.keys(bindings).length > 0)
    ? solutions.map(
        ({ bindings }) =>
          new RegoObject(Object.entries(bindings).map(([name, each]): [Value, Value] => [name, each])),
      )
    : values.flat();
  const candidates: Value[] = [values.flat()[0] ?? null, shown, shown[0] ?? null, values.flat()];
  expect(candidates.map(textOf)).toContain(textOf(value));
}

function textOf(value: Value): string {
  if (value instanceof RegoSet) return `set ${value.items().map(textOf).join(' ')}`;
  if (value instanceof RegoObject)
    return `{${value
      .entries()
      .map(([key, item]) => `${textOf(key)}=${textOf(item)}`)
      .join(' ')}}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function many(value: unknown): readonly unknown[] {
  const several: unknown = value instanceof Map ? value.get('many!') : undefined;
  return Array.isArray(several) ? several : [value];
}

/** A float of YAML such as `1e30` means what is written, not the binary number next to it. */
function exactly(value: number): Value {
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  return fromJson(BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length));
}

/** `set!` and `object!` of the case format. */
function special(value: unknown): Value {
  if (Array.isArray(value)) return value.map(special);
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return exactly(value);
  if (!(value instanceof Map)) return fromJson(value);
  const [set, members]: unknown[] = [value.get('set!'), value.get('object!')];
  if (Array.isArray(set)) return new RegoSet(set.map(special));
  if (Array.isArray(members)) {
    return new RegoObject(
      (members as Map<string, unknown>[]).map((each): [Value, Value] => [
        special(each.get('key')),
        special(each.get('value')),
      ]),
    );
  }
  return new RegoObject([...value].map(([key, each]): [Value, Value] => [special(key), special(each)]));
}
