import { createRegistry, pushTestImage, type Registry } from '@sealwright/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

let registry: Registry;
let io: TestIo;
let image: string;

beforeEach(() => {
  registry = createRegistry();
  io = Object.assign(testIo(), { fetch: (request: Request) => registry.fetch(request) });
  image = `registry.example.com/shop/checkout@${pushTestImage(registry, 'shop/checkout').digest}`;
});

describe('flags of every command', () => {
  it.each([
    ['before the command', (args: string[]) => ['--output-file', 'out', ...args]],
    ['after it', (args: string[]) => [...args, '--output-file', 'out']],
  ])('stand %s', async (_where, line) => {
    const ran = await runIn(io, ...line(['triangulate', image]));
    expect(ran).toMatchObject({ exitCode: 0, stdout: '' });
    expect(textOf(io, 'out')).toMatch(/\.sig\n$/);
  });

  it('write no file for a command that failed', async () => {
    put(io, 'out', 'as it was');
    expect((await runIn(io, 'verify', '--output-file', 'out', image)).exitCode).toBe(2);
    expect(textOf(io, 'out')).toBe('as it was');
  });

  it('tell what is asked of whom, and no more', async () => {
    const { stderr } = await runIn(io, 'triangulate', '-d', image);
    expect(stderr).toMatch(/^GET https:\/\/registry\.example\.com\/v2\/\S+: 200, \d+ ms\n$/);
  });

  it('end a command in time', async () => {
    io = Object.assign(io, {
      fetch: (request: Request) =>
        new Promise<Response>((_resolve, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
        }),
    });
    for (const line of [
      ['triangulate', '--timeout', '20ms', image],
      ['-t', '20ms', 'triangulate', image],
    ])
      expect(await runIn(io, ...line)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('not done in the time of --timeout'),
      });
  });

  it('leave commands their own', async () => {
    expect(await runIn(io, 'policy', 'eval', '--timeout', '5s', '1')).toMatchObject({ exitCode: 0 });
  });

  it.each([['soon'], ['0s'], ['25h']])('refuse --timeout %s', async (timeout) => {
    const ran = await runIn(io, 'triangulate', '--timeout', timeout, image);
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--timeout is a duration') });
  });
});

describe('flags of cosign', () => {
  it.each([
    ['--check-claims=false', '--no-check-claims'],
    ['--no-check-claims=true', '--no-check-claims'],
    ['--no-check-claims=false', '--check-claims'],
    ['--check-claims=T', '--check-claims'],
  ])('%s is %s', async (given, plain) => {
    const key = ['--key', 'env://NONE', '--insecure-ignore-tlog=1'];
    const [one, other] = [
      await runIn(io, 'verify', ...key, given, image),
      await runIn(io, 'verify', ...key, plain, image),
    ];
    expect(one).toEqual(other);
    expect(one.stderr).toContain('no such variable');
  });

  it.each([
    [['sign', '--sk', 'IMAGE'], '--sk is not supported: keys in hardware'],
    [['verify', '--attachment', 'sbom', 'IMAGE'], 'triangulate --type sbom'],
    [['verify', '--registry-cacert', 'ca.pem', 'IMAGE'], 'set NODE_EXTRA_CA_CERTS'],
    [['tree', '--k8s-keychain', 'IMAGE'], 'docker login'],
    [['generate-key-pair', '--kms', 'awskms:///x'], 'as files'],
    [['attest', '--rekor-entry-type', 'intoto', 'IMAGE'], 'Allowed choices are dsse'],
    [['debug', 'providers'], 'debug is not supported'],
    [['verfy', 'IMAGE'], 'Did you mean verify?'],
    [['verify', '--kye', 'x', 'IMAGE'], 'Did you mean --key?'],
  ])('%j is refused by name', async (args, words) => {
    const ran = await runIn(io, ...args.map((arg) => (arg === 'IMAGE' ? image : arg)));
    expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(words) });
  });

  it('are passed over where they say nothing', async () => {
    const ran = await runIn(io, 'triangulate', '--k8s-keychain=false', '--registry-cacert=', image);
    expect(ran.exitCode).toBe(0);
  });

  it('that change nothing here but there are told of', async () => {
    await runIn(io, 'keygen');
    const key = ['--key', 'cosign.key', '--tlog-upload=false', '--record-creation-timestamp'];
    expect(await runIn(io, 'sign', ...key, image)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Warning: --record-creation-timestamp changes nothing'),
    });
  });
});

describe('version and env', () => {
  it('say what scripts ask cosign for', async () => {
    const { stdout } = await runIn(io, 'version', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ gitVersion: expect.stringMatching(/^v\d/) });
    expect((await runIn(io, 'version')).stdout).toMatch(/^GitVersion: {4}v\d/);
    io.env['COSIGN_REPOSITORY'] = 'registry.example.com/signatures';
    const shown = (await runIn(io, 'env', '--show-descriptions=false')).stdout;
    expect(shown).toContain('COSIGN_PASSWORD=******\nCOSIGN_REPOSITORY=registry.example.com/signatures\n');
    expect((await runIn(io, 'env', '--show-sensitive-values')).stdout).toContain('COSIGN_PASSWORD=pass\n');
  });
});

describe('login', () => {
  beforeEach(() => (io.env['DOCKER_CONFIG'] = 'docker'));

  it('keeps what registries are shown then, and leaves the rest of the file', async () => {
    put(io, 'docker/config.json', '{"auths":{"other.example":{"auth":"YTpi"}},"detachKeys":"x"}');
    const ran = await runIn(io, 'login', 'registry.example.com', '-u', 'me', '-p', 'pass:word');
    expect(ran).toMatchObject({ exitCode: 0, stderr: 'logged in via docker/config.json\n' });
    expect(JSON.parse(textOf(io, 'docker/config.json'))).toEqual({
      auths: {
        'other.example': { auth: 'YTpi' },
        'registry.example.com': { auth: Buffer.from('me:pass:word').toString('base64') },
      },
      detachKeys: 'x',
    });
    expect(io.files.get('docker/config.json')?.mode).toBe(0o600);
  });

  it('asks for the password, or reads it', async () => {
    io.answers.push('asked');
    expect((await runIn(io, 'login', 'docker.io', '-u', 'me')).exitCode).toBe(0);
    expect(textOf(io, 'docker/config.json')).toContain('https://index.docker.io/v1/');
    put(io, '-', 'piped\n');
    expect((await runIn(io, 'login', 'docker.io', '-u', 'me', '--password-stdin')).exitCode).toBe(0);
    expect(textOf(io, 'docker/config.json')).toContain(Buffer.from('me:piped').toString('base64'));
  });

  it.each([
    [['a/b', '-u', 'me', '-p', 'x'], 2, 'no name of a registry'],
    [['a.example', '-p', 'x'], 2, '--username is needed'],
    [['a.example', '-u', 'me'], 1, 'no password'],
    [['a.example', '-u', 'me', '-p', 'x', '--password-stdin'], 2, 'not both'],
  ])('%j is refused', async (args, exitCode, words) => {
    const ran = await runIn(io, 'login', ...args);
    expect(ran).toMatchObject({ exitCode, stderr: expect.stringContaining(words) });
    expect(io.files.has('docker/config.json')).toBe(false);
  });

  it('leaves helpers their credentials', async () => {
    put(io, 'docker/config.json', '{"credsStore":"pass"}');
    const ran = await runIn(io, 'login', 'a.example', '-u', 'me', '-p', 'x');
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('docker login') });
  });
});

describe('generate and upload', () => {
  it('generate prints what signatures under a tag are over', async () => {
    const name = `busybox@sha256:${'ab'.repeat(32)}`;
    const { stdout } = await runIn(io, 'generate', '-a', 'env=prod', name);
    expect(stdout).toBe(
      `{"critical":{"identity":{"docker-reference":"index.docker.io/library/busybox"},"image":{"docker-manifest-digest":"sha256:${'ab'.repeat(32)}"},"type":"cosign container image signature"},"optional":{"env":"prod"}}`,
    );
  });

  it('upload puts files into a registry, and one for each platform into an index', async () => {
    const to = 'registry.example.com/shop/app:1';
    put(io, 'linux', 'for linux');
    put(io, 'mac', '\u0000\u0001');
    const one = await runIn(io, 'upload', 'blob', '-f', 'linux', to);
    expect(one).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/@sha256:[0-9a-f]{64}\n$/) });
    const both = ['-f', 'linux:linux/arm64', '-f', 'mac:darwin/arm64', '-a', 'a=b'];
    expect(await runIn(io, 'upload', 'blob', ...both, to)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('mac with the media type application/octet-stream'),
    });
    expect(await runIn(io, 'copy', '--platform', 'linux/arm64', to, `${to}-linux`)).toMatchObject({
      exitCode: 0,
    });
    const digest = await runIn(io, 'triangulate', '--type', 'digest', `${to}-linux`);
    expect(digest.stdout).not.toBe((await runIn(io, 'triangulate', '--type', 'digest', to)).stdout);
    for (const platform of ['linux/riscv64', 'linux'])
      expect((await runIn(io, 'copy', '--platform', platform, to, `${to}-none`)).exitCode).not.toBe(0);
    expect((await runIn(io, 'upload', 'blob', '-f', 'linux', '-f', 'mac', to)).exitCode).toBe(2);
    expect(await runIn(io, 'upload', 'wasm', '-f', 'mac', to)).toMatchObject({ exitCode: 0 });
  });
});
