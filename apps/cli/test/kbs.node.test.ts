import { decodeBase64url, decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  exportPkcs8Pem,
  exportPublicPem,
  generateKeyPair,
  importPublicKey,
  type KeyKind,
  verify,
} from '@sealwright/crypto';
import { createKbsClient } from '@sealwright/kbs-protocol';
import { listen } from '@sealwright/service';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startKbs } from '../../agent/test/kbs.js';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: string;
}

/** A key broker that remembers what it was asked, and answers what it is told. */
async function brokerThat(answer: () => Response): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = await listen(
    async (request) => {
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
      asked.push({
        method: request.method,
        path: new URL(request.url).pathname,
        token,
        body: await request.text(),
      });
      return answer();
    },
    { host: '127.0.0.1', port: 0 },
  );
  onTestFinished(() => server.close());
  return { url: server.url, asked };
}

async function administrator(kind: KeyKind = 'ed25519'): Promise<TestIo> {
  const key = await generateKeyPair(kind);
  return testIo({
    'admin.pem': decodeUtf8(exportPkcs8Pem(key).expose()),
    'admin.pub': exportPublicPem(key.publicKey),
    value: 'the value',
    policy: 'package policy',
  });
}
const auth = ['--auth-private-key', 'admin.pem', '--auth-issuer', 'me'];

describe('kbs', () => {
  it.each(['ed25519', 'ec-p256', 'ec-p384'] as const)(
    'stores a secret with a token of %s for this request',
    async (kind) => {
      const io = await administrator(kind);
      const { url, asked } = await brokerThat(() => new Response());
      const ran = await runIn(
        io,
        'kbs',
        'set-resource',
        '--url',
        `${url}/`,
        ...auth,
        '--path',
        'default/key/1',
        '--resource-file',
        'value',
      );
      expect(ran).toEqual({ exitCode: 0, stdout: 'stored default/key/1\n', stderr: '' });
      const [{ method, path, token, body } = { method: '', path: '', token: '', body: '' }] = asked;
      expect([method, path, body]).toEqual(['POST', '/kbs/v0/resource/default/key/1', 'the value']);
      const [head = '', claims = '', signature = ''] = token.split('.');
      expect(JSON.parse(decodeUtf8(decodeBase64url(claims)))).toEqual({
        iss: 'me',
        role: 'admin',
        exp: 1_800_000_300,
      });
      const key = importPublicKey(textOf(io, 'admin.pub'));
      const options = kind === 'ed25519' ? {} : ({ encoding: 'raw' } as const);
      expect(await verify(key, encodeUtf8(`${head}.${claims}`), decodeBase64url(signature), options)).toBe(
        true,
      );
    },
  );

  it('deletes a secret, sets a policy as it is, and lists policies', async () => {
    const io = await administrator();
    const { url, asked } = await brokerThat(() => new Response('["resource-policy"]'));
    await runIn(io, 'kbs', 'delete-resource', '--url', url, ...auth, '--path', 'default/key/1');
    await runIn(io, 'kbs', 'set-resource-policy', '--url', url, ...auth, '--policy-file', 'policy');
    const listed = await runIn(io, 'kbs', 'get-resource-policy', '--url', url, ...auth, '--json');
    expect(JSON.parse(listed.stdout)).toEqual({ policies: ['resource-policy'] });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'DELETE /kbs/v0/resource/default/key/1',
      'POST /kbs/v0/resource-policy',
      'GET /kbs/v0/resource-policy',
    ]);
    const { policy } = JSON.parse(asked[1]?.body ?? '') as { policy: string };
    expect(decodeUtf8(decodeBase64url(policy))).toBe('package policy');
  });

  it('takes a token from a file', async () => {
    const io = testIo({ token: 'a.b.c\n', value: 'x' });
    const { url, asked } = await brokerThat(() => new Response());
    await runIn(
      io,
      'kbs',
      'set-resource',
      '--url',
      url,
      '--admin-token-file',
      'token',
      '--path',
      'a/b/c',
      '--resource-file',
      'value',
    );
    expect(asked[0]?.token).toBe('a.b.c');
  });

  it('gets a secret as a guest does, byte for byte', async () => {
    const io = testIo({ 'initdata.toml': 'version = "0.1.0"\nalgorithm = "sha256"\n\n[data]\n' });
    const kbs = await startKbs({ 'default/key/1': 'caf\u00e9\n' });
    const get = (...args: string[]) =>
      runIn(io, 'kbs', 'get-resource', '--url', kbs.url, '--path', 'default/key/1', ...args);
    expect(await get()).toEqual({
      exitCode: 0,
      stdout: Buffer.from('caf\u00e9\n').toString('latin1'),
      stderr: '',
    });
    expect(await get('--output', 'key', '--init-data', 'initdata.toml')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect([textOf(io, 'key'), io.files.get('key')?.mode]).toEqual(['caf\u00e9\n', 0o600]);
    expect(JSON.parse((await get('--json')).stdout)).toEqual({ path: 'default/key/1', value: 'Y2Fmw6kK' });
    expect((await get('--init-data', 'none')).exitCode).toBe(1);
    const sealed = await runIn(io, 'seal', '--resource', 'kbs:///default/key/1', '--dangerously-unsigned');
    put(io, 's', sealed.stdout);
    const unsealed = await runIn(
      io,
      'unseal',
      's',
      '--dangerously-skip-verification',
      '--kbs-url',
      kbs.url,
      '--output',
      'value',
    );
    expect([unsealed.exitCode, textOf(io, 'value')]).toEqual([0, 'caf\u00e9\n']);
  });

  it('gets a secret with a token of an earlier attestation', async () => {
    const kbs = await startKbs({ 'default/key/1': 'value' });
    const attester = {
      tee: 'sample' as const,
      evidence: async (reportData: Uint8Array) => ({ svn: '1', report_data: encodeBase64(reportData) }),
    };
    const { token, teeKey } = await createKbsClient({ url: kbs.url, attester }).getToken();
    const io = testIo({ token: `${token}\n`, 'tee.pem': decodeUtf8(teeKey.privatePem.expose()) });
    const get = ['kbs', 'get-resource', '--url', kbs.url, '--path', 'default/key/1'];
    const shown = ['--token-file', 'token', '--tee-key-file', 'tee.pem'];
    expect(await runIn(io, ...get, ...shown)).toEqual({ exitCode: 0, stdout: 'value', stderr: '' });
    expect((await runIn(io, ...get, '--token-file', 'token')).exitCode).toBe(2);
    expect((await runIn(io, ...get, ...shown, '--init-data', 'token')).exitCode).toBe(2);
    put(io, 'token', token.slice(0, 40));
    expect(await runIn(io, ...get, ...shown)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('token: this is no token'),
    });
    const other = await createKbsClient({ url: kbs.url, attester }).getToken();
    put(io, 'token', token);
    put(io, 'tee.pem', decodeUtf8(other.teeKey.privatePem.expose()));
    expect(await runIn(io, ...get, ...shown)).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('says whom a token is for, when it is told', async () => {
    const io = await administrator();
    const { url, asked } = await brokerThat(() => new Response('[]'));
    const named = ['--auth-private-key', 'admin.pem', '--auth-audience', 'KBS', '--auth-role', 'policies'];
    await runIn(io, 'kbs', 'get-resource-policy', '--url', url, ...named);
    expect(JSON.parse(decodeUtf8(decodeBase64url(asked[0]?.token.split('.')[1] ?? '')))).toEqual({
      aud: 'KBS',
      role: 'policies',
      exp: 1_800_000_300,
    });
  });

  it('takes neither token nor secret to another place', async () => {
    const io = await administrator();
    const other = await brokerThat(() => new Response());
    const { url } = await brokerThat(
      () => new Response(null, { status: 307, headers: { location: `${other.url}/kbs/v0/x` } }),
    );
    const args = ['--url', url, ...auth, '--path', 'a/b/c', '--resource-file', 'value'];
    expect((await runIn(io, 'kbs', 'set-resource', ...args)).exitCode).toBe(1);
    expect(other.asked).toEqual([]);
  });

  it.each([
    ['{"a":1}', 'no list of names'],
    ['["a', 'no list of names'],
    ['"'.padEnd(2 << 20, 'a'), 'the answer of the key broker'],
  ])('refuses an answer that is none', async (answer, message) => {
    const { url } = await brokerThat(() => new Response(answer));
    const ran = await runIn(await administrator(), 'kbs', 'get-resource-policy', '--url', url, ...auth);
    expect(ran).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('lets no server write to a terminal', async () => {
    const { url } = await brokerThat(() => new Response('\u001b[2J\nError: all is well', { status: 500 }));
    const ran = await runIn(await administrator(), 'kbs', 'get-resource-policy', '--url', url, ...auth);
    expect(ran.stderr).toBe('Error: the key broker answered 500: ?[2J?Error: all is well\n');
  });

  it('tells why the key broker refused, and never the token', async () => {
    const io = await administrator();
    const body =
      '{"type":"https://github.com/confidential-containers/kbs/errors/AdminAuthAccess","detail":"Admin access denied"}';
    const { url, asked } = await brokerThat(() => new Response(body, { status: 401 }));
    const args = [
      'kbs',
      'set-resource',
      '--url',
      url,
      ...auth,
      '--path',
      'a/b/c',
      '--resource-file',
      'value',
    ];
    const ran = await runIn(io, ...args);
    expect(ran).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error: the key broker answered 401: AdminAuthAccess: Admin access denied\n',
    });
    const json = await runIn(io, ...args, '--json');
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'ERR_KBS_REFUSED' } });
    expect(ran.stderr).not.toContain(asked[0]?.token);
  });

  it.each([
    [
      ['set-resource', '--url', 'http://127.0.0.1:9', ...auth, '--path', 'a/b/c', '--resource-file', 'value'],
      1,
      'cannot be reached',
    ],
    [
      ['set-resource', '--url', 'ftp://x', ...auth, '--path', 'a/b/c', '--resource-file', 'value'],
      2,
      'no http or https URL',
    ],
    [
      ['set-resource', '--url', 'http://127.0.0.1:9', ...auth, '--path', 'a/b', '--resource-file', 'value'],
      2,
      '--path is repository/type/tag, not "a/b"',
    ],
    [
      [
        'set-resource',
        '--url',
        'http://127.0.0.1:9',
        ...auth,
        '--path',
        'a/../c',
        '--resource-file',
        'value',
      ],
      2,
      '--path is repository/type/tag, not "a/../c"',
    ],
    [
      ['set-resource', '--url', 'http://127.0.0.1:9', ...auth, '--path', 'a/b/c', '--resource-file', 'none'],
      1,
      'none: there is no such file',
    ],
    [
      ['set-resource', '--url', 'http://127.0.0.1:9', '--path', 'a/b/c', '--resource-file', 'value'],
      2,
      'an administrator needs',
    ],
    [['set-resource', '--url', 'http://127.0.0.1:9', ...auth, '--path', 'a/b/c'], 2, '--resource-file'],
    [
      [
        'set-resource-policy',
        '--url',
        'http://127.0.0.1:9',
        ...auth,
        '--admin-token-file',
        'value',
        '--policy-file',
        'policy',
      ],
      2,
      'not both',
    ],
    [
      [
        'delete-resource',
        '--url',
        'http://127.0.0.1:9',
        '--auth-private-key',
        'admin.pub',
        '--path',
        'a/b/c',
      ],
      1,
      'admin.pub: ',
    ],
    [['get-resource', '--url', 'http://127.0.0.1:9', '--path', 'a/b/c'], 1, 'is the key broker running?'],
    [['other'], 2, 'unknown command'],
  ])('refuses %j', async (args, exitCode, message) => {
    expect(await runIn(await administrator(), 'kbs', ...args)).toMatchObject({
      exitCode,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });
});
