/**
 * Whether a log has an entry: its promise, its proof, its checkpoint.
 *
 * @module
 */
import { decodeHex, encodeBase64, encodeHex, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { defaultScheme, verify } from '@sealwright/crypto';
import { CosignError } from '../errors.js';
import type { TrustedLog } from '../trust/trusted-root.js';
import { isWithin } from '../trust/validity.js';
import {
  type Checkpoint,
  isV1Origin,
  parseCheckpoint,
  type VerifiedCosignature,
  verifyCheckpoint,
  verifyCosignatures,
  type Witness,
} from './checkpoint.js';
import type { LogEntry, NamedLogEntry } from './log-entry.js';
import { leafHash, verifyInclusion } from './merkle.js';

/** How a log vouches for an entry. */
export interface VerifiedLogEntry {
  /** The log's address, as the trusted root has it. */
  readonly log: string;
  /** Its identifier, hexadecimal. */
  readonly logId: string;
  /** Who runs it; empty when unknown. */
  readonly operator: string;
  /** Place in the log. */
  readonly logIndex: number;
  /** When the log took the entry, where it promised that; `undefined` for logs that do not say. */
  readonly integratedTime: Date | undefined;
  /** The tree that the entry is proven to be in; `undefined` where only a promise was given. */
  readonly checkpoint: Checkpoint | undefined;
  /** Who else saw that tree. */
  readonly cosignatures: readonly VerifiedCosignature[];
}

/** What may be asked of an entry beyond its log. */
export interface LogEntryOptions {
  /** Who is believed to watch the log. Default nobody. */
  readonly witnesses?: readonly Witness[];
}

/**
 * Check everything that an entry carries: the promise and the proof, each if it is there, and at least one of them.
 *
 * @param entry - decoded
 * @param log - whose key is trusted; the entry must name it
 * @param options - witnesses
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`, `ERR_COSIGN_PROOF` or `ERR_COSIGN_CHECKPOINT`.
 */
export async function verifyLogEntry(
  entry: LogEntry,
  log: TrustedLog,
  options: LogEntryOptions = {},
): Promise<VerifiedLogEntry> {
  if (!equalBytes(entry.logId, log.logId)) throw fault('the entry is of another log');
  const promised = !isSecondVersion(entry) && entry.inclusionPromise !== undefined;
  if (promised) await verifyPromise(entry, log);
  const checkpoint = await verifyProof(entry, log);
  if (!promised && checkpoint === undefined) throw fault('the log neither promised nor proved the entry');
  const cosignatures =
    checkpoint === undefined ? [] : await verifyCosignatures(checkpoint, options.witnesses ?? []);
  return {
    log: log.baseUrl,
    logId: encodeHex(log.logId),
    operator: log.operator,
    logIndex: entry.logIndex,
    integratedTime: promised && entry.integratedTime > 0 ? new Date(entry.integratedTime * 1000) : undefined,
    checkpoint,
    cosignatures,
  };
}

/**
 * Check a promise (signed entry timestamp) and that the log's key was valid when it was made.
 *
 * @param entry - with a promise
 * @param log - whose key is trusted
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`.
 */
export async function verifyPromise(entry: LogEntry, log: TrustedLog): Promise<void> {
  const { key } = log;
  if (key === undefined || entry.inclusionPromise === undefined)
    throw fault('there is no promise of a known log');
  const { body, integratedTime, logId, logIndex } = entry;
  // Canonical JSON: the names are in order, and nothing in the values needs an escape.
  const signed = `{"body":"${encodeBase64(body)}","integratedTime":${integratedTime},"logID":"${encodeHex(logId)}","logIndex":${logIndex}}`;
  const scheme = log.scheme ?? defaultScheme(key);
  if (!(await verify(key, encodeUtf8(signed), entry.inclusionPromise, { scheme })))
    throw fault("the log's signature of the entry does not hold");
  if (!isWithin(log.validFor, entry.integratedTime * 1000))
    throw fault('the key of the log was not valid when it took the entry');
}

/**
 * Check a proof of inclusion and the checkpoint that it leads to.
 *
 * @param entry - decoded
 * @param log - whose key is trusted
 * @returns the checkpoint, `undefined` where the entry has no proof, or one that no checkpoint binds
 * @throws {@link CosignError} `ERR_COSIGN_PROOF` or `ERR_COSIGN_CHECKPOINT`.
 */
export async function verifyProof(entry: LogEntry, log: TrustedLog): Promise<Checkpoint | undefined> {
  const proof = entry.inclusionProof;
  if (proof === undefined) return undefined;
  verifyInclusion({
    index: proof.logIndex,
    size: proof.treeSize,
    leafHash: leafHash(entry.body),
    hashes: proof.hashes,
    root: proof.rootHash,
  });
  if (isSecondVersion(entry) && proof.logIndex !== entry.logIndex)
    throw new CosignError('ERR_COSIGN_PROOF', 'the proof is for another index than the entry');
  if (proof.checkpoint === '') return undefined;
  const checkpoint = parseCheckpoint(proof.checkpoint);
  await verifyCheckpoint(checkpoint, log);
  if (isSecondVersion(entry) && isV1Origin(checkpoint.origin))
    throw new CosignError(
      'ERR_COSIGN_CHECKPOINT',
      'the checkpoint is of a log that does not take such entries',
    );
  if (checkpoint.size !== proof.treeSize)
    throw new CosignError('ERR_COSIGN_CHECKPOINT', 'the checkpoint is about a tree of another size');
  if (!equalBytes(checkpoint.rootHash, proof.rootHash))
    throw new CosignError('ERR_COSIGN_CHECKPOINT', 'the checkpoint is about a tree with another root');
  return checkpoint;
}

/**
 * Check that an entry was given under its own identifier.
 *
 * @param entry - as Rekor v1 answered
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`.
 */
export function verifyEntryId(entry: NamedLogEntry): void {
  if (!equalBytes(leafHash(entry.body), decodeHex(entry.entryId.slice(-64))))
    throw fault('the identifier is not the hash of the body');
}

/** Whether an entry is one of Rekor v2, which has neither promises nor times. */
export function isSecondVersion({ kind, version }: Pick<LogEntry, 'kind' | 'version'>): boolean {
  return version === '0.0.2' && (kind === 'hashedrekord' || kind === 'dsse');
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_LOG_ENTRY', message);
}
