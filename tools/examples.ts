import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from './readme.ts';

/** What the examples of a package take for granted. */
export interface ExampleSuite {
  /** Its folder, such as `packages/slsa`. */
  readonly root: string;
  /** Program text that goes before every example, from a folder below the package's `test`. */
  readonly prelude: string;
  /** More of it, by source file: in a block with the example, so that it may name things anew. */
  readonly given: Readonly<Record<string, string>>;
  /** The same for every other file. */
  readonly otherwise?: string;
  /** How many examples there are at least. */
  readonly least: number;
}

/**
 * Run every `@example` of a package's sources as a program. Each has to print something, and where its lines say what they print (up to a
 * colon: why), that.
 */
export function testExamples({ root, prelude, given, otherwise = '', least }: ExampleSuite): void {
  const folder = resolve(import.meta.dirname, '..', root);
  describe('the examples of the sources', async () => {
    const names = (await readdir(join(folder, 'src'), { recursive: true })).filter((name) =>
      name.endsWith('.ts'),
    );
    const examples: { name: string; code: string }[] = [];
    for (const name of names) {
      const text = await readFile(join(folder, 'src', name), 'utf8');
      for (const [, block = ''] of text.matchAll(/^ \* ```ts\n((?: \*.*\n)*?) \* ```$/gm))
        examples.push({ name, code: block.replace(/^ \* ?/gm, '') });
    }

    it.each(examples)('$name', async ({ name, code }) => {
      const printed = await runProgram(folder, `${prelude}{\n${given[name] ?? otherwise}\n${code}}\n`);
      expect(printed).not.toEqual([]);
      const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = '']) => text);
      if (said.length > 0) expect(printed.map((text, at) => saidOf(said[at], text))).toEqual(said);
    });

    it('are there for the main functions', () => {
      expect(examples.length).toBeGreaterThanOrEqual(least);
    });
  });
}

/** What an example says of a line that it printed, where it says why as well; else the line. */
function saidOf(said: string | undefined, printed: string): string {
  return said !== undefined && [': ', ', '].some((mark) => said.startsWith(`${printed}${mark}`))
    ? said
    : printed;
}
