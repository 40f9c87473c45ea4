import { expect, it } from 'vitest';
import { importReadme, runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/ttrpc')).toEqual(['sample', 'ERR_TTRPC_STATUS NOT_FOUND']);
  expect(await runReadme('packages/ttrpc', 'service')).toEqual(['42', '1', '2']);
});

it('asks over a socket', async () => {
  const { askOver } = (await importReadme('packages/ttrpc', 'socket')) as {
    askOver: (address: string) => Promise<string>;
  };
  expect(await askOver('tcp://127.0.0.1:0')).toBe('sample');
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/ttrpc')).toEqual([]);
});
