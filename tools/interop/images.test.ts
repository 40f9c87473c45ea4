import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosignSigner, generateCosignKeyPair, signImage } from '../../packages/cosign-sig/src/index.js';
import {
  appraiseContainersPolicy,
  parseContainersPolicy,
  readSigstoreSignatures,
} from '../../packages/cosign-sig/src/policy/index.js';
import {
  exportPkcs8Pem,
  exportPublicPem,
  generateKeyPair,
  type PrivateKey,
} from '../../packages/crypto/src/index.js';
import {
  decryptLayer,
  encryptLayer,
  jweOpener,
  jweSealer,
  kbsSealer,
} from '../../packages/oci/src/encryption/index.js';
import {
  createRegistryClient,
  decompressLayer,
  type Descriptor,
  EMPTY_CONTENT,
  EMPTY_DESCRIPTOR,
  encodeManifest,
  OCI_CONFIG,
  OCI_MANIFEST,
  openLayout,
  parseManifest,
  parseReference,
} from '../../packages/oci/src/index.js';
import { directoryFiles } from '../../packages/oci/src/platform/node.js';
import { readAll } from '../../packages/oci/test/read-all.ts';
import {
  expectSuccess,
  findProgram,
  type Outcome,
  type RunningRegistry,
  startRegistry,
  temporaryFolder,
} from './components.js';
import { type PushedImage, pushImage } from './push-image.js';

const dockerRegistry = findProgram('docker-registry');
const skopeo = findProgram('skopeo');
const oras = findProgram('oras');
const gpg = findProgram('gpg');
const TYPE = 'application/vnd.example.note+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const archive = tarOf('hello.txt', 'hello from a layer\n');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningRegistry;
const client = createRegistryClient();

beforeAll(async () => {
  folder = await temporaryFolder();
  if (dockerRegistry !== undefined) server = await startRegistry(dockerRegistry, folder.path);
});

afterAll(async () => {
  await server?.stop();
  await folder?.remove();
});

const push = (name: string): Promise<PushedImage> =>
  pushImage(client, parseReference(`${server.host}/team/${name}`), 'v1', name);

describe.skipIf(dockerRegistry === undefined)('docker-registry', () => {
  it('keeps the referrers of 200 concurrent writers that know nothing of each other', async () => {
    const image = await push('referrers');
    await client.putBlob(image, new TextEncoder().encode(EMPTY_CONTENT));
    const written = Array.from({ length: 200 }, (_, index) =>
      createRegistryClient().attachReferrer(image, noteFor(image, `note ${index}`)),
    );
    await Promise.all(written);
    expect(await client.listReferrers(image, image.digest, { artifactType: TYPE })).toHaveLength(200);
  });

  it('takes blobs in parts, mounts them and lists tags', async () => {
    const image = await push('parts');
    const blob = new Uint8Array(300_000).fill(7);
    const made = await client.uploadBlob(image, [blob], { chunkBytes: 100_000 });
    expect(await readAll(await client.openBlob(image, made.digest))).toEqual(blob);
    const other = parseReference(`${server.host}/team/mounted`);
    expect(await client.mountBlob(other, made.digest, 'team/parts')).toBe(true);
    expect(await client.hasBlob(other, made.digest)).toBe(true);
    expect(await client.listTags(image)).toEqual(['v1']);
    const lost = client.getManifest({ ...image, digest: `sha256:${'0'.repeat(64)}` });
    await expect(lost).rejects.toMatchObject({
      code: 'ERR_OCI_NOT_FOUND',
      message: expect.stringContaining('MANIFEST_UNKNOWN'),
    });
  });
});

describe('oras', () => {
  if (dockerRegistry === undefined || oras === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs docker-registry and oras, which cannot be had here', () => {});
    return;
  }

  it('discovers our referrers, by type too, and we discover its', async () => {
    const image = await push('oras');
    await client.putBlob(image, new TextEncoder().encode(EMPTY_CONTENT));
    const { descriptor } = await client.attachReferrer(image, noteFor(image, 'ours'));
    const name = `${image.registry}/${image.repository}@${image.digest}`;
    const discover = async (...args: string[]): Promise<readonly string[]> => {
      const ran = await run(oras, ['discover', '--plain-http', '--format', 'json', ...args, name]);
      expect({ status: ran.status, stderr: ran.status === 0 ? '' : ran.stderr }).toEqual({
        status: 0,
        stderr: '',
      });
      const found = JSON.parse(ran.stdout) as {
        referrers?: { digest: string }[];
        manifests?: { digest: string }[];
      };
      return (found.referrers ?? found.manifests ?? []).map(({ digest }) => digest);
    };
    expect(await discover('--artifact-type', TYPE)).toEqual([descriptor.digest]);
    expect(await discover('--artifact-type', 'text/other')).toEqual([]);
    await writeFile(join(folder.path, 'note.txt'), 'theirs');
    const attached = await run(oras, [
      'attach',
      '--plain-http',
      '--artifact-type',
      'text/theirs',
      name,
      'note.txt:text/plain',
    ]);
    expect(attached.status).toBe(0);
    expect(await discover()).toHaveLength(2);
    expect(await client.listReferrers(image, image.digest, { artifactType: 'text/theirs' })).toHaveLength(1);
    await client.attachReferrer(image, noteFor(image, 'ours again'));
    expect(await discover()).toHaveLength(3);
  });
});

describe('skopeo', () => {
  if (dockerRegistry === undefined || skopeo === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs docker-registry and skopeo, which cannot be had here', () => {});
    return;
  }
  const copy = (...args: string[]): Promise<Outcome> =>
    run(skopeo, ['--insecure-policy', 'copy', '--src-tls-verify=false', '--dest-tls-verify=false', ...args]);

  it('copies our layouts to a registry, and we read what it copies back', async () => {
    const ours = await layoutOf('ours', [{ mediaType: LAYER, bytes: gzipSync(archive) }]);
    expectSuccess(await copy(`oci:${ours}:v1`, `docker://${server.host}/team/layout:v1`));
    const image = parseReference(`${server.host}/team/layout:v1`);
    const { layers } = parseManifest((await client.getManifest(image)).bytes);
    const layer = await client.openBlob(image, layers[0]?.digest ?? '');
    expect(await readAll(decompressLayer(layer, 'gzip'))).toEqual(archive);
    const theirs = join(folder.path, 'theirs');
    expectSuccess(await copy(`docker://${server.host}/team/layout:v1`, `oci:${theirs}:v2`));
    const layout = await openLayout(directoryFiles(theirs));
    const { bytes } = { bytes: await layout.readBlob(await layout.find('v2')) };
    expect(await readAll(await layout.openBlob(parseManifest(bytes).layers[0] as Descriptor))).toEqual(
      new Uint8Array(gzipSync(archive)),
    );
  });

  it.each(['rsa', 'ec-p256', 'ec-p521'] as const)(
    'opens layers that we encrypted for a key (%s), and copies them as they are',
    async (kind) => {
      const key = await generateKeyPair(kind);
      const wrong = await generateKeyPair(kind);
      await saveKeys(kind, key);
      await saveKeys(`${kind}-wrong`, wrong);
      const guest = kbsSealer({ kid: 'kbs:///default/image_key/x', key: new Uint8Array(32) });
      const made = encryptLayer([gzipSync(archive)], {
        mediaType: LAYER,
        sealers: [jweSealer(key.publicKey), guest],
      });
      const blob = await readAll(made.stream);
      const ours = await layoutOf(`encrypted-${kind}`, [{ ...(await made.descriptor), bytes: blob }]);
      const remote = `docker://${server.host}/team/encrypted-${kind}:v1`;
      expectSuccess(await copy(`oci:${ours}:v1`, remote));
      const opened = join(folder.path, `opened-${kind}`);
      expect(
        (await copy('--decryption-key', join(folder.path, `${kind}-wrong.pem`), remote, `oci:${opened}:v1`))
          .status,
      ).not.toBe(0);
      expectSuccess(
        await copy('--decryption-key', join(folder.path, `${kind}.pem`), remote, `oci:${opened}:v1`),
      );
      const layout = await openLayout(directoryFiles(opened));
      const [layer] = parseManifest(await layout.readBlob(await layout.find('v1'))).layers;
      expect(layer?.mediaType).toBe(LAYER);
      expect(await readAll(decompressLayer(await layout.openBlob(layer as Descriptor), 'gzip'))).toEqual(
        archive,
      );
    },
  );

  it.each(['rsa', 'ec-p256'] as const)('encrypts layers that we open with the key (%s)', async (kind) => {
    const key = await generateKeyPair(kind);
    await saveKeys(kind, key);
    const plain = await layoutOf(`plain-${kind}`, [{ mediaType: LAYER, bytes: gzipSync(archive) }]);
    const sealed = join(folder.path, `sealed-${kind}`);
    expectSuccess(
      await copy(
        '--encryption-key',
        `jwe:${join(folder.path, `${kind}.pub`)}`,
        `oci:${plain}:v1`,
        `oci:${sealed}:v1`,
      ),
    );
    const layout = await openLayout(directoryFiles(sealed));
    const [layer] = parseManifest(await layout.readBlob(await layout.find('v1'))).layers;
    if (layer === undefined) throw new Error('skopeo wrote no layer');
    const openers = [jweOpener(key)];
    const opened = await decryptLayer(layer, await layout.openBlob(layer), { openers });
    expect(opened.mediaType).toBe(LAYER);
    expect(await readAll(decompressLayer(opened.stream, 'gzip'))).toEqual(archive);
    const stranger = [jweOpener(await generateKeyPair(kind))];
    await expect(
      decryptLayer(layer, await layout.openBlob(layer), { openers: stranger }),
    ).rejects.toMatchObject({
      code: 'ERR_OCI_UNWRAP',
    });
  });

  it.skipIf(gpg === undefined)('makes OpenPGP signatures that we verify', async () => {
    const home = join(folder.path, 'gnupg');
    await mkdir(home, { mode: 0o700 });
    const env = { GNUPGHOME: home };
    const pgp = (...args: string[]): Buffer =>
      execFileSync('gpg', ['--batch', '--quiet', ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    try {
      pgp('--passphrase', '', '--quick-gen-key', 'A <a@b.c>', 'rsa2048', 'sign', '0');
      const fingerprint =
        /^fpr:+([0-9A-F]{40}):/m.exec(pgp('--list-keys', '--with-colons').toString())?.[1] ?? '';
      await writeFile(join(folder.path, 'ring.gpg'), pgp('--export'));
      const image = await push('gpg');
      const { bytes } = await client.getManifest(image);
      await writeFile(join(folder.path, 'manifest.json'), bytes);
      const signed = join(folder.path, 'signature-1');
      const name = 'reg.example/team/gpg:v1';
      expectSuccess(
        await run(
          skopeo,
          ['standalone-sign', join(folder.path, 'manifest.json'), name, fingerprint, '-o', signed],
          env,
        ),
      );
      const judge = async (reference: string, digest: string): Promise<boolean> => {
        const policy = parseContainersPolicy(
          '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"ring.gpg"}]}',
        );
        const evidence = { digest, openPgpSignatures: async () => [new Uint8Array(await readFile(signed))] };
        const verdict = await appraiseContainersPolicy(policy, parseReference(reference), evidence, {
          resource: async (path) => new Uint8Array(await readFile(join(folder.path, path))),
          now: Date.now(),
        });
        return verdict.allowed;
      };
      expect(await judge(name, image.digest)).toBe(true);
      expect(await judge('reg.example/team/gpg:v2', image.digest)).toBe(false);
      expect(await judge(name, `sha256:${'0'.repeat(64)}`)).toBe(false);
    } finally {
      execFileSync('gpgconf', ['--kill', 'all'], { env: { ...process.env, ...env } });
    }
  });

  it('and we agree about cosign signatures under one policy', async ({ skip }) => {
    const keys = await generateCosignKeyPair({ password: '' });
    await writeFile(join(folder.path, 'cosign.pub'), keys.publicPem);
    const image = await push('policy');
    const name = `${image.registry}/${image.repository}`;
    const requirement = {
      type: 'sigstoreSigned',
      keyPath: join(folder.path, 'cosign.pub'),
      signedIdentity: { type: 'matchRepository' },
    };
    const text = JSON.stringify({
      default: [{ type: 'reject' }],
      transports: { docker: { [name]: [requirement] } },
    });
    await writeFile(join(folder.path, 'policy.json'), text);
    const lookaside = join(folder.path, 'registries.d');
    await mkdir(lookaside);
    await writeFile(join(lookaside, 'default.yaml'), 'default-docker:\n  use-sigstore-attachments: true\n');
    const theirs = async (): Promise<boolean> => {
      const args = [
        '--policy',
        join(folder.path, 'policy.json'),
        '--registries.d',
        lookaside,
        'copy',
        '--src-tls-verify=false',
      ];
      const ran = await run(skopeo, [
        ...args,
        '--remove-signatures',
        `docker://${name}:v1`,
        `dir:${join(folder.path, 'copied')}`,
      ]);
      skip(ran.stderr.includes('sigstore disabled'), 'this skopeo was built without sigstore');
      return ran.status === 0;
    };
    const ours = async (): Promise<boolean> => {
      const signatures = await readSigstoreSignatures(client, image, [image.digest]);
      const evidence = { digest: image.digest, sigstoreSignatures: async () => signatures };
      const reference = parseReference(`${name}:v1`);
      const options = {
        resource: async (path: string) => new Uint8Array(await readFile(path)),
        now: Date.now(),
      };
      return (await appraiseContainersPolicy(parseContainersPolicy(text), reference, evidence, options))
        .allowed;
    };
    expect([await theirs(), await ours()]).toEqual([false, false]);
    await signImage(client, image, {
      signer: cosignSigner(keys.privateKey),
      identity: 'evil.example/team/policy',
    });
    expect([await theirs(), await ours()]).toEqual([false, false]);
    await signImage(client, image, { signer: cosignSigner(keys.privateKey) });
    expect([await theirs(), await ours()]).toEqual([true, true]);
  });
});

async function saveKeys(name: string, key: PrivateKey): Promise<void> {
  await writeFile(join(folder.path, `${name}.pem`), exportPkcs8Pem(key).expose());
  await writeFile(join(folder.path, `${name}.pub`), exportPublicPem(key.publicKey));
}

/** A layout of one image, which we write. */
async function layoutOf(
  name: string,
  layers: readonly (Pick<Descriptor, 'mediaType' | 'annotations'> & { readonly bytes: Uint8Array })[],
): Promise<string> {
  const path = join(folder.path, name);
  const layout = await openLayout(directoryFiles(path));
  const { digest } = await sha256Of(archive);
  const rootfs = { type: 'layers', diff_ids: layers.map(() => digest) };
  const config = new TextEncoder().encode(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }),
  );
  const written: Descriptor[] = [];
  for (const { bytes, mediaType, annotations } of layers) {
    const named = annotations === undefined ? {} : { annotations };
    written.push({ mediaType, ...(await layout.writeBlob([bytes])), ...named });
  }
  const manifest = encodeManifest({
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, ...(await layout.writeBlob([config])) },
    layers: written,
  });
  await layout.writeManifest(manifest, OCI_MANIFEST, 'v1');
  return path;
}

function noteFor(image: PushedImage, text: string): Uint8Array {
  return encodeManifest({
    mediaType: OCI_MANIFEST,
    config: EMPTY_DESCRIPTOR,
    layers: [EMPTY_DESCRIPTOR],
    subject: { mediaType: OCI_MANIFEST, digest: image.digest, size: 1 },
    artifactType: TYPE,
    annotations: { text },
  });
}

async function sha256Of(bytes: Uint8Array): Promise<{ digest: string }> {
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex');
  return { digest: `sha256:${hash}` };
}

/** A tar archive of one small file. */
function tarOf(name: string, text: string): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${Buffer.byteLength(text).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const body = Buffer.alloc(512);
  body.write(text);
  return new Uint8Array(Buffer.concat([header, body, Buffer.alloc(1024)]));
}

function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const options = {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder.path, ...env },
    cwd: folder.path,
    timeout: 60_000,
  };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}
