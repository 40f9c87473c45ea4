/**
 * Entries of transparency logs, in the three shapes that they come in: inside bundles, as Rekor v1 answers, and as cosign's
 * annotation.
 *
 * @module
 */
import { type Bytes, BytesError, decodeHex, encodeBase64, encodeHex } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import type { ProtoMessage } from '../proto-json.js';
import { decodeWrappedBase64 } from '../wrapped-base64.js';

/** A proof that an entry is in a log, decoded but not verified. */
export interface LogInclusion {
  /** Place in the tree of the shard. */
  readonly logIndex: number;
  /** Size of the tree. */
  readonly treeSize: number;
  /** Root of the tree. */
  readonly rootHash: Bytes;
  /** Hashes beside the way up. */
  readonly hashes: readonly Bytes[];
  /** The signed note about this tree; empty when there is none. */
  readonly checkpoint: string;
}

/** An entry, decoded but not verified. */
export interface LogEntry {
  /** Place in the log; for Rekor v1 over all of its shards. */
  readonly logIndex: number;
  /** Which log. */
  readonly logId: Bytes;
  /** What was logged, such as `hashedrekord`. */
  readonly kind: string;
  /** Version of the kind, such as `0.0.1`. */
  readonly version: string;
  /** When the log says that it took the entry, seconds since 1970; 0 when it does not say. Worth something only with a promise. */
  readonly integratedTime: number;
  /** The log's signed promise (SET). */
  readonly inclusionPromise: Bytes | undefined;
  /** The proof. */
  readonly inclusionProof: LogInclusion | undefined;
  /** What is hashed into the tree. */
  readonly body: Bytes;
}

/** Read an entry of a bundle. */
export function readBundleEntry(message: ProtoMessage): LogEntry {
  const kindVersion = message.required('kindVersion');
  const proof = message.message('inclusionProof');
  return {
    logIndex: message.integer('logIndex'),
    logId: message.required('logId').requiredBytes('keyId'),
    kind: kindVersion.text('kind'),
    version: kindVersion.text('version'),
    integratedTime: message.integer('integratedTime'),
    inclusionPromise: message.message('inclusionPromise')?.bytes('signedEntryTimestamp'),
    inclusionProof:
      proof === undefined
        ? undefined
        : {
            logIndex: proof.integer('logIndex'),
            treeSize: proof.integer('treeSize'),
            rootHash: proof.bytes('rootHash') ?? new Uint8Array(0),
            hashes: proof.bytesList('hashes', MAX_HASHES),
            checkpoint: proof.message('checkpoint')?.text('envelope') ?? '',
          },
    body: message.requiredBytes('canonicalizedBody'),
  };
}

/** An entry of Rekor v1 with the identifier that it was given under. */
export interface NamedLogEntry extends LogEntry {
  /** 64 or 80 hexadecimal digits; the last 64 claim to be the hash of the leaf. */
  readonly entryId: string;
  /** What the server keeps beside the entry (`attestation.data`). Nobody signed it; compare it with the hashes in the body. */
  readonly attestation: Bytes | undefined;
}

/**
 * Read an answer of Rekor v1: a map of one entry.
 *
 * @param input - the JSON
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`.
 */
export function parseLogEntryResponse(input: string | Uint8Array | JsonObject): NamedLogEntry {
  const json = input instanceof Uint8Array || typeof input === 'string' ? parse(input) : input;
  const entries = isJsonObject(json) ? Object.entries(json) : [];
  const [first] = entries;
  if (first === undefined || entries.length !== 1) throw fault('expected a map of one entry', '');
  const [entryId, value] = first;
  if (!/^(?:[0-9a-f]{16})?[0-9a-f]{64}$/.test(entryId)) throw fault('expected 64 or 80 digits', '');
  return readResponseEntry(entryId, value);
}

function readResponseEntry(entryId: string, value: JsonValue): NamedLogEntry {
  const place = `/${entryId}`;
  const entry = object(value, place);
  const verification =
    entry['verification'] === undefined ? {} : object(entry['verification'], `${place}/verification`);
  const promise = verification['signedEntryTimestamp'];
  const proof = verification['inclusionProof'];
  const attestation = isJsonObject(entry['attestation']) ? entry['attestation']['data'] : undefined;
  return {
    entryId,
    ...readBody(entry, place),
    inclusionPromise:
      promise === undefined ? undefined : base64(promise, `${place}/verification/signedEntryTimestamp`),
    inclusionProof:
      proof === undefined || proof === null
        ? undefined
        : readResponseProof(object(proof, `${place}/verification/inclusionProof`), place),
    attestation: attestation === undefined || attestation === null ? undefined : base64(attestation, place),
  };
}

function readResponseProof(proof: JsonObject, place: string): LogInclusion {
  const hashes = proof['hashes'] ?? [];
  if (!Array.isArray(hashes) || hashes.length > MAX_HASHES) throw fault('expected a list of hashes', place);
  const checkpoint = proof['checkpoint'] ?? '';
  if (typeof checkpoint !== 'string') throw fault('expected a checkpoint as text', place);
  return {
    logIndex: integer(proof['logIndex'], place),
    treeSize: integer(proof['treeSize'], place),
    rootHash: hex(proof['rootHash'], place),
    hashes: hashes.map((hash) => hex(hash, place)),
    checkpoint,
  };
}

/**
 * Read cosign's annotation `dev.sigstore.cosign/bundle`: the promise of a log beside a signature.
 *
 * @param input - the JSON
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`.
 */
export function parseRekorBundle(input: string | Uint8Array | JsonObject): LogEntry {
  const json = object(input instanceof Uint8Array || typeof input === 'string' ? parse(input) : input, '');
  const entry = object(json['Payload'], '/Payload');
  return {
    ...readBody(entry, '/Payload'),
    inclusionPromise: base64(json['SignedEntryTimestamp'], '/SignedEntryTimestamp'),
    inclusionProof: undefined,
  };
}

function readBody(entry: JsonObject, place: string): Omit<LogEntry, 'inclusionPromise' | 'inclusionProof'> {
  const body = base64(entry['body'], `${place}/body`);
  const content = object(parse(body), `${place}/body`);
  const { kind, apiVersion } = content;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string')
    throw fault('expected kind and version', place);
  return {
    body,
    kind,
    version: apiVersion,
    logIndex: integer(entry['logIndex'], `${place}/logIndex`),
    logId: hex(entry['logID'], `${place}/logID`),
    integratedTime: integer(entry['integratedTime'] ?? 0, `${place}/integratedTime`),
  };
}

/**
 * Write cosign's annotation `dev.sigstore.cosign/bundle`.
 *
 * @param entry - with a promise
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY` for an entry without one.
 */
export function encodeRekorBundle(entry: LogEntry): string {
  if (entry.inclusionPromise === undefined) throw fault('the log made no promise about this entry', '');
  return JSON.stringify({
    SignedEntryTimestamp: encodeBase64(entry.inclusionPromise),
    Payload: {
      body: encodeBase64(entry.body),
      integratedTime: entry.integratedTime,
      logIndex: entry.logIndex,
      logID: encodeHex(entry.logId),
    },
  });
}

function parse(input: string | Uint8Array): JsonValue {
  try {
    return parseJson(input, { maxBytes: MAX_ENTRY });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_LOG_ENTRY', `expected JSON: ${cause.message}`, { cause });
  }
}

function object(value: JsonValue | undefined, pointer: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw fault('expected an object', pointer);
}

function integer(value: JsonValue | undefined, pointer: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw fault('expected an integer from 0 to 2^53 - 1', pointer);
}

function base64(value: JsonValue | undefined, pointer: string): Bytes {
  return decoded(value, pointer, decodeWrappedBase64);
}

function hex(value: JsonValue | undefined, pointer: string): Bytes {
  return decoded(value, pointer, decodeHex);
}

function decoded(value: JsonValue | undefined, pointer: string, decode: (text: string) => Bytes): Bytes {
  try {
    if (typeof value === 'string') return decode(value);
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
  }
  throw fault('expected encoded bytes', pointer);
}

function fault(message: string, pointer: string): CosignError {
  return new CosignError('ERR_COSIGN_LOG_ENTRY', message, { pointer });
}

/** A tree of 2^64 leaves has no longer proof. */
const MAX_HASHES = 64;
const MAX_ENTRY = 32 << 20;
