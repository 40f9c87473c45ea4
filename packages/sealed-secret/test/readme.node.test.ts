import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/sealed-secret')).toEqual(['true', '[secret] the key']);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/sealed-secret')).toEqual([]);
});
