import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

/** One case of Open Policy Agent's own conformance suite, as its YAML files hold it. */
export interface OpaCase {
  readonly file: string;
  readonly version: 'v0' | 'v1';
  readonly note: string;
  readonly query: string;
  readonly modules?: readonly string[];
  readonly data?: unknown;
  readonly input?: unknown;
  readonly input_term?: string;
  readonly want_result?: readonly Readonly<Record<string, unknown>>[];
  readonly want_error?: string;
  readonly want_error_code?: string;
  readonly sort_bindings?: boolean;
  readonly ignore_generated_vars?: boolean;
  readonly strict_error?: boolean;
}

/** The program that `run.sh` built or found. */
export function findOpa(): string | undefined {
  const path = process.env['OPA'];
  return path === undefined || !existsSync(path) ? undefined : path;
}

/** Every case below the folder of the suite, read where the module cache keeps it. */
export function opaCases(): readonly OpaCase[] {
  const root = process.env['OPA_CASES'];
  if (root === undefined || !existsSync(root)) return [];
  return (['v0', 'v1'] as const).flatMap((version) =>
    filesBelow(join(root, version)).flatMap((file) => {
      const document = parseDocument(readFileSync(file, 'utf8'), { intAsBigInt: true, uniqueKeys: false });
      const content: unknown = document.toJS({ maxAliasCount: 1000 });
      const { cases } = content as { cases: readonly Omit<OpaCase, 'file' | 'version'>[] };
      return cases.map((each) => ({ ...each, file: file.slice(root.length + 1), version }));
    }),
  );
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile() && each.name.endsWith('.yaml'))
    .map((each) => join(each.parentPath, each.name))
    .sort();
}

/** What a run of `opa` printed, and how it ended. */
export async function runOpa(
  program: string,
  args: readonly string[],
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 1 << 28, timeout: 300_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}
