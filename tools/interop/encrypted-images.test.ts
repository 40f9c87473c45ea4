import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeIo } from '../../apps/cli/src/node-io.js';
import { main } from '../../apps/cli/src/program.js';
import { exportPkcs8Pem, exportPublicPem, generateKeyPair } from '../../packages/crypto/src/index.js';
import {
  createRegistryClient,
  type Descriptor,
  encodeManifest,
  type ImageReference,
  OCI_MANIFEST,
  parseManifest,
  parseReference,
} from '../../packages/oci/src/index.js';
import {
  expectSuccess,
  findProgram,
  type Outcome,
  type RunningRegistry,
  startRegistry,
  temporaryFolder,
} from './components.js';
import { type PushedImage, pushImage } from './push-image.js';
import { runTool } from './servers.js';

const dockerRegistry = findProgram('docker-registry');
const skopeo = findProgram('skopeo');
const ocicrypt = findProgram('ocicrypt-peer');
const client = createRegistryClient();
const TYPE = 'application/vnd.oci.image.layer.v1.tar';

/** A key provider: it turns every bit, which is enough to see that it was asked, and writes down what it was asked. */
const PROVIDER = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const [, , log] = process.argv;
let text = '';
process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
  const asked = JSON.parse(text);
  appendFileSync(log, text + '\\n');
  const turn = (base64) => Buffer.from(Buffer.from(base64, 'base64').map((byte) => byte ^ 0xff)).toString('base64');
  const isWrap = asked.op === 'keywrap';
  const annotation = isWrap ? turn(asked.keywrapparams.optsdata) : null;
  const optsdata = isWrap ? null : turn(asked.keyunwrapparams.annotation);
  console.log(JSON.stringify({ keywrapresults: { annotation }, keyunwrapresults: { optsdata } }));
});
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningRegistry;
let env: { OCICRYPT_KEYPROVIDER_CONFIG: string };
const at = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  if (dockerRegistry !== undefined) server = await startRegistry(dockerRegistry, folder.path);
  await writeFile(at('provider.cjs'), PROVIDER);
  await chmod(at('provider.cjs'), 0o755);
  const cmd = { path: at('provider.cjs'), args: [at('asked')] };
  await writeFile(at('providers.json'), JSON.stringify({ 'key-providers': { turn: { cmd } } }));
  await writeFile(at('asked'), '');
  env = { OCICRYPT_KEYPROVIDER_CONFIG: at('providers.json') };
  for (const kind of ['rsa', 'ec-p256'] as const) {
    const key = await generateKeyPair(kind);
    await writeFile(at(`${kind}.key`), exportPkcs8Pem(key).expose());
    await writeFile(at(`${kind}.pub`), exportPublicPem(key.publicKey));
  }
});
afterAll(async () => {
  await server?.stop();
  await folder?.remove();
});

const push = (name: string): Promise<PushedImage> =>
  pushImage(client, parseReference(`${server.host}/team/${name}`), 'v1', `the layer of ${name}`);

const ours = async (...args: string[]): Promise<Outcome> => {
  let [stdout, stderr] = ['', ''];
  const out = (text: string) => void (stdout += text);
  const err = (text: string) => void (stderr += text);
  return { status: await main(['image', ...args], { ...nodeIo(), out, err, env }), stdout, stderr };
};

const onlyLayer = async ({ registry, repository }: ImageReference, tag = 'v1'): Promise<Descriptor> => {
  const [layer] = parseManifest((await client.getManifest({ registry, repository, tag })).bytes).layers;
  if (layer === undefined) throw new Error('there is no layer');
  return layer;
};

describe('skopeo', () => {
  if (dockerRegistry === undefined || skopeo === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs docker-registry and skopeo, which cannot be had here', () => {});
    return;
  }

  it.each(['rsa', 'ec-p256'])('and we open what the other made for a key pair (%s)', async (kind) => {
    const copy = (...args: string[]): Promise<Outcome> => {
      const flags = ['--insecure-policy', 'copy', '--src-tls-verify=false', '--dest-tls-verify=false'];
      return runTool(skopeo, [...flags, ...args], { cwd: folder.path, env });
    };
    const image = await push(`skopeo-${kind}`);
    const place = (tag: string): string => `${image.registry}/${image.repository}:${tag}`;
    const remote = (tag: string): string => `docker://${place(tag)}`;
    const [pub, key] = [`jwe:${at(`${kind}.pub`)}`, at(`${kind}.key`)];
    expectSuccess(await ours('encrypt', '--encryption-key', pub, place('v1'), place('ours')));
    expectSuccess(await copy('--decryption-key', key, remote('ours'), remote('opened-by-them')));
    // it compresses the layer on its way
    expectSuccess(await copy('--encryption-key', pub, remote('v1'), remote('theirs')));
    expectSuccess(await ours('decrypt', '--decryption-key', key, place('theirs'), place('opened-by-us')));
    const plain = await onlyLayer(image, 'opened-by-us');
    expect(plain.mediaType).toBe(`${TYPE}+gzip`);
    expectSuccess(await copy('--dest-decompress', remote('opened-by-us'), `dir:${at(`plain-${kind}`)}`));
    const { digest } = await onlyLayer(image, 'v1');
    expect(await readFile(join(at(`plain-${kind}`), digest.slice('sha256:'.length)), 'utf8')).toContain(kind);
  });
});

describe('ocicrypt', () => {
  if (dockerRegistry === undefined || ocicrypt === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs docker-registry and Go, which cannot be had here', () => {});
    return;
  }

  interface Answer {
    readonly layer?: string;
    readonly annotations?: Record<string, string>;
    readonly error?: string;
  }
  const theirs = (
    op: 'encrypt' | 'decrypt',
    key: string,
    layer: Uint8Array,
    descriptor: Descriptor,
  ): Answer => {
    const { mediaType, annotations } = descriptor;
    const text = (content: string): string => Buffer.from(content).toString('base64');
    const input = JSON.stringify({
      op,
      mediaType,
      annotations,
      layer: Buffer.from(layer).toString('base64'),
      providers: key.startsWith('provider:') ? [text(key.slice('provider:'.length))] : [],
    });
    const options = { input, env: { ...process.env, ...env } };
    return JSON.parse(execFileSync(ocicrypt, options).toString()) as Answer;
  };
  /** What the provider was asked since the last time. What is wrapped differs each time. */
  const asked = async (): Promise<unknown> => {
    const text = await readFile(at('asked'), 'utf8');
    await writeFile(at('asked'), '');
    return JSON.parse(text.replaceAll(/"(optsdata|annotation)":"[^"]+"/g, '"$1":"…"')) as unknown;
  };

  it.each([
    ['parameters', 'provider:turn:a=1::b=2', 'provider:turn:c=3'],
    ['nothing more', 'provider:turn', 'provider:turn'],
  ])('and we ask a key provider in the same words, with %s', async (what, recipient, key) => {
    const image = await push(`ocicrypt-${what.split(' ')[0] ?? ''}`);
    const place = (tag: string): string => `${image.registry}/${image.repository}:${tag}`;
    const layer = await onlyLayer(image);
    const plain = await client.getBlob(image, layer.digest);

    expectSuccess(await ours('encrypt', '--encryption-key', recipient, place('v1'), place('ours')));
    const weAskedToSeal = await asked();
    const made = await onlyLayer(image, 'ours');
    expect(made.digest).not.toBe(layer.digest);
    const opened = theirs('decrypt', key, await client.getBlob(image, made.digest), made);
    expect(opened).toEqual({ layer: Buffer.from(plain).toString('base64') });
    const theyAskedToOpen = await asked();

    const sealed = theirs('encrypt', recipient, plain, layer);
    expect(await asked()).toEqual(weAskedToSeal);
    const bytes = Buffer.from(sealed.layer ?? '', 'base64');
    const digest = await client.putBlob(image, bytes);
    const { annotations = {} } = sealed;
    const descriptor = { mediaType: `${TYPE}+encrypted`, digest, size: bytes.length, annotations };
    const manifest = parseManifest((await client.getManifest(image)).bytes);
    const written = encodeManifest({ ...manifest, layers: [descriptor] });
    await client.putManifest({ ...image, tag: 'theirs' }, written, OCI_MANIFEST);
    expectSuccess(await ours('decrypt', '--decryption-key', key, place('theirs'), place('opened')));
    expect(await asked()).toEqual(theyAskedToOpen);
    expect(await onlyLayer(image, 'opened')).toEqual(layer);
  });
});
