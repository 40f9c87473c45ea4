import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, keySigner, type PrivateKey } from '@sealwright/crypto';
import { encodeEnvelope, encodeStatement, signEnvelope } from '@sealwright/in-toto';
import type { ImageReference } from '@sealwright/oci';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  attachAttestation,
  attestationTag,
  attestImage,
  CosignError,
  cosignSigner,
  parseSignatureManifest,
  verifyBlobAttestation,
  verifyImageAttestations,
} from '../src/index.js';
import { MemoryRegistry, pushImage, sha256 } from './memory-registry.js';

let key: PrivateKey;
let other: PrivateKey;
let registry: MemoryRegistry;
let image: ImageReference;

beforeAll(async () => {
  key = await generateKeyPair('ec-p384');
  other = await generateKeyPair('ec-p256');
});

beforeEach(async () => {
  registry = new MemoryRegistry();
  image = await pushImage(registry);
});

const predicate = { builder: { id: 'https://builder.example' } };

describe('an attestation of an image', () => {
  it.each([
    ['cosign', cosignSigner],
    ['the default scheme of the key', keySigner],
  ] as const)('made with %s verifies', async (_name, signerOf) => {
    await attestImage(registry, image, { signer: signerOf(key), predicateType: 'slsaprovenance', predicate });
    const verified = await verifyImageAttestations(registry, image, {
      key: key.publicKey,
      predicateType: 'slsaprovenance02',
    });
    expect(verified.attestations.map(({ statement }) => statement)).toMatchObject([
      { version: 'v0.1', predicate, predicateType: 'https://slsa.dev/provenance/v0.2' },
    ]);
    expect(verified.attestations[0]?.statement.subject[0]?.name).toBe('registry.example/team/app');
  });

  it('stands behind those of others, or replaces those of its type', async () => {
    const attest = (predicateType: string, text: string, replace: boolean): Promise<unknown> =>
      attestImage(registry, image, {
        signer: cosignSigner(key),
        predicateType,
        predicate: { text },
        replace,
      });
    await attest('vuln', 'a', false);
    await attest('vuln', 'b', false);
    await attest('link', 'c', false);
    expect(await found()).toEqual(['a', 'b', 'c']);
    await attest('vuln', 'd', true);
    expect(await found()).toEqual(['c', 'd']);
  });

  it('that was signed elsewhere is attached once', async () => {
    const { digest } = await registry.getManifest(image);
    const envelope = await signed(digest.slice(7));
    const attach = (): ReturnType<typeof attachAttestation> =>
      attachAttestation(registry, image, envelope, { predicateType: 'link' });
    expect([(await attach()).written, (await attach()).written]).toEqual([true, false]);
    const manifest = registry.manifests.get(registry.tags.get(`team/app:${attestationTag(digest)}`) ?? '');
    expect(parseSignatureManifest(manifest?.bytes ?? new Uint8Array()).layers).toHaveLength(1);
    expect(await found()).toEqual([undefined]);
  });

  it.each([
    ['another key', { other: true }, 'no trusted key'],
    ['another type', { predicateType: 'vuln' }, 'predicate type: expected'],
    ['another image', { elsewhere: true }, 'subject: expected'],
    ['another hash than asked for', { hash: 'sha512' }, 'no trusted key'],
    ['more bytes than allowed', { maxEnvelopeBytes: 10 }, 'more than 10'],
  ] as const)('is refused for %s', async (_name, change, reason) => {
    const { digest } = await registry.getManifest(image);
    const hex = 'elsewhere' in change ? '00'.repeat(32) : digest.slice(7);
    await attachAttestation(registry, image, await signed(hex), { predicateType: 'link' });
    const error = await refusal(
      verifyImageAttestations(registry, image, {
        predicateType: 'link',
        ...change,
        key: 'other' in change ? other.publicKey : key.publicKey,
      }),
    );
    expect(error.code).toBe('ERR_COSIGN_NO_MATCH');
    expect(error.findings[0]?.reason).toContain(reason);
  });

  it('is missed, and its type must be a type', async () => {
    const options = { key: key.publicKey };
    expect((await refusal(verifyImageAttestations(registry, image, options))).code).toBe(
      'ERR_COSIGN_NO_SIGNATURE',
    );
    const attest = attestImage(registry, image, {
      signer: cosignSigner(key),
      predicateType: 'nonsense',
      predicate,
    });
    expect((await refusal(attest)).code).toBe('ERR_COSIGN_PREDICATE_TYPE');
  });

  async function found(): Promise<unknown[]> {
    const { attestations } = await verifyImageAttestations(registry, image, { key: key.publicKey });
    return attestations.map(({ statement }) => statement.predicate['text']);
  }
});

describe('an attestation of a blob', () => {
  const blob = encodeUtf8('a release');
  const hex = sha256(blob).slice(7);

  it('verifies against the blob or its digest', async () => {
    const envelope = await signed(hex);
    for (const artifact of [{ blob }, { digests: { sha256: hex } }]) {
      const { statement } = await verifyBlobAttestation(envelope, { key: key.publicKey, ...artifact });
      expect(statement.predicateType).toBe('https://in-toto.io/Link/v1');
    }
    await verifyBlobAttestation(envelope, { key: key.publicKey, dangerouslySkipClaims: true });
  });

  it('is refused for another blob, another key, no blob, and with any byte changed', async () => {
    const envelope = await signed(hex);
    const attempts = [
      { key: key.publicKey, blob: encodeUtf8('another') },
      { key: other.publicKey, blob },
      { key: key.publicKey },
      { key: key.publicKey, digests: { md5: '00' } },
    ];
    for (const options of attempts) await refusal(verifyBlobAttestation(envelope, options));
    const text = decodeUtf8(envelope);
    for (let at = 0; at < text.length; at += 23) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      if (changed.includes('"keyid"') || changed === text) continue;
      await refusal(verifyBlobAttestation(encodeUtf8(changed), { key: key.publicKey, blob }));
    }
  });

  it('is verified or refused with a CosignError, whatever the bytes', async () => {
    const envelope = decodeUtf8(await signed(hex));
    const mutated = fc
      .record({ at: fc.nat(envelope.length - 1), text: fc.string({ maxLength: 3 }), cut: fc.nat(9) })
      .map(({ at, text, cut }) =>
        new TextEncoder().encode(envelope.slice(0, at) + text + envelope.slice(at + cut)),
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), mutated), async (bytes) => {
        const outcome: unknown = await verifyBlobAttestation(bytes, { key: key.publicKey, blob }).catch(
          (error: unknown) => error,
        );
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CosignError);
      }),
    );
  });

  it('may be of a type below the one asked for, when that is said', async () => {
    const envelope = await signed(hex, 'https://spdx.dev/Document/v2.3');
    const options = { key: key.publicKey, blob, predicateType: 'spdxjson' };
    await refusal(verifyBlobAttestation(envelope, options));
    await verifyBlobAttestation(envelope, { ...options, predicateTypeFamily: true });
  });
});

async function signed(hex: string, predicateType = 'https://in-toto.io/Link/v1'): Promise<Uint8Array> {
  const subject = [{ name: 'a', digest: { sha256: hex } }];
  const payload = encodeStatement({ subject, predicateType, predicate: {} });
  return encodeUtf8(encodeEnvelope(await signEnvelope({ payload, signers: [cosignSigner(key)] })));
}

async function refusal(promise: Promise<unknown>): Promise<CosignError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CosignError) return error;
  throw error ?? new Error('it was accepted');
}
