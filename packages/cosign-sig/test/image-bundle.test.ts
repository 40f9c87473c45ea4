import { encodeBase64 } from '@sealwright/bytes';
import { generateKeyPair, keySigner, sign } from '@sealwright/crypto';
import { createRegistryClient, OciError, parseReference, type RegistryClient } from '@sealwright/oci';
import { createRegistry, createSigstore, pushTestImage } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import {
  appendLayers,
  buildSignatureLayer,
  bundleSigner,
  createBundleVerifier,
  createRekorTilesClient,
  keylessSigner,
  parseTrustedRoot,
  requestTimestamp,
  SIGNATURE_ANNOTATION,
  signatureTag,
  signImage,
  signImageBundle,
  simpleSigningPayload,
  type TrustedRoot,
  type VerificationPolicy,
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

  it('are found behind a referrer whose manifest is gone', async () => {
    const { client, image } = world(referrers);
    const key = await generateKeyPair('ec-p256');
    const options = { by: bundleSigner(key), now: new Date(NOW) };
    const { referrer: gone } = await signImageBundle(client, image, options);
    await signImageBundle(client, image, { ...options, annotations: { env: 'prod' } });
    const listing: RegistryClient = {
      ...client,
      getManifest: (reference) =>
        reference.digest === gone
          ? Promise.reject(new OciError('ERR_OCI_NOT_FOUND', 'it is gone', { status: 404 }))
          : client.getManifest(reference),
    };
    const { signatures, findings } = await verifySignedImage(listing, image, {
      verifier: createBundleVerifier(NOBODY),
      policy: { keys: [key.publicKey], logEntries: 0 },
    });
    expect(signatures).toHaveLength(1);
    expect(findings).toMatchObject([{ subject: gone, reason: expect.stringContaining('cannot be had') }]);
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

  it('under a tag are signed over SHA-256 whatever the curve, unless another hash is asked for', async () => {
    const { client, image } = world(referrers);
    const [p384, rsa] = [await generateKeyPair('ec-p384'), await generateKeyPair('rsa', { bits: 2048 })];
    await signImage(client, image, { signer: keySigner(p384, { scheme: 'ecdsa-sha384' }) });
    await signImage(client, image, { signer: keySigner(rsa, { scheme: 'rsa-pkcs1-sha512' }) });
    const verifier = createBundleVerifier(NOBODY);
    for (const [key, hash] of [
      [p384, 'sha384'],
      [rsa, 'sha512'],
    ] as const) {
      const options = { verifier, policy: { keys: [key.publicKey], logEntries: 0 } };
      const { signatures } = await verifySignedImage(client, image, { ...options, hash });
      expect(signatures).toHaveLength(1);
      await expect(verifySignedImage(client, image, options)).rejects.toMatchObject({
        code: 'ERR_COSIGN_NO_MATCH',
      });
    }
  });

  it('under a tag are not refused for evidence that nobody asked for', async () => {
    const { client, image } = world(referrers);
    const key = await generateKeyPair('ec-p256');
    const { layer, blob } = buildSignatureLayer(
      simpleSigningPayload({ reference: 'registry.example/team/app', digest: image.digest ?? '' }),
      new Uint8Array(0),
      { 'dev.sigstore.cosign/bundle': '{', 'dev.sigstore.cosign/rfc3161timestamp': '{' },
    );
    const signature = encodeBase64(await sign(key, blob));
    const signed = { ...layer, annotations: { ...layer.annotations, [SIGNATURE_ANNOTATION]: signature } };
    const encoded = appendLayers(undefined, [signed]);
    if (encoded === undefined) throw new TypeError('there is a layer');
    await client.putBlob(image, blob);
    await client.putBlob(image, encoded.config);
    const place = {
      registry: image.registry,
      repository: image.repository,
      tag: signatureTag(image.digest ?? ''),
    };
    await client.putManifest(place, encoded.manifest, encoded.mediaType);
    const verify = (policy: Partial<VerificationPolicy>): Promise<unknown> =>
      verifySignedImage(client, image, {
        verifier: createBundleVerifier(NOBODY),
        policy: { keys: [key.publicKey], logEntries: 0, ...policy },
      });
    await verify({});
    for (const policy of [{ logEntries: 1 }, { timestamps: 1 }, { times: 1 }])
      await expect(verify(policy)).rejects.toMatchObject({ code: 'ERR_COSIGN_NO_MATCH' });
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
