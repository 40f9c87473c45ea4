import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/der')).toEqual(['PUBLIC KEY ed25519', 'ERR_DER_VALUE 0']);
});
