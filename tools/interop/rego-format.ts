import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPolicy } from '../../packages/rego/src/format/index.js';
import { RegoError } from '../../packages/rego/src/index.js';
import { runOpa } from './opa.js';

/** How two formatters agreed. */
export interface Formats {
  /** Modules that both take. */
  readonly total: number;
  /** Those that come out different: before, and both after. */
  readonly misses: readonly (readonly [text: string, theirs: string, ours: string])[];
}

/** Hold formatted modules against those of `opa fmt`, which formats a folder in one run. */
export async function compareFormats(
  program: string,
  folder: string,
  modules: readonly string[],
): Promise<Formats> {
  await mkdir(folder, { recursive: true });
  const ours = new Map<number, string>();
  for (const [index, text] of modules.entries()) {
    try {
      ours.set(index, formatPolicy(text, { file: nameOf(index) }));
      await writeFile(join(folder, nameOf(index)), text);
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
    }
  }
  for (;;) {
    const { status, stderr } = await runOpa(program, ['fmt', '--write', folder]);
    if (status === 0) break;
    const refused = /(\d+)\.rego/.exec(stderr)?.[1];
    if (refused === undefined || !ours.delete(Number(refused))) throw new Error(stderr);
    await rm(join(folder, nameOf(Number(refused))));
  }
  const misses: (readonly [string, string, string])[] = [];
  for (const [index, text] of ours) {
    const theirs = await readFile(join(folder, nameOf(index)), 'utf8');
    if (theirs !== text) misses.push([modules[index] ?? '', theirs, text]);
  }
  return { total: ours.size, misses };
}

function nameOf(index: number): string {
  return `${index}.rego`;
}
