import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adminToken, refusalOf, startBroker, type Broker } from './broker.js';
import { generateKeyPair } from '@sealwright/crypto';

const refused = (status: number, name: string, detail: unknown): object => ({ status, name, detail });

describe('administrators', () => {
  it('are denied by default, whatever they bring', async () => {
    const base = `[http_server]
insecure_http = true
[attestation_service]
type = "coco_as_builtin"
[admin]
authorization_mode = "DenyAll"
[[plugins]]
name = "resource"
`;
    const broker = await startBroker({ base });
    const cause = 'Admin access denied as DenyAll authorization_mode is enabled';
    expect(await refusalOf(await broker.put('a/b/c', 'x'))).toEqual(
      refused(
        401,
        'AdminAuthInitialization',
        `failed to initialize [admin] configuration: Admin access denied: ${cause}`,
      ),
    );
    expect(await refusalOf(await broker.uploadPolicy('{}'))).toEqual(
      refused(401, 'AdminAuthAccess', `admin access denied for endpoint resource-policy: ${cause}`),
    );
    expect(broker.lines.find(({ event }) => event === 'admin')).toMatchObject({
      decision: 'refused',
      reason: cause,
      path: 'resource/a/b/c',
    });
  });

  it('need a token, of this issuer, that is not over', async () => {
    const broker = await startBroker();
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { method: 'POST', headers, body: 'x' });
    const stranger = `Bearer ${await adminToken(await generateKeyPair('ed25519'), broker.clock.now)}`;
    const none = 'failed to initialize [admin] configuration: Admin access denied: header missing';
    expect(await refusalOf(await post({}))).toMatchObject({ status: 401, detail: none });
    expect(await refusalOf(await post({ authorization: 'Basic eA==' }))).toMatchObject({
      status: 401,
      detail: none,
    });
    for (const authorization of [stranger, 'Bearer x', 'Bearer e30.e30.']) {
      expect(await refusalOf(await post({ authorization }))).toMatchObject({
        status: 401,
        detail: expect.stringContaining('any of the issuers'),
      });
    }
    expect((await post({ ...broker.admin })).status).toBe(200);
    broker.clock.now += 366 * 86_400_000;
    expect((await post({ ...broker.admin })).status).toBe(401);
  });

  it('store, replace, and delete', async () => {
    const broker = await startBroker();
    const remove = (): Promise<Response> =>
      fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { method: 'DELETE', headers: broker.admin });
    expect(await refusalOf(await remove())).toEqual(
      refused(404, 'PluginInternalError', 'Resource not found'),
    );
    const stored = await broker.put('a/b/c', 'one');
    expect([stored.status, await stored.text()]).toEqual([200, '']);
    expect((await broker.put('a/b/c', new Uint8Array([0, 255, 128]))).status).toBe(200);
    expect(await broker.client().getResource('a/b/c')).toEqual(new Uint8Array([0, 255, 128]));
    expect((await remove()).status).toBe(200);
    await expect(broker.client().getResource('a/b/c')).rejects.toThrow(
      expect.objectContaining({ status: 404 }),
    );
    const versions = broker.lines
      .filter(({ event, version }) => event === 'admin' && version !== undefined)
      .map(({ version }) => Number(version));
    expect(versions[1]).toBeGreaterThan(versions[0] ?? Infinity);
  });
});

const internal = refused(401, 'PluginInternalError', 'Plugin internal error');
const illegal = refused(404, 'InvalidRequestPath', 'The request path is illegal');
const attestFailed = refused(401, 'AttestationError', 'Attestation error: RCAR handshake Attest failed');
const authFailed = refused(
  401,
  'AttestationError',
  expect.stringContaining('Attestation error: RCAR handshake Auth failed: '),
);

type Bad = readonly [method: string, path: string, body: string | undefined, answer: object];

describe('a request that is not one', () => {
  const bad: readonly Bad[] = [
    ['POST', 'auth', '', authFailed],
    ['POST', 'auth', '[]', authFailed],
    ['POST', 'auth', '{"version":"0.4.0"}', authFailed],
    ['POST', 'auth', '{"version":"0.4.0","tee":"none","extra-params":""}', authFailed],
    ['POST', 'auth', '\u0000', authFailed],
    [
      'POST',
      'auth',
      '{"version":"9.0.0","tee":"sample","extra-params":""}',
      refused(
        401,
        'AttestationError',
        expect.stringContaining(
          'KBS Client Protocol Version Mismatch: expect =0.4.0 while the request is 9.0.0',
        ),
      ),
    ],
    ['GET', 'auth', undefined, refused(404, 'PluginNotFound', 'Plugin auth not found')],
    ['POST', 'auth/x', '{}', refused(404, 'PluginNotFound', 'Plugin auth not found')],
    ['POST', 'attest', '', attestFailed],
    ['POST', 'attest', '{}', attestFailed],
    ['DELETE', 'attest', undefined, refused(404, 'PluginNotFound', 'Plugin attest not found')],
    ['GET', '', undefined, illegal],
    ['GET', 'resource/%ff/b/c', undefined, illegal],
    ['GET', 'resource/a/b/c', undefined, refused(401, 'TokenNotFound', 'Attestation Token not found')],
    ['PUT', 'resource/a/b/c', 'x', internal],
    ['POST', 'resource', 'x', internal],
    ['POST', 'resource/a/b', 'x', internal],
    ['POST', 'resource/a/b/c/d', 'x', internal],
    ['POST', 'resource/a%2Fb/c', 'x', internal],
    ['POST', 'resource/a/b/%2Fc', 'x', internal],
    ['POST', 'resource/a/b/.c', 'x', internal],
    [
      'POST',
      `resource/a/b/${'c'.repeat(2000)}`,
      'x',
      refused(401, 'AdminAuthInitialization', expect.stringContaining('not allowed for path')),
    ],
    [
      'POST',
      'resource-policy',
      '',
      refused(401, 'ParsePolicyError', expect.stringContaining('Policy error: the body is JSON')),
    ],
    [
      'POST',
      'resource-policy',
      '{"policy":1}',
      refused(401, 'ParsePolicyError', 'Policy error: expected {"policy":"<base64url>"}'),
    ],
    [
      'POST',
      'resource-policy',
      '{"policy":"*"}',
      refused(401, 'ParsePolicyError', 'Policy error: policy is base64url, without padding, of UTF-8'),
    ],
    [
      'POST',
      'resource-policy',
      '{"policy":"_w"}',
      refused(401, 'ParsePolicyError', 'Policy error: policy is base64url, without padding, of UTF-8'),
    ],
    [
      'DELETE',
      'resource-policy',
      undefined,
      refused(404, 'PluginNotFound', 'Plugin resource-policy not found'),
    ],
    [
      'POST',
      'attestation-policy',
      '{}',
      refused(401, 'ParsePolicyError', expect.stringContaining('cannot be replaced yet')),
    ],
    ['POST', 'reference-value', '{}', refused(401, 'RvpsError', expect.stringContaining('not built in yet'))],
    [
      'GET',
      'reference-value/a/b',
      undefined,
      refused(401, 'RvpsError', expect.stringContaining('Failed to get reference_values: ')),
    ],
    ['GET', 'nebula-ca/credential', undefined, refused(404, 'PluginNotFound', 'Plugin nebula-ca not found')],
  ];
  it.each(bad)('%s /kbs/v0/%s with %j', async (method, path, body, answer) => {
    const broker = await startBroker();
    const isOpen = path.startsWith('auth') || path === 'attest' || method === 'GET';
    const headers = isOpen && !path.startsWith('reference') ? {} : broker.admin;
    const response = await fetch(`${broker.url}/kbs/v0/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await refusalOf(response)).toEqual(answer);
  });

  it.each([
    '',
    'x',
    'kbs-session-id=',
    'kbs-session-id=x',
    `kbs-session-id=${'0'.repeat(32)}`,
    `a=${'b'.repeat(9000)}`,
  ])('has the cookie %j', async (cookie) => {
    const broker = await startBroker();
    const get = await fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { headers: { cookie } });
    expect(await refusalOf(get)).toMatchObject({ status: 401, name: 'TokenNotFound' });
    const attest = await fetch(`${broker.url}/kbs/v0/attest`, {
      method: 'POST',
      headers: { cookie },
      body: '{}',
    });
    expect(await refusalOf(attest)).toEqual(attestFailed);
  });

  it.each(['PATCH', 'OPTIONS', 'HEAD'])('has the method %s', async (method) => {
    const broker = await startBroker();
    const response = await fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, PUT, DELETE']);
    expect((await fetch(`${broker.url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it.each(['auth', 'attest', 'resource/a/b/c', 'resource-policy'])('is too large for %s', async (path) => {
    const broker = await startBroker();
    const url = `${broker.url}/kbs/v0/${path}`;
    const large = new Uint8Array(0x10_0001);
    const known = await fetch(url, { method: 'POST', headers: broker.admin, body: large });
    expect([known.status, await known.text()]).toEqual([413, 'payload reached size limit']);
    expect(await chunked(broker, path, large)).toContain('413 Payload Too Large');
  });

  it('has a token as long as those of machines with many devices', async () => {
    const broker = await startBroker();
    const get = (length: number): Promise<Response> =>
      fetch(`${broker.url}/kbs/v0/resource/a/b/c`, {
        headers: { authorization: `Bearer ${'x'.repeat(length)}` },
      });
    expect(await refusalOf(await get(200_000))).toMatchObject({ status: 401, name: 'TokenVerifierError' });
    expect((await get(300_000)).status).toBe(431);
  });

  it('is answered, whatever it is', async () => {
    const broker = await startBroker();
    const segment = fc.oneof(
      fc.constantFrom('kbs', 'v0', 'resource', 'auth', 'attest', 'resource-policy', 'a', '..', '%2e'),
      fc.string({ unit: 'binary-ascii' }).map(encodeURIComponent),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
        fc.array(segment, { maxLength: 6 }),
        fc.oneof(fc.string(), fc.json()),
        fc.boolean(),
        async (method, path, body, isAdmin) => {
          const init = {
            method,
            headers: isAdmin ? broker.admin : {},
            ...(method === 'GET' ? {} : { body }),
          };
          const response = await fetch(`${broker.url}/kbs/v0/${path.join('/')}`, init);
          await response.arrayBuffer();
          expect([200, 401, 404, 405]).toContain(response.status);
        },
      ),
      { numRuns: 200 },
    );
    expect(broker.lines.filter(({ event }) => event === 'failed')).toEqual([]);
  });
});

/** A body of unknown length, sent by hand: it ends only when the server has had enough. */
function chunked(broker: Broker, path: string, body: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(broker.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', (cause) => (answer === '' ? reject(cause) : resolve(answer)));
    socket.write(
      `POST /kbs/v0/${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${broker.admin['authorization'] ?? ''}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    socket.write(`${body.byteLength.toString(16)}\r\n`);
    socket.write(body);
    socket.write('\r\n');
  });
}
