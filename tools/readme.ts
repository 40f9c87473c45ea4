import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Run the first `ts` block of a package's README as a program, against the sources, and give what it printed:
 * one entry for each `console.log`, its arguments joined by a blank. With a name, the block that begins with `ts` and that name.
 */
export async function runReadme(root: string, name?: string): Promise<string[]> {
  const folder = resolve(import.meta.dirname, '..', root);
  return await runProgram(folder, await blockOf(folder, name));
}

/** Import a `ts` block that begins with `ts` and a name, against the sources: what it exports. */
export async function importReadme(root: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  const folder = resolve(import.meta.dirname, '..', root);
  return await importProgram(folder, await blockOf(folder, name));
}

/** The functions, classes and constants that a package exports, by its API reports, and its README does not name. */
export async function unnamedExports(root: string): Promise<string[]> {
  const [reports, name] = [resolve(import.meta.dirname, '../api'), basename(root)];
  const readme = await readFile(resolve(reports, '..', root, 'README.md'), 'utf8');
  const named = new Set(readme.match(/\w+/g));
  const files = (await readdir(reports)).filter((file) => file.startsWith(`${name}.`));
  const texts = await Promise.all(files.map((file) => readFile(join(reports, file), 'utf8')));
  const exported = texts.flatMap((text) => [...text.matchAll(/^export (?:function|class|const) (\w+)/gm)]);
  return exported.map(([, each = '']) => each).filter((each) => !named.has(each));
}

/** Run a program that stands in a folder of its own below a package's tests, and give what it printed. */
export async function runProgram(folder: string, code: string): Promise<string[]> {
  const printed: string[] = [];
  const log = console.log;
  try {
    console.log = (...words: unknown[]) => void printed.push(words.map(String).join(' '));
    await importProgram(folder, code);
  } finally {
    console.log = log;
  }
  return printed;
}

async function importProgram(folder: string, code: string): Promise<Readonly<Record<string, unknown>>> {
  const temporary = await mkdtemp(join(folder, 'test', '.readme-'));
  try {
    const file = join(temporary, 'example.ts');
    await writeFile(file, code);
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function blockOf(folder: string, name: string | undefined): Promise<string> {
  const markdown = await readFile(join(folder, 'README.md'), 'utf8');
  const fence = `\`\`\`ts${name === undefined ? '' : ` ${name}`}\n`;
  const [, code] = `\n${markdown}`.split(`\n${fence}`);
  if (code === undefined) throw new Error(`the README of ${folder} has no such ts block`);
  return code.slice(0, code.indexOf('\n```') + 1);
}
