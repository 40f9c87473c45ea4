import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/json')).toEqual([
    '{"a":"<","b":[1,2]}',
    '{"a":"\\u003c","b":[1,2]}',
    'ERR_JSON_DUPLICATE 15 /role',
  ]);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/json')).toEqual([]);
});
