import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  attestImage,
  CosignError,
  cosignSigner,
  type CosignKeyPair,
  decryptPrivateKey,
  generateCosignKeyPair,
  parseCosignPublicKey,
  signImage,
  signatureTag,
  verifyBlobAttestation,
  verifyImageAttestations,
  verifyImageSignatures,
} from '../../packages/cosign-sig/src/index.js';
import { exportPkcs8Pem, exportPublicPem, generateKeyPair } from '../../packages/crypto/src/index.js';
import { encodeEnvelope, encodeStatement, signEnvelope } from '../../packages/in-toto/src/index.js';
import {
  Cosign,
  expectSuccess,
  findProgram,
  type RunningRegistry,
  startRegistry,
  temporaryFolder,
} from './components.js';
import { createRegistryClient, type ImageReference, parseReference } from '../../packages/oci/src/index.js';
import { type PushedImage, pushImage } from './push-image.js';

const dockerRegistry = findProgram('docker-registry');
const versions = ([2, 3] as const).map((major) => {
  const found = Cosign.find(major);
  return { major, found, title: found?.version ?? `v${major}` };
});

describe.each(versions)('cosign $title', ({ major, found }) => {
  if (dockerRegistry === undefined || found === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip(`needs ${found === undefined ? `cosign ${major}` : 'docker-registry'}, which cannot be had here`, () => {});
    return;
  }
  const registry = createRegistryClient();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningRegistry;
  let cosign: Cosign;
  let image: PushedImage;
  let name: string;
  let ours: CosignKeyPair;
  let stranger: CosignKeyPair;
  let count = 0;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startRegistry(dockerRegistry, folder.path);
    cosign = await Cosign.open(major, found.path, join(folder.path, 'home'));
    ours = await generateCosignKeyPair({ password: 'ours' });
    stranger = await generateCosignKeyPair({ password: 'stranger' });
    await save('ours.pub', ours.publicPem);
    await save('ours.key', ours.privatePem.expose());
    await save('stranger.pub', stranger.publicPem);
    const made = await cosign.run(['generate-key-pair'], 'theirs');
    expectSuccess(made);
  });

  afterAll(async () => {
    await server?.stop();
    await folder?.remove();
  });

  beforeEach(async () => {
    count += 1;
    const reference = parseReference(`${server.host}/team/app-${count}`);
    image = await pushImage(registry, reference, 'v1', `image ${count}`);
    name = `${image.registry}/${image.repository}@${image.digest}`;
  });

  describe('verifies what we made:', () => {
    it.each(['ec-p256', 'ec-p384', 'ec-p521', 'rsa'] as const)('an image signed with %s', async (kind) => {
      const key = await generateKeyPair(kind);
      await save('kind.pub', exportPublicPem(key.publicKey));
      await signImage(registry, image, { signer: cosignSigner(key), annotations: { env: 'prod' } });
      const good = await cosign.verify('verify', ['--key', 'kind.pub', '-a', 'env=prod', name]);
      expectSuccess(good);
      expect(JSON.parse(good.stdout)).toMatchObject([{ optional: { env: 'prod' } }]);
      expect(await cosign.verify('verify', ['--key', 'stranger.pub', name])).toMatchObject({ status: 12 });
      const other = await cosign.verify('verify', ['--key', 'kind.pub', '-a', 'env=test', name]);
      expect(other).toMatchObject({ status: 12 });
    });

    it('an image signed with ed25519', async () => {
      const key = await generateKeyPair('ed25519');
      await save('kind.pub', exportPublicPem(key.publicKey));
      await signImage(registry, image, { signer: cosignSigner(key) });
      const good = await cosign.verify('verify', ['--key', 'kind.pub', name]);
      expectSuccess(good);
      expect((await cosign.verify('verify', ['--key', 'stranger.pub', name])).status).not.toBe(0);
    });

    it('a signature that was moved to another image, by refusing it', async () => {
      const elsewhere = await pushImage(registry, image, 'v2', 'another image');
      await signImage(registry, elsewhere, { signer: cosignSigner(ours.privateKey) });
      const { registry: host, repository } = image;
      const at = (digest: string): ImageReference => ({
        registry: host,
        repository,
        tag: signatureTag(digest),
      });
      const { bytes, mediaType } = await registry.getManifest(at(elsewhere.digest));
      await registry.putManifest(at(image.digest), bytes, mediaType);
      expect(await cosign.verify('verify', ['--key', 'ours.pub', name])).toMatchObject({ status: 12 });
      await expectRefusal(verifyImageSignatures(registry, image, { key: ours.privateKey.publicKey }));
    });

    it.each(['v0.1', 'v1'] as const)('an attestation with a statement %s', async (statementVersion) => {
      const predicate = { builder: { id: 'https://builder.example' }, buildType: 'https://type.example' };
      const signer = cosignSigner(ours.privateKey);
      await attestImage(registry, image, {
        signer,
        predicateType: 'slsaprovenance',
        predicate,
        statementVersion,
      });
      const check = (key: string, type: string): ReturnType<Cosign['verify']> =>
        cosign.verify('verify-attestation', ['--key', key, '--type', type, name]);
      const good = await check('ours.pub', 'slsaprovenance');
      expectSuccess(good);
      const { payload } = JSON.parse(good.stdout) as { payload: string };
      expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({ predicate });
      expect((await check('stranger.pub', 'slsaprovenance')).status).not.toBe(0);
      expect((await check('ours.pub', 'slsaprovenance1')).status).not.toBe(0);
    });

    it('an attestation of a file', async () => {
      const envelope = await blobEnvelope('a file');
      await save('a-file', 'a file');
      await save('another-file', 'another file');
      await save('envelope.json', envelope);
      const check = (key: string, file: string): ReturnType<Cosign['verify']> =>
        cosign.verify('verify-blob-attestation', [
          '--key',
          key,
          '--signature',
          'envelope.json',
          '--type',
          'link',
          file,
        ]);
      const good = await check('ours.pub', 'a-file');
      expectSuccess(good);
      expect((await check('stranger.pub', 'a-file')).status).not.toBe(0);
      expect((await check('ours.pub', 'another-file')).status).not.toBe(0);
    });
  });

  describe('makes what we verify:', () => {
    it('a key file', async () => {
      const pem = await load('cosign.key');
      const key = await decryptPrivateKey(pem, 'theirs');
      expect(exportPublicPem(key.publicKey)).toBe(await load('cosign.pub'));
      await expect(decryptPrivateKey(pem, 'ours')).rejects.toMatchObject({ code: 'ERR_COSIGN_DECRYPT' });
      await signImage(registry, image, { signer: cosignSigner(key) });
      expect(await cosign.verify('verify', ['--key', 'cosign.pub', name])).toMatchObject({ status: 0 });
    });

    it.for(['ec-p384', 'rsa', 'ed25519'] as const)(
      'a key file from a key of ours: %s',
      async (kind, { skip }) => {
        const key = await generateKeyPair(kind);
        await save(`${kind}.pem`, exportPkcs8Pem(key).expose());
        const prefix = `imported-${kind}`;
        const args = ['import-key-pair', '-y', '--key', `${kind}.pem`, '--output-key-prefix', prefix];
        const imported = await cosign.run(args, 'p');
        skip(
          imported.stderr.includes('unsupported public key type'),
          'this cosign does not import such keys',
        );
        expectSuccess(imported);
        const opened = await decryptPrivateKey(await load(`${prefix}.key`), 'p');
        expect(opened.publicKey.fingerprint).toBe(key.publicKey.fingerprint);
        expect(parseCosignPublicKey(await load(`${prefix}.pub`)).fingerprint).toBe(key.publicKey.fingerprint);
      },
    );

    it('an image signature, with its key and with ours', async () => {
      for (const [file, password, publicKey] of [
        ['cosign.key', 'theirs', parseCosignPublicKey(await load('cosign.pub'))],
        ['ours.key', 'ours', ours.privateKey.publicKey],
      ] as const) {
        const signed = await cosign.make('sign', ['--key', file, '-a', 'env=prod', name], password);
        expectSuccess(signed);
        const verified = await verifyImageSignatures(registry, image, {
          key: publicKey,
          annotations: { env: 'prod' },
          matchRepository: true,
        });
        expect(verified.signatures).toHaveLength(1);
      }
      await expectRefusal(verifyImageSignatures(registry, image, { key: stranger.privateKey.publicKey }));
      const key = ours.privateKey.publicKey;
      await expectRefusal(verifyImageSignatures(registry, image, { key, annotations: { env: 'test' } }));
    });

    // Which hash cosign signs with, and whether it verifies its own Ed25519, changed between versions. What must not change is
    // that we and it agree about each hash, except that we take both forms of Ed25519.
    it.each(['ec-p384', 'ec-p521', 'rsa', 'ed25519'] as const)('an image signature with %s', async (kind) => {
      const { privatePem, publicPem, privateKey } = await generateCosignKeyPair({ kind, password: 'k' });
      await save(`${kind}.key`, privatePem.expose());
      await save(`${kind}.pub`, publicPem);
      expectSuccess(await cosign.make('sign', ['--key', `${kind}.key`, name], 'k'));
      const key = privateKey.publicKey;
      const accepted: string[] = [];
      for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
        const mine = await verifyImageSignatures(registry, image, { key, hash }).catch(() => undefined);
        if (mine !== undefined) accepted.push(hash);
        const told = ['--key', `${kind}.pub`, '--signature-digest-algorithm', hash, name];
        const { status } = await cosign.verify('verify', told);
        if (kind !== 'ed25519') expect([hash, mine !== undefined]).toEqual([hash, status === 0]);
      }
      expect(accepted).toHaveLength(kind === 'ed25519' ? 3 : 1);
      await expectRefusal(verifyImageSignatures(registry, image, { key: stranger.privateKey.publicKey }));
    });

    it('an attestation', async () => {
      const predicate = {
        builder: { id: 'https://builder.example' },
        buildType: 'https://type.example',
        invocation: {},
      };
      await save('predicate.json', JSON.stringify(predicate));
      const args = ['--key', 'cosign.key', '--type', 'slsaprovenance', '--predicate', 'predicate.json', name];
      const attested = await cosign.make('attest', args, 'theirs');
      expectSuccess(attested);
      const key = parseCosignPublicKey(await load('cosign.pub'));
      const verified = await verifyImageAttestations(registry, image, {
        key,
        predicateType: 'slsaprovenance',
      });
      expect(verified.attestations[0]?.statement.predicate).toMatchObject({ builder: predicate.builder });
      await expectRefusal(
        verifyImageAttestations(registry, image, { key, predicateType: 'slsaprovenance1' }),
      );
      await expectRefusal(verifyImageAttestations(registry, image, { key: ours.privateKey.publicKey }));
    });

    it('an attestation of a file by its predicate', async () => {
      await save('a-file', 'a file');
      await save('predicate.json', '{"name":"a"}');
      const args = [
        '--key',
        'cosign.key',
        '--type',
        'custom',
        '--predicate',
        'predicate.json',
        '--output-signature',
        'theirs.json',
        'a-file',
      ];
      const attested = await cosign.make('attest-blob', args, 'theirs');
      expectSuccess(attested);
      const envelope = new TextEncoder().encode(await load('theirs.json'));
      const key = parseCosignPublicKey(await load('cosign.pub'));
      const blob = new TextEncoder().encode('a file');
      await verifyBlobAttestation(envelope, { key, blob, predicateType: 'custom' });
      await expectRefusal(verifyBlobAttestation(envelope, { key, blob: envelope }));
      await expectRefusal(verifyBlobAttestation(envelope, { key: ours.privateKey.publicKey, blob }));
    });
  });

  it('adds to the signatures of the other, either way', async () => {
    const theirs = parseCosignPublicKey(await load('cosign.pub'));
    await signImage(registry, image, { signer: cosignSigner(ours.privateKey) });
    expect(await cosign.make('sign', ['--key', 'cosign.key', name], 'theirs')).toMatchObject({ status: 0 });
    await signImage(registry, image, { signer: cosignSigner(stranger.privateKey) });
    for (const file of ['ours.pub', 'cosign.pub', 'stranger.pub']) {
      expect(await cosign.verify('verify', ['--key', file, name])).toMatchObject({ status: 0 });
    }
    for (const key of [ours.privateKey.publicKey, theirs, stranger.privateKey.publicKey]) {
      const { signatures, findings } = await verifyImageSignatures(registry, image, { key });
      expect([signatures.length, findings.length]).toEqual([1, 2]);
    }
  });

  it('does not sign again what its key signed through us, nor we what it signed', async () => {
    await signImage(registry, image, { signer: cosignSigner(ours.privateKey) });
    expect(await cosign.make('sign', ['--key', 'ours.key', name], 'ours')).toMatchObject({ status: 0 });
    const again = await signImage(registry, image, { signer: cosignSigner(ours.privateKey) });
    expect(again.written).toBe(false);
    const { signatures } = await verifyImageSignatures(registry, image, { key: ours.privateKey.publicKey });
    expect(signatures).toHaveLength(1);
  });

  async function blobEnvelope(text: string): Promise<string> {
    const sha256 = Buffer.from(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)),
    ).toString('hex');
    const payload = encodeStatement({
      version: 'v0.1',
      subject: [{ name: 'a-file', digest: { sha256 } }],
      predicateType: 'https://in-toto.io/Link/v1',
      predicate: {},
    });
    return encodeEnvelope(await signEnvelope({ payload, signers: [cosignSigner(ours.privateKey)] }));
  }

  function save(file: string, content: string | Uint8Array): Promise<void> {
    return writeFile(join(cosign.home, file), content);
  }

  function load(file: string): Promise<string> {
    return readFile(join(cosign.home, file), 'utf8');
  }
});

async function expectRefusal(promise: Promise<unknown>): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CosignError);
}
