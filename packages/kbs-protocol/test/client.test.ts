import { describe, expect, it } from 'vitest';
import {
  createKbsClient,
  createKbsTokenClient,
  generateTeeKey,
  type FetchLike,
  type KbsClientOptions,
} from '../src/index.js';
import { sampleAttester } from './sample.js';

const refusal =
  '{"type":"https://github.com/confidential-containers/kbs/errors/PolicyDeny","detail":"no\\u001b[0m"}';
const challenge = '{"nonce":"n","extra-params":""}';

describe('a client names what is wrong with an answer', () => {
  it.each<[string, Response | Error, string, number | undefined]>([
    ['no connection', new TypeError('fetch failed'), 'ERR_KBS_NETWORK', undefined],
    ['a status of no meaning', new Response('', { status: 500 }), 'ERR_KBS_RESPONSE', 500],
    ['no key broker at the URL', new Response('', { status: 404 }), 'ERR_KBS_RESPONSE', 404],
    ['a refusal', new Response(refusal, { status: 401 }), 'ERR_KBS_REFUSED', 401],
    ['a refusal without a body', new Response('', { status: 401 }), 'ERR_KBS_RESPONSE', 401],
    ['a challenge that is none', new Response('{}'), 'ERR_KBS_MESSAGE', undefined],
    ['a challenge that is not text', new Response(Uint8Array.of(0xff)), 'ERR_KBS_RESPONSE', 200],
    ['a challenge without a cookie', new Response(challenge), 'ERR_KBS_RESPONSE', undefined],
    ['an endless answer', new Response('x'.repeat(2000)), 'ERR_KBS_LIMIT', undefined],
  ])('%s', async (_, answer, code, status) => {
    const client = clientOf(async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
    await expect(client.getResource('a/b/c')).rejects.toThrow(expect.objectContaining({ code, status }));
  });

  it('in one line of plain characters', async () => {
    const client = clientOf(async () => new Response(refusal, { status: 401 }));
    await expect(client.getToken()).rejects.toThrow('refused with PolicyDeny: no?[0m');
  });
});

describe('a client sends nothing', () => {
  it.each(['kbs:///a/b', 'kbs:///a/b/c/d', 'a/b', 'http://a/b/c', 'a/../c'])('for %s', async (name) => {
    const client = clientOf(async () => {
      throw new Error('asked');
    });
    await expect(client.getResource(name)).rejects.toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_KBS_RESOURCE_(?:PATH|URI)$/) }),
    );
  });
});

describe('a client gives up on an answer', () => {
  it('that does not come in time', async () => {
    const fetch: FetchLike = (_, init) =>
      new Promise((_resolve, reject) =>
        init.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      );
    const client = clientOf(fetch, { timeoutMs: 1 });
    await expect(client.getToken()).rejects.toThrow(expect.objectContaining({ code: 'ERR_KBS_NETWORK' }));
  });
});

describe('a client that shows tokens', () => {
  it('asks again after its provider failed', async () => {
    const teeKey = await generateTeeKey();
    let calls = 0;
    const client = createKbsTokenClient({
      url: 'http://kbs.example',
      fetch: async () => new Response('', { status: 404 }),
      tokenProvider: async () => {
        if (++calls === 1) throw new Error('no agent');
        return { token: 'a.b.c', teeKey };
      },
    });
    await expect(client.getResource('a/b/c')).rejects.toThrow('no agent');
    await expect(client.getResource('a/b/c')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_NOT_FOUND' }),
    );
    expect(calls).toBe(2);
  });

  it('sends them as bearer tokens and refuses to be redirected', async () => {
    const teeKey = await generateTeeKey();
    const seen: unknown[] = [];
    const client = createKbsTokenClient({
      url: 'http://kbs.example/prefix',
      fetch: async (url, init) => {
        seen.push(url, new Headers(init.headers).get('authorization'), init.redirect);
        return new Response('', { status: 404 });
      },
      tokenProvider: async () => ({ token: 'a.b.c', teeKey }),
    });
    await expect(client.getResource('kbs+p:///x?y=z')).rejects.toThrow(
      expect.objectContaining({ status: 404 }),
    );
    expect(seen).toEqual(['http://kbs.example/prefix/kbs/v0/p/x?y=z', 'Bearer a.b.c', 'error']);
  });
});

function clientOf(
  fetch: FetchLike,
  options: Partial<KbsClientOptions> = {},
): ReturnType<typeof createKbsClient> {
  return createKbsClient({
    url: 'http://kbs.example',
    fetch,
    attester: sampleAttester,
    handshakeAttempts: 1,
    maxResponseBytes: 1000,
    ...options,
  });
}
