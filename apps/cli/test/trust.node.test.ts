import { decodeUtf8, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { decodeBase64 } from '@sealwright/bytes';
import { encodePem } from '@sealwright/der';
import {
  createRegistry,
  createSigstore,
  type FakeSigstore,
  pushTestImage,
  type Registry,
} from '@sealwright/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';
import { type TufFiles, tufRepository } from './tuf-repository.js';

const NOW = 1_800_000_000_000;
const FOLDER = '/cache/sealwright';
const MIRROR = ['--mirror', 'https://tuf.test'];

let sigstore: FakeSigstore;
let io: TestIo;
let registry: Registry;
let repository: TufFiles;

beforeAll(async () => {
  sigstore = await createSigstore(() => NOW);
});

beforeEach(async () => {
  registry = createRegistry();
  repository = (await tufRepository(targets())).files;
  const send = async (request: Request): Promise<Response> => {
    const { host, pathname } = new URL(request.url);
    if (host === 'registry.example.com') return registry.fetch(request);
    if (host !== 'tuf.test') return sigstore.fetch(request);
    const file = repository.get(pathname.slice(1));
    return file === undefined ? new Response('', { status: 404 }) : new Response(new Uint8Array(file));
  };
  io = Object.assign(testIo(), { fetch: send });
  io.env['TUF_ROOT'] = '/cache';
  putBytes('1.root.json', repository.get('1.root.json'));
});

const targets = () => ({
  'trusted_root.json': sigstore.trustedRoot,
  'signing_config.v0.2.json': sigstore.signingConfig(2),
});
const kept = () => [...io.files.keys()].filter((path) => path.startsWith(FOLDER));

function putBytes(path: string, bytes: Uint8Array | undefined): void {
  io.files.set(path, { bytes: bytes ?? new Uint8Array(), mode: 0o644 });
}

describe('initialize', () => {
  it('keeps what signing and verifying need, so that no other flags are', async () => {
    const made = await runIn(io, 'initialize', ...MIRROR, '--root', '1.root.json', '--json');
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(made.stdout)).toMatchObject({
      versions: { root: 1, timestamp: 1 },
      folder: FOLDER,
      targets: ['trusted_root.json', 'signing_config.v0.2.json'],
    });
    expect(textOf(io, `${FOLDER}/targets/trusted_root.json`)).toBe(sigstore.trustedRoot);
    const { digest: image } = pushTestImage(registry, 'app');
    const name = `registry.example.com/app@${image}`;
    io.env['SIGSTORE_ID_TOKEN'] = sigstore.token({
      subject: 'me@example.com',
      issuer: 'https://issuer.example',
    });
    expect((await runIn(io, 'sign', name)).exitCode).toBe(0);
    const who = [
      '--certificate-identity',
      'me@example.com',
      '--certificate-oidc-issuer',
      'https://issuer.example',
    ];
    expect((await runIn(io, 'verify', ...who, name)).exitCode).toBe(0);
    const late = { ...io, now: () => Date.UTC(2031, 0) };
    expect((await runIn(late, 'verify', ...who, name)).stderr).toContain('run `sealwright initialize` again');
  });

  it('goes on from there, and never back', async () => {
    const { files, key } = await tufRepository(targets(), { version: 2 });
    repository = files;
    putBytes('root', files.get('1.root.json'));
    expect((await runIn(io, 'initialize', ...MIRROR, '--root', 'root')).exitCode).toBe(0);
    expect((await runIn(io, 'initialize', ...MIRROR)).exitCode).toBe(0);
    repository = (await tufRepository(targets(), { key, version: 1 })).files;
    expect(await runIn(io, 'initialize', ...MIRROR)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('goes back'),
    });
    repository = (await tufRepository(targets(), { key, version: 3, expires: '2020-01-01T00:00:00Z' })).files;
    expect((await runIn(io, 'initialize', ...MIRROR)).stderr).toContain('expired');
    expect(JSON.parse(textOf(io, `${FOLDER}/mirror.json`))).toMatchObject({ versions: { timestamp: 2 } });
  });

  it('reads folders, and roots by address', async () => {
    for (const [path, bytes] of repository) putBytes(`/mnt/tuf/${path}`, bytes);
    const local = ['--mirror', 'file:///mnt/tuf', '--root', '/mnt/tuf/1.root.json'];
    expect((await runIn(io, 'initialize', ...local)).exitCode).toBe(0);
    const sum = encodeHex(digest('sha256', repository.get('1.root.json') ?? new Uint8Array()));
    const remote = [...MIRROR, '--root', 'https://tuf.test/1.root.json'];
    expect((await runIn(io, 'initialize', ...remote, '--root-checksum', sum)).exitCode).toBe(0);
    const wrong = await runIn(io, 'initialize', ...remote, '--root-checksum', 'ab'.repeat(32));
    expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--root-checksum') });
  });

  it('keeps nothing of what does not hold', async () => {
    const other = await tufRepository(targets());
    const path = [...repository.keys()].find((name) => name.endsWith('.trusted_root.json')) ?? '';
    for (const [name, bytes] of [
      ['timestamp.json', other.files.get('timestamp.json')],
      ['1.targets.json', other.files.get('1.targets.json')],
      [path, new Uint8Array(10)],
      ['1.snapshot.json', undefined],
    ] as const) {
      const before = repository.get(name);
      if (bytes === undefined) repository.delete(name);
      else repository.set(name, bytes);
      const refused = await runIn(io, 'initialize', ...MIRROR, '--root', '1.root.json');
      expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('https://tuf.test: ') });
      expect(kept()).toEqual([]);
      if (before !== undefined) repository.set(name, before);
    }
  });

  it.each([
    [['--mirror', 'ftp://x'], 2, '--mirror is an address'],
    [['--mirror', 'https://elsewhere.test'], 2, '--root is needed'],
    [['--staging'], 2, '--root is needed'],
    [['--staging', ...MIRROR], 2, 'not both'],
    [[...MIRROR, '--root', 'https://tuf.test/1.root.json'], 2, '--root-checksum is needed'],
    [[...MIRROR, '--root-checksum', 'ab'], 2, 'goes with --root'],
    [[...MIRROR, '--root', '1.root.json', '--root-checksum', 'ab'], 2, 'in hexadecimal'],
    [[...MIRROR, '--root', 'none'], 1, 'none: there is no such file'],
    [[], 1, 'has no 15.root.json'],
  ])('refuses %j', async (flags, exitCode, words) => {
    const ran = await runIn(io, 'initialize', ...flags);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
    expect(kept()).toEqual([]);
  });
});

describe('trusted-root create', () => {
  beforeEach(async () => {
    const root = JSON.parse(sigstore.trustedRoot) as {
      certificateAuthorities: { certChain: { certificates: { rawBytes: string }[] } }[];
      tlogs: { publicKey: { rawBytes: string } }[];
      ctlogs: { publicKey: { rawBytes: string } }[];
      timestampAuthorities: { certChain: { certificates: { rawBytes: string }[] } }[];
    };
    const chain = (authority: (typeof root)['certificateAuthorities'][number] | undefined): string =>
      (authority?.certChain.certificates ?? [])
        .map(({ rawBytes }) => encodePem('CERTIFICATE', decodeBase64(rawBytes)))
        .join('');
    const key = (log: (typeof root)['tlogs'][number] | undefined): string =>
      encodePem('PUBLIC KEY', decodeBase64(log?.publicKey.rawBytes ?? ''));
    put(io, 'fulcio.pem', chain(root.certificateAuthorities[0]));
    put(io, 'tsa.pem', chain(root.timestampAuthorities[0]));
    put(io, 'rekor.pub', key(root.tlogs[0]));
    put(io, 'tiles.pub', key(root.tlogs[1]));
    put(io, 'ct.pub', key(root.ctlogs[0]));
  });

  const START = 'start-time=2020-01-01T00:00:00Z';
  const SERVICES = [
    `--fulcio=url=https://fulcio.test,certificate-chain=fulcio.pem,${START}`,
    `--rekor=url=https://rekor.test,public-key=rekor.pub,${START}`,
    `--rekor=url=https://log.test,public-key=tiles.pub,${START},origin=log.test`,
    `--ctfe=url=https://ct.test,public-key=ct.pub,${START}`,
    `--tsa=url=https://tsa.test,certificate-chain=tsa.pem,${START}`,
  ];

  it('writes what is as good as the original', async () => {
    expect((await runIn(io, 'trusted-root', 'create', ...SERVICES, '--out', 'mine.json')).exitCode).toBe(0);
    put(io, 'config.json', sigstore.signingConfig(2));
    put(io, 'file', 'a file');
    const token = sigstore.token({ subject: 'me@example.com', issuer: 'https://issuer.example' });
    const flags = ['--signing-config', 'config.json', '--trusted-root', 'mine.json', '--bundle', 'b.json'];
    const signed = await runIn(io, 'sign-blob', '--identity-token', token, ...flags, 'file');
    expect(signed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Wrote bundle') });
  });

  it('begins with what was fetched, without what is not wanted', async () => {
    await runIn(io, 'initialize', ...MIRROR, '--root', '1.root.json');
    const rekor = `--rekor=url=https://other.test,public-key=rekor.pub,${START}`;
    const made = await runIn(
      io,
      'trusted-root',
      'create',
      '--with-default-services',
      rekor,
      '--no-default-tsa',
    );
    const root = JSON.parse(made.stdout) as Record<string, { baseUrl?: string }[]>;
    expect(root['tlogs']?.map(({ baseUrl }) => baseUrl)).toEqual(['https://other.test']);
    expect(root['certificateAuthorities']).toHaveLength(1);
    expect(root['timestampAuthorities']).toBeUndefined();
  });

  it.each([
    [['--fulcio', 'url'], 2, 'expected name=value'],
    [['--fulcio', 'certificate-chain=fulcio.pem'], 2, 'url is missing'],
    [['--fulcio', 'url=fulcio.test,certificate-chain=fulcio.pem'], 2, 'url is an address'],
    [['--fulcio', 'url=https://fulcio.test,certificate-chain=rekor.pub'], 1, 'no certificate'],
    [['--fulcio', 'url=https://fulcio.test,certificate-chain=none'], 1, 'none: there is no such file'],
    [['--fulcio', 'url=https://fulcio.test,certificate-chain=tsa.pem'], 1, 'certChain'],
    [['--rekor', 'url=https://rekor.test,public-key=rekor.pub'], 2, 'start-time is missing'],
    [['--rekor', 'url=https://rekor.test,public-key=rekor.pub,start-time=2020'], 2, 'is a time'],
    [['--rekor', `url=https://rekor.test,public-key=fulcio.pem,${START}`], 1, 'fulcio.pem: '],
    [['--with-default-services'], 2, 'run `sealwright initialize` first'],
  ])('makes no sense of %j', async (flags, exitCode, words) => {
    const ran = await runIn(io, 'trusted-root', 'create', ...flags, '--out', 'mine.json');
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
    expect(io.files.has('mine.json')).toBe(false);
  });
});

describe('signing-config create', () => {
  const MEMBERS = 'api-version=1,start-time=2024-01-01T00:00:00Z,operator=example.com';
  const FULCIO = ['--fulcio', `url=https://fulcio.test,${MEMBERS}`];
  const REKOR = ['--rekor', `url=https://rekor.test,${MEMBERS},end-time=2030-01-01T00:00:00Z`];

  it('writes what cosign does', async () => {
    const made = await runIn(io, 'signing-config', 'create', ...FULCIO, ...REKOR, '--rekor-config=EXACT:2');
    expect(made.stdout).toBe(
      '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":[{"url":"https://fulcio.test","majorApiVersion":1,"validFor":{"start":"2024-01-01T00:00:00Z"},"operator":"example.com"}],"rekorTlogUrls":[{"url":"https://rekor.test","majorApiVersion":1,"validFor":{"start":"2024-01-01T00:00:00Z","end":"2030-01-01T00:00:00Z"},"operator":"example.com"}],"rekorTlogConfig":{"selector":"EXACT","count":2}}\n',
    );
  });

  it('begins with another', async () => {
    put(io, 'base.json', sigstore.signingConfig(1));
    const base = ['--base-config', 'base.json', '--no-default-tsa', '--out', 'config.json'];
    expect((await runIn(io, 'signing-config', 'create', ...base, ...FULCIO)).exitCode).toBe(0);
    const config = JSON.parse(textOf(io, 'config.json')) as Record<string, unknown>;
    expect(config['rekorTlogUrls']).toMatchObject([{ url: 'https://rekor.test' }]);
    expect(config['tsaUrls']).toBeUndefined();
    expect(decodeUtf8(io.files.get('config.json')?.bytes ?? new Uint8Array())).toContain('fulcio.test');
  });

  it.each([
    [REKOR, 2, '--rekor-config is needed'],
    [[...REKOR, '--rekor-config=EXACT'], 2, 'EXACT:<count>'],
    [[...REKOR, '--rekor-config=ANY:2'], 2, 'EXACT:<count>'],
    [
      ['--fulcio', 'url=https://fulcio.test,api-version=x,start-time=2024-01-01T00:00:00Z,operator=a'],
      2,
      'api-version',
    ],
    [
      ['--fulcio', 'url=https://fulcio.test,api-version=1,start-time=2024-01-01T00:00:00Z'],
      2,
      'operator is missing',
    ],
    [['--base-config', 'a', '--with-default-services'], 2, 'not both'],
    [['--base-config', 'none'], 1, 'none: there is no such file'],
  ])('makes no sense of %j', async (flags, exitCode, words) => {
    const ran = await runIn(io, 'signing-config', 'create', ...flags);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
  });
});
