import { encodeEnvelope, createStatement, encodeStatement, signEnvelope } from '@sealwright/in-toto';
import { decodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { cosignSigner, decryptPrivateKey } from '@sealwright/cosign-sig';
import { digest } from '@sealwright/crypto';
import { listen } from '@sealwright/service';
import { createRegistry, pushTestImage, type Registry } from '@sealwright/testing';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

const IGNORE = '--insecure-ignore-tlog';
const NO_LOG = '--tlog-upload=false';

let keys: TestIo;
let io: TestIo;
let registry: Registry;
let image: string;

beforeAll(async () => {
  keys = testIo();
  await runIn(keys, 'keygen');
  await runIn(keys, 'keygen', '--output-key-prefix', 'other');
});

beforeEach(async () => {
  io = testIo({
    'predicate.json': '{"builder":{"id":"https://builder.example"},"buildType":"https://type.example"}',
    file: 'a file',
    list: '[1]',
  });
  for (const [path, file] of keys.files) io.files.set(path, file);
  registry = createRegistry();
  const server = await listen((request) => registry.fetch(request), { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const pushed = pushTestImage(registry, 'shop/checkout');
  image = `${new URL(server.url).host}/shop/checkout@${pushed.digest}`;
});

describe('sign and verify', () => {
  it('agree, in the words of cosign', async () => {
    expect(
      (await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, '-y', '-a', 'env=prod', image)).exitCode,
    ).toBe(0);
    const ran = await runIn(io, 'verify', '--key', 'cosign.pub', `${IGNORE}=true`, '-a', 'env=prod', image);
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toBe(
      `\nVerification for ${image} --\nThe following checks were performed on each of these signatures:\n` +
        '  - The specified annotations were verified.\n  - The cosign claims were validated\n' +
        '  - The signatures were verified against the specified public key\n',
    );
    expect(ran.stdout.startsWith('\n[{"critical":')).toBe(true);
    expect(JSON.parse(ran.stdout)).toMatchObject([{ optional: { env: 'prod' } }]);
    const text = await runIn(io, 'verify', '--key', 'cosign.pub', IGNORE, '-o', 'text', image);
    expect(JSON.parse(text.stdout)).toMatchObject({ critical: { type: 'cosign container image signature' } });
    const json = await runIn(io, 'verify', '--key', 'cosign.pub', IGNORE, '--json', image);
    expect(JSON.parse(json.stdout)).toMatchObject({
      verified: [{ image, payloads: [{ optional: { env: 'prod' } }] }],
    });
    expect(json.stderr).toBe('');
  });

  it('take several annotations with commas between, as cosign', async () => {
    const listed = ['-a', 'env=prod,team=a=b', '-a', '"list=1,""2""",x='];
    expect((await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, ...listed, image)).exitCode).toBe(0);
    const check = (asked: string) => runIn(io, 'verify', '--key', 'cosign.pub', IGNORE, '-a', asked, image);
    const found = JSON.parse((await check('team=a=b,env=prod')).stdout) as { optional: object }[];
    expect(found[0]?.optional).toEqual({ env: 'prod', team: 'a=b', list: '1,"2"', x: '' });
    expect((await check('env=prod,team=c')).exitCode).toBe(12);
  });

  it('take a signature that is in files', async () => {
    const files = ['--output-signature', 's', '--output-payload', 'p', '--output-certificate', 'c'];
    const sign = ['sign', '--key', 'cosign.key', NO_LOG, '--upload=false', '-a', 'env=prod', ...files, image];
    expect((await runIn(io, ...sign)).exitCode).toBe(0);
    expect(textOf(io, 'c')).toBe(textOf(io, 'cosign.pub'));
    const check = (key: string, name: string, ...more: string[]) =>
      runIn(io, 'verify', IGNORE, '--key', key, '--signature', 's', '--payload', 'p', ...more, name);
    const good = await check('cosign.pub', image, '-a', 'env=prod');
    expect(good).toMatchObject({ exitCode: 0, stdout: `\n[${textOf(io, 'p')}]\n` });
    expect((await check('other.pub', image)).exitCode).toBe(12);
    expect((await check('cosign.pub', image, '-a', 'env=test')).exitCode).toBe(12);
    expect((await check('cosign.pub', image.replace(/@.*/, ':none'))).exitCode).toBe(11);
    const other = pushTestImage(registry, 'shop/checkout', { tag: 'other', content: 'other' });
    expect((await check('cosign.pub', image.replace(/@.*/, `@${other.digest}`))).exitCode).toBe(12);
    expect((await runIn(io, 'verify', IGNORE, '--key', 'cosign.pub', image)).exitCode).toBe(10);
    io.files.set('s', { bytes: decodeBase64(textOf(io, 's')), mode: 0o644 });
    expect((await check('cosign.pub', image)).exitCode).toBe(0);
    put(io, 'p', textOf(io, 'p').replace('prod', 'test'));
    expect((await check('cosign.pub', image)).exitCode).toBe(12);
  });

  it('do not sign the same twice', async () => {
    await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, image);
    const again = await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, '--json', image);
    expect(JSON.parse(again.stdout)).toMatchObject({ written: false });
  });

  it('give the exit codes of cosign', async () => {
    const verify = (...args: string[]) => runIn(io, 'verify', IGNORE, ...args);
    expect((await verify('--key', 'cosign.pub', image)).exitCode).toBe(10);
    await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, image);
    expect((await verify('--key', 'other.pub', image)).exitCode).toBe(12);
    expect((await verify('--key', 'cosign.pub', '-a', 'env=prod', image)).exitCode).toBe(12);
    expect((await verify('--key', 'cosign.pub', image.replace(/@.*/, ':none'))).exitCode).toBe(11);
    expect((await verify('--key', 'cosign.pub', '127.0.0.1:9/a/b:c')).exitCode).toBe(1);
  });

  it.each([
    ['COSIGN_REPOSITORY', []],
    ['--attachment-tag-prefix', ['--attachment-tag-prefix', 'v1-']],
  ])('keep signatures where %s says', async (name, flags) => {
    const host = image.split('/')[0] ?? '';
    if (flags.length === 0) io.env[name] = `${host}/signatures`;
    const predicate = ['--predicate', 'predicate.json', '--type', 'slsaprovenance1'];
    await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, ...flags, image);
    await runIn(io, 'attest', '--key', 'cosign.key', NO_LOG, ...predicate, ...flags, image);
    const check = ['--key', 'cosign.pub', IGNORE, image];
    const attestation = ['verify-attestation', '--type', 'slsaprovenance1', ...check];
    expect((await runIn(io, 'verify', ...check, ...flags)).exitCode).toBe(0);
    expect((await runIn(io, ...attestation, ...flags)).exitCode).toBe(0);
    delete io.env[name];
    expect((await runIn(io, 'verify', ...check)).exitCode).toBe(10);
    expect((await runIn(io, ...attestation)).exitCode).toBe(10);
  });

  it('take switches as cosign writes them', async () => {
    await runIn(io, 'sign', '--key', 'cosign.key', '--tlog-upload=false', '--yes=true', image);
    const verify = ['verify', '--key', 'cosign.pub', `${IGNORE}=true`];
    for (const claims of ['--check-claims', '--check-claims=true', '--check-claims=false'])
      expect((await runIn(io, ...verify, claims, image)).exitCode).toBe(0);
    const unchecked = await runIn(io, ...verify, '--check-claims=false', image);
    expect(unchecked.stderr).not.toContain('claims were validated');
    const json = await runIn(io, 'verify', '--json=true', '--key', 'none', IGNORE, image);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'ENOENT' } });
  });

  it('read keys from the environment', async () => {
    await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, image);
    io.env['PUBLIC'] = textOf(io, 'cosign.pub');
    expect((await runIn(io, 'verify', '--key', 'env://PUBLIC', IGNORE, image)).exitCode).toBe(0);
    expect((await runIn(io, 'verify', '--key', 'env://NONE', IGNORE, image)).exitCode).toBe(1);
  });

  it.each([
    [['verify', '--key', 'cosign.pub'], 2, 'missing required argument'],
    [['verify', '--key', 'cosign.pub', 'IMAGE'], 2, '--trusted-root is needed for the transparency log'],
    [
      ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog=false', 'IMAGE'],
      2,
      '--trusted-root is needed',
    ],
    [['verify', IGNORE, 'IMAGE'], 2, '--key is needed'],
    [['verify', IGNORE, '--key', 'k8s://ns/name', 'IMAGE'], 2, 'run `kubectl proxy`'],
    [['verify', IGNORE, '--key', 'none.pub', 'IMAGE'], 1, 'none.pub: there is no such file'],
    [['verify', IGNORE, '--key', 'file', 'IMAGE'], 1, 'Error: '],
    [
      ['verify', IGNORE, '--key', 'cosign.pub', '--certificate-identity', 'x', 'IMAGE'],
      2,
      '--certificate-oidc-issuer are needed together',
    ],
    [['verify', IGNORE, '--key', 'cosign.pub', '-a', 'env', 'IMAGE'], 2, 'an annotation is name=value'],
    [['verify', IGNORE, '--key', 'cosign.pub', '-o', 'xml', 'IMAGE'], 2, 'Allowed choices are json, text'],
    [['verify', IGNORE, '--key', 'cosign.pub', 'UPPER/Case'], 1, 'Error: UPPER/Case: '],
    [['sign', NO_LOG, '--key', 'cosign.key', 'UPPER/Case'], 1, 'Error: UPPER/Case: '],
    [
      ['verify-attestation', IGNORE, '--key', 'cosign.pub', '--type', 'slsa', 'IMAGE'],
      1,
      'the names are custom, slsaprovenance, ',
    ],
    [
      ['verify', IGNORE, '--key', 'cosign.pub', '--sk', 'IMAGE'],
      2,
      '--sk is not supported: keys in hardware',
    ],
    [['verify', IGNORE, '--key', 'cosign.pub', '--signature', 's', 'IMAGE'], 2, '--payload is needed'],
    [['verify', IGNORE, '--key', 'cosign.pub', '--payload', 's', 'IMAGE'], 2, '--signature is needed'],
    [['verify', IGNORE, '--key', 'cosign.pub', '--certificate', 's', 'IMAGE'], 2, '--signature is needed'],
    [
      ['verify-attestation', IGNORE, '--key', 'cosign.pub', '--signature', 's', 'IMAGE'],
      2,
      '--signature is not supported',
    ],
    [['verify', IGNORE, '--key', 'cosign.pub', '-a', 'env=prod,more', 'IMAGE'], 2, 'not "more"'],
    [['verify', IGNORE, '--key', 'cosign.pub', '-a', '"env=prod', 'IMAGE'], 2, 'in double quotes'],
    [['verify', IGNORE, '--key', 'cosign.pub', '--timeout', 'soon', 'IMAGE'], 2, '--timeout is a duration'],
    [['verify', IGNORE, '--key', 'env://NONE', 'IMAGE'], 1, 'there is no such variable'],
    [['sign', '--key', 'cosign.key', 'IMAGE'], 2, 'give --tlog-upload=false'],
    [['sign', '--tlog-upload=true', '--key', 'cosign.key', 'IMAGE'], 2, 'give --tlog-upload=false'],
    [['sign', NO_LOG, '--key', 'cosign.pub', 'IMAGE'], 1, 'Error: '],
    [['attest', NO_LOG, '--key', 'cosign.key', 'IMAGE'], 2, '--predicate'],
    [
      ['attest', NO_LOG, '--key', 'cosign.key', '--type', 'link', '--predicate', 'file', 'IMAGE'],
      1,
      'Error: file: ',
    ],
    [
      ['attest', NO_LOG, '--key', 'cosign.key', '--type', 'link', '--predicate', 'list', 'IMAGE'],
      1,
      'list: a predicate of this type is a JSON object',
    ],
  ])('refuse %j', async (args, exitCode, message) => {
    const ran = await runIn(io, ...args.map((arg) => (arg === 'IMAGE' ? image : arg)));
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('say that a password is wrong, and not which', async () => {
    io.env['COSIGN_PASSWORD'] = 'wrong-password';
    const ran = await runIn(io, 'sign', '--key', 'cosign.key', NO_LOG, image);
    expect(ran).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is COSIGN_PASSWORD the password of this key?'),
    });
    expect(ran.stderr).not.toContain('wrong-password');
  });
});

describe('attest and verify-attestation', () => {
  const attest = (type: string) =>
    runIn(
      io,
      'attest',
      '--key',
      'cosign.key',
      NO_LOG,
      '--type',
      type,
      '--predicate',
      'predicate.json',
      image,
    );
  const check = (...args: string[]) => runIn(io, 'verify-attestation', IGNORE, ...args, image);

  it('agree, and print an envelope a line', async () => {
    expect((await attest('slsaprovenance1')).exitCode).toBe(0);
    const ran = await check('--key', 'cosign.pub', '--type', 'slsaprovenance1');
    expect(ran.exitCode).toBe(0);
    const { payload } = JSON.parse(ran.stdout) as { payload: string };
    expect(JSON.parse(atob(payload))).toMatchObject({ predicateType: 'https://slsa.dev/provenance/v1' });
    const json = await check('--key', 'cosign.pub', '--type', 'slsaprovenance1', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      verified: [{ statements: [{ predicateType: 'https://slsa.dev/provenance/v1' }] }],
    });
  });

  it('wrap what has no type of its own, as cosign does', async () => {
    expect((await attest('custom')).exitCode).toBe(0);
    const json = await check('--key', 'cosign.pub', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      verified: [
        {
          statements: [
            {
              predicateType: 'https://cosign.sigstore.dev/attestation/v1',
              predicate: { Data: textOf(io, 'predicate.json'), Timestamp: '2027-01-15T08:00:00Z' },
            },
          ],
        },
      ],
    });
  });

  it('refuse another type, another key, another image', async () => {
    await attest('slsaprovenance1');
    expect((await check('--key', 'cosign.pub', '--type', 'link')).exitCode).not.toBe(0);
    expect((await check('--key', 'other.pub', '--type', 'slsaprovenance1')).exitCode).not.toBe(0);
    const other = pushTestImage(registry, 'shop/checkout', { tag: 'other', content: 'other' });
    const ran = await runIn(
      io,
      'verify-attestation',
      IGNORE,
      '--key',
      'cosign.pub',
      image.replace(/@.*/, `@${other.digest}`),
    );
    expect(ran.exitCode).toBe(10);
  });
});

describe('verify-blob-attestation', () => {
  const hex = Buffer.from(digest('sha256', encodeUtf8('a file'))).toString('hex');
  const check = (...args: string[]) =>
    runIn(io, 'verify-blob-attestation', IGNORE, '--key', 'cosign.pub', '--signature', 'envelope', ...args);

  beforeEach(async () => {
    const key = await decryptPrivateKey(textOf(io, 'cosign.key'), 'pass');
    const statement = createStatement({
      version: 'v1',
      subject: [{ name: 'file', digest: { sha256: hex } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { a: 1 },
    });
    const envelope = await signEnvelope({
      payload: encodeStatement(statement),
      signers: [cosignSigner(key)],
    });
    io.files.set('envelope', { bytes: encodeUtf8(encodeEnvelope(envelope)), mode: 0o644 });
  });

  it('takes the file, or its digest', async () => {
    expect(await check('--type', 'slsaprovenance1', 'file')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'Verified OK\n',
    });
    expect((await check('--type', 'slsaprovenance1', '--digest', hex)).exitCode).toBe(0);
    const json = await check('--type', 'slsaprovenance1', '--json', 'file');
    expect(JSON.parse(json.stdout)).toMatchObject({ statement: { predicate: { a: 1 } } });
  });

  it('refuses another file, another type, another digest, and a cut envelope', async () => {
    expect((await check('--type', 'slsaprovenance1', 'predicate.json')).exitCode).not.toBe(0);
    expect((await check('--type', 'link', 'file')).exitCode).not.toBe(0);
    expect((await check('--type', 'slsaprovenance1', '--digest', 'ab'.repeat(32))).exitCode).not.toBe(0);
    expect(await check('--type', 'slsaprovenance1')).toMatchObject({ exitCode: 2 });
    expect(await check('--type', 'slsaprovenance1', '--digest', hex, 'file')).toMatchObject({ exitCode: 2 });
    expect(await check('--digest', hex, '--digestAlg', '__proto__')).toMatchObject({ exitCode: 2 });
    io.files.set('envelope', { bytes: encodeUtf8(textOf(io, 'envelope').slice(0, 100)), mode: 0o644 });
    expect((await check('--type', 'slsaprovenance1', 'file')).exitCode).toBe(1);
  });
});
