import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/rego')).toEqual(['true', 'false', '["tee"]']);
});
