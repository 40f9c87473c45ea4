import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { createRegistryClient, parseReference } from '../src/index.js';
import { readAll } from './read-all.ts';

const IMAGE = parseReference('registry.example/team/app:1');
const BLOB = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) % 251);
const DIGEST = `sha256:${encodeHex(digest('sha256', BLOB))}`;
const code = (expected: string) => expect.objectContaining({ name: 'OciError', code: expected });
const CLOCK = { now: () => 0, sleep: async () => new Promise<void>((resolve) => setTimeout(resolve, 0)) };

/** Answers that each break off after some bytes; `ranges` says whether parts can be asked for. */
function breaking(after: readonly number[], { ranges = true, lies = false, short = false } = {}) {
  const asked: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const range = request.headers.get('range');
    asked.push(range ?? '');
    const from = ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
    const until = Math.min(from + (after[asked.length - 1] ?? BLOB.length), BLOB.length);
    const isWhole = until === BLOB.length;
    let sent = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (!sent) {
          sent = true;
          controller.enqueue(BLOB.slice(from, until));
        } else if (isWhole || short) controller.close();
        else controller.error(new TypeError('terminated'));
      },
    });
    const headers = { 'content-length': String(BLOB.length - from) };
    if (!ranges || range === null) return new Response(body, { headers });
    const place = `bytes ${lies ? from + 1 : from}-${BLOB.length - 1}/${BLOB.length}`;
    return new Response(body, { status: 206, headers: { ...headers, 'content-range': place } });
  };
  // deadlines are of no interest here: whatever is slower than a turn of the loop would be over
  const client = createRegistryClient({
    fetch,
    clock: { ...CLOCK, sleep: (ms, signal) => (ms > 20_000 ? never(signal) : CLOCK.sleep()) },
  });
  return { asked, client };
}

function never(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('a blob whose answer breaks off', () => {
  it.each([
    ['with an error', {}],
    ['before its length', { short: true }],
  ])('%s goes on where it was', async (_, options) => {
    const { asked, client } = breaking([100, 250], options);
    const progress: number[] = [];
    const stream = await client.openBlob(IMAGE, DIGEST, { progress: (size) => progress.push(size) });
    expect(await readAll(stream)).toEqual(BLOB);
    expect([asked, progress]).toEqual([
      ['', 'bytes=100-', 'bytes=350-'],
      [100, 350, 1000],
    ]);
    expect(await breaking([1]).client.getBlob(IMAGE, DIGEST)).toEqual(BLOB);
    expect(await breaking([0]).client.getBlob(IMAGE, DIGEST)).toEqual(BLOB);
  });

  it('is passed over up to there where the registry knows no ranges', async () => {
    const { client } = breaking([100, 50, 400], { ranges: false });
    expect(await readAll(await client.openBlob(IMAGE, DIGEST))).toEqual(BLOB);
  });

  it('is given up after some attempts, at a part that was not asked for, and where its bytes are others', async () => {
    const often = breaking(Array.from({ length: 100 }, () => 1));
    await expect(often.client.getBlob(IMAGE, DIGEST)).rejects.toThrow(code('ERR_OCI_REGISTRY'));
    expect(often.asked).toHaveLength(4);
    const lying = breaking([100], { lies: true });
    await expect(lying.client.getBlob(IMAGE, DIGEST)).rejects.toThrow('another part');
    const other = `sha256:${'0'.repeat(64)}`;
    await expect(breaking([100]).client.getBlob(IMAGE, other)).rejects.toThrow(code('ERR_OCI_DIGEST'));
    const capped = breaking([100], { ranges: false });
    await expect(capped.client.getBlob(IMAGE, DIGEST, { maxBytes: 999 })).rejects.toThrow(
      code('ERR_OCI_SIZE'),
    );
  });

  it('is whole where only its end was lost', async () => {
    for (const length of [true, false]) {
      const asked: (string | null)[] = [];
      const fetch = async (request: Request): Promise<Response> => {
        asked.push(request.headers.get('range'));
        if (request.headers.has('range'))
          return new Response(null, { status: 416, headers: { 'content-range': `bytes */${BLOB.length}` } });
        let sent = false;
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            if (sent) controller.error(new TypeError('terminated'));
            else controller.enqueue(BLOB.slice());
            sent = true;
          },
        });
        return new Response(body, length ? { headers: { 'content-length': String(BLOB.length) } } : {});
      };
      const client = createRegistryClient({ fetch, retry: { baseMilliseconds: 1 } });
      expect(await client.getBlob(IMAGE, DIGEST)).toEqual(BLOB);
      expect(asked).toEqual(length ? [null] : [null, `bytes=${BLOB.length}-`]);
    }
  });

  it('is not what a cancelled call asks for again', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const { asked, client } = breaking([100, 100, 100]);
    const reader = (await client.openBlob(IMAGE, DIGEST, { signal: controller.signal })).getReader();
    controller.abort(reason);
    await expect(reader.read().then(() => reader.read())).rejects.toBe(reason);
    expect(asked).toHaveLength(1);
  });

  it('is an answer of the registry that failed, whatever it was about', async () => {
    const fetch = async (): Promise<Response> =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) }),
      );
    const client = createRegistryClient({ fetch, clock: CLOCK, retry: { attempts: 1 } });
    const failures = [
      () => client.getManifest(IMAGE),
      () => client.listTags(IMAGE),
      () => client.listReferrers(IMAGE, DIGEST),
      () => client.getBlob(IMAGE, DIGEST),
    ];
    for (const failing of failures) await expect(failing()).rejects.toMatchObject({ name: 'OciError' });
  });
});
