import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encodeHex } from '@sealwright/bytes';
import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';
import { encodeCollateral } from '../src/index.js';
import { at, collateral, quoteBytes } from './forge.fixture.js';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/tdx-quote')).toEqual(['ERR_TDX_QUOTE_TOO_SHORT', 'sse avx true']);
});

it('runs its decision too, which trusts no root but Intel', async () => {
  const markdown = await readFile(resolve(import.meta.dirname, '../README.md'), 'utf8');
  const code = /^```ts verify\n([^]*?)^```$/m.exec(markdown)?.[1] ?? '';
  const folder = await mkdtemp(join(import.meta.dirname, '.readme-'));
  try {
    await writeFile(join(folder, 'decide.ts'), code);
    const { decide } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'decide.ts')).href)) as {
      decide: (...given: readonly unknown[]) => Promise<boolean>;
    };
    await expect(
      decide(quoteBytes, encodeCollateral(collateral), '00'.repeat(48), encodeHex(new Uint8Array(64)), at),
    ).rejects.toThrow(expect.objectContaining({ code: 'ERR_TDX_CHAIN_UNTRUSTED_ROOT' }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
