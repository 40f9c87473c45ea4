import { createRegistry } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import { IMAGE, code, answers, client, ok } from './answers.ts';

describe('challenges', () => {
  const challenge = (header: string) =>
    new Response(null, { status: 401, headers: { 'www-authenticate': header } });
  const credentials = async () => ({ username: 'u', password: 'p' });

  it.each([
    ['Bearer realm="http://auth.example/token"', 'ERR_OCI_DENIED'],
    ['Bearer realm="token"', 'ERR_OCI_REGISTRY'],
    ['Bearer realm="file:///etc/passwd"', 'ERR_OCI_DENIED'],
    ['Bearer', 'ERR_OCI_DENIED'],
    ['Negotiate abc', 'ERR_OCI_DENIED'],
  ])('%s gets no password', async (header, expected) => {
    const { asked, fetch } = answers(challenge(header));
    await expect(client({ fetch, credentials }).getManifest(IMAGE)).rejects.toThrow(code(expected));
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['Bearer realm=https://auth.example/token , service=s', 's', 'repository:team/app:pull'],
    [
      'bearer  realm = "https://auth.example/token",,SERVICE="a, \\"b\\""',
      'a, "b"',
      'repository:team/app:pull',
    ],
    [
      'Basic realm="r", Bearer realm="https://auth.example/token",service="s"',
      's',
      'repository:team/app:pull',
    ],
    [
      'Bearer realm="https://auth.example/token",service="s", Basic realm="r"',
      's',
      'repository:team/app:pull',
    ],
    [
      'Bearer realm="https://auth.example/token",service="s",realm="https://b.example"',
      's',
      'repository:team/app:pull',
    ],
    [
      'Bearer realm="https://auth.example/token",service="s",scope="a:b:c d:e:f repository:team/app:metadata,pull"',
      's',
      'repository:team/app:pull,metadata a:b:c d:e:f',
    ],
    [
      'Negotiate a/b==, Bearer realm="https://auth.example/token",service="s"',
      's',
      'repository:team/app:pull',
    ],
  ])('%s is understood', async (header, service, scopes) => {
    const { asked, fetch } = answers(challenge(header), () => Response.json({ token: 't' }), ok);
    await client({ fetch, credentials }).getManifest(IMAGE);
    const url = new URL(asked[1]?.url ?? '');
    expect([url.origin, url.searchParams.get('service'), url.searchParams.getAll('scope').join(' ')]).toEqual(
      ['https://auth.example', service, scopes],
    );
    expect(asked[1]?.headers.get('authorization')).toBe(`Basic ${btoa('u:p')}`);
    expect(asked[2]?.headers.get('authorization')).toBe('Bearer t');
  });

  it('ask for a token that is good for what comes next, too', async () => {
    const registry = createRegistry();
    const scopes: (string | null)[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      const url = new URL(request.url);
      if (url.hostname === 'auth.example') {
        scopes.push(url.searchParams.get('scope'));
        return Response.json({ token: btoa(url.searchParams.get('scope') ?? '') });
      }
      const shown = request.headers.get('authorization');
      if (shown === null)
        return challenge('Bearer realm="https://auth.example/token",scope="repository:team/app:pull"');
      const mayPush = atob(shown.slice('Bearer '.length)).includes('push');
      // some registries tell a token that is not enough from none, and do not ask again
      return request.method === 'HEAD' || mayPush
        ? registry.fetch(request)
        : new Response(null, { status: 403 });
    };
    await client({ fetch }).putBlob(IMAGE, new Uint8Array(3));
    expect(scopes).toEqual(['repository:team/app:pull,push']);
  });

  it('of where a redirection leads are not answered', async () => {
    const seen: string[] = [];
    const elsewhere = challenge('Bearer realm="https://evil.example/token"');
    Object.defineProperties(elsewhere, {
      redirected: { value: true },
      url: { value: 'https://storage.example/blob' },
    });
    const fetch = async (request: Request): Promise<Response> => {
      seen.push(request.url);
      return elsewhere;
    };
    await expect(client({ fetch, credentials }).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_DENIED'));
    expect(seen).toHaveLength(1);
  });

  it('are answered with the password where nothing else is asked for', async () => {
    const { asked, fetch } = answers(challenge('Negotiate, Basic realm="r"'), ok);
    await client({ fetch, credentials }).getManifest(IMAGE);
    expect(asked[1]?.headers.get('authorization')).toBe(`Basic ${btoa('u:p')}`);
  });

  it('are answered again when a token has run out, and by a service that was busy', async () => {
    const realm = challenge('Bearer realm="https://auth.example/token"');
    const { asked, fetch } = answers(
      realm,
      new Response(null, { status: 503 }),
      () => Response.json({ token: '', access_token: 'one' }),
      ok,
      realm,
      () => Response.json({ token: 'two' }),
      ok,
    );
    const api = client({ fetch });
    await api.getManifest(IMAGE);
    await api.getManifest(IMAGE);
    expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual([
      null,
      null,
      null,
      'Bearer one',
      'Bearer one',
      null,
      'Bearer two',
    ]);
  });

  it('of many calls at once are answered once, and again when the token has run out', async () => {
    let [valid, exchanges, mayFail] = ['one', 0, false];
    const fetch = async (request: Request): Promise<Response> => {
      if (request.url.startsWith('https://auth.example/')) {
        exchanges += 1;
        await new Promise((resolve) => setTimeout(resolve, 0));
        return mayFail ? new Response(null, { status: 403 }) : Response.json({ token: valid });
      }
      if (request.headers.get('authorization') === `Bearer ${valid}`) return ok();
      return challenge('Bearer realm="https://auth.example/token"');
    };
    const api = client({ fetch });
    const all = (signal?: AbortSignal): Promise<unknown[]> =>
      Promise.all(
        Array.from({ length: 20 }, () => api.getManifest(IMAGE, signal === undefined ? {} : { signal })),
      );
    await all();
    expect(exchanges).toBe(1);
    valid = 'two';
    await all();
    expect(exchanges).toBe(2);
    [valid, mayFail] = ['three', true];
    await expect(all()).rejects.toThrow(code('ERR_OCI_DENIED'));
    mayFail = false;
    await all(new AbortController().signal);
    await all();
    expect(exchanges).toBeLessThanOrEqual(3 + 20);
  });

  it('with TLS are answered with nothing that is said in the clear later', async () => {
    const { asked, fetch } = answers(challenge('Basic realm="r"'), ok);
    const api = client({ fetch, credentials });
    await api.getManifest(IMAGE);
    await api.getManifest(IMAGE);
    await api.getManifest(IMAGE, { insecure: true });
    expect(asked.map(({ headers }) => headers.has('authorization'))).toEqual([false, true, true, false]);
  });

  it('do not send an identity token where the token service points', async () => {
    const { asked, fetch } = answers(
      challenge('Bearer realm="https://auth.example/token"'),
      new Response(null, { status: 307, headers: { location: 'http://evil.example/' } }),
    );
    const identity = async () => ({ username: '', password: '', identityToken: 'long-lived' });
    await expect(client({ fetch, credentials: identity }).getManifest(IMAGE)).rejects.toThrow(
      code('ERR_OCI_REGISTRY'),
    );
    expect([asked.length, asked[1]?.redirect]).toEqual([2, 'manual']);
  });

  it('are answered with the token of the registry, to the registry alone', async () => {
    const withToken = (registryToken: string) => async () => ({
      username: 'u',
      password: 'p',
      registryToken,
    });
    const realm = 'Basic realm="r", Bearer realm="https://auth.example/token"';
    const { asked, fetch } = answers(challenge(realm), ok);
    await client({ fetch, credentials: withToken('own') }).getManifest(IMAGE);
    expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual([null, 'Bearer own']);
    const odd = client({ ...answers(challenge(realm)), credentials: withToken('a\nb') });
    await expect(odd.getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_CREDENTIALS'));
    const elsewhere = answers(
      new Response(null, { status: 404 }),
      new Response(null, { status: 202, headers: { location: 'https://upload.example/v2/x' } }),
      challenge(realm),
    );
    const upload = client({ ...elsewhere, credentials: withToken('own') }).putBlob(IMAGE, new Uint8Array(1));
    await expect(upload).rejects.toThrow(code('ERR_OCI_DENIED'));
    expect(elsewhere.asked.some(({ headers }) => headers.has('authorization'))).toBe(false);
  });

  it.each([
    '',
    '[]',
    '{"token":1}',
    '{"token":""}',
    '{"token":"a\\nb"}',
    '{"token":"é"}',
    '{"token":"a","token":"b"}',
  ])('take no token from %j', async (text) => {
    const { fetch } = answers(
      challenge('Bearer realm="https://auth.example/token"'),
      () => new Response(text),
    );
    await expect(client({ fetch }).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_REGISTRY'));
  });

  it('exchange an identity token, which the registry never sees', async () => {
    const { asked, fetch } = answers(
      challenge('Bearer realm="https://auth.example/token",service="s"'),
      () => Response.json({ access_token: 'short' }),
      ok,
    );
    const identityToken = 'long-lived';
    await client({
      fetch,
      credentials: async () => ({ username: '', password: '', identityToken }),
    }).getManifest(IMAGE);
    const [, exchange, again] = asked;
    expect([exchange?.method, await exchange?.text()]).toEqual([
      'POST',
      'grant_type=refresh_token&client_id=sealwright&refresh_token=long-lived&service=s&scope=repository%3Ateam%2Fapp%3Apull',
    ]);
    expect(again?.headers.get('authorization')).toBe('Bearer short');
  });
});
