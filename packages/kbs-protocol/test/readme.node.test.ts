import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/kbs-protocol')).toEqual([
    '48',
    '/kbs/v0/resource/default/key/1',
    'for the TEE alone',
  ]);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/kbs-protocol')).toEqual([]);
});
