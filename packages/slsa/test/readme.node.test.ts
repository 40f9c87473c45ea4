import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it.each([
  [undefined, ['true 2', '0 true']],
  [
    'tekton',
    [
      'https://slsa.dev/provenance/v1',
      'registry.example.com/shop/checkout',
      '{"_type":"https://in-toto.io/Statement/v1"',
    ],
  ],
])('runs the README as pasted: %s', async (name, printed) => {
  expect(await runReadme('packages/slsa', name)).toEqual(printed);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/slsa')).toEqual([]);
});
