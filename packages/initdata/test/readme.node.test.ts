import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/initdata')).toEqual(['sha384 48', '32']);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/initdata')).toEqual([]);
});
