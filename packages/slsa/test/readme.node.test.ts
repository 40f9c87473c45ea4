import { createRekorClient, keylessSigner, signEnvelopeBundle } from '@sealwright/cosign-sig';
import { createSigstore } from '@sealwright/testing';
import { expect, it } from 'vitest';
import { importReadme, runReadme, unnamedExports } from '../../../tools/readme.ts';
import { createProvenance, type ProvenanceVerdict } from '../src/index.js';

it.each([
  [undefined, ['true 2', '0 true']],
  [
    'tekton',
    [
      'https://slsa.dev/provenance/v1',
      'registry.example.com/shop/checkout',
      '{"_type":"https://in-toto.io/Statement/v1"',
    ],
  ],
])('runs the README as pasted: %s', async (name, printed) => {
  expect(await runReadme('packages/slsa', name)).toEqual(printed);
});

it('appraises provenance in a bundle, by who the certificate says signed', async () => {
  const { appraiseBundle } = (await importReadme('packages/slsa', 'sigstore')) as {
    appraiseBundle: (...given: readonly string[]) => Promise<ProvenanceVerdict>;
  };
  const { fetch, token, trustedRoot } = await createSigstore(Date.now);
  const sha256 = 'ab'.repeat(32);
  const { bytes } = createProvenance({
    subject: [{ name: 'app.tgz', digest: { sha256 } }],
    buildType: 'https://example.com/make/v1',
    external: {},
    builder: { id: 'https://ci.example/builder' },
    dependencies: [{ uri: 'git+https://example.com/app', digest: { gitCommit: 'cd'.repeat(20) } }],
    invocationId: 'https://ci.example/runs/1',
    startedOn: '2026-11-20T09:00:00Z',
    finishedOn: '2026-11-20T09:03:30Z',
  });
  const bundleBy = async (subject: string): Promise<string> => {
    const by = await keylessSigner(
      { url: 'https://fulcio.test', fetch },
      token({ subject, issuer: 'https://issuer.example' }),
    );
    const logs = [createRekorClient({ url: 'https://rekor.test', fetch })];
    return (await signEnvelopeBundle(bytes, { by, logs })).json;
  };
  const good = await appraiseBundle(await bundleBy('https://ci.example/release'), trustedRoot, sha256);
  expect([good.ok, good.level]).toEqual([true, 2]);
  const evil = await appraiseBundle(await bundleBy('https://evil.example/release'), trustedRoot, sha256);
  expect(evil.ok).toBe(false);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/slsa')).toEqual([]);
});
