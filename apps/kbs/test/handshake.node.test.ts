import { decodeUtf8, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { isJsonObject } from '@sealwright/json';
import { createKbsTokenClient } from '@sealwright/kbs-protocol';
import { describe, expect, it } from 'vitest';
import { AFFIRMING_SAMPLE, refusalOf, sampleAttester, startBroker } from './broker.js';

const initData =
  'version = "0.1.0"\nalgorithm = "sha256"\n\n[data]\n"aa.toml" = \'\'\'\n[token_configs]\n\'\'\'\n';
const initDataDigest = encodeHex(digest('sha256', encodeUtf8(initData)));

function policy(require: object, path = 'default/chains/*'): string {
  return JSON.stringify({ sealwright: 'resource-policy/v1', rules: [{ path, require }] });
}

describe('a guest', () => {
  it('attests itself over a socket and opens what was sealed to its key', async () => {
    const broker = await startBroker({ more: AFFIRMING_SAMPLE, policy: 'affirming' });
    expect((await broker.put('default/chains/key', 'for the guest')).status).toBe(200);
    expect((await broker.put('default/chains/empty', '')).status).toBe(200);
    const client = broker.client();
    expect(decodeUtf8(await client.getResource('kbs:///default/chains/key'))).toBe('for the guest');
    expect(await client.getResource('default/chains/empty')).toHaveLength(0);
    // Secrets, tokens and the session's id are in no log line.
    expect(JSON.stringify(broker.lines)).not.toMatch(/for the guest|eyJ|kbs-session-id/);
    const audited = broker.lines.find(({ event }) => event === 'resource');
    expect(audited).toMatchObject({
      path: 'resource/default/chains/key',
      decision: 'released',
      reason: 'allowed_by_affirming',
      who: { via: 'session', tee: ['sample'], issuer: 'CoCo-Attestation-Service' },
    });
    expect(broker.lines.find(({ event }) => event === 'admin')).toMatchObject({
      who: { role: 'admin', issuer: 'test', subject: 'tester' },
      path: 'resource/default/chains/key',
      decision: 'done',
    });
  });

  it('with the init-data that the policy names gets the resource, and its claims are in the token', async () => {
    const broker = await startBroker({ more: AFFIRMING_SAMPLE, policy: 'deny_all' });
    await broker.put('default/chains/key', 'bound');
    expect(
      (await broker.uploadPolicy(policy({ tee: 'sample', initDataDigest, status: 'affirming' }))).status,
    ).toBe(200);
    const client = broker.client({ initData });
    expect(decodeUtf8(await client.getResource('default/chains/key'))).toBe('bound');
    const { token } = await client.getToken();
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(isJsonObject(claims) && claims['submods']).toMatchObject({
      cpu0: {
        'ear.status': 'affirming',
        'ear.veraison.annotated-evidence': { init_data_claims: { 'aa.toml': { token_configs: {} } } },
      },
    });
  });

  it.each([
    ['other init-data', { initData: `${initData}# changed\n` }, 'init_data_differs'],
    ['no init-data', {}, 'init_data_differs'],
  ])('with %s is denied', async (_, options, reason) => {
    const broker = await startBroker({ more: AFFIRMING_SAMPLE });
    await broker.put('default/chains/key', 'bound');
    await broker.uploadPolicy(policy({ tee: 'sample', initDataDigest }));
    const { token } = await broker.client(options).getToken();
    const response = await fetch(`${broker.url}/kbs/v0/resource/default/chains/key`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await refusalOf(response)).toEqual({
      status: 401,
      name: 'PolicyDeny',
      detail: 'Access denied by policy',
    });
    expect(broker.lines.find(({ event }) => event === 'resource')).toMatchObject({
      decision: 'refused',
      reason,
    });
  });

  it('whose evidence no reference value vouches for is not affirming', async () => {
    const broker = await startBroker({ policy: 'affirming' });
    await broker.put('a/b/c', 'x');
    await expect(broker.client().getResource('a/b/c')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_REFUSED' }),
    );
  });

  it('of the sample TEE gets nothing from the default policy', async () => {
    const broker = await startBroker({ policy: 'default', more: AFFIRMING_SAMPLE });
    await broker.put('a/b/c', 'x');
    await expect(broker.client().getResource('a/b/c')).rejects.toThrow(
      expect.objectContaining({ status: 401 }),
    );
  });

  it('learns at once that a resource does not exist', async () => {
    const broker = await startBroker();
    await expect(broker.client().getResource('a/b/c')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_NOT_FOUND', status: 404 }),
    );
  });

  it('brings its devices', async () => {
    const broker = await startBroker({ more: AFFIRMING_SAMPLE, policy: 'affirming' });
    const attester = { ...sampleAttester, additional: [{ ...sampleAttester, tee: 'sampledevice' as const }] };
    await broker.put('a/b/c', 'x');
    // Nothing vouches for the device, so the guest as a whole is not affirming.
    await expect(broker.client({ attester }).getResource('a/b/c')).rejects.toThrow(
      expect.objectContaining({ status: 401 }),
    );
    await broker.uploadPolicy(policy({ tee: 'sample' }, 'a/b/c'));
    expect(decodeUtf8(await broker.client({ attester }).getResource('a/b/c'))).toBe('x');
  });

  it.each([
    ['not bound to the session', async () => ({ svn: '1', report_data: 'AAAA' })],
    ['not base64', async () => ({ svn: '1', report_data: '*' })],
    ['of another shape', async () => ['x']],
  ])('with evidence %s gets no token', async (_, evidence) => {
    const broker = await startBroker();
    const client = broker.client({ attester: { tee: 'sample', evidence } });
    await expect(client.getToken()).rejects.toThrow(/Attest failed/);
    expect(broker.lines.find(({ event }) => event === 'attestation')).toMatchObject({
      decision: 'refused',
      reason: 'ERR_KBS_EVIDENCE',
      cause: 'ERR_KBS_EVIDENCE',
    });
  });

  it('with init-data that is none gets no token', async () => {
    const broker = await startBroker();
    await expect(broker.client({ initData: 'x = 1' }).getToken()).rejects.toThrow(/Attest failed/);
  });

  it('of a TEE without a verifier is told so at the start', async () => {
    const broker = await startBroker();
    const response = await fetch(`${broker.url}/kbs/v0/auth`, {
      method: 'POST',
      body: '{"version":"0.4.0","tee":"snp","extra-params":""}',
    });
    expect(await refusalOf(response)).toMatchObject({
      status: 401,
      name: 'AttestationError',
      detail: expect.stringContaining('Auth failed: evidence of snp'),
    });
  });
});

describe('a token', () => {
  it('opens resources without a session', async () => {
    const broker = await startBroker();
    await broker.put('a/b/c', 'by token');
    const { token, teeKey } = await broker.client().getToken();
    const passport = createKbsTokenClient({
      url: broker.url,
      tokenProvider: async () => ({ token, teeKey }),
    });
    expect(decodeUtf8(await passport.getResource('a/b/c'))).toBe('by token');
  });

  it('is refused when it is over, changed, or of another broker', async () => {
    const [broker, other] = [await startBroker(), await startBroker()];
    const { token } = await broker.client().getToken();
    const get = (url: string, bearer: string): Promise<Response> =>
      fetch(`${url}/kbs/v0/resource/a/b/c`, { headers: { authorization: `Bearer ${bearer}` } });
    const refusal = { status: 401, name: 'TokenVerifierError', detail: 'Token Verifier error' };
    expect(await refusalOf(await get(broker.url, `${token.slice(0, -8)}AAAAAAAA`))).toEqual(refusal);
    expect(await refusalOf(await get(other.url, token))).toEqual(refusal);
    expect((await get(broker.url, token)).status).toBe(404);
    broker.clock.now += 7 * 60_000;
    expect(await refusalOf(await get(broker.url, token))).toEqual(refusal);
  });

  it('that is good is taken when that of the session is over', async () => {
    const broker = await startBroker({
      base: `[http_server]
insecure_http = true
[attestation_service]
type = "coco_as_builtin"
timeout = 60
[admin]
authorization_mode = "InsecureAllowAll"
[[plugins]]
name = "resource"
`,
    });
    await broker.put('a/b/c', 'x');
    let cookie = '';
    const keep = async (input: string, init: RequestInit): Promise<Response> => {
      const response = await fetch(input, init);
      cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie;
      return response;
    };
    await broker.client({ fetch: keep }).getToken();
    broker.clock.now += 10 * 60_000;
    const { token } = await broker.client().getToken();
    const get = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { headers });
    expect(await refusalOf(await get({ cookie }))).toMatchObject({ name: 'TokenVerifierError' });
    expect((await get({ cookie, authorization: `Bearer ${token}` })).status).toBe(200);
  });

  it('survives a change of the session storage to memory', async () => {
    const memory = `session_storage_type = "Memory"
[http_server]
insecure_http = true
[attestation_service]
type = "coco_as_builtin"
[admin]
authorization_mode = "InsecureAllowAll"
[[plugins]]
name = "resource"
`;
    const broker = await startBroker({ base: memory });
    await broker.put('a/b/c', 'x');
    expect(decodeUtf8(await broker.client().getResource('a/b/c'))).toBe('x');
  });
});
