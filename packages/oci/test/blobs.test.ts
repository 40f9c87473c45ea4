import { createRegistry } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import { createRegistryClient, decompressLayer, parseReference } from '../src/index.js';
import { readAll } from './read-all.ts';
import { IMAGE, bytes, code, answers, client } from './answers.ts';

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

  it('are taken up where a registry has half of a part, at the place that it says', async () => {
    const registry = createRegistry();
    let halved = false;
    const places: string[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      const url = new URL(request.url);
      if (request.method === 'GET' && url.pathname.includes('/uploads/')) {
        const location = `${url.pathname}?state=2`;
        return new Response(null, { status: 204, headers: { range: '0-999', location } });
      }
      if (request.method === 'PATCH') places.push(`${url.search} ${request.headers.get('content-range')}`);
      if (request.method !== 'PATCH' || halved) return registry.fetch(request);
      halved = true;
      const half = (await request.arrayBuffer()).slice(0, 1000);
      await registry.fetch(new Request(request.url, { method: 'PATCH', body: half }));
      return new Response(null, { status: 500 });
    };
    const blob = Uint8Array.from({ length: 7000 }, (_, index) => index % 251);
    const api = createRegistryClient({ fetch, retry: { baseMilliseconds: 1 } }); // reading a request takes a while
    const made = await api.uploadBlob(IMAGE, [blob], { chunkBytes: 3000 });
    expect(await client(registry).getBlob(IMAGE, made.digest)).toEqual(blob);
    expect(places.slice(0, 2)).toEqual([' 0-2999', '?state=2 1000-2999']);
  });

  it('are there where only the answer to their last part was lost', async () => {
    for (const chunkBytes of [3000, 10_000]) {
      const registry = createRegistry();
      let lost = false;
      const fetch = async (request: Request): Promise<Response> => {
        const response = await registry.fetch(request);
        if (request.method !== 'PUT' || lost) return response;
        lost = true;
        throw new TypeError('reset');
      };
      const blob = new Uint8Array(7000).fill(4);
      const made = await client({ fetch }).uploadBlob(IMAGE, [blob], { chunkBytes });
      expect(await client(registry).getBlob(IMAGE, made.digest)).toEqual(blob);
    }
  });

  it('are finished at an address that is kept to the letter', async () => {
    for (const [query, expected] of [
      ['?state=a%20b~c%2f==&x', '?state=a%20b~c%2f==&x&digest='],
      ['', '?digest='],
      ['?', '?digest='],
    ] as const) {
      const registry = createRegistry();
      const finished: string[] = [];
      const fetch = async (request: Request): Promise<Response> => {
        const response = await registry.fetch(request);
        if (request.method === 'PUT') finished.push(new URL(request.url).search);
        const { status, headers } = response;
        if (request.method !== 'POST') return response;
        const location = `https://registry.example:5000${headers.get('location') ?? ''}${query}`;
        return new Response(null, { status, headers: { location } });
      };
      const digest = await client({ fetch }).putBlob(IMAGE, bytes('blob'));
      expect(finished).toEqual([expected + encodeURIComponent(digest)]);
    }
  });

  it('are asked for by digest only', async () => {
    const { asked, fetch } = answers(new Response(null, { status: 404 }));
    const api = client({ fetch });
    for (const name of ['../manifests/latest', 'sha256:0', '']) {
      const calls = [
        api.getBlob(IMAGE, name),
        api.openBlob(IMAGE, name),
        api.hasBlob(IMAGE, name),
        api.mountBlob(IMAGE, name, 'other/app'),
      ];
      for (const call of calls) await expect(call).rejects.toThrow(code('ERR_OCI_REFERENCE'));
    }
    expect(asked).toEqual([]);
  });

  it('leave nothing at the registry when they are cancelled or refused', async () => {
    for (const status of [500, 400]) {
      const registry = createRegistry({
        intercept: ({ method }) => (method === 'PUT' ? new Response(null, { status }) : undefined),
      });
      const failed = client({ fetch: registry.fetch }).putBlob(IMAGE, bytes('blob'));
      await expect(failed).rejects.toThrow(code('ERR_OCI_REGISTRY'));
      expect(registry.requests.at(-1)).toMatch(/^DELETE /);
    }
    let released = false;
    const source = new ReadableStream<Uint8Array>({ cancel: () => void (released = true) });
    const down = client(answers(new Response(null, { status: 403 })));
    await expect(down.uploadBlob(IMAGE, source)).rejects.toThrow(code('ERR_OCI_DENIED'));
    expect(released).toBe(true);
  });

  it('that nobody reads are not kept waiting for', async () => {
    let cancelled = 0;
    const body = () => new ReadableStream<Uint8Array>({ cancel: () => void (cancelled += 1) });
    const { fetch } = answers(() => new Response(body()));
    const stream = await client({ fetch }).openBlob(IMAGE, `sha256:${'0'.repeat(64)}`);
    await stream.cancel();
    await decompressLayer(body(), 'gzip').cancel();
    expect(cancelled).toBe(2);
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
