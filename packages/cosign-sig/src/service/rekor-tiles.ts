/**
 * The client of Rekor v2: entries are written one at a time, and read as tiles.
 *
 * @module
 */
import { type Bytes, decodeUtf8, encodeBase64, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { defaultScheme, type PublicKey, type SignatureHash, type SignatureScheme } from '@sealwright/crypto';
import { canonicalJson, isJsonObject, JsonError, type JsonObject, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { type Checkpoint, parseCheckpoint, verifyCheckpoint } from '../log/checkpoint.js';
import { type LogEntry, readBundleEntry } from '../log/log-entry.js';
import { verifyConsistency } from '../log/merkle.js';
import {
  consistencyFromTiles,
  inclusionFromTiles,
  parseEntryBundle,
  tilePath,
  type TileSource,
  tileWidth,
} from '../log/tiles.js';
import { verifyLogEntry } from '../log/verify-log-entry.js';
import { ProtoMessage } from '../proto-json.js';
import { detailsOf } from '../trust/key-details.js';
import type { TrustedLog } from '../trust/trusted-root.js';
import { askService, type ServiceAnswer, type ServiceOptions } from './exchange.js';

/** How a log is reached and believed. */
export interface RekorTilesOptions extends ServiceOptions {
  /** The log as it is trusted: everything that it says is verified with its key. */
  readonly log: TrustedLog;
}

/** A signature to log. */
export interface HashedSignature {
  /** Digest of what was signed: of a file, or of the pre-authentication encoding of an envelope. */
  readonly digest: Uint8Array;
  /** The signature. */
  readonly signature: Uint8Array;
  /** The key that made it. */
  readonly key: PublicKey;
  /** How. Default the default scheme of the key. Pure Ed25519 cannot be logged. */
  readonly scheme?: SignatureScheme;
  /** The certificate of the key, DER; without it, the key itself is logged. */
  readonly certificate?: Uint8Array;
}

/** A client of one log. All methods throw {@link CosignError} `ERR_COSIGN_SERVICE` when the log does not do its part. */
export interface RekorTilesClient extends TileSource {
  /**
   * Log a signature, and verify the answer. One that is there already is read and verified like a new one.
   *
   * @param signature - what to log
   */
  upload(signature: HashedSignature): Promise<LogEntry>;
  /** The newest checkpoint, verified. */
  checkpoint(): Promise<Checkpoint & { readonly text: string }>;
  /**
   * The bodies of entries.
   *
   * @param index - of the tile, 256 entries each
   * @param width - how many entries it must have
   */
  entryTile(index: number, width: number): Promise<readonly Bytes[]>;
  /**
   * One entry with a proof that leads to a checkpoint, computed from tiles and verified.
   *
   * @param index - from 0
   */
  getByIndex(index: number): Promise<LogEntry>;
  /**
   * Check, from tiles, that the log only grew.
   *
   * @param from - what was seen before
   * @param to - what is seen now
   * @throws {@link CosignError} `ERR_COSIGN_PROOF`.
   */
  proveConsistency(
    from: Pick<Checkpoint, 'size' | 'rootHash'>,
    to: Pick<Checkpoint, 'size' | 'rootHash'>,
  ): Promise<void>;
}

/**
 * Make a client.
 *
 * @param options - address, `fetch`, and the log as it is trusted
 */
export function createRekorTilesClient(options: RekorTilesOptions): RekorTilesClient {
  const { log } = options;
  const tile = async (kind: string, index: number, width: number): Promise<Uint8Array> => {
    const path = `/api/v2/tile/${kind}/`;
    const ask = (last: string): Promise<ServiceAnswer> =>
      askService(options, { path: path + last, expected: [404], accept: '*/*', maxBytes: MAX_TILE });
    const answer = await ask(tilePath(index, width));
    // A part of a tile may vanish once the tile is full.
    const full = answer.status === 404 && width < 256 ? await ask(tilePath(index)) : answer;
    if (full.status === 404) throw fault('the log does not have a tile that it must have');
    return full.bytes;
  };
  const hashTile: TileSource['hashTile'] = (level, index, width) => tile(String(level), index, width);
  const checkpoint: RekorTilesClient['checkpoint'] = async () => {
    const { bytes } = await askService(options, {
      path: '/api/v2/checkpoint',
      accept: 'text/plain',
      maxBytes: 64 << 10,
    });
    const text = decodeUtf8(bytes);
    const parsed = parseCheckpoint(text);
    await verifyCheckpoint(parsed, log);
    return { ...parsed, text };
  };
  const entryTile: RekorTilesClient['entryTile'] = async (index, width) =>
    parseEntryBundle(await tile('entries', index, width), width);
  const source = { hashTile };
  const getByIndex: RekorTilesClient['getByIndex'] = async (index) => {
    const { text, size, rootHash } = await checkpoint();
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw fault('the log has no such entry');
    const place = Math.floor(index / 256);
    const body = (await entryTile(place, tileWidth(0, place, size)))[index % 256] ?? new Uint8Array(0);
    const hashes = await inclusionFromTiles(source, index, size);
    const entry: LogEntry = {
      ...kindOf(body),
      logIndex: index,
      logId: log.logId,
      integratedTime: 0,
      inclusionPromise: undefined,
      inclusionProof: { logIndex: index, treeSize: size, rootHash, hashes, checkpoint: text },
      body,
    };
    await verifyLogEntry(entry, log);
    return entry;
  };
  return {
    hashTile,
    checkpoint,
    entryTile,
    getByIndex,
    upload: async (signature) => {
      const body = canonicalBody2(signature);
      const answer = await askService(options, {
        path: '/api/v2/log/entries',
        json: requestOf(signature),
        expected: [409],
      });
      const entry = answer.status === 409 ? await getByIndex(existingIndex(answer)) : readEntry(answer.bytes);
      await verifyLogEntry(entry, log);
      if (!equalBytes(entry.body, body))
        throw new CosignError(
          'ERR_COSIGN_LOG_ENTRY',
          'the log answered with another entry than the one that was sent',
        );
      return entry;
    },
    proveConsistency: async (from, to) => {
      const [size1, size2, root1, root2] = [from.size, to.size, from.rootHash, to.rootHash];
      const hashes = await consistencyFromTiles(source, size1, size2);
      verifyConsistency({ size1, size2, root1, root2, hashes });
    },
  };
}

/** The body that the log hashes into its tree for a signature. */
export function canonicalBody2(logged: HashedSignature): Bytes {
  const { algorithm } = detailsFor(logged);
  const { digest, signature, verifier } = partsOf(logged);
  const spec = {
    hashedRekordV002: { data: { algorithm, digest }, signature: { content: signature, verifier } },
  };
  return encodeUtf8(canonicalJson({ apiVersion: '0.0.2', kind: 'hashedrekord', spec }));
}

function requestOf(logged: HashedSignature): JsonObject {
  const { digest, signature, verifier } = partsOf(logged);
  return { hashedRekordRequestV002: { digest, signature: { content: signature, verifier } } };
}

function partsOf(logged: HashedSignature): { digest: string; signature: string; verifier: JsonObject } {
  const { keyDetails } = detailsFor(logged);
  const verifier =
    logged.certificate === undefined
      ? { publicKey: { rawBytes: encodeBase64(logged.key.spki) }, keyDetails }
      : { x509Certificate: { rawBytes: encodeBase64(logged.certificate) }, keyDetails };
  return { digest: encodeBase64(logged.digest), signature: encodeBase64(logged.signature), verifier };
}

function detailsFor({ key, scheme = defaultScheme(key), digest }: HashedSignature): {
  keyDetails: string;
  algorithm: string;
} {
  const keyDetails = detailsOf(key, scheme);
  const hash: SignatureHash =
    scheme === 'ed25519ph' || scheme.endsWith('512')
      ? 'sha512'
      : scheme.endsWith('384')
        ? 'sha384'
        : 'sha256';
  if (keyDetails === undefined || scheme === 'ed25519')
    throw new CosignError('ERR_COSIGN_KEY_TYPE', 'a signature of this kind cannot be logged');
  if (digest.byteLength !== SIZES[hash])
    throw new CosignError('ERR_COSIGN_DIGEST', `expected a ${hash} digest`);
  return { keyDetails, algorithm: `SHA2_${hash.slice(3)}` };
}

function readEntry(bytes: Uint8Array): LogEntry {
  return readBundleEntry(ProtoMessage.parse(bytes, 'ERR_COSIGN_LOG_ENTRY', 4 << 20));
}

function existingIndex({ headers }: ServiceAnswer): number {
  const text = headers.get('x-log-index') ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw fault('the log does not say where it has the entry already');
}

function kindOf(body: Uint8Array): { kind: string; version: string } {
  try {
    const json = parseJson(body);
    const { kind, apiVersion } = isJsonObject(json) ? json : {};
    if (typeof kind === 'string' && typeof apiVersion === 'string') return { kind, version: apiVersion };
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
  }
  return { kind: '', version: '' }; // whatever it is, the tree has it
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_SERVICE', message);
}

const MAX_TILE = 32 << 20;
const SIZES = { sha256: 32, sha384: 48, sha512: 64 } as const;
