import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it.each([
  [undefined, '1 app.tgz'],
  ['predicate', 'ada'],
  ['layout', 'true'],
])('runs the README as pasted: %s', async (name, printed) => {
  expect(await runReadme('packages/in-toto', name)).toEqual([printed]);
});
