import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it.each([
  [undefined, '1 app.tgz'],
  ['predicate', 'ada'],
  ['layout', 'true'],
])('runs the README as pasted: %s', async (name, printed) => {
  expect(await runReadme('packages/in-toto', name)).toEqual([printed]);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/in-toto')).toEqual([]);
});
