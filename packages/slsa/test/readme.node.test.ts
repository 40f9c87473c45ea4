import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/slsa')).toEqual([
    'https://slsa.dev/provenance/v1',
    'registry.example.com/shop/checkout',
    '{"_type":"https://in-toto.io/Statement/v1"',
  ]);
});
