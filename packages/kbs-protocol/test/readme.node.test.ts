import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/kbs-protocol')).toEqual([
    '48',
    '/kbs/v0/resource/default/key/1',
    'for the TEE alone',
  ]);
});
