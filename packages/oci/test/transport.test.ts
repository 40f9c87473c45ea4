import { concatBytes, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { type Clock, createRegistryClient, parseReference } from '../src/index.js';
import { IMAGE, MANIFEST, code, BODY, quickClock, answers, client, ok } from './answers.ts';

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

  it('are not refused where it is the reader who takes long', async () => {
    let now = 0;
    const never = (signal?: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const clock: Clock = { now: () => now, sleep: async (_, signal) => never(signal) };
    const parts = [BODY.slice(0, 3), BODY.slice(3, 9), BODY.slice(9)];
    const slow = () =>
      new Response(
        new ReadableStream(
          {
            pull: (controller) => {
              const part = parts.shift();
              if (part === undefined) controller.close();
              else controller.enqueue(part);
            },
          },
          { highWaterMark: 0 },
        ),
      );
    const stream = await client({ ...answers(slow), clock }).openBlob(IMAGE, sha256(BODY));
    const reader = stream.getReader();
    const found: Uint8Array[] = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      found.push(part.value);
      now += 60_000;
    }
    expect(concatBytes(...found)).toEqual(BODY);
  });

  it('are refused where it is what they say about a failure that drips', async () => {
    let cancelled = false;
    const drip = () =>
      new Response(
        new ReadableStream({
          pull: async (controller) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            controller.enqueue(new Uint8Array(1));
          },
          cancel: () => void (cancelled = true),
        }),
        { status: 403, headers: { 'content-length': '4000' } },
      );
    const impatient = createRegistryClient({ fetch: async () => drip(), graceMilliseconds: 30 });
    await expect(impatient.getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_DENIED'));
    expect(cancelled).toBe(true);
  });

  it('are refused when they never come', async () => {
    const never = () => new Promise<Response>(() => {});
    await expect(client({ fetch: never }).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_TIMEOUT'));
    const stalled = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    await expect(client(answers(stalled)).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_TIMEOUT'));
  });
});

describe('a registry with TLS', () => {
  it('that leads to a place without is refused', async () => {
    const led = ok();
    Object.defineProperties(led, { redirected: { value: true }, url: { value: 'http://storage.example/a' } });
    const fetch = async (): Promise<Response> => led;
    await expect(client({ fetch }).getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_DENIED'));
    expect((await client({ fetch }).getManifest(IMAGE, { insecure: true })).bytes).toEqual(BODY);
  });

  it('that wants an upload without, or at no address of the web, does not get it', async () => {
    for (const [location, expected] of [
      ['http://registry.example:5000/v2/team/app/blobs/uploads/1', 'ERR_OCI_DENIED'],
      ['data:text/plain,', 'ERR_OCI_DENIED'],
      ['http://[', 'ERR_OCI_REGISTRY'],
    ] as const) {
      const { asked, fetch } = answers(
        new Response(null, { status: 404 }),
        new Response(null, { status: 202, headers: { location } }),
      );
      await expect(client({ fetch }).putBlob(IMAGE, BODY)).rejects.toThrow(code(expected));
      expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'POST']);
    }
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

const sha256 = (content: Uint8Array): string => `sha256:${encodeHex(digest('sha256', content))}`;
