import { decodeBase64, decodeHex, encodeHex } from '@sealwright/bytes';
import { importPublicKey } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  canonicalBody,
  consistencyFromTiles,
  CosignError,
  createRekorClient,
  createRekorTilesClient,
  inclusionFromTiles,
  leafHash,
  logIdOf,
  noteKeyId,
  parseCheckpoint,
  parseEntryBody,
  parseEntryBundle,
  type ProposedEntry,
  rootFromTiles,
  tilePath,
  type TileSource,
  trustedLog,
  type TrustedLog,
  verifyCheckpoint,
  verifyCosignatures,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.js';

interface Exchange {
  name: string;
  request: { method: string; path: string; body?: unknown };
  response: { status: number; headers: Record<string, string>; body: unknown };
}

interface AnsweredEntry {
  logIndex: number;
  integratedTime: number;
  attestation?: { data: string };
}

interface Transcript {
  publicKey: string;
  logID: string;
  treeID: string;
  treeIDHex: string;
  oldRoots: Record<string, string>;
  exchanges: Exchange[];
}

interface TilesCase {
  origin: string;
  logPublicKey: string;
  logIdHex: string;
  keyHintHex?: string;
  witness: { name: string; publicKey: string; keyIdHex?: string; timestamp: number };
  treeRoots: Record<string, string>;
  tilePaths: Record<string, string>;
  inclusion: { index: number; size: number; proof: string[] }[];
  consistency: { size1: number; size2: number; proof: string[] }[];
  create: {
    path: string;
    request: {
      hashedRekordRequestV002: {
        digest: string;
        signature: { content: string; verifier: { publicKey: { rawBytes: string } } };
      };
    };
    status: number;
    response: { logIndex: string; canonicalizedBody: string };
  };
  createDsse?: { status: number; response: { message: string } };
}

const area = vectorArea('rekor');
const has = (...path: string[]): boolean =>
  area.present && area.list(...path.slice(0, -1)).includes(path.at(-1) ?? '');
const transcript = has('minilog', 'v1', 'transcript.json')
  ? area.json<Transcript>('minilog', 'v1', 'transcript.json')
  : undefined;
const tiles = has('minilog', 'v2', 'cases.json')
  ? area.json<TilesCase>('minilog', 'v2', 'cases.json')
  : undefined;

describe.skipIf(transcript === undefined)('the client of Rekor v1 on a recorded log', () => {
  const log = (): TrustedLog => {
    const key = importPublicKey(area.text('minilog', 'v1', transcript?.publicKey ?? ''));
    return trustedLog(key, decodeHex(transcript?.logID ?? ''));
  };

  it.each(transcript?.exchanges ?? [])('$name', async (exchange) => {
    const { request, response } = exchange;
    const client = createRekorClient({
      url: 'https://rekor.example.test',
      fetch: (sent) => replay(sent, transcript?.exchanges ?? [], exchange),
      log: log(),
      retries: 0,
    });
    const url = new URL(request.path, 'https://rekor.example.test');
    const body = request.body as never;
    const act = async (): Promise<unknown> => {
      if (url.pathname === '/api/v1/log/entries' && request.method === 'POST') return client.upload(body);
      if (url.pathname === '/api/v1/log/entries')
        return client.getByIndex(Number(url.searchParams.get('logIndex')));
      if (url.pathname === '/api/v1/log/entries/retrieve') {
        const query = body as { logIndexes?: number[]; entryUUIDs?: string[]; entries?: ProposedEntry[] };
        const { entryUUIDs: entryIds, ...rest } = query;
        return client.retrieve({ ...rest, ...(entryIds === undefined ? {} : { entryIds }) });
      }
      if (url.pathname.startsWith('/api/v1/log/entries/'))
        return client.getById(url.pathname.split('/').at(-1) ?? '');
      if (url.pathname === '/api/v1/index/retrieve') {
        const { publicKey, ...query } = body as {
          hash?: string;
          email?: string;
          publicKey?: { format: 'x509'; content: string };
        };
        const key = publicKey && { format: publicKey.format, content: decodeBase64(publicKey.content) };
        return client.search({ ...query, ...(key === undefined ? {} : { publicKey: key }) });
      }
      if (url.pathname === '/api/v1/log') return client.logInfo();
      if (url.pathname === '/api/v1/log/publicKey') return client.publicKey();
      if (url.pathname !== '/api/v1/log/proof') throw new TypeError(`there is no ${url.pathname}`);
      const [from, to] = [url.searchParams.get('firstSize') ?? '', url.searchParams.get('lastSize') ?? ''];
      const root = (size: string): Uint8Array => decodeHex(transcript?.oldRoots[size] ?? '');
      return client.proveConsistency(
        { size: Number(from), rootHash: root(from) as never },
        { size: Number(to), rootHash: root(to) as never },
        url.searchParams.get('treeID') ?? '',
      );
    };
    const outcome: unknown = await act().catch((reason: unknown) => reason);
    if (outcome instanceof Error && !(outcome instanceof CosignError)) throw outcome;
    if (response.status === 404) expect(outcome).toBeUndefined();
    else if (response.status >= 400 && response.status !== 409) expect(outcome).toBeInstanceOf(CosignError);
    else expect(outcome instanceof CosignError ? outcome.message : '').toBe('');
    if (response.status === 409) expect(outcome).toMatchObject({ existed: true });
    if (response.status === 201) expect(outcome).toMatchObject({ existed: false });
    if (response.status < 300) expectAnswer(url.pathname, outcome, response.body);
  });

  /** What the client gives back is what the log answered. */
  function expectAnswer(path: string, outcome: unknown, answer: unknown): void {
    const entryOf = (map: unknown): unknown => {
      const [entryId = '', entry] = Object.entries(map as Record<string, AnsweredEntry>)[0] ?? [];
      expect(entryId.slice(0, -64)).toBe(transcript?.treeIDHex);
      const { logIndex, integratedTime, attestation } = entry ?? {};
      return {
        entryId,
        logIndex,
        integratedTime,
        attestation: attestation === undefined ? undefined : decodeBase64(attestation.data),
      };
    };
    if (path === '/api/v1/index/retrieve') expect(outcome).toEqual(answer);
    else if (path === '/api/v1/log/entries/retrieve')
      expect(outcome).toMatchObject((answer as unknown[]).map(entryOf));
    else if (path === '/api/v1/log/publicKey') expect(outcome).toEqual(importPublicKey(String(answer)));
    else if (path === '/api/v1/log') {
      const { rootHash, treeSize, treeID: treeId } = answer as Record<string, unknown>;
      expect(outcome).toMatchObject({ rootHash, treeSize, treeId });
      expect(treeId).toBe(transcript?.treeID);
    } else if (path === '/api/v1/log/proof') expect(outcome).toBeUndefined();
    else expect((outcome as { entry?: unknown }).entry ?? outcome).toMatchObject(entryOf(answer) as object);
  }

  it('believes no other log', async () => {
    const key = importPublicKey(area.text('keys', 'rekor.sigstore.dev.pem'));
    const client = createRekorClient({
      url: 'https://rekor.example.test',
      fetch: (sent) => replay(sent, transcript?.exchanges ?? []),
      log: trustedLog(key, logIdOf(key)),
      retries: 0,
    });
    const asked = (transcript?.exchanges ?? []).flatMap(({ request, response }) =>
      response.status === 200 ? (/[?]logIndex=([0-9]+)$/.exec(request.path)?.[1] ?? []) : [],
    );
    expect(asked).not.toHaveLength(0);
    for (const index of asked)
      await expect(client.getByIndex(Number(index))).rejects.toBeInstanceOf(CosignError);
    await expect(client.logInfo()).rejects.toBeInstanceOf(CosignError);
  });
});

describe.skipIf(!area.present)('proposed entries', () => {
  it.each(area.present ? area.list('v1', 'proposed') : [])('%s has the body and the UUID', async (file) => {
    const sample = area.json<{ request?: ProposedEntry; canonicalBodyBase64?: string; uuid?: string }>(
      'v1',
      'proposed',
      file,
    );
    if (sample.request === undefined) {
      const upstream = area.json<ProposedEntry>('v1', 'proposed', file);
      expect(upstream).toMatchObject({ kind: expect.any(String), spec: expect.any(Object) });
      const made: unknown = await canonicalBody(upstream).catch((reason: unknown) => reason);
      if (made instanceof Error) expect(made).toBeInstanceOf(CosignError);
      return;
    }
    const body = await canonicalBody(sample.request);
    expect(new TextDecoder().decode(body)).toBe(
      new TextDecoder().decode(decodeBase64(sample.canonicalBodyBase64 ?? '')),
    );
    expect(encodeHex(leafHash(body))).toBe(sample.uuid);
    const { kind, apiVersion: version } = sample.request;
    expect(parseEntryBody({ body, kind, version }).signatures).not.toHaveLength(0);
  });
});

describe.skipIf(tiles === undefined)('a log in tiles', () => {
  const path = (...rest: string[]): string[] => ['minilog', 'v2', ...rest];
  const source: TileSource = {
    hashTile: async (level, index) => {
      const folder = path('tile', String(level), ...tilePath(index).split('/').slice(0, -1));
      const last = tilePath(index).split('/').at(-1) ?? '';
      if (has(...folder, last)) return area.bytes(...folder, last);
      const widths = area.list(...folder, `${last}.p`).map(Number);
      return area.bytes(...folder, `${last}.p`, String(Math.max(...widths)));
    },
  };
  const log = (): TrustedLog => {
    const key = importPublicKey(area.text(...path(tiles?.logPublicKey ?? '')));
    return trustedLog(key, decodeHex(tiles?.logIdHex ?? ''), { baseUrl: `https://${tiles?.origin}` });
  };

  it('names tiles', () => {
    for (const [index, name] of Object.entries(tiles?.tilePaths ?? {}))
      expect(tilePath(Number(index))).toBe(name);
  });

  it.each(area.present ? area.list('minilog', 'v2').filter((name) => name.startsWith('checkpoint.')) : [])(
    '%s is signed and its root comes out of the tiles',
    async (name) => {
      const checkpoint = parseCheckpoint(area.text(...path(name)));
      await verifyCheckpoint(checkpoint, log());
      expect(encodeHex(noteKeyId(tiles?.origin ?? '', log().key as never))).toBe(tiles?.logIdHex);
      expect(encodeHex(checkpoint.rootHash)).toBe(tiles?.treeRoots[String(checkpoint.size)]);
      const witness = {
        name: tiles?.witness.name ?? '',
        key: importPublicKey(area.text(...path(tiles?.witness.publicKey ?? ''))),
      };
      const cosigned = await verifyCosignatures(checkpoint, [witness, witness]);
      for (const { time } of cosigned) expect(time.getTime() / 1000).toBe(tiles?.witness.timestamp);
      if (checkpoint.signatures.length > 1) expect(cosigned).toHaveLength(1);
      const own = checkpoint.signatures.find(({ name: signer }) => signer === tiles?.origin);
      if (tiles?.keyHintHex !== undefined)
        expect(encodeHex(own?.hint ?? new Uint8Array(0))).toBe(tiles.keyHintHex);
      if (cosigned.length > 0 && tiles?.witness.keyIdHex !== undefined)
        expect(checkpoint.signatures.map(({ hint }) => encodeHex(hint))).toContain(tiles.witness.keyIdHex);
    },
  );

  it('has the roots, also of trees that it once was', async () => {
    for (const [size, root] of Object.entries(tiles?.treeRoots ?? {}))
      expect(encodeHex(await rootFromTiles(source, Number(size)))).toBe(root);
  });

  it.each(tiles?.inclusion ?? [])('proves $index in $size', async ({ index, size, proof }) => {
    const hashes = await inclusionFromTiles(source, index, size);
    expect(hashes.map(encodeHex)).toEqual(proof);
    const [place, width] = [Math.floor(index / 256), Math.min(256, size - Math.floor(index / 256) * 256)];
    const names = area.list(...path('tile', 'entries'));
    const partial = `${tilePath(place)}.p`;
    const file = names.includes(tilePath(place))
      ? area.bytes(...path('tile', 'entries', tilePath(place)))
      : area.bytes(
          ...path('tile', 'entries', partial, area.list(...path('tile', 'entries', partial))[0] ?? ''),
        );
    const body = parseEntryBundle(file, width)[index % 256] ?? new Uint8Array(0);
    const root = decodeHex(tiles?.treeRoots[String(size)] ?? '');
    verifyInclusion({ index, size, leafHash: leafHash(body), hashes, root });
  });

  it.each(tiles?.consistency ?? [])('proves $size1 to $size2', async ({ size1, size2, proof }) => {
    const hashes = await consistencyFromTiles(source, size1, size2);
    expect(hashes.map(encodeHex)).toEqual(proof);
    const [root1, root2] = [await rootFromTiles(source, size1), await rootFromTiles(source, size2)];
    verifyConsistency({ size1, size2, root1, root2, hashes });
  });

  it('may take no envelopes, and says so', async () => {
    if (tiles?.createDsse === undefined) return;
    const { status, response } = tiles.createDsse;
    const client = createRekorTilesClient({
      url: `https://${tiles.origin}`,
      log: log(),
      retries: 0,
      fetch: async () => Response.json(response, { status }),
    });
    const { digest: hashed, signature } = tiles.create.request.hashedRekordRequestV002;
    const key = importPublicKey(decodeBase64(signature.verifier.publicKey.rawBytes));
    const logged = { digest: decodeBase64(hashed), signature: decodeBase64(signature.content), key };
    await expect(client.upload(logged)).rejects.toThrow(`${status}: ${JSON.stringify(response)}`);
  });

  it('is written to and read from by the client', async () => {
    const {
      request,
      response,
      path: where,
    } = tiles?.create ?? { request: undefined, response: undefined, path: '' };
    const checkpoints = area
      .list('minilog', 'v2')
      .filter((name) => name.startsWith('checkpoint.'))
      .sort(
        (a, b) => parseCheckpoint(area.text(...path(a))).size - parseCheckpoint(area.text(...path(b))).size,
      );
    const [oldest = '', newest = ''] = [checkpoints[0], checkpoints.at(-1)];
    const { size } = parseCheckpoint(area.text(...path(newest)));
    const options = {
      url: `https://${tiles?.origin}`,
      log: log(),
      retries: 0,
      fetch: async (sent: Request): Promise<Response> => {
        const { pathname } = new URL(sent.url);
        if (pathname === where) {
          expect(await sent.json()).toEqual(request);
          return Response.json(response, { status: tiles?.create.status ?? 201 });
        }
        return fileOf(pathname);
      },
    };
    const fileOf = async (pathname: string): Promise<Response> => {
      const parts = pathname.replace('/api/v2/', '').split('/');
      if (pathname === '/api/v2/checkpoint') return new Response(area.text(...path(newest)));
      return has(...path(...parts))
        ? new Response(area.bytes(...path(...parts)) as never)
        : new Response('', { status: 404 });
    };
    const client = createRekorTilesClient(options);
    const { digest: hashed, signature } = request?.hashedRekordRequestV002 ?? {
      digest: '',
      signature: undefined,
    };
    const logged = {
      digest: decodeBase64(hashed),
      signature: decodeBase64(signature?.content ?? ''),
      key: importPublicKey(decodeBase64(signature?.verifier.publicKey.rawBytes ?? '')),
    };
    const entry = await client.upload(logged);
    expect(entry.logIndex).toBe(Number(response?.logIndex));
    expect(encodeHex(entry.body)).toBe(encodeHex(decodeBase64(response?.canonicalizedBody ?? '')));
    const again = createRekorTilesClient({
      ...options,
      fetch: async (sent) =>
        new URL(sent.url).pathname === where
          ? new Response('{}', { status: 409, headers: { 'x-log-index': String(entry.logIndex) } })
          : fileOf(new URL(sent.url).pathname),
    });
    expect(encodeHex((await again.upload(logged)).body)).toBe(encodeHex(entry.body));
    await expect(client.upload({ ...logged, digest: new Uint8Array(32) })).rejects.toBeInstanceOf(
      CosignError,
    );
    for (const index of [0, size - 1])
      expect((await client.getByIndex(index)).inclusionProof?.treeSize).toBe(size);
    await expect(client.getByIndex(size)).rejects.toBeInstanceOf(CosignError);
    const old = parseCheckpoint(area.text(...path(oldest)));
    await client.proveConsistency(old, await client.checkpoint());
    await expect(
      client.proveConsistency({ ...old, size: old.size + 1 }, await client.checkpoint()),
    ).rejects.toBeInstanceOf(CosignError);
  });
});

async function replay(sent: Request, exchanges: readonly Exchange[], wanted?: Exchange): Promise<Response> {
  const url = new URL(sent.url);
  const body: unknown = sent.method === 'POST' ? await sent.json() : undefined;
  const found = exchanges.filter(
    ({ request }) =>
      request.method === sent.method &&
      request.path === `${url.pathname}${url.search}` &&
      JSON.stringify(sorted(request.body)) === JSON.stringify(sorted(body)),
  );
  const exchange = found.find((each) => each === wanted) ?? found[0];
  if (exchange !== undefined) {
    const { status, headers, body: answer } = exchange.response;
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return new Response(text, { status, headers });
  }
  const id = url.pathname.split('/').at(-1) ?? '';
  const named = exchanges.find(
    ({ response }) => typeof response.body === 'object' && response.body !== null && id in response.body,
  );
  return named === undefined ? new Response('{}', { status: 404 }) : Response.json(named.response.body);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}
