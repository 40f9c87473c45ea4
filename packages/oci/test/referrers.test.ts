import { encodeUtf8 } from '@sealwright/bytes';
import { createRegistry, type RegistryOptions } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import {
  type Clock,
  createRegistryClient,
  type Descriptor,
  EMPTY_CONTENT,
  EMPTY_DESCRIPTOR,
  encodeIndex,
  encodeManifest,
  OCI_INDEX,
  OCI_MANIFEST,
  parseIndex,
  parseReference,
  referrersTag,
} from '../src/index.js';

const IMAGE = parseReference('registry.example:5000/team/app:1');
const TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const code = (expected: string) => expect.objectContaining({ name: 'OciError', code: expected });

/** Waits a hundred times as short, so that those who wait still let others go first. */
const CLOCK: Clock = {
  now: () => performance.now() * 100,
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, milliseconds / 100);
      signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)), { once: true });
    }),
};

/**
 * Time that goes on to the next who waits as soon as everybody does, so that no load of the machine lets one be late. What would give up
 * on a registry never comes.
 */
function virtualClock(): Clock {
  let time = 0;
  let isRunning = false;
  const waiting: { readonly at: number; readonly wake: () => void }[] = [];
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', () => (port1.close(), resolve()), { once: true });
      port1.start();
      port2.postMessage(undefined);
    });
  const run = async (): Promise<void> => {
    for (isRunning = true; waiting.length > 0;) {
      for (let turns = 0; turns < 8; turns += 1) await turn();
      const next = waiting.reduce((first, each) => (each.at < first.at ? each : first));
      waiting.splice(waiting.indexOf(next), 1);
      time = next.at;
      next.wake();
    }
    isRunning = false;
  };
  return {
    now: () => time,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        if (milliseconds >= 10_000) return;
        waiting.push({ at: time + milliseconds, wake: resolve });
        if (!isRunning) void run();
      }),
  };
}

async function setUp(options: RegistryOptions = {}, clock: Clock = CLOCK) {
  const registry = createRegistry(options);
  const make = () => createRegistryClient({ fetch: registry.fetch, clock });
  const client = make();
  await client.putBlob(IMAGE, encodeUtf8(EMPTY_CONTENT));
  const image = encodeManifest({ mediaType: OCI_MANIFEST, config: EMPTY_DESCRIPTOR, layers: [] });
  const digest = await client.putManifest(IMAGE, image, OCI_MANIFEST);
  const subject: Descriptor = { mediaType: OCI_MANIFEST, digest, size: image.byteLength };
  const referrer = (name: string, artifactType: string = TYPE): Uint8Array =>
    encodeManifest({
      mediaType: OCI_MANIFEST,
      config: EMPTY_DESCRIPTOR,
      layers: [EMPTY_DESCRIPTOR],
      subject,
      artifactType,
      annotations: { name },
    });
  return { registry, make, client, digest, subject, referrer };
}

const names = (found: readonly Descriptor[]) =>
  found.map(({ annotations }) => String(annotations?.['name'])).sort();

describe('referrers', () => {
  it('are listed by a registry that can, with their type', async () => {
    const { client, digest, referrer } = await setUp();
    const attached = await client.attachReferrer(IMAGE, referrer('a'));
    expect(attached.indexedBy).toBe('registry');
    await client.attachReferrer(IMAGE, referrer('b', 'text/plain'));
    expect(names(await client.listReferrers({ ...IMAGE, digest }, digest))).toEqual(['a', 'b']);
    expect(await client.listReferrers({ ...IMAGE, digest }, digest, { artifactType: TYPE })).toEqual([
      attached.descriptor,
    ]);
    expect(await client.listReferrers(IMAGE, `sha256:${'0'.repeat(64)}`)).toEqual([]);
  });

  it('are none where another image is under the tag, as cosign 2 copies it', async () => {
    const { client, digest } = await setUp({ referrers: false });
    const { bytes } = await client.getManifest({ ...IMAGE, digest });
    await client.putManifest({ ...IMAGE, tag: referrersTag(digest) }, bytes, OCI_MANIFEST);
    expect(await client.listReferrers({ ...IMAGE, digest }, digest)).toEqual([]);
  });

  it('are listed in an index under a tag, with the type that they have', async () => {
    const { client, digest, referrer, registry } = await setUp({ referrers: false });
    expect(await client.listReferrers({ ...IMAGE, digest }, digest)).toEqual([]);
    const { descriptor, indexedBy } = await client.attachReferrer(IMAGE, referrer('a'));
    expect([indexedBy, descriptor.artifactType, descriptor.annotations]).toEqual([
      'fallback tag',
      TYPE,
      { name: 'a' },
    ]);
    await client.attachReferrer(IMAGE, referrer('a'));
    await client.attachReferrer(IMAGE, referrer('b', 'text/plain'));
    expect(names(await client.listReferrers({ ...IMAGE, digest }, digest))).toEqual(['a', 'b']);
    expect(names(await client.listReferrers({ ...IMAGE, digest }, digest, { artifactType: TYPE }))).toEqual([
      'a',
    ]);
    expect([...registry.repository(IMAGE.repository).tags.keys()]).toEqual([
      '1',
      `sha256-${digest.slice(7)}`,
    ]);
  });

  it('are found by their type where the index has it wrong, as some writers make it', async () => {
    const { client, digest, referrer } = await setUp({ referrers: false });
    const { descriptor } = await client.attachReferrer(IMAGE, referrer('a'));
    for (const artifactType of [EMPTY_DESCRIPTOR.mediaType, '']) {
      const index = encodeIndex({ mediaType: OCI_INDEX, manifests: [{ ...descriptor, artifactType }] });
      await client.putManifest({ ...IMAGE, tag: referrersTag(digest) }, index, OCI_INDEX);
      expect(await client.listReferrers({ ...IMAGE, digest }, digest, { artifactType: TYPE })).toEqual([
        descriptor,
      ]);
    }
    expect(await client.listReferrers({ ...IMAGE, digest }, digest, { artifactType: 'text/plain' })).toEqual(
      [],
    );
  });

  it('are of the type of their configuration where they name none', async () => {
    const { client, subject } = await setUp({ referrers: false });
    const config = { ...EMPTY_DESCRIPTOR, mediaType: 'text/x-config' };
    const bytes = encodeManifest({ mediaType: OCI_MANIFEST, config, layers: [], subject, artifactType: '' });
    expect((await client.attachReferrer(IMAGE, bytes)).descriptor.artifactType).toBe('text/x-config');
  });

  it('keep what others wrote into the index', async () => {
    const { client, digest, referrer, subject } = await setUp({ referrers: false });
    const other = { ...subject, artifactType: 'text/plain' };
    const index = encodeIndex({ mediaType: OCI_INDEX, manifests: [other], annotations: { by: 'another' } });
    const tagged = { ...IMAGE, tag: referrersTag(digest) };
    await client.putManifest(tagged, index, OCI_INDEX);
    await client.attachReferrer(IMAGE, referrer('a'));
    const after = parseIndex((await client.getManifest(tagged)).bytes);
    expect([after.annotations, after.manifests.length, after.manifests[0]]).toEqual([
      { by: 'another' },
      2,
      other,
    ]);
  });

  it('are bounded, and come page by page', async () => {
    const { client, digest, referrer, registry } = await setUp();
    for (const name of ['a', 'b', 'c']) await client.attachReferrer(IMAGE, referrer(name));
    await expect(client.listReferrers({ ...IMAGE, digest }, digest, { maxReferrers: 2 })).rejects.toThrow(
      code('ERR_OCI_SIZE'),
    );
    const all = await client.listReferrers({ ...IMAGE, digest }, digest);
    let asked = 0;
    const paged = createRegistryClient({
      clock: CLOCK,
      fetch: async (request) => {
        if (!request.url.includes('/referrers/')) return registry.fetch(request);
        const page = Number(new URL(request.url).searchParams.get('page') ?? 0);
        asked += 1;
        const headers = new Headers({ 'content-type': OCI_INDEX });
        if (page < 2) headers.set('link', `</v2/team/app/referrers/${digest}?page=${page + 1}>; rel="next"`);
        const manifests = all.slice(page, page + 1);
        return new Response(encodeIndex({ mediaType: OCI_INDEX, manifests }), { headers });
      },
    });
    expect(names(await paged.listReferrers({ ...IMAGE, digest }, digest))).toEqual(['a', 'b', 'c']);
    expect(asked).toBe(3);
    const endless = createRegistryClient({
      clock: CLOCK,
      fetch: async () => {
        const headers = { 'content-type': OCI_INDEX, link: '</v2/x>; rel="next"' };
        return new Response(encodeIndex({ mediaType: OCI_INDEX, manifests: [] }), { headers });
      },
    });
    await expect(endless.listReferrers({ ...IMAGE, digest }, digest)).rejects.toThrow(code('ERR_OCI_SIZE'));
  });

  it('need a subject', async () => {
    const { client } = await setUp();
    const manifest = encodeManifest({ mediaType: OCI_MANIFEST, config: EMPTY_DESCRIPTOR, layers: [] });
    await expect(client.attachReferrer(IMAGE, manifest)).rejects.toThrow(code('ERR_OCI_MANIFEST'));
    await expect(client.listReferrers(IMAGE, 'latest')).rejects.toThrow(code('ERR_OCI_REFERENCE'));
    expect(() => referrersTag('latest')).toThrow(code('ERR_OCI_REFERENCE'));
    expect(referrersTag(`sha512:${'ab'.repeat(64)}`)).toBe(`sha512-${'ab'.repeat(32)}`);
  });

  it.each([
    ['one client', true, true],
    ['one client, of a registry without conditions', true, false],
    ['as many clients', false, true],
    ['as many clients, of a registry without conditions', false, false],
  ])(
    'of 200 concurrent writers are all kept: %s',
    async (_, shared, conditions) => {
      const { client, make, digest, referrer } = await setUp(
        { referrers: false, conditions },
        virtualClock(),
      );
      const written = Array.from({ length: 200 }, (_, index) =>
        (shared ? client : make()).attachReferrer(IMAGE, referrer(String(index))),
      );
      await Promise.all(written);
      expect(await client.listReferrers({ ...IMAGE, digest }, digest)).toHaveLength(200);
    },
    60_000,
  );

  it('are kept where the registry stumbles over its own tags', async () => {
    const { registry, referrer, digest } = await setUp({ referrers: false });
    let asked = 0;
    const fetch = async (request: Request): Promise<Response> => {
      if (!request.url.includes('/manifests/sha256-')) return registry.fetch(request);
      asked += 1;
      return asked < 12 ? new Response(null, { status: 500 }) : registry.fetch(request);
    };
    const client = createRegistryClient({ fetch, clock: CLOCK });
    await client.attachReferrer(IMAGE, referrer('a'));
    expect(names(await client.listReferrers({ ...IMAGE, digest }, digest))).toEqual(['a']);
  });

  it('give up where others always win', async () => {
    const { registry, referrer } = await setUp({ referrers: false });
    const fetch = async (request: Request): Promise<Response> => {
      const taken = request.method === 'PUT' && request.url.includes('/manifests/sha256-');
      return taken ? new Response(null, { status: 412 }) : registry.fetch(request);
    };
    const client = createRegistryClient({ fetch, clock: CLOCK });
    await expect(client.attachReferrer(IMAGE, referrer('a'), { attempts: 2 })).rejects.toThrow(
      code('ERR_OCI_CONFLICT'),
    );
  });
});
