import { expect, it } from 'vitest';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/oci')).toEqual([
    'docker.io/library/busybox:latest',
    'ERR_OCI_NOT_FOUND 404',
    'ERR_OCI_HMAC',
    'application/vnd.oci.image.layer.v1.tar 7',
  ]);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/oci')).toEqual([]);
});
