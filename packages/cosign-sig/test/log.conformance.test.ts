import {
  type Bytes,
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from '@sealwright/bytes';
import { importPublicKey } from '@sealwright/crypto';
import { canonicalJson, type JsonObject, parseJson } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  CosignError,
  leafHash,
  logIdOf,
  noteKeyId,
  parseCheckpoint,
  parseEntryBody,
  parseLogEntryResponse,
  parseTrustedRoot,
  treeRoot,
  TRUSTED_ROOT_MEDIA_TYPES,
  type TrustedLog,
  trustedLog,
  type TrustedRoot,
  verifyCheckpoint,
  verifyConsistency,
  verifyCosignatures,
  verifyEntryId,
  verifyInclusion,
  verifyLogEntry,
  verifyPromise,
  verifyProof,
} from '../src/index.js';

interface EntryCase {
  file: string;
  key: string | null;
  entryId: string;
  expect: {
    leafHash: string;
    setValid?: boolean;
    inclusionValid?: boolean;
    checkpoint?: { origin: string; size: number; rootMatches: boolean; signatureValid: boolean };
    kind: string;
    apiVersion: string;
    bodyIsCanonical: boolean;
  };
  consistency?: Consistency;
  uuidMatchesBody?: boolean;
  verdict: 'accept' | 'reject';
}

interface Consistency {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[];
  valid?: boolean;
}

interface Merkle {
  leavesHex: string[];
  emptyRoot: string;
  roots: Record<string, string>;
  inclusion: {
    index: number;
    size: number;
    leafHash: string;
    proof: string[];
    root: string;
    valid: boolean;
  }[];
  consistency: Consistency[];
}

interface CheckpointCase {
  name: string;
  text: string;
  keyPem: string;
  verdict: 'accept' | 'reject';
  expectedOrigin?: string;
  origin?: string;
  size?: number;
  rootHex?: string;
  extensions?: string[];
  cosignatures?: { name: string; time: number }[];
}

interface KeyCase {
  file: string;
  kind: string;
  baseUrl: string;
  keyDetails?: string;
  logIdHex: string;
  logIdBase64?: string;
  keyHintHex: string;
}

const area = vectorArea('rekor');
const read = <T>(...path: string[]): T[] => (area.present ? area.json<T[]>(...path) : []);
const merkle = area.present ? area.json<Merkle>('merkle', 'rfc6962.json') : undefined;

describe.skipIf(!area.present)('Rekor v1 entries', () => {
  it.each(read<EntryCase>('v1', 'cases.json'))('$file is $verdict', async (sample) => {
    const entry = parseLogEntryResponse(area.bytes(sample.file));
    const { expect: wanted } = sample;
    expect(entry).toMatchObject({ entryId: sample.entryId, kind: wanted.kind, version: wanted.apiVersion });
    expect(encodeHex(leafHash(entry.body))).toBe(wanted.leafHash);
    const json = parseJson(entry.body);
    expect(equalBytes(encodeUtf8(canonicalJson(json)), entry.body)).toBe(wanted.bodyIsCanonical);
    expect(parseEntryBody(entry).signatures).not.toHaveLength(0);
    const log = sample.key === null ? undefined : logOf(sample.key);
    expect(['accept', 'reject']).toContain(sample.verdict);
    expect(await holds(async () => verifyEntryId(entry))).toBe(sample.uuidMatchesBody ?? true);
    if (wanted.setValid !== undefined) expect(await holds(() => promiseOf(entry, log))).toBe(wanted.setValid);
    const { inclusionProof: proof } = entry;
    if (proof !== undefined && wanted.inclusionValid !== undefined) {
      const { logIndex: index, treeSize: size, rootHash: root, hashes } = proof;
      const inclusion = { index, size, root, hashes, leafHash: leafHash(entry.body) };
      expect(await holds(async () => verifyInclusion(inclusion))).toBe(wanted.inclusionValid);
    }
    if (proof !== undefined && wanted.checkpoint !== undefined && log !== undefined) {
      const checkpoint = parseCheckpoint(proof.checkpoint);
      expect(checkpoint).toMatchObject({ origin: wanted.checkpoint.origin, size: wanted.checkpoint.size });
      expect(equalBytes(checkpoint.rootHash, proof.rootHash)).toBe(wanted.checkpoint.rootMatches);
      expect(await holds(() => verifyCheckpoint(checkpoint, log))).toBe(wanted.checkpoint.signatureValid);
    }
    const verdict = await holds(async () => {
      verifyEntryId(entry);
      if (log !== undefined) await verifyLogEntry(entry, log);
      else if (wanted.inclusionValid !== true) throw new CosignError('ERR_COSIGN_PROOF', 'no proof');
    });
    expect(verdict).toBe(sample.verdict === 'accept');
    if (sample.consistency !== undefined) expect(await consistent(sample.consistency)).toBe(true);
  });

  it.each(area.present ? area.list('v1', 'proposed') : [])('body and UUID of %s', (file) => {
    const sample = area.json<{ canonicalBodyBase64?: string; uuid?: string }>('v1', 'proposed', file);
    if (sample.canonicalBodyBase64 === undefined) return; // a sample of a request, read in the suite of the services
    const body = decodeBase64(sample.canonicalBodyBase64);
    expect(encodeHex(leafHash(body))).toBe(sample.uuid);
    const { kind, apiVersion } = parseJson(body) as JsonObject;
    expect(
      parseEntryBody({ body, kind: String(kind), version: String(apiVersion) }).signatures,
    ).not.toHaveLength(0);
  });
});

describe.skipIf(merkle === undefined)('Merkle trees', () => {
  it('have the roots', () => {
    const leaf = (index: number): Bytes => {
      const given = merkle?.leavesHex[index];
      return leafHash(given === undefined ? encodeUtf8(String(index)) : decodeHex(given));
    };
    expect(encodeHex(treeRoot([]))).toBe(merkle?.emptyRoot);
    for (const [size, root] of Object.entries(merkle?.roots ?? {}))
      expect(encodeHex(treeRoot(Array.from({ length: Number(size) }, (_, index) => leaf(index))))).toBe(root);
  });

  it.each(merkle?.inclusion ?? [])('inclusion of $index in $size is $valid', async (sample) => {
    const [leaf, root] = [decodeHex(sample.leafHash), decodeHex(sample.root)];
    const hashes = sample.proof.map(decodeHex);
    const { index, size } = sample;
    expect(await holds(async () => verifyInclusion({ index, size, leafHash: leaf, hashes, root }))).toBe(
      sample.valid,
    );
  });

  it.each(merkle?.consistency ?? [])('consistency of $size1 and $size2 is $valid', async (sample) => {
    expect(await consistent(sample)).toBe(sample.valid);
  });
});

describe.skipIf(!area.present)('checkpoints', () => {
  it.each(read<CheckpointCase>('checkpoint', 'cases.json'))('$name: $verdict', async (sample) => {
    const key = importPublicKey(sample.keyPem);
    const { expectedOrigin } = sample;
    const baseUrl = expectedOrigin === undefined ? '' : `https://${expectedOrigin}`;
    const log = { baseUrl, key, scheme: undefined, logId: logIdOf(key), checkpointKeyId: undefined };
    expect(['accept', 'reject']).toContain(sample.verdict);
    const accepted = await holds(() => verifyCheckpoint(parseCheckpoint(sample.text), log));
    expect(accepted).toBe(sample.verdict === 'accept');
    if (!accepted) return;
    const checkpoint = parseCheckpoint(sample.text);
    expect(checkpoint).toMatchObject({ origin: sample.origin, size: sample.size });
    expect(encodeHex(checkpoint.rootHash)).toBe(sample.rootHex);
    if (sample.extensions !== undefined) expect(checkpoint.extensions).toEqual(sample.extensions);
    const witness = {
      name: 'witness.example.test',
      key: importPublicKey(area.text('minilog', 'v2', 'witness.pem')),
    };
    const found = (await verifyCosignatures(checkpoint, [witness])).map(({ name, time }) => ({
      name,
      time: time.getTime() / 1000,
    }));
    if (sample.cosignatures !== undefined) expect(found).toEqual(sample.cosignatures);
  });
});

describe.skipIf(!area.present)('log keys', () => {
  it.each(read<KeyCase>('keys', 'index.json'))('$file', (sample) => {
    const key = importPublicKey(area.text(sample.file));
    const id = sample.kind === 'ctlog' ? logIdOf(key) : noteKeyId(new URL(sample.baseUrl).host, key);
    expect(encodeHex(id)).toBe(sample.logIdHex);
    expect(encodeHex(id.subarray(0, 4))).toBe(sample.keyHintHex);
    if (sample.keyDetails !== undefined)
      expect(rootWith(key.spki, id, sample.keyDetails).tlogs[0]?.key).toEqual(key);
    if (sample.logIdBase64 !== undefined) expect(encodeBase64(id)).toBe(sample.logIdBase64);
  });
});

function rootWith(spki: Uint8Array, logId: Uint8Array, keyDetails: string): TrustedRoot {
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const publicKey = { rawBytes: encodeBase64(spki), keyDetails, validFor };
  const tlogs = [{ hashAlgorithm: 'SHA2_256', publicKey, logId: { keyId: encodeBase64(logId) } }];
  return parseTrustedRoot(JSON.stringify({ mediaType: TRUSTED_ROOT_MEDIA_TYPES[0], tlogs }));
}

function logOf(file: string): TrustedLog {
  const key = importPublicKey(area.text(file));
  return trustedLog(key, logIdOf(key));
}

async function promiseOf(
  entry: Parameters<typeof verifyPromise>[0],
  log: TrustedLog | undefined,
): Promise<void> {
  if (log === undefined || !equalBytes(log.logId, entry.logId))
    throw new CosignError('ERR_COSIGN_LOG_ENTRY', 'log');
  await verifyPromise(entry, log);
  await verifyProof({ ...entry, inclusionProof: undefined }, log);
}

function consistent({ size1, size2, root1, root2, proof }: Consistency): Promise<boolean> {
  const claim = {
    size1,
    size2,
    root1: decodeHex(root1),
    root2: decodeHex(root2),
    hashes: proof.map(decodeHex),
  };
  return holds(async () => verifyConsistency(claim));
}

/** Whether a check passes; anything but a refusal of ours fails the test. */
async function holds(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    if (!(error instanceof CosignError)) throw error;
    return false;
  }
}
