import { generateKeyPair } from '@sealwright/crypto';
import { createRegistryClient, parseReference, type RegistryClient } from '@sealwright/oci';
import { createRegistry, createSigstore, pushTestImage } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import {
  bundleSigner,
  createBundleVerifier,
  createRekorTilesClient,
  keylessSigner,
  parseTrustedRoot,
  requestTimestamp,
  signImageBundle,
  type TrustedRoot,
  verifySignedImage,
} from '../src/index.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const NOBODY: TrustedRoot = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };

function world(referrers: boolean) {
  const registry = createRegistry({ referrers });
  const { digest } = pushTestImage(registry, 'team/app');
  const client: RegistryClient = createRegistryClient({
    fetch: (request) => registry.fetch(request),
    insecure: () => true,
  });
  return { client, digest, image: parseReference(`registry.example/team/app@${digest}`) };
}

describe.each([true, false])('bundles beside images, the registry listing referrers: %s', (referrers) => {
  it('are signed, attached, found and verified', async () => {
    const { client, digest, image } = world(referrers);
    const key = await generateKeyPair('ec-p256');
    const options = { by: bundleSigner(key), now: new Date(NOW) };
    await signImageBundle(client, image, { ...options, annotations: { env: 'prod' } });
    await signImageBundle(client, image, {
      ...options,
      attest: { predicateType: 'slsaprovenance1', predicate: { a: 1 } },
    });
    const verifier = createBundleVerifier(NOBODY);
    const policy = { keys: [key.publicKey], logEntries: 0 };
    const found = await verifySignedImage(client, image, { verifier, policy, annotations: { env: 'prod' } });
    expect(found).toMatchObject({
      digest,
      signatures: [{ statement: { predicateType: expect.stringContaining('sign') } }],
    });
    await expect(
      verifySignedImage(client, image, { verifier, policy, annotations: { env: 'test' } }),
    ).rejects.toMatchObject({ code: 'ERR_COSIGN_NO_MATCH' });
    const attested = { verifier, policy, kind: 'attestation' as const };
    const { signatures } = await verifySignedImage(client, image, {
      ...attested,
      predicateType: 'slsaprovenance1',
    });
    expect(signatures).toMatchObject([{ statement: { predicate: { a: 1 } } }]);
    await expect(
      verifySignedImage(client, image, { ...attested, predicateType: 'cyclonedx' }),
    ).rejects.toMatchObject({ code: 'ERR_COSIGN_NO_MATCH' });
    const other = { keys: [(await generateKeyPair('ec-p256')).publicKey], logEntries: 0 };
    await expect(verifySignedImage(client, image, { verifier, policy: other })).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_MATCH',
    });
    await expect(
      verifySignedImage(client, image, { verifier, policy, layout: 'tags' }),
    ).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_SIGNATURE',
    });
  });

  it('without a key are certified, logged and stamped', async () => {
    const { client, image } = world(referrers);
    const sigstore = await createSigstore(() => NOW);
    const root = parseTrustedRoot(sigstore.trustedRoot);
    const fetch = (request: Request): Promise<Response> => sigstore.fetch(request);
    const identity = { subject: 'https://ci.example/job', issuer: 'https://issuer.example' };
    const [, log] = root.tlogs;
    if (log === undefined) throw new TypeError('there is a log');
    await signImageBundle(client, image, {
      by: await keylessSigner({ url: 'https://fulcio.test', fetch }, sigstore.token(identity)),
      logs: [createRekorTilesClient({ url: 'https://log.test', fetch, log })],
      timestamps: [(signature) => requestTimestamp({ url: 'https://tsa.test', fetch }, signature)],
      now: new Date(NOW),
    });
    const verifier = createBundleVerifier(root);
    const { signatures } = await verifySignedImage(client, image, {
      verifier,
      policy: { identities: [identity] },
    });
    expect(signatures[0]?.verdict.certificate?.names).toEqual([{ type: 'uri', value: identity.subject }]);
    const policy = { identities: [{ ...identity, subject: 'https://ci.example/other' }] };
    await expect(verifySignedImage(client, image, { verifier, policy })).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_MATCH',
    });
  });

  it('lose nothing to concurrent signers', async () => {
    const signers = referrers ? 200 : 50;
    const { client, image } = world(referrers);
    const key = await generateKeyPair('ec-p256');
    const by = bundleSigner(key);
    await Promise.all(
      Array.from({ length: signers }, (_, index) =>
        signImageBundle(client, image, { by, now: new Date(NOW), annotations: { index: String(index) } }),
      ),
    );
    const { signatures } = await verifySignedImage(client, image, {
      verifier: createBundleVerifier(NOBODY),
      policy: { keys: [key.publicKey], logEntries: 0 },
    });
    expect(signatures).toHaveLength(signers);
  }, 120_000);
});
