import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/ttrpc')).toEqual(['sample', 'ERR_TTRPC_STATUS NOT_FOUND']);
});
