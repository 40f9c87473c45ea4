import {
  type Bytes,
  concatBytes,
  decodeBase64,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from '@sealwright/bytes';
import { digest, exportPublicPem, type PrivateKey, sign } from '@sealwright/crypto';
import { parseSpki } from '@sealwright/der';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';

/** A log of signatures. */
export interface FakeLog {
  /** Answer a request. */
  fetch(request: Request): Promise<Response>;
  /** How entries name it. */
  readonly logId: Bytes;
  /** How many entries it has. */
  size(): number;
}

/** A log that speaks version 1 of Rekor's interface. */
export function createRekor(key: PrivateKey, host: string, now: () => number): FakeLog {
  const bodies: Bytes[] = [];
  const times: number[] = [];
  const attestations = new Map<number, string>();
  const logId = digest('sha256', key.publicKey.spki);
  const answerOf = async (index: number): Promise<JsonObject> => {
    const body = bodies[index] ?? new Uint8Array(0);
    const entry = {
      body: encodeBase64(body),
      integratedTime: times[index] ?? 0,
      logID: encodeHex(logId),
      logIndex: index + OFFSET,
    };
    const leaves = bodies.map(leaf);
    const attestation = attestations.get(index);
    return {
      [`${TREE_HEX}${encodeHex(leaf(body))}`]: {
        ...entry,
        ...(attestation === undefined ? {} : { attestation: { data: attestation } }),
        verification: {
          signedEntryTimestamp: encodeBase64(await sign(key, encodeUtf8(canonicalJson(entry)))),
          inclusionProof: {
            checkpoint: await note(key, `${host} - ${TREE}`, host, leaves, logId),
            hashes: proof(leaves, index).map(encodeHex),
            logIndex: index,
            rootHash: encodeHex(root(leaves)),
            treeSize: leaves.length,
          },
        },
      },
    };
  };
  const find = (id: string): number => bodies.findIndex((body) => encodeHex(leaf(body)) === id.slice(-64));
  return {
    logId,
    size: () => bodies.length,
    fetch: async (request) => {
      const url = new URL(request.url);
      const path = url.pathname.replace('/api/v1/', '');
      if (path === 'log/entries' && request.method === 'POST') {
        const { body, attestation } = bodyOf((await request.json()) as JsonObject);
        const existing = bodies.findIndex((other) => equalBytes(other, body));
        if (existing >= 0) {
          const location = `/api/v1/log/entries/${TREE_HEX}${encodeHex(leaf(body))}`;
          return Response.json({ code: 409, message: 'exists' }, { status: 409, headers: { location } });
        }
        if (attestation !== undefined) attestations.set(bodies.length, attestation);
        bodies.push(body);
        times.push(Math.floor(now() / 1000));
        return Response.json(await answerOf(bodies.length - 1), { status: 201 });
      }
      if (path === 'log/entries/retrieve') {
        const { entries = [] } = (await request.json()) as { entries?: JsonObject[] };
        const found = entries.flatMap((entry) => {
          if (entry['kind'] === 'intoto' && entry['apiVersion'] === '0.0.1') return [];
          const { body } = bodyOf(entry);
          return bodies.flatMap((other, index) => (equalBytes(other, body) ? [index] : []));
        });
        return Response.json(await Promise.all(found.map(answerOf)));
      }
      if (path === 'log/entries')
        return one(Number(url.searchParams.get('logIndex')) - OFFSET, bodies, answerOf);
      if (path === 'index/retrieve') {
        const { hash } = (await request.json()) as { hash?: string };
        const digits = hash?.split(':').at(-1) ?? '-';
        const found = bodies.filter((body) => decodeUtf8(body).includes(digits));
        return Response.json(found.map((body) => TREE_HEX + encodeHex(leaf(body))));
      }
      if (path.startsWith('log/entries/')) return one(find(path.split('/').at(-1) ?? ''), bodies, answerOf);
      if (path === 'log/publicKey') return new Response(exportPublicPem(key.publicKey));
      if (path === 'log/proof') {
        const first = Number(url.searchParams.get('firstSize'));
        const last = Number(url.searchParams.get('lastSize'));
        const leaves = bodies.slice(0, last).map(leaf);
        return Response.json({
          rootHash: encodeHex(root(leaves)),
          hashes: growth(leaves, first).map(encodeHex),
        });
      }
      if (path === 'log') {
        const leaves = bodies.map(leaf);
        return Response.json({
          rootHash: encodeHex(root(leaves)),
          treeSize: leaves.length,
          treeID: TREE,
          signedTreeHead: await note(key, `${host} - ${TREE}`, host, leaves, logId),
          inactiveShards: [],
        });
      }
      return new Response('{}', { status: 404 });
    },
  };
}

/** A log that speaks version 2 of Rekor's interface; its key is Ed25519. */
export function createRekorTiles(key: PrivateKey, origin: string): FakeLog {
  const bodies: Bytes[] = [];
  const { publicKey } = parseSpki(key.publicKey.spki);
  const logId = digest('sha256', concatBytes(encodeUtf8(`${origin}\n`), Uint8Array.of(1), publicKey));
  return {
    logId,
    size: () => bodies.length,
    fetch: async (request) => {
      if (request.method !== 'POST') return new Response('', { status: 404 });
      const { hashedRekordRequestV002: asked } = (await request.json()) as {
        hashedRekordRequestV002?: JsonObject;
      };
      if (asked === undefined) return Response.json({ code: 3 }, { status: 400 });
      const { digest: value, signature } = asked;
      const size = decodeBase64(String(value)).byteLength * 8;
      const spec = {
        hashedRekordV002: {
          data: { algorithm: `SHA2_${size}`, digest: value ?? '' },
          signature: signature ?? {},
        },
      };
      const body = encodeUtf8(canonicalJson({ apiVersion: '0.0.2', kind: 'hashedrekord', spec }));
      bodies.push(body);
      const index = bodies.length - 1;
      const leaves = bodies.map(leaf);
      const answer = {
        logIndex: String(index),
        logId: { keyId: encodeBase64(logId) },
        kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
        inclusionProof: {
          logIndex: String(index),
          rootHash: encodeBase64(root(leaves)),
          treeSize: String(leaves.length),
          hashes: proof(leaves, index).map(encodeBase64),
          checkpoint: { envelope: await note(key, origin, origin, leaves, logId) },
        },
        canonicalizedBody: encodeBase64(body),
      };
      return Response.json(answer, { status: 201 });
    },
  };
}

async function one(
  index: number,
  bodies: readonly Bytes[],
  answerOf: (index: number) => Promise<JsonObject>,
): Promise<Response> {
  if (bodies[index] === undefined) return Response.json({ code: 404, message: 'not found' }, { status: 404 });
  return Response.json(await answerOf(index));
}

function bodyOf({ apiVersion, kind, spec }: JsonObject): { body: Bytes; attestation: string | undefined } {
  const given = isJsonObject(spec) ? spec : {};
  const canonical = (value: JsonObject): Bytes =>
    encodeUtf8(canonicalJson({ apiVersion: apiVersion ?? '', kind: kind ?? '', spec: value }));
  if (kind === 'dsse') return { body: canonical(dsse(given)), attestation: undefined };
  const content = given['content'];
  if (kind !== 'intoto' || !isJsonObject(content) || !isJsonObject(content['envelope']))
    return { body: canonical(given), attestation: undefined };
  const { payload, ...envelope } = content['envelope'];
  const attestation = decodeUtf8(decodeBase64(String(payload)));
  return { body: canonical({ ...given, content: { ...content, envelope } }), attestation };
}

function dsse(spec: JsonObject): JsonObject {
  const { envelope, verifiers } = spec['proposedContent'] as { envelope: string; verifiers: JsonValue[] };
  const { payload, signatures } = JSON.parse(envelope) as { payload: string; signatures: { sig: string }[] };
  const hash = (bytes: Uint8Array): JsonObject => ({
    algorithm: 'sha256',
    value: encodeHex(digest('sha256', bytes)),
  });
  return {
    envelopeHash: hash(encodeUtf8(envelope)),
    payloadHash: hash(decodeBase64(payload)),
    signatures: signatures.map(({ sig }, index) => ({ signature: sig, verifier: verifiers[index] ?? '' })),
  };
}

async function note(
  key: PrivateKey,
  origin: string,
  name: string,
  leaves: readonly Bytes[],
  logId: Bytes,
): Promise<string> {
  const text = `${origin}\n${leaves.length}\n${encodeBase64(root(leaves))}\n`;
  const signature = await sign(key, encodeUtf8(text));
  return `${text}\n\u2014 ${name} ${encodeBase64(concatBytes(logId.subarray(0, 4), signature))}\n`;
}

function leaf(body: Uint8Array): Bytes {
  return digest('sha256', concatBytes(Uint8Array.of(0), body));
}

function root(leaves: readonly Bytes[]): Bytes {
  const [only] = leaves;
  if (only === undefined) return digest('sha256', new Uint8Array(0));
  if (leaves.length === 1) return only;
  const split = below(leaves.length);
  return digest(
    'sha256',
    concatBytes(Uint8Array.of(1), root(leaves.slice(0, split)), root(leaves.slice(split))),
  );
}

function proof(leaves: readonly Bytes[], index: number): Bytes[] {
  if (leaves.length < 2) return [];
  const split = below(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...proof(left, index), root(right)] : [...proof(right, index - split), root(left)];
}

/** RFC 6962 section 2.1.2. */
function growth(leaves: readonly Bytes[], size: number, whole = true): Bytes[] {
  if (size === leaves.length) return whole ? [] : [root(leaves)];
  const split = below(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  if (size <= split) return [...growth(left, size, whole), root(right)];
  return [...growth(right, size - split, false), root(left)];
}

function below(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

const OFFSET = 1000;
const TREE = '1234567890';
const TREE_HEX = '00000000499602d2';
