/**
 * The client of Rekor v1.
 *
 * @module
 */
import { BytesError, decodeHex, decodeUtf8, encodeBase64, equalBytes } from '@sealwright/bytes';
import { CryptoError, importPublicKey, type PublicKey } from '@sealwright/crypto';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { type Checkpoint, isV1Origin, parseCheckpoint, verifyCheckpoint } from '../log/checkpoint.js';
import { type NamedLogEntry, parseLogEntryResponse } from '../log/log-entry.js';
import { leafHash, verifyConsistency } from '../log/merkle.js';
import { canonicalBody, type ProposedEntry } from '../log/proposed-entry.js';
import { verifyEntryId, verifyLogEntry } from '../log/verify-log-entry.js';
import type { TrustedLog } from '../trust/trusted-root.js';
import { askService, type ServiceOptions } from './exchange.js';

/** How a log is reached and believed. */
export interface RekorOptions extends ServiceOptions {
  /**
   * The log as it is trusted: every entry and every checkpoint is verified with its key. Without it, only what needs no key is
   * checked.
   */
  readonly log?: TrustedLog;
}

/** What to look for in the log's index. */
export interface RekorQuery {
  /** `sha256:<hex>`, `sha512:<hex>`, `sha1:<hex>`, or the digits alone. */
  readonly hash?: string;
  /** E-mail address of a signer. */
  readonly email?: string;
  /** Subject of a certificate, at most 512 characters. */
  readonly subject?: string;
  /** A key, as its file is. */
  readonly publicKey?: {
    readonly format: 'pgp' | 'x509' | 'minisign' | 'ssh' | 'tuf';
    readonly content: Uint8Array;
  };
  /** Whether all or any must fit. Default `or`. */
  readonly operator?: 'and' | 'or';
}

/** A shard of the log. */
export interface RekorShard {
  /** Tree ID, decimal. */
  readonly treeId: string;
  /** How many entries it has. */
  readonly treeSize: number;
  /** Its root, hexadecimal. */
  readonly rootHash: string;
  /** Its signed note, decoded; that of the active shard is verified where the log is trusted. */
  readonly checkpoint: Checkpoint;
}

/** What the log says about itself. */
export interface RekorLogInfo extends RekorShard {
  /** Shards that take no more entries. */
  readonly inactiveShards: readonly RekorShard[];
}

/** A client of one log. All methods throw {@link CosignError} `ERR_COSIGN_SERVICE` when the log does not do its part. */
export interface RekorClient {
  /**
   * Upload an entry. One that is there already is fetched and verified like a new one, since a retry after a slow answer ends so.
   *
   * @param entry - what to log
   * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`, also when the log answers with another entry.
   */
  upload(entry: ProposedEntry): Promise<{ readonly entry: NamedLogEntry; readonly existed: boolean }>;
  /**
   * The entry at an index over all shards; `undefined` when there is none.
   *
   * @param index - from 0
   */
  getByIndex(index: number): Promise<NamedLogEntry | undefined>;
  /**
   * The entry of an identifier; `undefined` when there is none.
   *
   * @param id - 64 or 80 hexadecimal digits
   */
  getById(id: string): Promise<NamedLogEntry | undefined>;
  /**
   * Several entries at once; what is not there is left out. What answers `entries` is for the caller to compare.
   *
   * @param query - together at most 10
   */
  retrieve(query: {
    readonly logIndexes?: readonly number[];
    readonly entryIds?: readonly string[];
    readonly entries?: readonly ProposedEntry[];
  }): Promise<readonly NamedLogEntry[]>;
  /**
   * The identifiers of entries that fit.
   *
   * @param query - what to look for
   */
  search(query: RekorQuery): Promise<readonly string[]>;
  /** What the log says about itself. */
  logInfo(): Promise<RekorLogInfo>;
  /**
   * The log's key. Whoever asks a log for its key must know otherwise that it is the right log.
   *
   * @param treeId - of a shard. Default the active one.
   */
  publicKey(treeId?: string): Promise<PublicKey>;
  /**
   * Check that a shard only grew.
   *
   * @param from - what was seen before
   * @param to - what is seen now
   * @param treeId - of the shard. Default the active one.
   * @throws {@link CosignError} `ERR_COSIGN_PROOF`.
   */
  proveConsistency(
    from: Pick<Checkpoint, 'size' | 'rootHash'>,
    to: Pick<Checkpoint, 'size' | 'rootHash'>,
    treeId?: string,
  ): Promise<void>;
  /**
   * A proof of consistency as the log gives it, unchecked.
   *
   * @param firstSize - of the older tree, at least 1
   * @param lastSize - of the newer tree
   * @param treeId - of the shard. Default the active one.
   */
  consistencyProof(
    firstSize: number,
    lastSize: number,
    treeId?: string,
  ): Promise<{ readonly rootHash: string; readonly hashes: readonly string[] }>;
}

/**
 * Make a client.
 *
 * @param options - address, `fetch`, and the log as it is trusted
 */
export function createRekorClient(options: RekorOptions): RekorClient {
  const fetchEntry = async (path: string): Promise<NamedLogEntry | undefined> => {
    const { status, bytes } = await askService(options, { path, expected: [404] });
    return status === 404 ? undefined : believed(parseLogEntryResponse(bytes), options.log);
  };
  const getById: RekorClient['getById'] = async (id) => {
    if (!/^(?:[0-9a-f]{16})?[0-9a-f]{64}$/.test(id))
      throw fault('an identifier has 64 or 80 hexadecimal digits');
    const entry = await fetchEntry(`/api/v1/log/entries/${id}`);
    if (entry !== undefined && entry.entryId.slice(-64) !== id.slice(-64))
      throw fault('the log gave another entry');
    return entry;
  };
  const consistencyProof: RekorClient['consistencyProof'] = async (firstSize, lastSize, treeId) => {
    const tree = treeId === undefined ? '' : `&treeID=${encodeURIComponent(treeId)}`;
    const path = `/api/v1/log/proof?firstSize=${firstSize}&lastSize=${lastSize}${tree}`;
    const { rootHash, hashes } = object(json((await askService(options, { path })).bytes));
    if (!Array.isArray(hashes) || hashes.length > 128) throw fault('expected a proof');
    return { rootHash: hex32(rootHash), hashes: hashes.map(hex32) };
  };
  return {
    getById,
    consistencyProof,
    upload: (entry) => upload(options, entry, getById),
    getByIndex: async (index) => {
      if (!Number.isSafeInteger(index) || index < 0) throw new TypeError('an index is a number from 0');
      const entry = await fetchEntry(`/api/v1/log/entries?logIndex=${index}`);
      if (entry !== undefined && entry.logIndex !== index) throw fault('the log gave another entry');
      return entry;
    },
    retrieve: async ({ logIndexes, entryIds, entries }) => {
      const query = {
        ...(logIndexes === undefined ? {} : { logIndexes }),
        ...(entryIds === undefined ? {} : { entryUUIDs: entryIds }),
        ...(entries === undefined ? {} : { entries }),
      };
      const { bytes } = await askService(options, { path: '/api/v1/log/entries/retrieve', json: query });
      const list = json(bytes);
      if (!Array.isArray(list) || list.length > MAX_RETRIEVED) throw fault('expected a list of entries');
      const found = list.map((value) => parseLogEntryResponse(object(value)));
      if (
        entries === undefined &&
        !found.every((entry) => wasAskedFor(entry, logIndexes ?? [], entryIds ?? []))
      )
        throw fault('the log gave an entry that nobody asked for');
      return Promise.all(found.map((entry) => believed(entry, options.log)));
    },
    search: async (query) => {
      const { bytes } = await askService(options, { path: '/api/v1/index/retrieve', json: searchOf(query) });
      const list = json(bytes);
      if (!Array.isArray(list)) throw fault('expected a list of identifiers');
      return list.map((value) => {
        if (typeof value === 'string' && /^(?:[0-9a-f]{16})?[0-9a-f]{64}$/.test(value)) return value;
        throw fault('expected identifiers');
      });
    },
    logInfo: async () => {
      const info = object(json((await askService(options, { path: '/api/v1/log' })).bytes));
      const shards = info['inactiveShards'] ?? [];
      if (!Array.isArray(shards)) throw fault('expected a list of shards');
      const inactiveShards = await Promise.all(shards.map((shard) => shardOf(object(shard), undefined)));
      return { ...(await shardOf(info, options.log)), inactiveShards };
    },
    publicKey: async (treeId) => {
      const path = `/api/v1/log/publicKey${treeId === undefined ? '' : `?treeID=${encodeURIComponent(treeId)}`}`;
      const { bytes } = await askService(options, {
        path,
        accept: 'application/x-pem-file',
        maxBytes: 64 << 10,
      });
      return keyIn(bytes);
    },
    proveConsistency: async (from, to, treeId) => {
      const hashes =
        from.size === 0 || from.size >= to.size
          ? []
          : (await consistencyProof(from.size, to.size, treeId)).hashes.map((hash) => decodeHex(hash));
      const [size1, size2, root1, root2] = [from.size, to.size, from.rootHash, to.rootHash];
      verifyConsistency({ size1, size2, root1, root2, hashes });
    },
  };
}

async function upload(
  options: RekorOptions,
  entry: ProposedEntry,
  getById: RekorClient['getById'],
): Promise<{ entry: NamedLogEntry; existed: boolean }> {
  const answer = await askService(options, { path: '/api/v1/log/entries', json: entry, expected: [409] });
  const existed = answer.status === 409;
  const found = existed
    ? await getById(entryIdIn(answer.headers.get('location') ?? '', answer.bytes))
    : await believed(parseLogEntryResponse(answer.bytes), options.log);
  if (found === undefined) throw fault('the log says that it has the entry, and does not have it');
  if (!equalBytes(leafHash(found.body), leafHash(await canonicalBody(entry))))
    throw new CosignError(
      'ERR_COSIGN_LOG_ENTRY',
      'the log answered with another entry than the one that was sent',
    );
  return { entry: found, existed };
}

function wasAskedFor(
  { logIndex, entryId }: NamedLogEntry,
  indexes: readonly number[],
  ids: readonly string[],
): boolean {
  return indexes.includes(logIndex) || ids.some((id) => id.slice(-64) === entryId.slice(-64));
}

/** Where the entry is that was there before: in the header, or else in the message. */
function entryIdIn(location: string, bytes: Uint8Array): string {
  const text = location === '' ? String(object(json(bytes))['message'] ?? '') : location;
  const [id] = /(?:[0-9a-f]{80}|[0-9a-f]{64})$/.exec(text) ?? [];
  if (id === undefined) throw fault('the log does not say which entry it has already');
  return id;
}

async function believed(entry: NamedLogEntry, log: TrustedLog | undefined): Promise<NamedLogEntry> {
  verifyEntryId(entry);
  if (log !== undefined) await verifyLogEntry(entry, log);
  return entry;
}

async function shardOf(shard: JsonObject, log: TrustedLog | undefined): Promise<RekorShard> {
  const { rootHash, treeSize, treeID, signedTreeHead } = shard;
  if (typeof treeSize !== 'number' || typeof treeID !== 'string' || typeof signedTreeHead !== 'string')
    throw fault('expected a shard with its checkpoint');
  const checkpoint = parseCheckpoint(signedTreeHead);
  if (log !== undefined) await verifyCheckpoint(checkpoint, log);
  const root = hex32(rootHash);
  const isAboutAnother = isV1Origin(checkpoint.origin) && !checkpoint.origin.endsWith(` - ${treeID}`);
  if (isAboutAnother || checkpoint.size !== treeSize || !equalBytes(checkpoint.rootHash, decodeHex(root)))
    throw new CosignError('ERR_COSIGN_CHECKPOINT', 'the log says something else than it signed');
  return { treeId: treeID, treeSize, rootHash: root, checkpoint };
}

function searchOf({ hash, email, subject, publicKey, operator }: RekorQuery): JsonObject {
  if (hash !== undefined && !/^(?:sha(?:1|256|512):)?(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/.test(hash))
    throw new CosignError(
      'ERR_COSIGN_DIGEST',
      'expected 40, 64 or 128 hexadecimal digits, with or without sha256:',
    );
  return {
    ...(hash === undefined
      ? {}
      : { hash: hash.includes(':') ? hash : `${PREFIXES.get(hash.length) ?? ''}${hash}` }),
    ...(email === undefined ? {} : { email }),
    ...(subject === undefined ? {} : { subject }),
    ...(publicKey === undefined
      ? {}
      : { publicKey: { format: publicKey.format, content: encodeBase64(publicKey.content) } }),
    ...(operator === undefined ? {} : { operator }),
  };
}

function keyIn(bytes: Uint8Array): PublicKey {
  try {
    return importPublicKey(decodeUtf8(bytes));
  } catch (cause) {
    if (!(cause instanceof BytesError) && !(cause instanceof CryptoError)) throw cause;
    throw new CosignError('ERR_COSIGN_SERVICE', `the log does not answer with a key: ${cause.message}`, {
      cause,
    });
  }
}

function json(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxBytes: 32 << 20 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_SERVICE', `the log does not answer in JSON: ${cause.message}`, {
      cause,
    });
  }
}

function object(value: JsonValue): JsonObject {
  if (isJsonObject(value)) return value;
  throw fault('expected an object');
}

function hex32(value: JsonValue | undefined): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw fault('expected a hash');
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_SERVICE', message);
}

const MAX_RETRIEVED = 1000;
const PREFIXES: ReadonlyMap<number, string> = new Map([
  [40, 'sha1:'],
  [64, 'sha256:'],
  [128, 'sha512:'],
]);
