import { createRegistry, pushTestImage, type Registry } from '@sealwright/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

const REPOSITORY = 'registry.example.com/shop/checkout';
const KEY = ['--key', 'cosign.key', '--tlog-upload=false'];
const CHECK = ['--key', 'cosign.pub', '--insecure-ignore-tlog'];

let keys: TestIo;
let registry: Registry;
let io: TestIo;
let digest: string;
let image: string;
let tag: string;

beforeAll(async () => {
  keys = testIo({ 'predicate.json': '{"a":1}' });
  await runIn(keys, 'keygen');
});

beforeEach(async () => {
  registry = createRegistry();
  io = Object.assign(testIo(), { fetch: (request: Request) => registry.fetch(request) });
  for (const [path, file] of keys.files) io.files.set(path, file);
  ({ digest } = pushTestImage(registry, 'shop/checkout'));
  image = `${REPOSITORY}@${digest}`;
  tag = digest.replace(':', '-');
});

/** Sign and attest, under tags and in bundles. */
async function signAll(): Promise<void> {
  const predicate = ['--predicate', 'predicate.json', '--type', 'slsaprovenance1'];
  for (const layout of [[], ['--new-bundle-format']]) {
    expect((await runIn(io, 'sign', ...KEY, ...layout, image)).exitCode).toBe(0);
    expect((await runIn(io, 'attest', ...KEY, ...layout, ...predicate, image)).exitCode).toBe(0);
  }
}

const tags = (repository: string): string[] => [...registry.repository(repository).tags.keys()].sort();

describe('tree and triangulate', () => {
  it('tell what is beside an image, and where', async () => {
    expect((await runIn(io, 'tree', image)).stdout).toContain('No Supply Chain Security Related Artifacts');
    await signAll();
    const shown = await runIn(io, 'tree', image);
    expect(shown.stdout).toContain(`Signatures for an image tag: ${REPOSITORY}:${tag}.sig`);
    expect(shown.stdout).toContain(`Attestations for an image tag: ${REPOSITORY}:${tag}.att`);
    expect(shown.stdout).toContain('https://sigstore.dev/cosign/sign/v1 artifacts via OCI referrer');
    const json = JSON.parse((await runIn(io, 'tree', '--json', image)).stdout) as object;
    expect(json).toMatchObject({ digest, tags: [{ kind: 'att' }, { kind: 'sig' }], referrers: [{}, {}] });
    const where = await runIn(io, 'triangulate', `${REPOSITORY}:latest`);
    expect(where.stdout).toBe(`${REPOSITORY}:${tag}.sig\n`);
    expect((await runIn(io, 'triangulate', '--type', 'attestation', image)).stdout).toContain('.att');
    expect((await runIn(io, 'triangulate', '--type', 'digest', image)).stdout).toBe(`${image}\n`);
  });
});

describe('download and attach', () => {
  it('carry signatures and attestations to another image of the same content', async () => {
    await signAll();
    const signatures = (await runIn(io, 'download', 'signature', image)).stdout.trim().split('\n');
    expect(signatures.map((text) => Object.keys(JSON.parse(text) as object)[0])).toEqual([
      'mediaType',
      'Base64Signature',
    ]);
    const attestations = await runIn(
      io,
      'download',
      'attestation',
      '--predicate-type',
      'slsaprovenance1',
      image,
    );
    expect(attestations.stdout.trim().split('\n')).toHaveLength(2);
    expect((await runIn(io, 'download', 'attestation', '--predicate-type', 'link', image)).exitCode).toBe(1);
    expect((await runIn(io, 'clean', '-f', image)).exitCode).toBe(0);
    expect((await runIn(io, 'verify', ...CHECK, image)).exitCode).toBe(10);
    const { Base64Signature: signature, Payload: payload } = JSON.parse(signatures[1] ?? '') as Record<
      string,
      string
    >;
    put(io, 'payload', atob(payload ?? ''));
    put(io, 'signature', signature ?? '');
    put(io, 'attestations', attestations.stdout);
    const attach = ['attach', 'signature', '--payload', 'payload', '--signature', 'signature', image];
    expect((await runIn(io, ...attach)).stderr).toBe(`pushed to the tag ${tag}.sig\n`);
    expect((await runIn(io, ...attach)).stderr).toContain('says the same already');
    expect((await runIn(io, 'verify', ...CHECK, image)).exitCode).toBe(0);
    expect((await runIn(io, 'attach', 'attestation', '--attestation', 'attestations', image)).exitCode).toBe(
      0,
    );
    const verify = ['verify-attestation', ...CHECK, '--type', 'slsaprovenance1', image];
    expect((await runIn(io, ...verify)).exitCode).toBe(0);
    expect(tags('shop/checkout')).toEqual(['latest', `${tag}.att`, `${tag}.sig`]);
  });

  it('keep documents', async () => {
    put(io, 'bom', '{"spdxVersion":"SPDX-2.3"}');
    const attached = await runIn(io, 'attach', 'sbom', '--sbom', 'bom', '--json', image);
    expect(JSON.parse(attached.stdout)).toMatchObject({ mediaType: 'text/spdx+json', tag: `${tag}.sbom` });
    expect((await runIn(io, 'download', 'sbom', image)).stdout).toBe(textOf(io, 'bom'));
  });
});

describe('clean', () => {
  it('deletes what is wanted, and asks', async () => {
    await signAll();
    expect((await runIn(io, 'clean', image)).exitCode).toBe(1);
    expect((await runIn(io, 'clean', '-f', '--type', 'signature', image)).exitCode).toBe(0);
    expect(tags('shop/checkout')).toEqual(['latest', `${tag}.att`]);
    io.answers.push('n', 'y');
    expect(await runIn(io, 'clean', image)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Error: nothing was deleted: give --force'),
    });
    expect((await runIn(io, 'clean', '--json', image)).stderr).not.toContain('WARNING');
    expect(await runIn(io, 'clean', image)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('WARNING: this will delete everything that is said about it from'),
    });
    expect(tags('shop/checkout')).toEqual(['latest']);
    expect((await runIn(io, 'verify', ...CHECK, image)).exitCode).toBe(10);
  });

  it.each([true, false])(
    'deletes what refers to it, the registry listing referrers: %s',
    async (referrers) => {
      registry = createRegistry({ referrers });
      Object.assign(io, { fetch: (request: Request) => registry.fetch(request) });
      pushTestImage(registry, 'shop/checkout');
      await signAll();
      expect((await runIn(io, 'clean', '-f', '--type', 'referrer', image)).exitCode).toBe(0);
      expect(tags('shop/checkout')).toEqual(['latest', `${tag}.att`, `${tag}.sig`]);
      const held = [...registry.repository('shop/checkout').manifests.values()];
      expect(held.some(({ bytes }) => Buffer.from(bytes).includes('"subject"'))).toBe(false);
    },
  );
});

describe('copy, save and load', () => {
  it.each([true, false])('take everything along, the registry listing referrers: %s', async (referrers) => {
    registry = createRegistry({ referrers });
    Object.assign(io, { fetch: (request: Request) => registry.fetch(request) });
    pushTestImage(registry, 'shop/checkout');
    await signAll();
    const copied = await runIn(io, 'copy', `${REPOSITORY}:latest`, 'registry.example.com/mirror/app:2');
    expect(copied).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining('4 more') });
    await runIn(io, 'save', '--dir', 'saved', `${REPOSITORY}:latest`);
    const loaded = await runIn(io, 'load', '--dir', 'saved', 'registry.example.com/loaded/app:3');
    expect(loaded).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('4 more') });
    for (const name of ['mirror/app:2', 'loaded/app:3']) {
      const there = `registry.example.com/${name}`;
      expect((await runIn(io, 'verify', ...CHECK, there)).exitCode).toBe(0);
      const attested = ['verify-attestation', ...CHECK, '--type', 'slsaprovenance1', there];
      expect((await runIn(io, ...attested)).exitCode).toBe(0);
    }
    expect((await runIn(io, 'verify', ...CHECK, '--local-image', 'saved')).exitCode).toBe(0);
    const local = ['verify-attestation', ...CHECK, '--type', 'slsaprovenance1', '--local-image', 'saved'];
    expect((await runIn(io, ...local)).exitCode).toBe(0);
    expect((await runIn(io, 'verify', ...CHECK, '--local-image', 'nothing')).exitCode).toBe(1);
    const blob = [...io.files.keys()].find((path) => path.startsWith('saved/blobs/'));
    if (blob !== undefined) put(io, blob, 'damaged');
    expect((await runIn(io, 'verify', ...CHECK, '--local-image', 'saved')).exitCode).not.toBe(0);
  });

  it('draws branches as cosign does', async () => {
    await signAll();
    const sign = ['sign', ...KEY, '--new-bundle-format=false', '-a', 'more=1', image];
    expect((await runIn(io, ...sign)).exitCode).toBe(0);
    const { stdout } = await runIn(io, 'tree', image);
    expect(stdout).toMatch(/\n {3}├── 🍒 sha256:[0-9a-f]{64}\n {3}└── 🍒 sha256:/);
  });

  it('takes along only what is asked for, and replaces nothing unasked', async () => {
    await signAll();
    const target = 'registry.example.com/mirror/app';
    await runIn(io, 'copy', '--only', 'sig', image, target);
    expect(tags('mirror/app')).toEqual([`${tag}.sig`]);
    await runIn(io, 'copy', '--only', 'sig', '--only=sig,att', image, 'registry.example.com/other/app');
    expect(tags('other/app')).toEqual([`${tag}.att`, `${tag}.sig`]);
    await runIn(io, 'sign', ...KEY, '-a', 'more=1', image);
    const again = ['copy', image, `${target}:1`];
    expect(await runIn(io, ...again)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is there already, and says something else'),
    });
    expect((await runIn(io, ...again, '--force')).exitCode).toBe(0);
    expect(tags('mirror/app')).toEqual(['1', `${tag}.att`, `${tag}.sig`]);
  });
});

it.each([
  [['tree'], 2, 'missing required argument'],
  [['tree', 'UPPER/Case'], 1, 'UPPER/Case: '],
  [['attach', 'signature', '--payload', 'predicate.json', 'IMAGE'], 2, '--signature is needed'],
  [
    ['attach', 'sbom', '--sbom', 'predicate.json', '--registry-referrers-mode', 'oci-1-1', 'IMAGE'],
    2,
    'is not supported',
  ],
  [['copy', `${REPOSITORY}:none`, 'registry.example.com/x'], 1, `there is no image ${REPOSITORY}:none`],
  [['triangulate', '--type', 'x', 'IMAGE'], 2, 'Allowed choices'],
  [['download', 'signature', 'IMAGE'], 1, 'there is no such signature'],
  [['download', 'sbom', 'IMAGE'], 1, 'there is no such document'],
  [['download', 'attestation', '--predicate-type', 'nonsense', 'IMAGE'], 1, 'a predicate type is a URI'],
  [['attach', 'signature', 'IMAGE'], 2, '--signature is needed'],
  [['attach', 'signature', '--signature', 'no base64', 'IMAGE'], 1, 'neither a file nor base64'],
  [
    ['attach', 'signature', '--signature', 'AAAA', '--rekor-response', 'predicate.json', 'IMAGE'],
    1,
    'predicate.json: ',
  ],
  [['attach', 'attestation', 'IMAGE'], 2, '--attestation'],
  [['attach', 'attestation', '--attestation', 'predicate.json', 'IMAGE'], 1, 'predicate.json: '],
  [
    ['attach', 'sbom', '--sbom', 'predicate.json', '--type', 'syft', '--input-format', 'xml', 'IMAGE'],
    2,
    'is not written as xml',
  ],
  [['copy', 'IMAGE'], 2, 'missing required argument'],
  [['copy', '--only', 'all', 'IMAGE', 'registry.example.com/x'], 2, '--only knows'],
  [['copy', '--only', 'sig', '--sig-only', 'IMAGE', 'registry.example.com/x'], 2, 'not both'],
  [['save', 'IMAGE'], 2, '--dir'],
  [['load', '--dir', 'nothing', 'registry.example.com/x:1'], 1, 'nothing: expected the folder of an image'],
])('%j is refused', async (args, exitCode, words) => {
  const ran = await runIn(io, ...args.map((arg) => (arg === 'IMAGE' ? image : arg)));
  expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
});

it.each([
  ['tree'],
  ['triangulate'],
  ['generate'],
  ['clean', '-f'],
  ['download', 'signature'],
  ['save', '--dir', 'out'],
  ['sign', ...KEY],
  ['attest', ...KEY, '--type', 'slsaprovenance1', '--predicate', 'predicate.json'],
])(
  '%s %s… says that there is no such image, in the way of all commands that verify nothing',
  async (...words) => {
    const name = `${REPOSITORY}:none`;
    const ran = await runIn(io, ...words, name);
    expect(ran).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `Error: there is no image ${name}\n`,
    });
  },
);
