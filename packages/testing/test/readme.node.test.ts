import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/testing')).toEqual(['200 true', '1', 'true']);
});
