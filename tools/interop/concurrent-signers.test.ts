import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bundleSigner,
  cosignSigner,
  createBundleVerifier,
  generateCosignKeyPair,
  signImage,
  signImageBundle,
  verifySignedImage,
} from '../../packages/cosign-sig/src/index.js';
import { exportPublicPem, generateKeyPair, type PrivateKey } from '../../packages/crypto/src/index.js';
import { createRegistryClient, parseReference, type RegistryClient } from '../../packages/oci/src/index.js';
import { runProgram } from '../../packages/service/src/index.js';
import { programOf } from '../program.ts';
import {
  Cosign,
  expectSuccess,
  findProgram,
  type RunningRegistry,
  startRegistry,
  temporaryFolder,
} from './components.js';
import { type PushedImage, pushImage } from './push-image.js';

const SIGNERS = 200;
const CLIENTS = 10;
const PROCESSES = 8;
const dockerRegistry = findProgram('docker-registry');
const LAYOUTS = ['bundles', 'tags'] as const;

describe('concurrent signers of one image', { timeout: 300_000 }, () => {
  if (dockerRegistry === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('need docker-registry, which cannot be had here', () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningRegistry;
  let keys: readonly PrivateKey[];
  const at = (name: string): string => join(folder.path, name);

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startRegistry(dockerRegistry, folder.path);
    keys = await Promise.all(Array.from({ length: SIGNERS }, () => generateKeyPair('ec-p256')));
  });

  afterAll(async () => {
    await server?.stop();
    await folder?.remove();
  });

  describe.each(LAYOUTS)('into %s', (layout) => {
    it(`lose none of ${SIGNERS} signatures, made through ${CLIENTS} clients`, async () => {
      const image = await push(layout);
      const clients = Array.from({ length: CLIENTS }, () => createRegistryClient());
      const signed = keys.map((key, index) => sign(clients[index % CLIENTS], image, key, layout));
      await Promise.all(signed);
      expect(await signersOf(image)).toEqual(new Set(keys.map(({ publicKey }) => publicKey.fingerprint)));
      for (const version of layout === 'tags' ? ([2, 3] as const) : ([3] as const)) {
        const found = Cosign.find(version);
        if (found === undefined) continue;
        const cosign = await Cosign.open(version, found.path, at(`home-${version}`));
        for (const key of [keys[0], keys.at(-1)]) {
          if (key === undefined) throw new TypeError('there are keys');
          await writeFile(join(cosign.home, 'one.pub'), exportPublicPem(key.publicKey));
          const name = `${image.registry}/${image.repository}@${image.digest}`;
          const flags = [
            '--key',
            'one.pub',
            '--insecure-ignore-tlog',
            `--new-bundle-format=${layout === 'bundles'}`,
          ];
          expectSuccess(await cosign.run(['verify', ...flags, name], ''));
        }
      }
    });

    it(`lose none of ${PROCESSES} processes' signatures either`, async () => {
      const image = await push(`${layout}-processes`);
      const name = `${image.registry}/${image.repository}@${image.digest}`;
      const format = `--new-bundle-format=${layout === 'bundles'}`;
      const flags = ['-y', '--tlog-upload=false', '--use-signing-config=false', format];
      const made = await Promise.all(
        Array.from({ length: PROCESSES }, async (_, index) => {
          const pair = await generateCosignKeyPair({ password: 'pass' });
          const { publicKey } = pair.privateKey;
          await writeFile(at(`${layout}-${index}.key`), pair.privatePem.expose());
          const words = ['sign', '--key', at(`${layout}-${index}.key`), ...flags, name];
          const ran = await runProgram(programOf('apps/cli'), words, { env: { COSIGN_PASSWORD: 'pass' } });
          expectSuccess({ ...ran, status: ran.exitCode ?? -1 });
          return publicKey;
        }),
      );
      expect(await signersOf(image, made)).toEqual(new Set(made.map(({ fingerprint }) => fingerprint)));
    });
  });

  function push(name: string): Promise<PushedImage> {
    const reference = parseReference(`${server.host}/team/${name}`);
    return pushImage(createRegistryClient(), reference, 'v1', name);
  }

  async function sign(
    client: RegistryClient = createRegistryClient(),
    image: PushedImage,
    key: PrivateKey,
    layout: (typeof LAYOUTS)[number],
  ): Promise<void> {
    if (layout === 'tags') await signImage(client, image, { signer: cosignSigner(key) });
    else await signImageBundle(client, image, { by: bundleSigner(key), now: new Date() });
  }

  /** The keys of all signatures, each verified. */
  async function signersOf(
    image: PushedImage,
    by: readonly PrivateKey['publicKey'][] = keys.map(({ publicKey }) => publicKey),
  ): Promise<ReadonlySet<string>> {
    const nothing = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
    const { signatures } = await verifySignedImage(createRegistryClient(), image, {
      verifier: createBundleVerifier(nothing),
      policy: { keys: by, logEntries: 0 },
    });
    expect(signatures).toHaveLength(by.length);
    return new Set(signatures.map(({ verdict }) => verdict.key?.fingerprint ?? ''));
  }
});
