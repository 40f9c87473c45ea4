import { decodeUtf8 } from '@sealwright/bytes';
import { createKbsClient } from '@sealwright/kbs-protocol';
import { describe, expect, it } from 'vitest';
import { sampleAttester } from '../src/attester.js';
import { sampleBackend } from '../src/backend.js';
import { restFacade } from '../src/rest.js';
import { startKbs, type TestKbs } from './kbs.js';

const clientOf = (kbs: TestKbs, initData?: string) =>
  createKbsClient({
    url: kbs.url,
    attester: sampleAttester,
    handshakeAttempts: 1,
    ...(initData === undefined ? {} : { initData }),
  });
const facadeOf = (kbs: TestKbs | undefined, clock = { now: Date.now() }) =>
  restFacade({
    backend: sampleBackend(kbs === undefined ? undefined : clientOf(kbs), () => clock.now),
    feature: 'all',
    version: '1',
  });
const ask = (
  facade: ReturnType<typeof restFacade>,
  target: string,
  init?: RequestInit,
  host = '127.0.0.1:8006',
) => facade(new Request(`http://${host}${target}`, init), '127.0.0.1');

describe('the REST facade over a key broker', () => {
  it('gives a resource that is released', async () => {
    const kbs = await startKbs({ 'default/key/1': 'the secret' });
    const response = await ask(facadeOf(kbs), '/cdh/resource/default/key/1');
    expect([response.status, await response.text()]).toEqual([200, 'the secret']);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('says what is not there, what is no resource, and what cannot be reached', async () => {
    const kbs = await startKbs({});
    expect((await ask(facadeOf(kbs), '/cdh/resource/default/key/none')).status).toBe(404);
    expect((await ask(facadeOf(kbs), '/cdh/resource/one')).status).toBe(400);
    const down = restFacade({
      backend: sampleBackend(
        createKbsClient({ url: 'http://127.0.0.1:9', attester: sampleAttester, handshakeAttempts: 1 }),
        Date.now,
      ),
      feature: 'all',
      version: '1',
    });
    const response = await ask(down, '/cdh/resource/default/key/1');
    expect([response.status, await response.text()]).toEqual([
      502,
      '[CDH] [ERROR]: Get Resource failed: unreachable',
    ]);
    expect((await ask(facadeOf(undefined), '/aa/token?token_type=kbs')).status).toBe(500);
  });

  it('gives a token with its key, from one handshake until shortly before its end', async () => {
    const kbs = await startKbs({});
    const clock = { now: Date.now() };
    const facade = facadeOf(kbs, clock);
    const token = async (): Promise<{ token: string; tee_keypair: string }> =>
      (await (await ask(facade, '/aa/token?token_type=kbs')).json()) as {
        token: string;
        tee_keypair: string;
      };
    const [first, second] = await Promise.all([token(), token()]);
    expect(first.tee_keypair).toContain('PRIVATE KEY');
    expect(second).toEqual(first);
    expect(kbs.server.requests).toEqual(['POST /kbs/v0/auth', 'POST /kbs/v0/attest']);
    const [, claims = ''] = first.token.split('.');
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number };
    clock.now = exp * 1000 - 31_000;
    expect((await token()).token).toBe(first.token);
    clock.now = exp * 1000 - 29_000;
    expect((await token()).token).not.toBe(first.token);
  });

  it('does not remember a handshake that failed', async () => {
    const kbs = await startKbs({});
    let attempts = 0;
    const client = clientOf(kbs);
    const backend = sampleBackend(
      {
        ...client,
        getToken: () => {
          attempts += 1;
          return attempts === 1 ? Promise.reject(new Error('once')) : client.getToken();
        },
      },
      Date.now,
    );
    await expect(backend.token('kbs')).rejects.toThrow('get token failed');
    expect(decodeUtf8(await backend.token('kbs'))).toContain('token');
  });

  it('refuses a page that was sent here under another name', async () => {
    const response = await ask(facadeOf(undefined), '/info', {}, 'rebind.example:8006');
    expect(response.status).toBe(403);
  });

  it('takes an event only as three texts of bounded length', async () => {
    const facade = facadeOf(undefined);
    const post = (body: string) => ask(facade, '/aa/aael', { method: 'POST', body });
    expect(await (await post('{"domain":"d","operation":"o","content":"c"}')).json()).toMatchObject({
      success: 'false',
    });
    for (const body of [
      '',
      '{',
      '[]',
      '{"domain":1,"operation":"o","content":"c"}',
      `{"domain":"${'x'.repeat(1 << 20)}"}`,
    ]) {
      expect((await post(body)).status).toBe(400);
    }
  });

  it('shows the init-data of the guest to the key broker', async () => {
    const kbs = await startKbs({ 'default/key/1': 'x' });
    const seen: string[] = [];
    const { fetch } = kbs.server;
    Object.assign(kbs.server, {
      fetch: (url: string, init: RequestInit) => {
        if (url.endsWith('/attest')) seen.push(String(init.body));
        return fetch(url, init);
      },
    });
    await clientOf(kbs, 'algorithm = "sha256"\n').getResource('kbs:///default/key/1');
    expect(JSON.parse(seen[0] ?? '')).toMatchObject({
      'init-data': { format: 'toml', body: 'algorithm = "sha256"\n' },
    });
  });
});
