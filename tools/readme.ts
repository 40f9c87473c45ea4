import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Run the first `ts` block of a package's README as a program, against the sources, and give what it printed:
 * one entry for each `console.log`, its arguments joined by a blank. With a name, the block that begins with `ts` and that name.
 */
export async function runReadme(root: string, name?: string): Promise<string[]> {
  const folder = resolve(import.meta.dirname, '..', root);
  const markdown = await readFile(join(folder, 'README.md'), 'utf8');
  const fence = `\`\`\`ts${name === undefined ? '' : ` ${name}`}\n`;
  const [, code] = `\n${markdown}`.split(`\n${fence}`);
  if (code === undefined) throw new Error(`the README of ${root} has no such ts block`);
  return await runProgram(folder, code.slice(0, code.indexOf('\n```') + 1));
}

/** Run a program that stands in a folder of its own below a package's tests, and give what it printed. */
export async function runProgram(folder: string, code: string): Promise<string[]> {
  const temporary = await mkdtemp(join(folder, 'test', '.readme-'));
  const printed: string[] = [];
  const log = console.log;
  try {
    const file = join(temporary, 'example.ts');
    await writeFile(file, code);
    console.log = (...words: unknown[]) => void printed.push(words.map(String).join(' '));
    await import(/* @vite-ignore */ pathToFileURL(file).href);
  } finally {
    console.log = log;
    await rm(temporary, { recursive: true, force: true });
  }
  return printed;
}
