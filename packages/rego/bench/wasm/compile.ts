import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A policy in WebAssembly. */
export interface WasmPolicy {
  evaluate(input: unknown): readonly { readonly result: unknown }[];
}

/** The program `opa`, and the folder of the package `@open-policy-agent/opa-wasm`. */
export interface WasmTools {
  readonly opa: string;
  readonly folder: string;
}

/** Where the tools are; `undefined` where they are not given. */
export function wasmTools(): WasmTools | undefined {
  const [opa, folder] = [process.env['OPA'], process.env['OPA_WASM']];
  return opa === undefined || folder === undefined ? undefined : { opa, folder };
}

/**
 * Compile a policy with `opa build`, and load it.
 *
 * @param tools - where they are
 * @param text - the policy
 * @param entry - what to evaluate, such as `policy/allow`
 * @param functions - functions of the host, of one text
 */
export async function wasmPolicy(
  { opa, folder }: WasmTools,
  text: string,
  entry: string,
  functions: Readonly<Record<string, (argument: unknown) => unknown>> = {},
): Promise<WasmPolicy> {
  const work = mkdtempSync(join(tmpdir(), 'sealwright-wasm-'));
  try {
    const [file, known, bundle] = ['policy.rego', 'capabilities.json', 'bundle.tar.gz'].map((name) =>
      join(work, name),
    );
    if (file === undefined || known === undefined || bundle === undefined) throw new Error('three names');
    writeFileSync(file, text);
    const capabilities = JSON.parse(
      execFileSync(opa, ['capabilities', '--current'], { encoding: 'utf8', maxBuffer: 1 << 26 }),
    ) as { builtins: object[] };
    const decl = { args: [{ type: 'string' }], result: { type: 'any' }, type: 'function' };
    for (const name of Object.keys(functions)) capabilities.builtins.push({ name, decl });
    writeFileSync(known, JSON.stringify(capabilities));
    execFileSync(opa, ['build', '-t', 'wasm', '-e', entry, '--capabilities', known, '-o', bundle, file]);
    execFileSync('tar', ['-xzf', bundle, '-C', work, '/policy.wasm'], { stdio: 'pipe' });
    const { loadPolicy } = createRequire(join(folder, 'package.json'))('@open-policy-agent/opa-wasm') as {
      loadPolicy(wasm: Uint8Array, memory: object, functions: object): Promise<WasmPolicy>;
    };
    return await loadPolicy(readFileSync(join(work, 'policy.wasm')), {}, functions);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
