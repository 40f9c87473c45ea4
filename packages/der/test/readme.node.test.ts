import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/der')).toEqual(['PUBLIC KEY ed25519', 'ERR_DER_VALUE 0']);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/der')).toEqual([]);
});
