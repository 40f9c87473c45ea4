import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/in-toto')).toEqual(['1 app.tgz']);
});

it('runs its predicate too', async () => {
  const markdown = await readFile(resolve(import.meta.dirname, '../README.md'), 'utf8');
  const code = /^```ts predicate\n([^]*?)^```$/m.exec(markdown)?.[1] ?? '';
  const folder = await mkdtemp(join(import.meta.dirname, '.readme-'));
  const log = vi.spyOn(console, 'log').mockReturnValue(undefined);
  try {
    await writeFile(join(folder, 'predicate.ts'), code);
    await import(/* @vite-ignore */ pathToFileURL(join(folder, 'predicate.ts')).href);
    expect(log.mock.calls).toEqual([['ada']]);
  } finally {
    log.mockRestore();
    await rm(folder, { recursive: true, force: true });
  }
});
