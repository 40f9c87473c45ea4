import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBase64, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { exportPkcs8Pem, exportPublicPem, generateKeyPair } from '@sealwright/crypto';
import {
  createRegistryClient,
  encodeIndex,
  encodeManifest,
  type ImageManifest,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  parseIndex,
  parseManifest,
  parseReference,
} from '@sealwright/oci';
import { answerKeyProvider } from '@sealwright/oci/encryption';
import { createRegistry, type Registry } from '@sealwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../src/run-program.js';
import { put, runIn, type TestIo, testIo } from './test-io.js';

const TYPE = 'application/vnd.oci.image.layer.v1.tar';
const NAME = 'registry.example.com/shop/checkout';
const CONFIG = 'OCICRYPT_KEYPROVIDER_CONFIG';
const keys: Record<string, string> = {};

let registry: Registry;
let io: TestIo;
let client: ReturnType<typeof createRegistryClient>;
let plain: string;

beforeAll(async () => {
  for (const name of ['reader', 'stranger']) {
    const key = await generateKeyPair('ec-p256');
    keys[`${name}.key`] = Buffer.from(exportPkcs8Pem(key).expose()).toString();
    keys[`${name}.pub`] = exportPublicPem(key.publicKey);
  }
  const signing = await generateKeyPair('ed25519');
  keys['ed25519.pub'] = exportPublicPem(signing.publicKey);
});

beforeEach(async () => {
  registry = createRegistry();
  client = createRegistryClient({ fetch: (request) => registry.fetch(request) });
  io = Object.assign(testIo(keys), { fetch: (request: Request) => registry.fetch(request) });
  plain = await push('1.0', ['first layer', 'second layer']);
});

/** An image of layers with these texts. */
async function push(tag: string, texts: readonly string[]): Promise<string> {
  const place = parseReference(`${NAME}:${tag}`);
  const put = async (text: string, mediaType: string) => {
    const digest = await client.putBlob(place, encodeUtf8(text));
    return { mediaType, digest, size: text.length, annotations: { kept: 'yes' } };
  };
  const manifest: ImageManifest = {
    mediaType: OCI_MANIFEST,
    config: await put(`{"os":"linux","tag":"${tag}"}`, OCI_CONFIG),
    layers: await Promise.all(texts.map((text) => put(text, TYPE))),
  };
  return client.putManifest(place, encodeManifest(manifest), OCI_MANIFEST);
}

const manifestOf = async (tag: string): Promise<ImageManifest> =>
  parseManifest((await client.getManifest(parseReference(`${NAME}:${tag}`))).bytes);
const encrypt = (...args: string[]) =>
  runIn(io, 'image', 'encrypt', ...args, `${NAME}:1.0`, `${NAME}:secret`);
const decrypt = (...args: string[]) =>
  runIn(io, 'image', 'decrypt', ...args, `${NAME}:secret`, `${NAME}:open`);

/** A provider that turns every bit, as a program would. */
const turned = (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve(bytes.map((byte) => byte ^ 0xff));
const provider = async (input: Uint8Array, seen: unknown[] = []): Promise<string> => {
  const answer = await answerKeyProvider(input, {
    wrap: async (optsdata, parameters) => (seen.push([...parameters]), turned(optsdata)),
    unwrap: async (annotation, parameters) => (seen.push([...parameters]), turned(annotation)),
  });
  return Buffer.from(answer).toString();
};

describe('image encrypt and decrypt', () => {
  it('give the image back to whoever has the key, and to nobody else', async () => {
    const ran = await encrypt('--encryption-key', 'jwe:reader.pub');
    expect(ran).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringMatching(/: 2 layers encrypted/),
    });
    const { layers } = await manifestOf('secret');
    expect(layers.map(({ mediaType }) => mediaType)).toEqual([`${TYPE}+encrypted`, `${TYPE}+encrypted`]);
    expect(Object.keys(layers[0]?.annotations ?? {})).toContain('kept');
    const refused = await decrypt('--decryption-key', 'stranger.key');
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^Error: layer 0 of shop\/checkout: /),
    });
    expect([...registry.repository('shop/checkout').tags.keys()]).not.toContain('open');
    const opened = await decrypt(
      '--json',
      '--decryption-key',
      'stranger.key',
      '--decryption-key',
      'reader.key',
    );
    expect(JSON.parse(opened.stdout)).toEqual({ digest: plain, layers: 2 });
    expect(await manifestOf('open')).toEqual(await manifestOf('1.0'));
  });

  it('change the layers that are chosen, and refuse to change none', async () => {
    const only = await encrypt('--encryption-key', 'jwe:reader.pub', '--encrypt-layer', '-1');
    expect(only.stderr).toContain(': 1 layer encrypted');
    expect((await manifestOf('secret')).layers.map(({ mediaType }) => mediaType)).toEqual([
      TYPE,
      `${TYPE}+encrypted`,
    ]);
    const twice = await runIn(
      io,
      'image',
      'encrypt',
      '--encryption-key',
      'jwe:reader.pub',
      `${NAME}:secret`,
      `${NAME}:x`,
    );
    expect(twice).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('encrypted already') });
    const none = await runIn(
      io,
      'image',
      'decrypt',
      '--decryption-key',
      'reader.key',
      `${NAME}:1.0`,
      `${NAME}:x`,
    );
    expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no layer to be decrypted') });
    expect([...registry.repository('shop/checkout').tags.keys()]).not.toContain('x');
  });

  it('go through all images of an index', async () => {
    const digests = [plain, await push('arm', ['another layer'])];
    const manifests = await Promise.all(
      digests.map(async (digest) => {
        const { bytes } = await client.getManifest({ ...parseReference(NAME), digest });
        return { mediaType: OCI_MANIFEST, digest, size: bytes.byteLength };
      }),
    );
    const index = encodeIndex({ mediaType: OCI_INDEX, manifests });
    const whole = await client.putManifest(parseReference(`${NAME}:1.0`), index, OCI_INDEX);
    expect((await encrypt('--encryption-key', 'jwe:reader.pub')).stderr).toContain(': 3 layers encrypted');
    const { bytes } = await client.getManifest(parseReference(`${NAME}:secret`));
    expect(parseIndex(bytes).manifests.every(({ digest }) => !digests.includes(digest))).toBe(true);
    const opened = await decrypt('--json', '--decryption-key', 'reader.key');
    expect(JSON.parse(opened.stdout)).toEqual({ digest: whole, layers: 3 });
  });

  it('ask the program of a key provider, all that is said to it at once', async () => {
    const seen: unknown[] = [];
    const config = { 'key-providers': { agent: { cmd: { path: 'agent-program', args: ['-x'] } } } };
    put(io, 'providers.json', JSON.stringify(config));
    io.env[CONFIG] = 'providers.json';
    const runs: unknown[] = [];
    io.run = async ({ program, args, env, input = new Uint8Array() }) => {
      runs.push([program, args, env]);
      return { ended: 'itself', status: 0, stdout: await provider(input, seen), stderr: '' };
    };
    const sealed = await encrypt(
      '--encryption-key',
      'provider:agent:a=1',
      '--encryption-key',
      'provider:agent:b',
    );
    expect(sealed.exitCode).toBe(0);
    const { layers } = await manifestOf('secret');
    const packet = layers[0]?.annotations?.['org.opencontainers.image.enc.keys.provider.agent'] ?? '';
    expect(JSON.parse(decodeUtf8(await turned(decodeBase64(packet))))).toHaveProperty('symkey');
    expect((await decrypt('--decryption-key', 'provider:agent')).exitCode).toBe(0);
    expect(await manifestOf('open')).toEqual(await manifestOf('1.0'));
    expect(runs[0]).toEqual(['agent-program', ['-x'], 'inherited']);
    expect(seen).toEqual([
      [['agent', ['a=1', 'b']]],
      [['agent', ['a=1', 'b']]],
      [['agent', ['Enabled']]],
      [['agent', ['Enabled']]],
    ]);
  });

  it.each([
    [{ ended: 'missing' }, 'cannot be run: is p there?'],
    [{ ended: 'time' }, 'took over 120 seconds'],
    [{ ended: 'output' }, 'wrote over'],
    [{ ended: 'itself', status: 3, stdout: '{}', stderr: 'no such key' }, 'no such key\nError: layer 0'],
    [{ ended: 'itself', status: 0, stdout: 'what?', stderr: '' }, 'expected a JSON object'],
  ] as const)('tell of a key provider that fails: %j', async (outcome, said) => {
    put(io, 'providers.json', '{"key-providers":{"agent":{"cmd":{"path":"p"}}}}');
    io.env[CONFIG] = 'providers.json';
    io.run = async () => outcome;
    const ran = await encrypt('--encryption-key', 'provider:agent');
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain(said);
    expect([...registry.repository('shop/checkout').tags.keys()]).not.toContain('secret');
  });

  it.each([
    [undefined, 'OCICRYPT_KEYPROVIDER_CONFIG is needed', 2],
    ['{"key-providers":{"other":{"cmd":{"path":"p"}}}}', 'there is no key provider agent', 1],
    [
      '{"key-providers":{"agent":{"grpc":"127.0.0.1:1"}}}',
      'reached by grpc, which is not supported: give it a cmd',
      1,
    ],
    ['{"key-providers":{"agent":{"ttrpc":"unix:///x"}}}', 'reached by ttrpc', 1],
    ['{"key-providers":{"agent":{}}}', '/key-providers/agent', 1],
    ['[]', 'providers.json: ', 1],
  ])('refuse the configuration %s', async (text, said, exitCode) => {
    if (text !== undefined) {
      put(io, 'providers.json', text);
      io.env[CONFIG] = 'providers.json';
    }
    expect(await encrypt('--encryption-key', 'provider:agent')).toMatchObject({
      exitCode,
      stderr: expect.stringContaining(said),
    });
    expect((await decrypt('--decryption-key', 'provider:agent')).stderr).toContain(said);
  });

  it.each([
    [[], '--encryption-key is needed', 2],
    [['--encryption-key', 'pgp:somebody@example.com'], 'not "pgp:somebody@example.com"', 2],
    [['--encryption-key', 'jwe:nowhere.pub'], 'nowhere.pub: there is no such file', 1],
    [['--encryption-key', 'jwe:reader.key'], 'reader.key: ', 1],
    [['--encryption-key', 'jwe:ed25519.pub'], 'ed25519.pub: an Ed25519 key', 1],
    [['--encryption-key', 'jwe:reader.pub', '--encrypt-layer', 'x'], '--encrypt-layer is a number', 2],
    [['--encryption-key', 'jwe:reader.pub', '--encrypt-layer', '7'], 'no layer to be encrypted', 1],
  ] as const)('refuse %j', async (args, said, exitCode) => {
    expect(await encrypt(...args)).toMatchObject({ exitCode, stderr: expect.stringContaining(said) });
  });

  it('refuse a target whose digest is known before', async () => {
    const to = `${NAME}@${plain}`;
    const ran = await runIn(io, 'image', 'encrypt', '--encryption-key', 'jwe:reader.pub', `${NAME}:1.0`, to);
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('another digest') });
    expect((await runIn(io, 'image', 'decrypt', `${NAME}:1.0`, NAME)).exitCode).toBe(2);
  });
});

describe('a program that gets its input and our environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealwright-provider-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const limits = { milliseconds: 20_000, maxBytes: 1 << 20, files: {}, env: 'inherited' } as const;

  it('reads all of it, or none', async () => {
    const input = encodeUtf8('x'.repeat(300_000));
    const script = join(folder, 'count.mjs');
    writeFileSync(
      script,
      'let n = 0; for await (const c of process.stdin) n += c.length; console.log(n, process.cwd(), process.env.PATH);',
    );
    const args = [script];
    const ran = await runProgram({ program: process.execPath, args, input, ...limits });
    const stdout = `300000 ${process.cwd()} ${process.env['PATH']}\n`;
    expect(ran).toEqual({ ended: 'itself', status: 0, stdout, stderr: '' });
    const deaf = ['-e', 'process.exit(4)'];
    expect(await runProgram({ program: process.execPath, args: deaf, input, ...limits })).toMatchObject({
      status: 4,
    });
    const missing = { program: join(folder, 'nobody'), args: [], input, ...limits };
    expect(await runProgram(missing)).toEqual({ ended: 'missing' });
    expect(await runProgram({ ...missing, program: script })).toEqual({ ended: 'missing' });
  });
});
