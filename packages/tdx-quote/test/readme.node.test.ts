import { encodeHex } from '@sealwright/bytes';
import { expect, it } from 'vitest';
import { importReadme, runReadme, unnamedExports } from '../../../tools/readme.ts';
import { encodeCollateral } from '../src/index.js';
import { at, collateral, quoteBytes } from './forge.fixture.js';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/tdx-quote')).toEqual(['ERR_TDX_QUOTE_TOO_SHORT', 'sse avx true']);
});

it('runs its decision too, which trusts no root but Intel', async () => {
  const { decide } = (await importReadme('packages/tdx-quote', 'verify')) as {
    decide: (...given: readonly unknown[]) => Promise<boolean>;
  };
  await expect(
    decide(quoteBytes, encodeCollateral(collateral), '00'.repeat(48), encodeHex(new Uint8Array(64)), at),
  ).rejects.toThrow(expect.objectContaining({ code: 'ERR_TDX_CHAIN_UNTRUSTED_ROOT' }));
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/tdx-quote')).toEqual([]);
});
