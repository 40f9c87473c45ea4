import { createRegistry, createSigstore, pushTestImage } from '@sealwright/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { importReadme, runReadme, unnamedExports } from '../../../tools/readme.ts';

afterEach(() => void vi.unstubAllGlobals());

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/cosign-sig')).toEqual(['true', 'true', 'true', 'ERR_COSIGN_DECRYPT']);
});

it('signs and verifies its image, and judges it by its policy', async () => {
  const registry = createRegistry();
  pushTestImage(registry, 'team/app', { tag: 'v1' });
  vi.stubGlobal('fetch', registry.fetch);
  expect(await runReadme('packages/cosign-sig', 'images')).toEqual([
    '1 registry.example/team/app',
    'sha256:',
    'ERR_COSIGN_NO_MATCH 1',
  ]);
  expect(await runReadme('packages/cosign-sig', 'policy')).toEqual([
    'true scope "registry.example/team" for registry.example/team/app:v1',
    'false everything is rejected',
  ]);
});

it('signs and verifies its release without a key', async () => {
  const sigstore = await createSigstore(Date.now);
  const fetch = (request: Request): Promise<Response> =>
    sigstore.fetch(new Request(request.url.replace('.sigstore.dev', '.test'), request));
  const workflow = 'https://github.com/example/app/.github/workflows/release.yml@refs/tags/v1';
  const token = (issuer: string): string => sigstore.token({ subject: workflow, issuer });
  const { signRelease, verifyRelease } = (await importReadme('packages/cosign-sig', 'keyless')) as Record<
    'signRelease' | 'verifyRelease',
    (...given: readonly unknown[]) => Promise<string>
  >;
  const file = new TextEncoder().encode('a release');
  const signed = (issuer: string): Promise<string> =>
    signRelease(file, [{ name: 'test', token: async () => token(issuer) }], fetch);
  const bundle = await signed('https://token.actions.githubusercontent.com');
  expect(await verifyRelease(file, bundle, sigstore.trustedRoot)).toBe(workflow);
  await expect(
    verifyRelease(file, await signed('https://elsewhere.example'), sigstore.trustedRoot),
  ).rejects.toThrow(expect.objectContaining({ code: 'ERR_COSIGN_NO_MATCH' }));
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/cosign-sig')).toEqual([]);
});
