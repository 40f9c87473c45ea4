import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPolicy } from '../../packages/rego/src/check/index.js';
import { FUNCTIONS } from '../../packages/rego/src/functions/index.js';
import type { RegoVersion } from '../../packages/rego/src/index.js';
import { runOpa } from './opa.js';

/** Modules that are checked together. */
export interface CheckedModules {
  readonly version: RegoVersion;
  readonly modules: readonly string[];
}

/** How two checks agreed. */
export interface Verdicts {
  /** How many there were. */
  readonly total: number;
  /** Where one found mistakes and the other did not, with what each said. */
  readonly misses: readonly string[];
  /** How often both found mistakes, and of these how often in one line at least the same. */
  readonly refused: number;
  readonly sameLine: number;
}

/** Hold checks, plain and strict, against `opa check`. */
export async function compareVerdicts(
  program: string,
  folder: string,
  sets: readonly CheckedModules[],
): Promise<Verdicts> {
  const misses: string[] = [];
  const counts = { total: 0, refused: 0, sameLine: 0 };
  const waiting = [...sets.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, set] = next;
      const place = join(folder, String(index));
      await mkdir(place, { recursive: true });
      for (const [at, text] of set.modules.entries()) await writeFile(join(place, nameOf(at)), text);
      for (const isStrict of [false, true]) {
        const [theirs, ours] = [await linesOfOpa(program, place, set, isStrict), linesOfOurs(set, isStrict)];
        counts.total += 1;
        if (theirs.length > 0 !== ours.length > 0)
          misses.push(`opa: ${theirs.join('; ')}\nours: ${ours.join('; ')}\n${set.modules.join('\n---\n')}`);
        else if (theirs.length > 0) {
          counts.refused += 1;
          const lines = new Set(ours.map(lineOf));
          if (theirs.some((each) => lines.has(lineOf(each)))) counts.sameLine += 1;
        }
      }
    }
  };
  await Promise.all([work(), work()]);
  return { ...counts, misses };
}

async function linesOfOpa(
  program: string,
  place: string,
  { version }: CheckedModules,
  isStrict: boolean,
): Promise<readonly string[]> {
  const flags = [...(isStrict ? ['--strict'] : []), ...(version === 'v0' ? ['--v0-compatible'] : [])];
  const { status, stdout, stderr } = await runOpa(program, [
    'check',
    '--format',
    'json',
    '--max-errors',
    '100',
    ...flags,
    place,
  ]);
  if (status === 0) return [];
  const { errors } = JSON.parse(stderr === '' ? stdout : stderr) as {
    errors: readonly { message: string; location?: { file: string; row: number } }[];
  };
  return errors.map(({ message, location }) =>
    location === undefined
      ? `:0: ${message}`
      : `${location.file.slice(place.length + 1)}:${location.row}: ${message}`,
  );
}

function linesOfOurs({ version, modules }: CheckedModules, pedantic: boolean): readonly string[] {
  const sources = modules.map((text, index) => ({ file: nameOf(index), text }));
  return checkPolicy(sources, { version, functions: FUNCTIONS, pedantic }).map(
    ({ message, place }) => `${place?.file ?? ''}:${place?.line ?? 0}: ${message}`,
  );
}

function lineOf(shown: string): string {
  return /^[^:]*:\d+/.exec(shown)?.[0] ?? '';
}

function nameOf(index: number): string {
  return `test-${index}.rego`;
}
