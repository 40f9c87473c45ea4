import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from '../src/index.js';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/bytes')).toEqual(['00ff', '[secret]', 'ERR_BYTES_BASE64 2']);
});

it('keeps a secret out of the inspector', () => {
  expect(inspect({ key: Secret.of(Uint8Array.of(1)) })).toBe('{ key: [secret] }');
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/bytes')).toEqual([]);
});
