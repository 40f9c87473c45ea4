import { generateKeyPair } from '@sealwright/crypto';
import { createRegistryClient, type RegistryClient, parseReference } from '@sealwright/oci';
import { createRegistry, createSigstore, pushTestImage, type RegistryOptions } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import {
  attestImage,
  cosignSigner,
  createBundleVerifier,
  createRekorClient,
  keylessSigner,
  parseSignatureManifest,
  parseTrustedRoot,
  requestTimestamp,
  signatureTag,
  signImage,
  verifySignedImage,
} from '../src/index.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const IDENTITY = { subject: 'https://ci.example/job', issuer: 'https://issuer.example' };

function world(options: RegistryOptions = {}) {
  const registry = createRegistry(options);
  const { digest } = pushTestImage(registry, 'team/app');
  const make = (): RegistryClient =>
    createRegistryClient({ fetch: (request) => registry.fetch(request), insecure: () => true });
  return {
    registry,
    make,
    client: make(),
    digest,
    image: parseReference(`registry.example/team/app@${digest}`),
  };
}

async function services() {
  const sigstore = await createSigstore(() => NOW);
  const root = parseTrustedRoot(sigstore.trustedRoot);
  const fetch = (request: Request): Promise<Response> => sigstore.fetch(request);
  const [log] = root.tlogs;
  if (log === undefined) throw new TypeError('there is a log');
  const { signer, certificate, chain } = await keylessSigner(
    { url: 'https://fulcio.test', fetch },
    sigstore.token(IDENTITY),
  );
  if (certificate === undefined || chain === undefined) throw new TypeError('there is a certificate');
  return {
    verifier: createBundleVerifier(root),
    signer,
    vouchers: {
      certificate,
      chain,
      log: createRekorClient({ url: 'https://rekor.test', fetch, log }),
      timestamp: (signed: Parameters<typeof requestTimestamp>[1]) =>
        requestTimestamp({ url: 'https://tsa.test', fetch }, signed),
    },
  };
}

describe('signatures and attestations under tags', () => {
  it('have certificate, log and timestamp beside them, and are verified by identity', async () => {
    const { client, image } = world();
    const { verifier, signer, vouchers } = await services();
    await signImage(client, image, { signer, ...vouchers });
    await attestImage(client, image, { signer, ...vouchers, predicateType: 'link', predicate: { a: 1 } });
    const policy = { identities: [IDENTITY], timestamps: 1 };
    const options = { verifier, policy, layout: 'tags' } as const;
    expect((await verifySignedImage(client, image, options)).signatures).toMatchObject([
      { verdict: { certificate: { names: [{ value: IDENTITY.subject }] } } },
    ]);
    const attested = { ...options, kind: 'attestation', predicateType: 'link' } as const;
    expect((await verifySignedImage(client, image, attested)).signatures).toMatchObject([
      { statement: { predicate: { a: 1 } } },
    ]);
    const other = { identities: [{ ...IDENTITY, issuer: 'https://other.example' }] };
    await expect(verifySignedImage(client, image, { ...options, policy: other })).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_MATCH',
    });
  });

  it('are not written when they are not accepted, nor when they are not to be', async () => {
    const { client, registry, image } = world();
    const { signer, vouchers } = await services();
    const refused = new Error('refused');
    const accept = async (): Promise<never> => Promise.reject(refused);
    const claim = { predicateType: 'link', predicate: {} };
    await expect(signImage(client, image, { signer, ...vouchers, accept })).rejects.toBe(refused);
    await expect(attestImage(client, image, { signer, ...claim, accept })).rejects.toBe(refused);
    expect(await signImage(client, image, { signer, attach: false })).toMatchObject({ written: false });
    expect(await attestImage(client, image, { signer, ...claim, attach: false })).toMatchObject({
      written: false,
    });
    expect([...registry.repository('team/app').tags.keys()]).toEqual(['latest']);
  });
});

describe.each([
  { title: 'one client', clients: 1, conditions: true },
  { title: 'one client, of a registry without conditions', clients: 1, conditions: false },
  { title: 'as many clients', clients: 200, conditions: true },
  { title: 'as many clients, of a registry without conditions', clients: 200, conditions: false },
])('200 concurrent signers of a tag: $title', ({ clients, conditions }) => {
  it('lose no signature', async () => {
    const { make, client, digest, image } = world({ conditions });
    const key = await generateKeyPair('ec-p256');
    const made = Array.from({ length: clients }, make);
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        signImage(made[index % clients] ?? client, image, {
          signer: cosignSigner(key),
          annotations: { index: String(index) },
        }),
      ),
    );
    const { registry, repository } = image;
    const { bytes } = await client.getManifest({ registry, repository, tag: signatureTag(digest) });
    expect(parseSignatureManifest(bytes).layers).toHaveLength(200);
  }, 120_000);
});
