import { decodeBase64, decodeUtf8, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

const URI = 'kbs:///default/cosign-secrets/cosign.key';

async function sealing(): Promise<TestIo> {
  const io = testIo();
  expect((await runIn(io, 'secret', 'keygen', '--kid', 'k', '--output-dir', 'keys')).exitCode).toBe(0);
  return io;
}
const signed = [
  '--signing-jwk-path',
  'keys/k-private.json',
  '--signing-kid',
  'kbs:///default/sealing/public',
];

describe('secret keygen', () => {
  it('writes two JWKs, of which one is for its owner alone', async () => {
    const io = await sealing();
    const [privateJwk, publicJwk] = ['private', 'public'].map(
      (half) => JSON.parse(textOf(io, `keys/k-${half}.json`)) as object,
    );
    expect(privateJwk).toMatchObject({
      ...publicJwk,
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      kid: 'k',
    });
    expect(publicJwk).not.toHaveProperty('d');
    expect([io.files.get('keys/k-private.json')?.mode, io.files.get('keys/k-public.json')?.mode]).toEqual([
      0o600, 0o644,
    ]);
  });
});

describe('secret keygen, a second time', () => {
  it('replaces a key only when it is told to', async () => {
    const io = await sealing();
    const before = textOf(io, 'keys/k-private.json');
    const again = ['secret', 'keygen', '--kid', 'k', '--output-dir', 'keys'];
    expect(await runIn(io, ...again)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('give --yes'),
    });
    expect(textOf(io, 'keys/k-private.json')).toBe(before);
    for (const replace of ['--yes', '--force']) {
      const old = textOf(io, 'keys/k-private.json');
      expect((await runIn(io, ...again, replace)).exitCode).toBe(0);
      expect(textOf(io, 'keys/k-private.json')).not.toBe(old);
    }
  });

  it.each(['../k', 'a/b', '.k', '', 'kbs:///a/b/c'])('takes no file name out of the kid %j', async (kid) => {
    const io = testIo();
    expect((await runIn(io, 'secret', 'keygen', '--kid', kid)).exitCode).toBe(2);
    expect(io.files.size).toBe(0);
  });
});

describe('seal and unseal', () => {
  it('write a text, verify it, and tell what it names', async () => {
    const io = await sealing();
    const { stdout } = await runIn(io, 'seal', '--resource', URI, ...signed);
    put(io, 's', stdout);
    const told = await runIn(io, 'unseal', 's', '--key', 'keys/k-public.json');
    expect([told.exitCode, told.stdout]).toEqual([
      0,
      `signature  holds\nsigned by  kbs:///default/sealing/public\ntype       vault\nprovider   kbs\nname       ${URI}\n`,
    ]);
    const json = await runIn(io, 'unseal', 's', '--key', 'keys/k-public.json', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ verified: true, name: URI });
  });

  it('take --signing-jwk for --signing-jwk-path', async () => {
    const io = await sealing();
    const args = ['--signing-jwk', 'keys/k-private.json', '--signing-kid', 'k'];
    const { exitCode, stdout } = await runIn(io, 'seal', '--resource', URI, ...args);
    put(io, 's', stdout);
    expect(exitCode).toBe(0);
    expect((await runIn(io, 'unseal', 's', '--key', 'keys/k-public.json')).exitCode).toBe(0);
  });

  it('let no text pretend that its signature holds', async () => {
    const forged = {
      version: '0.1.0',
      type: 'vault',
      provider: 'kbs',
      provider_settings: {},
      annotations: {},
    };
    const name = 'kbs:///a/b/c\nsignature  holds\r\u001b[2J\u202e\u009b';
    const io = testIo({
      s: `sealed.x.${encodeBase64url(encodeUtf8(JSON.stringify({ ...forged, name })))}.y`,
    });
    const { stdout } = await runIn(io, 'unseal', 's', '--dangerously-skip-verification');
    expect(stdout).toBe(
      'signature  NOT VERIFIED\ntype       vault\nprovider   kbs\nname       kbs:///a/b/c?signature  holds??[2J??\n',
    );
    const json = await runIn(io, 'unseal', 's', '--dangerously-skip-verification', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ verified: false, name });
  });

  it('write a Kubernetes Secret', async () => {
    const io = await sealing();
    const from = [
      '--from',
      `cosign.key=${URI}`,
      '--from',
      'cosign.pub=kbs:///default/cosign-secrets/cosign.pub',
    ];
    const manifest = parse((await runIn(io, 'seal', ...from, ...signed)).stdout) as {
      data: Record<string, string>;
    };
    expect(manifest).toMatchObject({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'signing-secrets', namespace: 'tekton-chains' },
      type: 'Opaque',
      immutable: true,
    });
    expect(Object.keys(manifest.data)).toEqual(['cosign.key', 'cosign.pub']);
    expect(decodeUtf8(decodeBase64(manifest.data['cosign.key'] ?? ''))).toMatch(
      /^sealed\.[^.]+\.[^.]+\.[^.]+$/,
    );
    const json = await runIn(io, 'seal', ...from, ...signed, '--namespace', 'other', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ metadata: { namespace: 'other' } });
  });

  it('keep each file of a Secret, whatever its name', async () => {
    const io = await sealing();
    const from = ['--from', `__proto__=${URI}`, '--from', `a=${URI}`];
    const json = await runIn(io, 'seal', ...from, ...signed, '--json');
    const { data } = JSON.parse(json.stdout) as { data: object };
    expect(Object.keys(data)).toEqual(['__proto__', 'a']);
  });

  it('give a value: out of a file, offline', async () => {
    const io = await sealing();
    put(io, 's', (await runIn(io, 'seal', '--resource', URI, ...signed)).stdout);
    put(io, 'value', 'the value');
    const unseal = ['unseal', 's', '--key', 'keys/k-public.json', '--resource-file', 'value'];
    expect(await runIn(io, ...unseal)).toEqual({ exitCode: 0, stdout: 'the value', stderr: '' });
    const json = await runIn(io, ...unseal, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ verified: true, name: URI, value: 'dGhlIHZhbHVl' });
    const filed = await runIn(io, ...unseal, '--json', '--output', 'out');
    expect(JSON.parse(filed.stdout)).toMatchObject({ output: 'out' });
    expect([textOf(io, 'out'), io.files.get('out')?.mode]).toEqual(['the value', 0o600]);
  });

  it.each([
    [['--output', 'out'], '--output needs'],
    [['--init-data', 'x'], 'need --kbs-url'],
    [['--token-file', 'x'], 'need --kbs-url'],
    [['--kbs-url', 'http://127.0.0.1:9', '--resource-file', 'value'], 'not both'],
  ])('ignore no flag: %j', async (args, message) => {
    const io = await sealing();
    put(io, 's', (await runIn(io, 'seal', '--resource', URI, ...signed)).stdout);
    const ran = await runIn(io, 'unseal', 's', '--key', 'keys/k-public.json', ...args);
    expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('take the unsigned form only when they are told to', async () => {
    const io = await sealing();
    const { stdout } = await runIn(io, 'seal', '--resource', URI, '--dangerously-unsigned');
    expect(stdout).toMatch(/^sealed\.fakejwsheader\./);
    put(io, 's', stdout);
    expect((await runIn(io, 'unseal', 's', '--key', 'keys/k-public.json')).exitCode).toBe(1);
    expect(await runIn(io, 'unseal', 's')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--key is needed'),
    });
    const skipped = await runIn(io, 'unseal', 's', '--dangerously-skip-verification');
    expect([skipped.exitCode, skipped.stdout]).toEqual([0, expect.stringContaining('NOT VERIFIED')]);
  });

  it.each([
    [['--resource', URI], 2, '--signing-jwk-path and --signing-kid are needed'],
    [[], 2, 'give either --resource, or --from'],
    [['--resource', URI, '--from', `a=${URI}`], 2, 'give either --resource, or --from'],
    [['--resource', 'kbs://default/key/1', ...signed], 2, 'did you mean kbs:///default/key/1?'],
    [['--resource', 'https://x/y', ...signed], 2, 'Error: "https://x/y": '],
    [['--from', 'a=kbs:///a', ...signed], 2, 'Error: "kbs:///a": '],
    [['--from', 'no-uri', ...signed], 2, '--from is name=uri'],
    [['--from', `..=${URI}`, ...signed], 2, '--from is name=uri'],
    [['--from', `a=${URI}`, '--from', `a=${URI}`, ...signed], 2, '--from names a twice'],
    [['--from', `a=${URI}`, '--namespace', 'a: b', ...signed], 2, 'is no name for Kubernetes'],
    [['--resource', URI, '--namespace', 'x', ...signed], 2, 'are for --from'],
    [['--resource', URI, '--dangerously-unsigned', ...signed], 2, '--dangerously-unsigned is without'],
    [
      ['--resource', URI, '--signing-jwk-path', 'keys/k-public.json', '--signing-kid', 'k'],
      1,
      'is not a private JWK',
    ],
    [
      ['--resource', URI, '--signing-jwk-path', 'none', '--signing-kid', 'k'],
      1,
      'none: there is no such file',
    ],
  ])('refuse %j', async (args, exitCode, message) => {
    expect(await runIn(await sealing(), 'seal', ...args)).toMatchObject({
      exitCode,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('refuse a signature by another key, and a text that was cut', async () => {
    const io = await sealing();
    const { stdout } = await runIn(io, 'seal', '--resource', URI, ...signed);
    await runIn(io, 'secret', 'keygen', '--kid', 'other', '--output-dir', 'keys');
    put(io, 's', stdout);
    put(io, 'cut', stdout.slice(0, 60));
    expect(await runIn(io, 'unseal', 's', '--key', 'keys/other-public.json')).toMatchObject({ exitCode: 1 });
    expect(await runIn(io, 'unseal', 'cut', '--key', 'keys/k-public.json')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^Error: cut: .*is it whole\?\n$/),
    });
    put(io, 'keys/cut.json', textOf(io, 'keys/k-public.json').slice(0, 50));
    expect(await runIn(io, 'unseal', 's', '--key', 'keys/cut.json')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^Error: keys\/cut\.json: .*is it whole\?\n$/),
    });
  });
});
