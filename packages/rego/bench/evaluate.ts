/**
 * Policies of key brokers and agents: `pnpm bench rego`. With `OPA` and `OPA_WASM` (the program `opa`, the folder of the package
 * `@open-policy-agent/opa-wasm`) also against the same policy compiled to WebAssembly.
 */
import { paired, report } from '../../../tools/bench.ts';
import { vectorArea } from '../../../tools/vectors.ts';
import { fromJson, parseJsonText, preparePolicy, toJson, type Value } from '../src/index.js';
import { wasmPolicy, wasmTools } from './wasm/compile.ts';

interface AttestationCase {
  readonly policy: string;
  readonly name: string;
  readonly input: unknown;
  readonly reference_values?: Readonly<Record<string, unknown>>;
}

interface KataCase {
  readonly name: string;
  readonly rule: string;
  readonly input: unknown;
}

const area = vectorArea('kbs');
if (!area.present) throw new Error('the benchmark is of the policies among the vectors');
const text = area.text('policy', 'policies', 'default_cpu.rego');
const cases = area
  .json<AttestationCase[]>('policy', 'attestation-cases.json')
  .filter(({ policy, reference_values }) => policy === 'default_cpu.rego' && reference_values !== undefined)
  .slice(0, 8);
let values: Readonly<Record<string, unknown>> = {};
const lookUp = (name: unknown): unknown => values[String(name)] ?? null;
const policy = preparePolicy([{ file: 'default_cpu.rego', text }], {
  compat: 'regorus',
  functions: { query_reference_value: { arity: 1, call: ([name]): Value => fromJson(lookUp(name)) } },
});
let turn = 0;
const next = (): AttestationCase => {
  turn += 1;
  const each = cases[turn % cases.length];
  if (each === undefined) throw new Error('no case');
  values = each.reference_values ?? {};
  return each;
};
const decide = (input: unknown): unknown =>
  toJson(policy.value('data.policy.trust_claims', { input }) ?? null);
const texts = new Map(cases.map((each) => [each, JSON.stringify(each.input)]));
const nextText = (): string => texts.get(next()) ?? '';

const results = [
  await paired(
    'default attestation policy, prepared; against reading its input as JSON',
    () => decide(next().input) !== null,
    () => Object.keys(JSON.parse(nextText()) as object).length,
  ),
];

const tools = wasmTools();
if (tools === undefined) console.log('without OPA and OPA_WASM: no comparison with WebAssembly');
else {
  const wasm = await wasmPolicy(tools, text, 'policy/trust_claims', { query_reference_value: lookUp });
  for (const each of cases) {
    values = each.reference_values ?? {};
    const [own, other] = [decide(each.input), wasm.evaluate(each.input)[0]?.result];
    if (JSON.stringify(own) !== JSON.stringify(sorted(other))) throw new Error(`${each.name}: other answers`);
  }
  const bytes = new Map(
    cases.map((each) => [each, new TextEncoder().encode(JSON.stringify(each.input)).buffer]),
  );
  results.push(
    await paired(
      'the same in WebAssembly, of an object, against ours',
      () => wasm.evaluate(next().input).length,
      () => decide(next().input) !== null,
    ),
    await paired(
      'the same in WebAssembly, of bytes of JSON, against ours of its text',
      () => wasm.evaluate(bytes.get(next())).length,
      () => decide(parseJsonText(nextText())) !== null,
    ),
  );
}

for (const name of area.list('rego', 'kata-v0')) {
  const source = area.text('rego', 'kata-v0', name, 'policy.rego');
  const prepare = (): number =>
    preparePolicy([{ file: 'policy.rego', text: source }], { version: 'v0', compat: 'regorus' }).rules.length;
  const kata = preparePolicy([{ file: 'policy.rego', text: source }], { version: 'v0', compat: 'regorus' });
  const requests = area
    .text('rego', 'kata-v0', name, 'cases.jsonl')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as KataCase)
    .filter(
      ({ rule, name: title }) => rule.endsWith('.CreateContainerRequest') && title.includes('recorded'),
    );
  let at = 0;
  const decideNext = (): boolean => {
    at += 1;
    const request = requests[at % requests.length];
    return (
      request !== undefined && kata.value(request.rule, { input: request.input, strict: false }) === true
    );
  };
  results.push(
    await paired(
      `${name}: prepare ${Math.round(source.length / 1000)} kB, against deciding a CreateContainer`,
      prepare,
      decideNext,
    ),
  );
}
report(results);

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
