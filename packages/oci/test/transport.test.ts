import { createRegistry } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import {
  type Clock,
  createRegistryClient,
  parseReference,
  type RegistryClientOptions,
} from '../src/index.js';
import { readAll } from './read-all.ts';

const IMAGE = parseReference('registry.example:5000/team/app:1');
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const code = (expected: string) => expect.objectContaining({ name: 'OciError', code: expected });
const BODY = bytes('{"schemaVersion":2}');

/** Time that passes when somebody waits, and no sooner. */
function quickClock(): Clock & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    sleep: async (milliseconds, signal) => {
      // a deadline that is given up is no wait
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      now += milliseconds;
      waits.push(milliseconds);
    },
  };
}

/** Answers of a registry, one after another, the last one again and again. */
function answers(...given: readonly (Response | Error | (() => Response))[]) {
  const asked: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const next = given[Math.min(asked.length, given.length - 1)];
    asked.push(request);
    if (next instanceof Error) throw next;
    return typeof next === 'function' ? next() : (next?.clone() ?? new Response(null, { status: 404 }));
  };
  return { asked, fetch };
}

const client = (options: RegistryClientOptions) =>
  createRegistryClient({ clock: quickClock(), random: () => 0.5, ...options });
const ok = (): Response => new Response(BODY.slice(), { headers: { 'content-type': MANIFEST } });

describe('a registry that is busy', () => {
  it('is asked again, later each time, and not for ever', async () => {
    const clock = quickClock();
    const busy = new Response(null, { status: 503 });
    const { asked, fetch } = answers(busy, new TypeError('reset'), busy, ok);
    const found = await client({ fetch, clock }).getManifest(IMAGE);
    expect([found.bytes, asked.length]).toEqual([BODY, 4]);
    expect(clock.waits.filter((wait) => wait < 5000)).toEqual([200, 400, 800]);
    const down = answers(busy);
    await expect(
      client({ fetch: down.fetch, retry: { attempts: 2 } }).getManifest(IMAGE),
    ).rejects.toMatchObject({
      code: 'ERR_OCI_REGISTRY',
      status: 503,
    });
    expect(down.asked).toHaveLength(2);
  });

  it('is given the time that it asks for, within reason', async () => {
    for (const [asks, waits] of [
      ['7', 7000],
      ['100000', 30_000],
      ['Fri, 31 Dec 1999 23:59:59 GMT', 9000],
      ['Fri, 31 Dec 1999 23:59:49 GMT', 200],
      ['soon', 200],
      ['-1', 200],
    ] as const) {
      const clock = quickClock();
      const headers = { 'retry-after': asks, date: 'Fri, 31 Dec 1999 23:59:50 GMT' };
      const { fetch } = answers(new Response(null, { status: 429, headers }), ok);
      await client({ fetch, clock }).getManifest(IMAGE);
      expect(clock.waits[0]).toBe(waits);
    }
  });

  it('is not asked again for what is refused for good', async () => {
    for (const status of [400, 403, 404, 405]) {
      const { asked, fetch } = answers(new Response(null, { status }));
      await expect(client({ fetch }).getManifest(IMAGE)).rejects.toMatchObject({ status });
      expect(asked).toHaveLength(1);
    }
  });

  it('may say why, in words of capitals only', async () => {
    const json = (code: unknown) => {
      const text = JSON.stringify({ errors: [{ code, message: 'secret' }] });
      return new Response(text, { status: 403, headers: { 'content-length': String(text.length) } });
    };
    await expect(client(answers(json('DENIED'))).getManifest(IMAGE)).rejects.toThrow('403 (DENIED)');
    const odd = client(answers(json('see http://evil.example')));
    await expect(odd.getManifest(IMAGE)).rejects.toThrow(/answered 403 where/);
  });
});

describe('a registry that does not see a blob while another writer puts the same one', () => {
  const unseen = () => {
    const text = JSON.stringify({ errors: [{ code: 'DIGEST_INVALID' }, { code: 'MANIFEST_BLOB_UNKNOWN' }] });
    return new Response(text, { status: 400, headers: { 'content-length': String(text.length) } });
  };

  it('is given the manifest again, and not for ever', async () => {
    const clock = quickClock();
    const { asked, fetch } = answers(unseen, unseen, new Response(null, { status: 201 }));
    await client({ fetch, clock }).putManifest(IMAGE, BODY, MANIFEST);
    expect(asked).toHaveLength(3);
    expect(clock.waits.filter((wait) => wait < 5000)).toEqual([20, 40]);
    const never = answers(unseen);
    await expect(client(never).putManifest(IMAGE, BODY, MANIFEST)).rejects.toMatchObject({
      code: 'ERR_OCI_REGISTRY',
      reasons: ['DIGEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'],
    });
    expect(never.asked).toHaveLength(6);
  });
});

describe('answers that are too large or too slow', () => {
  it('are refused before they are read, where they say how large they are', async () => {
    let pulled = 0;
    const stream = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
    const huge = () => new Response(stream, { headers: { 'content-length': String(100 << 20) } });
    await expect(client(answers(huge)).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_SIZE'));
    expect(pulled).toBe(0);
  });

  it('are refused at the cap, where they lie about it', async () => {
    let sent = 0;
    const part = new Uint8Array(1 << 16);
    const stream = new ReadableStream({
      pull: (controller) => (controller.enqueue(part), void (sent += part.length)),
    });
    await expect(client(answers(() => new Response(stream))).getManifest(IMAGE)).rejects.toThrow(
      code('ERR_OCI_SIZE'),
    );
    expect(sent).toBeLessThan(6 << 20);
  });

  it('are refused when they drip', async () => {
    let now = 0;
    let cancelled = false;
    const clock: Clock = {
      now: () => now,
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    };
    const drip = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            now += 1000; // a byte a second
            controller.enqueue(new Uint8Array(1));
          },
          cancel: () => void (cancelled = true),
        }),
      );
    await expect(client({ ...answers(drip), clock }).getManifest(IMAGE)).rejects.toThrow(
      code('ERR_OCI_TIMEOUT'),
    );
    expect([cancelled, now > 29_000, now < 40_000]).toEqual([true, true, true]);
  });

  it('are refused when they never come', async () => {
    const never = () => new Promise<Response>(() => {});
    await expect(client({ fetch: never }).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_TIMEOUT'));
    const stalled = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    await expect(client(answers(stalled)).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_TIMEOUT'));
  });
});

describe('calls', () => {
  it('can be cancelled, before, between attempts, and while an answer comes', async () => {
    const reason = new Error('enough');
    const before = answers(ok);
    const aborted = AbortSignal.abort(reason);
    await expect(client(before).getManifest(IMAGE, { signal: aborted })).rejects.toBe(reason);
    expect(before.asked).toHaveLength(0);
    for (const response of [
      () => new Response(null, { status: 503 }),
      () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) })),
    ]) {
      const controller = new AbortController();
      const { fetch } = answers(response);
      const asking = createRegistryClient({
        fetch: async (request) => {
          setTimeout(() => controller.abort(reason), 0);
          return fetch(request);
        },
      }).getManifest(IMAGE, { signal: controller.signal });
      await expect(asking).rejects.toBe(reason);
    }
  });

  it('speak plain HTTP where a registries file says so', async () => {
    const { asked, fetch } = answers(ok);
    await client({ fetch }).getManifest(IMAGE, { insecure: true });
    await client({ fetch }).getManifest(IMAGE);
    await client({ fetch }).getManifest(parseReference('[::1]:5000/a'));
    expect(asked.map(({ url }) => new URL(url).protocol)).toEqual(['http:', 'https:', 'http:']);
  });
});

describe('registries of which no address can be made', () => {
  it.each(['1.2.3.999', '[:::]', 'a:99999'])('%s are refused', async (host) => {
    const { asked, fetch } = answers(ok);
    await expect(client({ fetch }).getManifest(parseReference(`${host}/a`))).rejects.toThrow(
      code('ERR_OCI_REFERENCE'),
    );
    expect(asked).toEqual([]);
  });
});

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
    ['Bearer realm="https://auth.example/token",service="s",scope="a:b:c d:e:f"', 's', 'a:b:c d:e:f'],
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

describe('blobs in streams', () => {
  it('go up in parts and come down checked, and say how far they are', async () => {
    const registry = createRegistry();
    const blob = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251);
    const up: number[] = [];
    const down: number[] = [];
    const source = (function* () {
      yield blob.subarray(0, 1);
      yield blob.subarray(1, 9000);
      yield blob.subarray(9000);
    })();
    const api = client({ fetch: registry.fetch });
    const made = await api.uploadBlob(IMAGE, source, { chunkBytes: 3000, progress: (sent) => up.push(sent) });
    expect([made.size, up]).toEqual([10_000, [3000, 6000, 9000, 10_000]]);
    expect(registry.requests.map((line) => line.split(' ')[0])).toEqual([
      'POST',
      'PATCH',
      'PATCH',
      'PATCH',
      'PUT',
    ]);
    const stream = await api.openBlob(IMAGE, made.digest, { progress: (sent) => down.push(sent) });
    expect(await readAll(stream)).toEqual(blob);
    expect(down.at(-1)).toBe(10_000);
    expect([
      await api.hasBlob(IMAGE, made.digest),
      await api.hasBlob(IMAGE, `sha256:${'0'.repeat(64)}`),
    ]).toEqual([true, false]);
    expect((await api.uploadBlob(IMAGE, [])).size).toBe(0);
  });

  it('are taken up again where the answer to a part was lost', async () => {
    for (const taken of [true, false]) {
      const registry = createRegistry();
      let lost = false;
      const fetch = async (request: Request): Promise<Response> => {
        if (request.method === 'GET' && request.url.includes('/uploads/')) {
          const range = taken ? '0-2999' : '0-0';
          return new Response(null, {
            status: 204,
            headers: { range, location: new URL(request.url).pathname },
          });
        }
        if (request.method !== 'PATCH' || lost) return registry.fetch(request);
        lost = true;
        if (taken) await registry.fetch(request);
        throw new TypeError('reset');
      };
      const blob = new Uint8Array(7000).fill(3);
      const made = await client({ fetch }).uploadBlob(IMAGE, [blob], { chunkBytes: 3000 });
      expect(await client(registry).getBlob(IMAGE, made.digest)).toEqual(blob);
    }
  });

  it('go up in parts as large as the registry wants', async () => {
    for (const [wanted, parts] of [
      ['5000', 1],
      ['x', 2],
      ['99999999999', 2],
    ] as const) {
      const registry = createRegistry();
      const fetch = async (request: Request): Promise<Response> => {
        const response = await registry.fetch(request);
        const { status, headers } = response;
        if (request.method === 'POST') headers.set('oci-chunk-min-length', wanted);
        return new Response(null, { status, headers });
      };
      await client({ fetch }).uploadBlob(IMAGE, [new Uint8Array(7000)], { chunkBytes: 3000 });
      expect(registry.requests.filter((line) => line.startsWith('PATCH '))).toHaveLength(parts);
    }
  });

  it('are taken up where a registry has a part that it answered for with a failure', async () => {
    const registry = createRegistry();
    let failed = false;
    const fetch = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (request.method === 'GET' && pathname.includes('/uploads/')) {
        return new Response(null, { status: 204, headers: { range: '0-2999', location: pathname } });
      }
      const response = await registry.fetch(request);
      if (request.method !== 'PATCH' || failed) return response;
      failed = true;
      return new Response(null, { status: 416 });
    };
    const blob = new Uint8Array(7000).fill(3);
    const made = await client({ fetch }).uploadBlob(IMAGE, [blob], { chunkBytes: 3000 });
    expect(await client(registry).getBlob(IMAGE, made.digest)).toEqual(blob);
  });

  it('are said to be there or not only by a registry that knows', async () => {
    const api = client(answers(new Response(null, { status: 403 })));
    await expect(api.hasBlob(IMAGE, `sha256:${'0'.repeat(64)}`)).rejects.toThrow(code('ERR_OCI_DENIED'));
  });

  it('are forgotten by the registry when they fail', async () => {
    const registry = createRegistry();
    const failing = (function* () {
      yield new Uint8Array(10);
      throw new Error('disk');
    })();
    await expect(client(registry).uploadBlob(IMAGE, failing, { chunkBytes: 4 })).rejects.toThrow('disk');
    expect(registry.requests.at(-1)).toMatch(/^DELETE /);
    const asked: string[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      asked.push(
        `${request.method} ${new URL(request.url).protocol} ${request.headers.get('authorization')}`,
      );
      if (request.headers.has('authorization')) return registry.fetch(request);
      return new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } });
    };
    const credentials = async () => ({ username: 'u', password: 'p' });
    const clear = client({ fetch, credentials }).uploadBlob(
      IMAGE,
      (function* () {
        yield new Uint8Array();
        throw new Error('disk');
      })(),
      { insecure: true },
    );
    await expect(clear).rejects.toThrow('disk');
    expect(asked.at(-1)).toBe(`DELETE http: Basic ${btoa('u:p')}`);
    const large = client(registry).uploadBlob(IMAGE, [new Uint8Array(10)], { maxBytes: 9 });
    await expect(large).rejects.toThrow(code('ERR_OCI_SIZE'));
  });

  it('fail instead of ending when they are not what was asked for', async () => {
    const registry = createRegistry();
    const api = client({ fetch: registry.fetch });
    const digest = await api.putBlob(IMAGE, bytes('blob'));
    registry.repository(IMAGE.repository).blobs.set(digest, bytes('blub'));
    const reader = (await api.openBlob(IMAGE, digest)).getReader();
    await expect(reader.read()).rejects.toThrow(code('ERR_OCI_DIGEST'));
  });

  it('are taken over from other repositories', async () => {
    const registry = createRegistry();
    const api = client({ fetch: registry.fetch });
    const other = parseReference('registry.example:5000/other/app');
    const digest = await api.putBlob(other, bytes('blob'));
    expect(await api.mountBlob(IMAGE, digest, 'other/app')).toBe(true);
    expect(await api.getBlob(IMAGE, digest)).toEqual(bytes('blob'));
    expect(await api.mountBlob(IMAGE, `sha256:${'0'.repeat(64)}`, 'other/app')).toBe(false);
    expect(registry.requests.at(-1)).toMatch(/^DELETE /);
  });
});

describe('tags', () => {
  it('are listed page by page, and deleted', async () => {
    const registry = createRegistry();
    const api = client({ fetch: registry.fetch });
    for (const tag of ['a', 'b', 'c']) await api.putManifest({ ...IMAGE, tag }, BODY, MANIFEST);
    const paged = client({
      fetch: (request) => {
        const url = new URL(request.url);
        if (url.pathname.endsWith('/tags/list')) url.searchParams.set('n', '1');
        return registry.fetch(new Request(url, request));
      },
    });
    expect(await paged.listTags(IMAGE)).toEqual(['a', 'b', 'c']);
    await api.deleteManifest({ ...IMAGE, tag: 'b' });
    expect(await api.listTags(IMAGE)).toEqual(['a', 'c']);
    for (const [link, pages] of [
      ['</v2/a>; rel="prev", </v2/b?last=a>;title=x ; REL = "last next"', 2],
      ['<?last=a>;rel=next', 2],
      ['</v2/b>; rel="prev"', 1],
      ['</v2/b>; notrel="next"', 1],
      ['/v2/b; rel="next"', 1],
    ] as const) {
      const { asked, fetch } = answers(
        () => Response.json({ tags: ['a'] }, { headers: { link } }),
        () => Response.json({ tags: ['b'] }),
      );
      await client({ fetch }).listTags(IMAGE);
      expect(asked).toHaveLength(pages);
    }
    const evil = { headers: { link: '<https://evil.example/next>; rel="next"' } };
    const away = client(answers(() => Response.json({ tags: ['a'] }, evil)));
    await expect(away.listTags(IMAGE)).rejects.toThrow('on another registry');
    await expect(client(answers(() => Response.json({ tags: ['../x'] }))).listTags(IMAGE)).rejects.toThrow(
      code('ERR_OCI_REGISTRY'),
    );
    const { registry: host, repository } = IMAGE;
    await expect(api.deleteManifest({ registry: host, repository })).rejects.toThrow(
      code('ERR_OCI_REFERENCE'),
    );
  });
});
