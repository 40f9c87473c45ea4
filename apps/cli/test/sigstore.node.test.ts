import { encodeUtf8 } from '@sealwright/bytes';
import { createSigstore, type FakeSigstore } from '@sealwright/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

const NOW = 1_800_000_000_000;
const WHO = [
  '--certificate-identity',
  'me@example.com',
  '--certificate-oidc-issuer',
  'https://issuer.example',
];
const TRUST = ['--trusted-root', 'root.json'];

let sigstore: FakeSigstore;
let io: TestIo;

beforeAll(async () => {
  sigstore = await createSigstore(() => NOW);
});

beforeEach(async () => {
  const world = testIo({
    app: 'an app',
    'root.json': sigstore.trustedRoot,
    'config1.json': sigstore.signingConfig(1),
    'config2.json': sigstore.signingConfig(2),
  });
  io = Object.assign(world, { fetch: (request: Request) => sigstore.fetch(request) });
  expect((await runIn(io, 'keygen')).exitCode).toBe(0);
});

const token = (): string => sigstore.token({ subject: 'me@example.com', issuer: 'https://issuer.example' });

describe('bundles', () => {
  it.each(['config1.json', 'config2.json'])('are made without a key by %s, and verified', async (config) => {
    const made = ['--signing-config', config, ...TRUST, '--bundle', 'out.json', 'app'];
    const signed = await runIn(io, 'sign-bundle', '--identity-token', token(), ...made);
    expect(signed).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Wrote bundle to file out.json'),
    });
    const good = await runIn(io, 'verify-bundle', '--bundle', 'out.json', ...WHO, ...TRUST, 'app');
    expect(good).toMatchObject({ exitCode: 0, stderr: 'Verified OK\n' });
    put(io, 'app', 'another app');
    expect((await runIn(io, 'verify-blob', '--bundle', 'out.json', ...WHO, ...TRUST, 'app')).exitCode).toBe(
      12,
    );
  });

  it('sign statements, by a token of the environment', async () => {
    const subject = [{ name: 'a', digest: { sha256: 'ab'.repeat(32) } }];
    const type = 'https://in-toto.io/Statement/v1';
    put(
      io,
      'statement',
      JSON.stringify({ _type: type, subject, predicateType: 'https://example.com/p', predicate: {} }),
    );
    io.env['SIGSTORE_ID_TOKEN'] = token();
    const made = ['--signing-config', 'config1.json', ...TRUST, '--bundle', 'out.json'];
    expect((await runIn(io, 'sign-bundle', '--in-toto', ...made, 'statement')).exitCode).toBe(0);
    const artifact = `sha256:${'ab'.repeat(32)}`;
    expect(
      (await runIn(io, 'verify-bundle', '--bundle', 'out.json', ...WHO, ...TRUST, artifact)).exitCode,
    ).toBe(0);
    const pattern = [
      '--certificate-identity-regexp',
      '@example',
      '--certificate-oidc-issuer-regexp',
      '^https://issuer.example$',
    ];
    const loose = await runIn(
      io,
      'verify-bundle',
      '--bundle',
      'out.json',
      ...pattern,
      ...TRUST,
      '--json',
      artifact,
    );
    expect(loose.exitCode).toBe(0);
    expect(loose.stderr).toContain('fits anywhere');
  });

  it('are made and verified with a key, without anybody else', async () => {
    const made = await runIn(
      io,
      'sign-blob',
      '--key',
      'cosign.key',
      '--tlog-upload=false',
      '--bundle',
      'out.json',
      'app',
    );
    expect(made.exitCode).toBe(0);
    const verify = ['verify-blob', '--bundle', 'out.json', '--key', 'cosign.pub'];
    expect((await runIn(io, ...verify, '--insecure-ignore-tlog', 'app')).exitCode).toBe(0);
    expect((await runIn(io, ...verify, ...TRUST, 'app')).exitCode).toBe(12);
    const logged = ['--signing-config', 'config2.json', ...TRUST];
    expect(
      (await runIn(io, 'sign-blob', '--key', 'cosign.key', ...logged, '--bundle', 'out.json', 'app'))
        .exitCode,
    ).toBe(0);
    expect((await runIn(io, ...verify, ...TRUST, 'app')).exitCode).toBe(0);
  });

  it.each([
    [['verify-bundle', '--key', 'cosign.pub', 'app'], '--bundle is needed'],
    [['verify-bundle', '--bundle', 'x', 'app'], '--key is needed'],
    [['verify-bundle', '--bundle', 'x', '--certificate-identity', 'a', 'app'], 'needed together'],
    [['verify-bundle', '--bundle', 'x', '--key', 'cosign.pub', ...WHO, 'app'], 'not both'],
    [['verify-bundle', '--bundle', 'x', '--key', 'cosign.pub', 'app'], '--trusted-root is needed'],
    [
      ['verify-bundle', '--bundle', 'x', '--certificate-identity-regexp', '(', ...WHO.slice(2), 'app'],
      'regexp',
    ],
    [['sign-bundle', 'app'], '--bundle is needed'],
    [['sign-blob', '--bundle', 'x', '--key', 'cosign.key', 'app'], '--signing-config'],
  ])('%j makes no sense', async (args, words) => {
    const ran = await runIn(io, ...args);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toContain(words);
  });
});

describe('rekor', () => {
  const SERVER = ['--rekor-server', 'https://rekor.test'];

  it('uploads, finds, shows and verifies what the guide for Tekton Chains does', async () => {
    const predicate = { builder: { id: 'https://builder.example' } };
    const statement = JSON.stringify({
      _type: 'https://in-toto.io/Statement/v0.1',
      subject: [{ name: 'image', digest: { sha256: 'cd'.repeat(32) } }],
      predicateType: 'https://slsa.dev/provenance/v0.2',
      predicate,
    });
    const { keySigner, importPublicKey } = await import('@sealwright/crypto');
    const { decryptPrivateKey } = await import('@sealwright/cosign-sig');
    const { encodeEnvelope, signEnvelope } = await import('@sealwright/in-toto');
    const key = await decryptPrivateKey(textOf(io, 'cosign.key'), 'pass');
    const envelope = encodeEnvelope(
      await signEnvelope({ payload: encodeUtf8(statement), signers: [keySigner(key)] }),
    );
    put(io, 'envelope', envelope);
    expect(importPublicKey(textOf(io, 'cosign.pub')).kind).toBe('ec-p256');
    const material = ['--artifact', 'envelope', '--public-key', 'cosign.pub'];
    const first = await runIn(io, 'rekor', 'upload', ...SERVER, '--type', 'intoto', ...material);
    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Created entry at index') });
    const again = await runIn(io, 'rekor', 'upload', ...SERVER, '--type', 'intoto', ...material);
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Entry already exists') });
    const index = /index (\d+),/.exec(first.stdout)?.[1] ?? '';
    const got = await runIn(io, 'rekor', 'get', ...SERVER, '--log-index', index, '--format', 'json');
    const shown = JSON.parse(got.stdout) as Record<string, unknown>;
    expect(JSON.parse(String(shown['Attestation']))).toMatchObject({ predicate });
    expect(shown).toMatchObject({
      LogIndex: Number(index),
      Body: { IntotoObj: {} },
      IntegratedTime: NOW / 1000,
    });
    const sha = String(
      /"payloadHash":\{"algorithm":"sha256","value":"([0-9a-f]+)"/.exec(JSON.stringify(shown))?.[1],
    );
    const found = await runIn(io, 'rekor', 'search', '--rekor_server', 'https://rekor.test', '--sha', sha);
    expect(found).toMatchObject({ exitCode: 0, stdout: `${shown['UUID']}\n` });
    expect(found.stderr).toBe('Found matching entries (listed by UUID):\n');
    const byId = await runIn(io, 'rekor', 'get', ...SERVER, '--uuid', found.stdout.trim());
    expect(byId.stdout).toContain(`\nIndex: ${index}\n`);
    expect((await runIn(io, 'rekor', 'verify', ...SERVER, '--log-index', index)).stdout).toContain(
      'Current Root Hash:',
    );
    const dsse = await runIn(io, 'rekor', 'upload', ...SERVER, '--type', 'dsse', ...material, '--json');
    const { UUID: uuid } = JSON.parse(dsse.stdout) as { UUID: string };
    const bare = await runIn(io, 'rekor', 'get', ...SERVER, '--uuid', uuid, '--format', 'json');
    expect(JSON.parse(bare.stdout)).toMatchObject({ Attestation: '' });
    const helped = await runIn(
      io,
      'rekor',
      'get',
      ...SERVER,
      '--uuid',
      uuid,
      '--envelope',
      'envelope',
      '--format',
      'json',
    );
    expect(JSON.parse(helped.stdout)).toMatchObject({ Attestation: statement });
    const other = await runIn(io, 'rekor', 'get', ...SERVER, '--uuid', uuid, '--envelope', 'app');
    expect(other.stderr).toContain('not the one of the entry');
  });

  it('holds a log to what it said before', async () => {
    const info = ['rekor', 'loginfo', ...SERVER, '--state', 'state.json'];
    expect(await runIn(io, ...info)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Verification Successful!'),
    });
    put(io, 'sig', 'MEUCIQD8');
    const upload = ['rekor', 'upload', ...SERVER, '--public-key', 'cosign.pub', '--signature', 'sig'];
    const wrong = ['--artifact-hash', 'ab'.repeat(32)];
    expect(await runIn(io, ...upload, '--artifact', 'app', ...wrong)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('the SHA-256 of app is'),
    });
    expect((await runIn(io, ...upload, '--artifact', 'app')).exitCode).toBe(0);
    expect((await runIn(io, ...upload, '--artifact-hash', 'ab'.repeat(32))).exitCode).toBe(0);
    expect((await runIn(io, ...info)).exitCode).toBe(0);
    const other = await createSigstore(() => NOW);
    Object.assign(io, { fetch: (request: Request) => other.fetch(request) });
    expect((await runIn(io, ...info, '--rekor-server-public-key', 'cosign.pub')).exitCode).toBe(1);
  });

  it('speaks as rekor-cli does', async () => {
    const lines = async (...args: string[]) => {
      const { exitCode, stdout } = await runIn(io, 'rekor', ...args);
      return exitCode === 0 ? stdout.split('\n') : [];
    };
    put(io, 'sig', 'MEUCIQD8');
    const material = ['--artifact', 'app', '--signature', 'sig', '--public-key', 'cosign.pub'];
    const typed = ['--type', 'hashedrekord:0.0.1', '--pki-format', 'x509'];
    const [made = ''] = await lines('upload', ...SERVER, ...material, ...typed, '--format', 'json');
    const { Location: location, Index: index } = JSON.parse(made) as { Location: string; Index: number };
    const uuid = location.replace('/api/v1/log/entries/', '');
    const got = await lines('get', ...SERVER, '--log-index', String(index));
    expect(got.map((line) => line.split(':')[0]).slice(0, 6)).toEqual([
      'LogID',
      'Index',
      'IntegratedTime',
      'UUID',
      'Body',
      '  "HashedRekordObj"',
    ]);
    expect(got).toContain(`UUID: ${uuid}`);
    const [tle = ''] = await lines('get', ...SERVER, '--uuid', uuid, '--format', 'tle');
    expect(JSON.parse(tle)).toMatchObject({
      logIndex: String(index),
      kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
      inclusionProof: { checkpoint: { envelope: expect.any(String) } },
    });
    const verified = await lines('verify', ...SERVER, '--uuid', uuid);
    const valueOf = (name: string) => verified.find((line) => line.startsWith(name))?.slice(name.length);
    expect(valueOf('Computed Root Hash: ')).toMatch(/^[0-9a-f]{64}$/);
    expect(valueOf('Computed Root Hash: ')).toBe(valueOf('Current Root Hash: '));
    expect(valueOf('Expected Root Hash: ')).toBe(valueOf('Current Root Hash: '));
    expect(valueOf('Entry Index in Current Tree: ')).toMatch(/^\d+$/);
    const info = await lines('--rekor_server', 'https://rekor.test', '--format', 'json', 'loginfo');
    const { ActiveTreeSize: size } = JSON.parse(info[0] ?? '') as { ActiveTreeSize: number };
    io.env['REKOR_REKOR_SERVER'] = 'https://rekor.test/';
    expect((await lines('loginfo', '--store_tree_state=false'))[1]).toBe(`Active Tree Size:       ${size}`);
    const proof = await lines('logproof', '--last-size', String(size));
    expect(proof).toEqual([
      expect.stringMatching(/^Current Root Hash: [0-9a-f]{64}$/),
      expect.stringMatching(/^Hashes: \[[0-9a-f,]*\]$/),
      '',
    ]);
    const [asJson = ''] = await lines('logproof', '--last-size', String(size), '--format', 'json');
    expect(Object.keys(JSON.parse(asJson) as object)).toEqual(['RootHash', 'Hashes']);
  });

  it.each([
    [['logproof'], '--last-size'],
    [['logproof', '--last-size', '0'], 'at least 1'],
    [['logproof', '--first-size', '3', '--last-size', '2'], 'not less than'],
    [['upload', '--type', 'rekord', '--artifact', 'app'], 'hashedrekord, dsse or intoto'],
    [['upload', '--type', 'intoto:0.0.1', '--artifact', 'app'], 'made in version 0.0.2'],
    [['search', '--format', 'tle', '--sha', 'ab'], 'Allowed choices'],
  ])('refuses %j', async (args, words) => {
    const ran = await runIn(io, 'rekor', ...args, ...SERVER);
    expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(words) });
  });

  it('says what it does not find', async () => {
    const nothing = await runIn(io, 'rekor', 'search', ...SERVER, '--sha', 'ee'.repeat(32));
    expect(nothing).toMatchObject({ exitCode: 1, stderr: 'Error: no matching entries found\n' });
    expect((await runIn(io, 'rekor', 'get', ...SERVER, '--log-index', '999999')).stderr).toContain(
      'no such entry',
    );
    expect((await runIn(io, 'rekor', 'get', ...SERVER)).stderr).toContain('give --log-index or --uuid');
    expect((await runIn(io, 'rekor', 'search', ...SERVER)).exitCode).toBe(2);
  });
});

describe('attest-blob and sign-blob', () => {
  const made = (config: string) => ['--signing-config', config, ...TRUST, '--identity-token', token()];
  const what = ['--type', 'slsaprovenance1', '--predicate', 'predicate.json'];
  const BY_KEY = ['--key', 'cosign.key', '--tlog-upload=false'];
  const verifyByKey = ['--key', 'cosign.pub', '--insecure-ignore-tlog'];

  beforeEach(() => put(io, 'predicate.json', '{"a":1}'));

  it.each(['config1.json', 'config2.json'])('make bundles without a key, by %s', async (config) => {
    const flags = [
      '--bundle',
      'out.json',
      '--output-attestation',
      'statement',
      '--output-certificate',
      'cert',
    ];
    expect((await runIn(io, 'attest-blob', ...made(config), ...what, ...flags, 'app')).exitCode).toBe(0);
    expect(JSON.parse(textOf(io, 'statement'))).toEqual({
      _type: 'https://in-toto.io/Statement/v0.1',
      subject: [{ name: 'app', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { a: 1 },
    });
    expect(textOf(io, 'cert')).toMatch(/^-----BEGIN CERTIFICATE-----/);
    const verify = ['verify-bundle', '--bundle', 'out.json', ...WHO, ...TRUST];
    expect((await runIn(io, ...verify, 'app')).exitCode).toBe(0);
    expect((await runIn(io, ...verify, 'predicate.json')).exitCode).toBe(12);
  });

  it('make what cosign 2 does', async () => {
    const old = ['--new-bundle-format=false', '--use-signing-config=false', '--identity-token', token()];
    const urls = ['--rekor-url', 'https://rekor.test', '--fulcio-url', 'https://fulcio.test', ...TRUST];
    const stamp = ['--timestamp-server-url', 'https://tsa.test', '--rfc3161-timestamp', 'stamp'];
    const signed = await runIn(io, 'sign-blob', ...old, ...urls, ...stamp, '--bundle', 'old.json', 'app');
    expect(signed.exitCode).toBe(0);
    expect(Object.keys(JSON.parse(textOf(io, 'old.json')) as object)).toEqual([
      'base64Signature',
      'cert',
      'rekorBundle',
    ]);
    expect(JSON.parse(textOf(io, 'stamp'))).toEqual({ SignedRFC3161Timestamp: expect.any(String) });
    const verify = ['verify-blob', '--bundle', 'old.json', ...WHO, ...TRUST];
    expect((await runIn(io, ...verify, 'app')).exitCode).toBe(0);
    expect((await runIn(io, ...verify, 'predicate.json')).exitCode).toBe(12);
    expect(JSON.parse(textOf(io, 'old.json'))).toMatchObject({ base64Signature: signed.stdout.trim() });
    const inOld = ['--new-bundle-format=false', '--bundle', 'old.json'];
    const beside = await runIn(io, 'attest-blob', ...BY_KEY, ...what, ...inOld, 'app');
    const { base64Signature } = JSON.parse(textOf(io, 'old.json')) as { base64Signature: string };
    expect(beside.stdout).toBe(`${atob(base64Signature)}\n`);
    const plain = await runIn(io, 'sign-blob', ...BY_KEY, 'app');
    expect(plain.stdout).toMatch(/^[A-Za-z0-9+/]+=*\n$/);
    const envelope = await runIn(io, 'attest-blob', ...BY_KEY, ...what, 'app');
    expect(JSON.parse(envelope.stdout)).toMatchObject({ payloadType: 'application/vnd.in-toto+json' });
  });

  it('print a signature of each of several files', async () => {
    const { exitCode, stdout } = await runIn(io, 'sign-blob', ...BY_KEY, 'app', 'predicate.json');
    const [first = '', second = '', ...more] = stdout.split('\n');
    expect([exitCode, more]).toEqual([0, ['']]);
    const check = (signature: string, file: string) =>
      runIn(io, 'verify-blob', ...verifyByKey, '--signature', signature, file);
    expect((await check(first, 'app')).exitCode).toBe(0);
    expect((await check(second, 'predicate.json')).exitCode).toBe(0);
    expect((await check(first, 'predicate.json')).exitCode).toBe(12);
    const flags = ['--output-signature', 'both'];
    const refused = await runIn(io, 'sign-blob', ...BY_KEY, ...flags, 'app', 'predicate.json');
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('one by one') });
  });

  it('take a signature as bytes, which --b64=false writes', async () => {
    const flags = ['--b64=false', '--output-signature', 'bytes'];
    expect((await runIn(io, 'sign-blob', ...BY_KEY, ...flags, 'app')).exitCode).toBe(0);
    const check = (file: string) => runIn(io, 'verify-blob', ...verifyByKey, '--signature', 'bytes', file);
    expect((await check('app')).exitCode).toBe(0);
    expect((await check('predicate.json')).exitCode).toBe(12);
    put(io, 'bytes', '');
    expect(await check('app')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('neither') });
  });

  it('take the hash of a file, or a statement', async () => {
    const hash = ['--hash', 'AB'.repeat(32), '--output-signature', 'envelope'];
    expect((await runIn(io, 'attest-blob', ...BY_KEY, ...what, ...hash)).exitCode).toBe(0);
    const verify = ['verify-blob-attestation', '--key', 'cosign.pub', '--insecure-ignore-tlog'];
    const type = ['--type', 'slsaprovenance1', '--signature', 'envelope'];
    expect((await runIn(io, ...verify, ...type, '--digest', 'ab'.repeat(32))).exitCode).toBe(0);
    expect((await runIn(io, ...verify, ...type, '--digest', 'cd'.repeat(32))).exitCode).not.toBe(0);
    const { payload } = JSON.parse(textOf(io, 'envelope')) as { payload: string };
    put(io, 'statement', atob(payload));
    const whole = ['--statement', 'statement', '--output-signature', 'again'];
    expect((await runIn(io, 'attest-blob', ...BY_KEY, ...whole)).exitCode).toBe(0);
    expect(textOf(io, 'again')).toContain(payload);
  });

  it.each([
    [['attest-blob', ...BY_KEY, ...what], 2, 'give the file, or --hash'],
    [['attest-blob', ...BY_KEY, ...what, '--hash', 'ab'], 2, '64 digits'],
    [['attest-blob', ...BY_KEY, 'app'], 2, 'give --predicate or --statement'],
    [['attest-blob', ...BY_KEY, ...what, 'none'], 1, 'none: there is no such file'],
    [['attest-blob', ...BY_KEY, '--new-bundle-format', ...what, 'app'], 2, '--bundle is needed'],
    [
      ['sign-blob', '--key', 'cosign.key', '--signing-config', 'config1.json', ...TRUST, 'app'],
      2,
      '--bundle is needed',
    ],
    [
      [
        'sign-blob',
        '--key',
        'cosign.key',
        '--signing-config',
        'config2.json',
        ...TRUST,
        '--new-bundle-format=false',
        '--bundle',
        'b',
        'app',
      ],
      2,
      'log of version 2',
    ],
    [['sign-blob', ...BY_KEY, 'none'], 1, 'none: there is no such file'],
    [['sign-blob', '--key', 'none', '--tlog-upload=false', 'app'], 1, 'none: there is no such file'],
  ])('make no sense of %j', async (args, exitCode, words) => {
    const ran = await runIn(io, ...args);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
    expect(io.files.has('b')).toBe(false);
  });
});

describe('verify-blob and verify-blob-attestation', () => {
  const what = ['--type', 'slsaprovenance1', '--predicate', 'predicate.json'];
  const OLD = [
    '--new-bundle-format=false',
    '--use-signing-config=false',
    '--rekor-url',
    'https://rekor.test',
  ];
  const keyless = () => [
    ...OLD,
    '--fulcio-url',
    'https://fulcio.test',
    ...TRUST,
    '--identity-token',
    token(),
  ];
  const check = (...args: string[]) =>
    runIn(io, 'verify-blob-attestation', '--type', 'slsaprovenance1', ...TRUST, ...args);
  const OTHER = ['--certificate-identity', 'you@example.com', ...WHO.slice(2)];

  beforeEach(() => put(io, 'predicate.json', '{"a":1}'));

  it.each(['config1.json', 'config2.json'])('believe who signed a bundle, by %s', async (config) => {
    const made = ['--signing-config', config, ...TRUST, '--identity-token', token(), '--bundle', 'out.json'];
    expect((await runIn(io, 'attest-blob', ...made, ...what, 'app')).exitCode).toBe(0);
    const bundle = ['--bundle', 'out.json'];
    expect(await check(...bundle, ...WHO, 'app')).toMatchObject({ exitCode: 0, stderr: 'Verified OK\n' });
    expect((await check(...bundle, ...OTHER, 'app')).exitCode).toBe(12);
    expect((await check(...bundle, ...WHO, 'predicate.json')).exitCode).toBe(12);
    expect((await check(...bundle, ...WHO, '--check-claims=false')).exitCode).toBe(0);
    expect((await check(...bundle, ...WHO, '--type', 'link', 'app')).exitCode).toBe(12);
  });

  it('read what cosign 2 wrote, with and without asking the log', async () => {
    const out = ['--bundle', 'old.json', '--output-signature', 'envelope', '--output-certificate', 'cert'];
    expect((await runIn(io, 'attest-blob', ...keyless(), ...what, ...out, 'app')).exitCode).toBe(0);
    expect((await check('--bundle', 'old.json', ...WHO, 'app')).exitCode).toBe(0);
    expect((await check('--bundle', 'old.json', ...OTHER, 'app')).exitCode).toBe(12);
    const beside = ['--signature', 'envelope', '--certificate', 'cert', ...WHO];
    const ask = ['--rekor-url', 'https://rekor.test'];
    expect((await check(...beside, ...ask, 'app')).exitCode).toBe(0);
    expect((await check(...beside, ...ask, '--offline', 'app')).exitCode).toBe(12);
    expect((await check(...beside, ...ask, 'predicate.json')).exitCode).toBe(12);
    const signed = await runIn(
      io,
      'sign-blob',
      ...keyless(),
      '--output-signature',
      'sig',
      '--output-certificate',
      'cert',
      'app',
    );
    expect(signed.exitCode).toBe(0);
    const verify = ['verify-blob', '--signature', 'sig', '--certificate', 'cert', ...WHO, ...TRUST];
    expect((await runIn(io, ...verify, ...ask, 'app')).exitCode).toBe(0);
    expect((await runIn(io, ...verify, 'app')).exitCode).toBe(12);
    expect((await runIn(io, ...verify, ...ask, 'predicate.json')).exitCode).toBe(12);
    expect((await runIn(io, ...verify, '--rekor-url', 'https://elsewhere.test', 'app')).exitCode).toBe(2);
  });

  it('hold statements to policies', async () => {
    const made = ['--key', 'cosign.key', '--tlog-upload=false', '--output-signature', 'envelope'];
    put(io, 'text', '{"n":1}');
    expect((await runIn(io, 'attest-blob', ...made, '--predicate', 'text', 'app')).exitCode).toBe(0);
    put(io, 'yes.rego', 'package signature\nallow { input.predicate.Data.n == 1 }\n');
    put(io, 'no.rego', 'package signature\nallow { input.predicate.Data.n == 2 }\n');
    put(io, 'bad.rego', 'package signature\nallow {');
    const verify = [
      '--key',
      'cosign.pub',
      '--insecure-ignore-tlog',
      '--type',
      'custom',
      '--signature',
      'envelope',
    ];
    expect((await check(...verify, '--policy', 'yes.rego', 'app')).exitCode).toBe(0);
    expect(await check(...verify, '--policy', 'yes.rego', '--policy', 'no.rego', 'app')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no.rego: data.signature.allow is not true'),
    });
    expect((await check(...verify, '--policy', 'bad.rego', 'app')).stderr).toContain('bad.rego: ');
    put(io, 'policy.cue', 'predicate: Data: n: 1\n');
    expect(await check(...verify, '--policy', 'policy.cue', 'app')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('need the program cue'),
    });
    expect(await check(...verify, '--policy', 'policy.txt', 'app')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('.cue or .rego'),
    });
    const documents: string[] = [];
    const answers = (status: number): typeof io.run => {
      return async ({ args, files }) => {
        if (files['document.json'] !== undefined) documents.push(files['document.json']);
        const stdout = args[0] === 'version' ? 'CUE language version v0.16.0\n' : 'true\n';
        return { ended: 'itself', status: args[0] === 'version' ? 0 : status, stdout, stderr: 'level' };
      };
    };
    const both = [...verify, '--policy', 'policy.cue', '--policy', 'yes.rego', 'app'];
    io = { ...io, run: answers(0) };
    expect((await check(...both)).exitCode).toBe(0);
    expect(JSON.parse(documents[0] ?? '')).toMatchObject({ predicate: { Data: { n: 1 } } });
    io = { ...io, run: answers(1) };
    expect(await check(...both)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('policy.cue: an attestation does not unify with it: level'),
    });
  });

  it.each([
    [['verify-blob', '--key', 'cosign.pub', ...TRUST, 'app'], 2, '--bundle is needed'],
    [['verify-blob', '--key', 'cosign.pub', '--bundle', 'a', '--signature', 'b', 'app'], 2, 'not both'],
    [
      ['verify-blob', '--key', 'cosign.pub', '--insecure-ignore-tlog', '--signature', 'no base64', 'app'],
      1,
      'neither',
    ],
    [
      ['verify-blob', '--key', 'cosign.pub', '--ca-intermediates', 'x', '--signature', 'b', 'app'],
      2,
      '--ca-roots',
    ],
    [['verify-blob-attestation', '--key', 'cosign.pub', ...TRUST, 'app'], 2, '--bundle is needed'],
    [['verify-blob-attestation', '--key', 'cosign.pub', '--bundle', 'app', ...TRUST, 'app'], 1, 'app: '],
    [
      ['verify-blob-attestation', '--key', 'cosign.pub', '--signature', 'app', ...TRUST, 'app'],
      2,
      'give --rekor-url',
    ],
    [
      ['verify-blob-attestation', '--key', 'cosign.pub', '--bundle', 'b', '--signature', 'b', 'app'],
      2,
      'not both',
    ],
  ])('make no sense of %j', async (args, exitCode, words) => {
    expect(await runIn(io, ...args)).toMatchObject({
      exitCode,
      stdout: '',
      stderr: expect.stringContaining(words),
    });
  });
});

describe('keys that are certified', () => {
  const made = () => ['--signing-config', 'config1.json', ...TRUST, '--identity-token', token()];
  const verify = ['verify-blob', '--bundle', 'out.json', ...WHO, ...TRUST, 'app'];

  it('may be one of one’s own', async () => {
    const flags = ['--key', 'cosign.key', '--issue-certificate', '--bundle', 'out.json', 'app'];
    expect(await runIn(io, 'sign-blob', ...made(), ...flags)).toMatchObject({ exitCode: 0 });
    expect(await runIn(io, ...verify)).toMatchObject({ exitCode: 0 });
    const bundle = await runIn(io, 'bundle', 'inspect', '--json', 'out.json');
    expect(JSON.parse(bundle.stdout)).toMatchObject({ material: { names: ['email:me@example.com'] } });
  });

  it('may be of another kind', async () => {
    const flags = ['--signing-algorithm', 'ecdsa-sha2-384-nistp384', '--bundle', 'out.json', 'app'];
    expect(await runIn(io, 'sign-blob', ...made(), ...flags)).toMatchObject({ exitCode: 0 });
    expect(await runIn(io, ...verify)).toMatchObject({ exitCode: 0 });
    expect(textOf(io, 'out.json')).toContain('SHA2_384');
    const other = await runIn(io, 'sign-blob', '--key', 'cosign.key', '--tlog-upload=false', ...flags);
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('of the kind ec-p256') });
  });

  it('are written as cosign writes them, and without base64 where that is wanted', async () => {
    const files = [
      '--output-signature',
      'sig',
      '--output-certificate',
      'cert',
      '--bundle',
      'out.json',
      'app',
    ];
    for (const [flag, sig, cert] of [
      ['--b64', /^MEQC|^MEUC|^MEYC/, /^LS0tLS1CRUdJTi/],
      ['--b64=false', /^0/, /^-----BEGIN CERTIFICATE-----/],
    ] as const) {
      expect(await runIn(io, 'sign-blob', flag, ...made(), ...files)).toMatchObject({ exitCode: 0 });
      expect(Buffer.from(io.files.get('sig')?.bytes ?? []).toString('latin1')).toMatch(sig);
      expect(textOf(io, 'cert')).toMatch(cert);
    }
  });
});

describe('bundle', () => {
  const LOG = ['--rekor-url', 'https://rekor.test', ...TRUST];

  it('create makes one of what stands in files, with the entry of the log', async () => {
    const logged = ['--key', 'cosign.key', ...LOG, '--output-signature', 'sig', '--new-bundle-format=false'];
    expect(await runIn(io, 'sign-blob', ...logged, 'app')).toMatchObject({ exitCode: 0 });
    const parts = ['--artifact', 'app', '--signature', 'sig', '--key', 'cosign.pub', '--out', 'out.json'];
    expect(await runIn(io, 'bundle', 'create', ...parts, ...LOG)).toMatchObject({ exitCode: 0 });
    const verify = ['verify-blob', '--bundle', 'out.json', '--key', 'cosign.pub'];
    expect(await runIn(io, ...verify, ...TRUST, 'app')).toMatchObject({ exitCode: 0 });
    expect(await runIn(io, 'bundle', 'create', ...parts, '--ignore-tlog')).toMatchObject({ exitCode: 0 });
    expect(await runIn(io, ...verify, '--insecure-ignore-tlog', 'app')).toMatchObject({ exitCode: 0 });
    expect(await runIn(io, ...verify, '--private-infrastructure', 'app')).toMatchObject({ exitCode: 0 });
  });

  it('create takes envelopes and bundles of cosign 2', async () => {
    put(io, 'predicate.json', '{}');
    const attest = [
      '--key',
      'cosign.key',
      ...LOG,
      '--predicate',
      'predicate.json',
      '--new-bundle-format=false',
    ];
    const files = ['--output-signature', 'att', '--bundle', 'old.json'];
    expect(await runIn(io, 'attest-blob', ...attest, ...files, 'app')).toMatchObject({ exitCode: 0 });
    for (const part of [
      ['--attestation', 'att'],
      ['--bundle', 'old.json'],
    ]) {
      const made = await runIn(io, 'bundle', 'create', ...part, '--key', 'cosign.pub', ...LOG);
      expect(made).toMatchObject({ exitCode: 0 });
      put(io, 'out.json', made.stdout);
      const verify = ['--bundle', 'out.json', '--key', 'cosign.pub', ...TRUST, 'app'];
      expect(await runIn(io, 'verify-blob-attestation', ...verify)).toMatchObject({ exitCode: 0 });
    }
  });

  it('upgrade writes today’s version, and asks the log for a proof that is not there', async () => {
    const made = ['--signing-config', 'config1.json', ...TRUST, '--identity-token', token()];
    expect(await runIn(io, 'sign-blob', ...made, '--bundle', 'out.json', 'app')).toMatchObject({
      exitCode: 0,
    });
    const bundle = JSON.parse(textOf(io, 'out.json')) as {
      mediaType: string;
      verificationMaterial: { tlogEntries: { inclusionProof?: object }[]; certificate?: object };
    };
    const material = bundle.verificationMaterial;
    const { certificate, ...rest } = material;
    bundle.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
    const tlogEntries = material.tlogEntries.map(({ inclusionProof: _proof, ...entry }) => entry);
    const old = { ...rest, tlogEntries, x509CertificateChain: { certificates: [certificate] } };
    put(io, 'old.json', JSON.stringify({ ...bundle, verificationMaterial: old }));
    expect(await runIn(io, 'bundle', 'upgrade', 'old.json')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('give --rekor-url'),
    });
    const upgraded = await runIn(io, 'bundle', 'upgrade', ...LOG, 'old.json');
    expect(upgraded).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('bundle.v0.3+json') });
    put(io, 'new.json', upgraded.stdout);
    expect(await runIn(io, 'verify-blob', '--bundle', 'new.json', ...WHO, ...TRUST, 'app')).toMatchObject({
      exitCode: 0,
    });
  });

  it.each([
    [['create', '--key', 'cosign.pub'], 2, 'give one of --signature'],
    [['create', '--signature', 'MEUC', '--key', 'cosign.pub'], 2, '--artifact is needed'],
    [['create', '--signature', 'MEUC', '--artifact', 'app'], 2, '--key or --certificate'],
    [['create', '--signature', 'MEUC', '--artifact', 'app', '--key', 'cosign.pub'], 2, '--ignore-tlog'],
    [['inspect', 'app'], 1, 'app: '],
    [['upgrade', 'none'], 1, 'no such file'],
  ])('%j is refused', async (args, exitCode, words) => {
    const ran = await runIn(io, 'bundle', ...args);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
  });
});
