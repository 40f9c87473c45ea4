import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/rego')).toEqual(['true', 'false', '["tee"]']);
  expect(await runReadme('packages/rego', 'functions')).toEqual(['true']);
  const [why] = await runReadme('packages/rego', 'why');
  expect(why).toContain(
    'line 5: input.measurement == allowed  was false\n        input.measurement is "cd34"\n',
  );
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/rego')).toEqual([]);
});
