import { concatBytes, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest as digestOf, generateKeyPair } from '@sealwright/crypto';
import { createRegistryClient, OciError, parseReference, type RegistryClient } from '@sealwright/oci';
import { createRegistry, pushTestImage } from '@sealwright/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attachSignature,
  attestImage,
  bundleSigner,
  copySignedImage,
  CosignError,
  cosignSigner,
  createBundleVerifier,
  imagesIn,
  openSavedImage,
  type SavedFiles,
  signImage,
  signImageBundle,
  type TrustedRoot,
  verifyImageSignatures,
  verifySignedImage,
} from '../src/index.js';

const NOBODY: TrustedRoot = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
const NOW = new Date(Date.UTC(2026, 0, 15, 12));
const FOLDER = { registry: 'localhost', repository: 'saved', tag: 'image' };

function folder(
  held = new Map<string, Uint8Array>(),
): SavedFiles & { readonly held: Map<string, Uint8Array> } {
  return {
    held,
    read: async (path) => {
      const bytes = held.get(path);
      return bytes === undefined ? undefined : [bytes];
    },
    write: async (path, source) => {
      const parts: Uint8Array[] = [];
      if ('getReader' in source) {
        const reader = source.getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
      } else for await (const part of source) parts.push(part);
      held.set(path, concatBytes(...parts));
    },
    move: async (from, to) => {
      const bytes = held.get(from);
      held.delete(from);
      if (bytes !== undefined) held.set(to, bytes);
    },
    remove: async (path) => void held.delete(path),
    list: async () => [...held].map(([path, bytes]) => ({ path, size: bytes.byteLength })),
  };
}

async function world() {
  const registry = createRegistry();
  const { digest } = pushTestImage(registry, 'team/app');
  const client: RegistryClient = createRegistryClient({
    fetch: (request) => registry.fetch(request),
    insecure: () => true,
  });
  const image = parseReference(`registry.example/team/app@${digest}`);
  const key = await generateKeyPair('ec-p256');
  const signer = cosignSigner(key);
  const sign = async (): Promise<void> => {
    await signImage(client, image, { signer });
    await attestImage(client, image, { signer, predicateType: 'link', predicate: {} });
    await signImageBundle(client, image, { by: bundleSigner(key), now: NOW });
  };
  const verifier = createBundleVerifier(NOBODY);
  const policy = { keys: [key.publicKey], logEntries: 0 };
  return { registry, client, digest, image, key, signer, sign, options: { verifier, policy } };
}

describe('saved images', () => {
  it('are verified like images in registries, in both layouts', async () => {
    const { client, digest, image, sign, options } = await world();
    await sign();
    const files = folder();
    const saved = await openSavedImage(files);
    const { copied } = await copySignedImage(client, image, saved.registry, FOLDER);
    expect(copied).toHaveLength(4);
    const again = await openSavedImage(folder(files.held));
    const local = await again.image();
    expect(local.digest).toBe(digest);
    for (const layout of ['referrers', 'tags'] as const) {
      const { signatures } = await verifySignedImage(again.registry, local, { ...options, layout });
      expect(signatures).toHaveLength(1);
    }
    const attested = { ...options, kind: 'attestation', predicateType: 'link' } as const;
    expect(
      (await verifySignedImage(again.registry, local, { ...attested, layout: 'tags' })).signatures,
    ).toHaveLength(1);
    const back = parseReference('registry.example/loaded/app:2');
    await copySignedImage(again.registry, local, client, back);
    expect((await verifySignedImage(client, back, options)).digest).toBe(digest);
    expect((await copySignedImage(again.registry, local, client, back)).copied).toEqual([digest]);
  });

  it('are signed where they are', async () => {
    const { client, image, signer, key, options } = await world();
    const { registry, image: local } = await openSavedImage(folder());
    await copySignedImage(client, image, registry, FOLDER);
    await signImage(registry, await local(), { signer, identity: 'registry.example/team/app' });
    await signImageBundle(registry, await local(), { by: bundleSigner(key), now: NOW });
    for (const layout of ['referrers', 'tags'] as const)
      expect(
        (await verifySignedImage(registry, await local(), { ...options, layout })).signatures,
      ).toHaveLength(1);
  });

  it('are not believed when they are damaged', async () => {
    const { client, digest, image, sign, options } = await world();
    await sign();
    const files = folder();
    const { registry, image: local } = await openSavedImage(files);
    await copySignedImage(client, image, registry, FOLDER, { parts: ['image', 'sig'] });
    const path = `blobs/sha256/${digest.slice(7)}`;
    files.held.set(path, encodeUtf8('{}'));
    await expect(registry.getManifest(await local())).rejects.toMatchObject({ code: 'ERR_OCI_DIGEST' });
    files.held.delete(path);
    await expect(registry.getManifest(await local())).rejects.toMatchObject({ code: 'ERR_OCI_NOT_FOUND' });
    files.held.set('index.json', encodeUtf8('{"schemaVersion":2,"manifests":[]}'));
    await expect(local()).rejects.toMatchObject({ code: 'ERR_OCI_NOT_FOUND' });
    await expect(verifySignedImage(registry, FOLDER, options)).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_IMAGE',
    });
    await expect(registry.getBlob(FOLDER, 'sha256:../../x')).rejects.toMatchObject({
      code: 'ERR_OCI_REFERENCE',
    });
    files.held.set('oci-layout', encodeUtf8('{"imageLayoutVersion":"9"}'));
    await expect(openSavedImage(files)).rejects.toMatchObject({ code: 'ERR_OCI_LAYOUT' });
  });

  it('with changed bytes give an image or an error of ours', async () => {
    const { client, image, sign, options } = await world();
    await sign();
    const files = folder();
    const { registry } = await openSavedImage(files);
    await copySignedImage(client, image, registry, FOLDER);
    const paths = [...files.held.keys()];
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(255), async (file, at, value) => {
        const held = new Map(files.held);
        const path = paths[file % paths.length] ?? '';
        const bytes = new Uint8Array(held.get(path) ?? new Uint8Array());
        bytes[at % bytes.byteLength] = value;
        held.set(path, bytes);
        try {
          const saved = await openSavedImage(folder(held));
          await verifySignedImage(saved.registry, await saved.image(), options);
        } catch (error) {
          expect(error instanceof OciError || error instanceof CosignError).toBe(true);
        }
      }),
      { numRuns: runs(1000), seed: 7 },
    );
  }, 120_000);
});

describe('copies', () => {
  it('replace nothing that says something else, unless that is wanted', async () => {
    const { client, digest, image, sign, signer } = await world();
    await sign();
    const target = parseReference('registry.example/mirror/app:1');
    await copySignedImage(client, image, client, target, { parts: ['sig'] });
    await signImage(client, image, { signer, annotations: { more: 'yes' } });
    const refused = copySignedImage(client, image, client, target);
    await expect(refused).rejects.toMatchObject({ code: 'ERR_COSIGN_CONFLICT' });
    const seen: string[] = [];
    const progress = (what: string): number => seen.push(what);
    const { copied } = await copySignedImage(client, image, client, target, { overwrite: true, progress });
    expect(copied).toEqual(seen);
    expect((await client.getManifest(target)).digest).toBe(digest);
  });

  it('take all images of an index along', async () => {
    const { registry, client } = await world();
    const held = registry.repository('team/app');
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const put = (manifests: readonly string[]): string => {
      const children = manifests.map((digest) => ({
        mediaType: held.manifests.get(digest)?.mediaType,
        digest,
        size: held.manifests.get(digest)?.bytes.byteLength,
      }));
      const bytes = encodeUtf8(JSON.stringify({ schemaVersion: 2, mediaType, manifests: children }));
      const name = `sha256:${encodeHex(digestOf('sha256', bytes))}`;
      held.manifests.set(name, { bytes, mediaType });
      return name;
    };
    const images = ['a', 'b'].map(
      (content) => pushTestImage(registry, 'team/app', { tag: content, content }).digest,
    );
    const index = put(images);
    const source = parseReference(`registry.example/team/app@${index}`);
    expect(await imagesIn(client, source)).toEqual([index, ...images]);
    const { copied } = await copySignedImage(
      client,
      source,
      client,
      parseReference('registry.example/mirror/app:1'),
    );
    expect(new Set(copied)).toEqual(new Set([index, ...images]));
    let deep = index;
    for (let level = 0; level < 4; level += 1) deep = put([deep]);
    const reference = parseReference(`registry.example/team/app@${deep}`);
    await expect(imagesIn(client, reference)).rejects.toMatchObject({ code: 'ERR_COSIGN_LIMIT' });
  });
});

it('signatures that were made elsewhere are attached as they are', async () => {
  const { client, image, key, signer } = await world();
  let payload: Uint8Array = new Uint8Array(0);
  let signature: Uint8Array = new Uint8Array(0);
  await signImage(client, image, {
    signer,
    attach: false,
    accept: async (evidence, signed) => {
      payload = signed;
      if (evidence.content.kind === 'message') ({ signature } = evidence.content);
    },
  });
  expect(await attachSignature(client, image, { signature, payload })).toMatchObject({ written: true });
  expect(await attachSignature(client, image, { signature })).toMatchObject({ written: false });
  const { signatures } = await verifyImageSignatures(client, image, { key: key.publicKey });
  expect(signatures).toHaveLength(1);
});

/** More on demand: `SEALWRIGHT_MUTATIONS=1000000`. */
function runs(usual: number): number {
  const asked = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[
    'SEALWRIGHT_MUTATIONS'
  ];
  return asked === undefined ? usual : Number(asked);
}
