/**
 * Policies of key brokers and agents: `pnpm bench rego`. With `OPA` and `OPA_WASM` (the program `opa`, the folder of the package
 * `@open-policy-agent/opa-wasm`) also against the same policy compiled to WebAssembly.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paired, report } from '../../../tools/bench.ts';
import { vectorArea } from '../../../tools/vectors.ts';
import { fromJson, preparePolicy, toJson, type Value } from '../src/index.js';

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

interface WasmPolicy {
  evaluate(input: unknown): readonly { readonly result: unknown }[];
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
const ours = (): number =>
  Number(policy.value('data.policy.trust_claims', { input: next().input }) !== undefined);

const results = [
  await paired(
    'default attestation policy, prepared; against reading its input as JSON',
    ours,
    () => Object.keys(JSON.parse(JSON.stringify(next().input)) as object).length,
  ),
];

const [opa, folder] = [process.env['OPA'], process.env['OPA_WASM']];
if (opa === undefined || folder === undefined)
  console.log('without OPA and OPA_WASM: no comparison with WebAssembly');
else {
  const wasm = await wasmPolicy(opa, folder);
  for (const each of cases) {
    values = each.reference_values ?? {};
    const [own, other] = [
      policy.value('data.policy.trust_claims', { input: each.input }),
      wasm.evaluate(each.input)[0]?.result,
    ];
    if (JSON.stringify(toJson(own ?? null)) !== JSON.stringify(sorted(other)))
      throw new Error(`${each.name}: other answers`);
  }
  results.push(
    await paired('the same in WebAssembly, against ours', () => wasm.evaluate(next().input).length, ours),
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
  const decide = (): boolean => {
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
      decide,
    ),
  );
}
report(results);

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function wasmPolicy(program: string, packageFolder: string): Promise<WasmPolicy> {
  const work = mkdtempSync(join(tmpdir(), 'sealwright-wasm-'));
  try {
    const file = join(work, 'policy.rego');
    writeFileSync(file, text);
    const capabilities = JSON.parse(
      execFileSync(program, ['capabilities', '--current'], { encoding: 'utf8', maxBuffer: 1 << 26 }),
    ) as {
      builtins: object[];
    };
    const decl = { args: [{ type: 'string' }], result: { type: 'any' }, type: 'function' };
    capabilities.builtins.push({ name: 'query_reference_value', decl });
    writeFileSync(join(work, 'capabilities.json'), JSON.stringify(capabilities));
    const args = [
      'build',
      '-t',
      'wasm',
      '-e',
      'policy/trust_claims',
      '--capabilities',
      join(work, 'capabilities.json'),
    ];
    execFileSync(program, [...args, '-o', join(work, 'bundle.tar.gz'), file]);
    execFileSync('tar', ['-xzf', join(work, 'bundle.tar.gz'), '-C', work, '/policy.wasm']);
    const { loadPolicy } = createRequire(join(packageFolder, 'package.json'))(
      '@open-policy-agent/opa-wasm',
    ) as {
      loadPolicy(wasm: Uint8Array, memory: object, functions: object): Promise<WasmPolicy>;
    };
    return await loadPolicy(readFileSync(join(work, 'policy.wasm')), {}, { query_reference_value: lookUp });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
