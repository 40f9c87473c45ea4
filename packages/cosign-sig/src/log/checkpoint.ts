/**
 * Checkpoints: what a log says about itself, as a signed note (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
 *
 * @module
 */
import {
  ByteReader,
  type Bytes,
  BytesError,
  concatBytes,
  decodeBase64,
  encodeUtf8,
  equalBytes,
} from '@sealwright/bytes';
import { defaultScheme, type PublicKey, verify } from '@sealwright/crypto';
import { CosignError } from '../errors.js';
import type { TrustedLog } from '../trust/trusted-root.js';
import { logIdOf, noteKeyId, witnessKeyId } from './log-id.js';

/** One signature line of a note. */
export interface NoteSignature {
  /** Who claims to have signed. */
  readonly name: string;
  /** The first four bytes of the identifier of the key. */
  readonly hint: Bytes;
  /** What follows. */
  readonly signature: Bytes;
}

/** A checkpoint, decoded but not verified. */
export interface Checkpoint {
  /** Which log it is; Rekor v1 writes `host - tree ID`. */
  readonly origin: string;
  /** How many leaves the tree has. */
  readonly size: number;
  /** Root of the tree, 32 bytes. */
  readonly rootHash: Bytes;
  /** Further lines; they are signed. */
  readonly extensions: readonly string[];
  /** The signed text. */
  readonly signed: Bytes;
  /** The signature lines, known and unknown. */
  readonly signatures: readonly NoteSignature[];
}

/** Who watches logs and cosigns what it saw. */
export interface Witness {
  /** Its name in signature lines. */
  readonly name: string;
  /** Its key, Ed25519. */
  readonly key: PublicKey;
}

/** A cosignature that holds. */
export interface VerifiedCosignature {
  /** The witness. */
  readonly name: string;
  /** When it cosigned. */
  readonly time: Date;
}

/**
 * Read a checkpoint.
 *
 * @param text - the note, at most 64 KiB
 * @throws {@link CosignError} `ERR_COSIGN_CHECKPOINT`.
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (text.length > MAX_CHECKPOINT) throw fault(`a checkpoint has at most ${MAX_CHECKPOINT} characters`);
  const split = text.lastIndexOf('\n\n');
  if (split < 0 || !text.endsWith('\n'))
    throw fault('expected text, an empty line, signatures and a line end');
  const [origin = '', size = '', root = '', ...extensions] = text.slice(0, split).split('\n');
  if (origin === '' || hasControls(text)) throw fault('expected an origin, and lines that end with LF');
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw fault('expected the tree size in decimal on the second line');
  const rootHash = base64(root);
  if (rootHash.byteLength !== 32) throw fault('expected a root hash of 32 bytes on the third line');
  const lines = text.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw fault(`a checkpoint has at most ${MAX_SIGNATURES} signatures`);
  const signed = encodeUtf8(text.slice(0, split + 1));
  return { origin, size: Number(size), rootHash, extensions, signed, signatures: lines.map(readSignature) };
}

/**
 * Check that the log itself signed a checkpoint. Lines of others are passed over.
 *
 * @param checkpoint - decoded
 * @param log - as trusted; its identifiers and its key decide
 * @throws {@link CosignError} `ERR_COSIGN_CHECKPOINT`.
 */
export async function verifyCheckpoint(
  checkpoint: Checkpoint,
  log: Pick<TrustedLog, 'baseUrl' | 'key' | 'scheme' | 'logId' | 'checkpointKeyId'>,
): Promise<void> {
  const { key } = log;
  if (key === undefined) throw fault('the key of this log is of a kind that is not known');
  const name = nameOf(checkpoint.origin);
  if (name === checkpoint.origin && !isOriginOf(checkpoint.origin, log.baseUrl))
    throw fault(`the origin is ${checkpoint.origin.slice(0, 128)}, which is not the log at ${log.baseUrl}`);
  const ids = [() => log.checkpointKeyId ?? log.logId, () => logIdOf(key), () => noteKeyId(name, key)];
  const scheme = log.scheme ?? defaultScheme(key);
  let reason = 'the log did not sign the checkpoint';
  for (const { name: signer, hint, signature } of checkpoint.signatures) {
    if (signer !== name || !ids.some((id) => equalBytes(id().subarray(0, 4), hint))) continue;
    if (await verify(key, checkpoint.signed, signature, { scheme })) return;
    reason = 'the signature of the checkpoint does not hold';
  }
  throw fault(reason);
}

/**
 * The cosignatures of known witnesses that hold. Each witness counts once.
 *
 * @param checkpoint - decoded
 * @param witnesses - who is believed
 */
export async function verifyCosignatures(
  checkpoint: Checkpoint,
  witnesses: readonly Witness[],
): Promise<VerifiedCosignature[]> {
  const found: VerifiedCosignature[] = [];
  const seen = new Set<string>();
  for (const { name, key } of witnesses) {
    const id = witnessKeyId(name, key);
    for (const line of checkpoint.signatures) {
      if (line.name !== name || !equalBytes(line.hint, id.subarray(0, 4))) continue;
      if (line.signature.byteLength !== 72 || seen.has(key.fingerprint)) continue;
      const time = new ByteReader(line.signature).u64();
      const message = concatBytes(encodeUtf8(`cosignature/v1\ntime ${time}\n`), checkpoint.signed);
      if (time > MAX_SECONDS || !(await verify(key, message, line.signature.subarray(8)))) continue;
      seen.add(key.fingerprint);
      found.push({ name, time: new Date(Number(time) * 1000) });
    }
  }
  return found;
}

/** Whether an origin is one of Rekor v1: `host - tree ID`. */
export function isV1Origin(origin: string): boolean {
  return / - \d{1,20}$/.test(origin);
}

function nameOf(origin: string): string {
  return isV1Origin(origin) ? origin.slice(0, origin.lastIndexOf(' - ')) : origin;
}

/** Where the trusted root gives no address, the name that goes into the key identifier must do. */
function isOriginOf(origin: string, baseUrl: string): boolean {
  if (baseUrl === '') return true;
  const rest = baseUrl.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const [host = ''] = rest.split('/', 1);
  return (
    origin === rest ||
    origin === rest.replace(/:\d+/, '') ||
    origin === host ||
    origin === host.replace(/:\d+$/, '')
  );
}

/** Of the control characters, a note has only line ends. */
function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}

function readSignature(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...more] = line.split(' ');
  if (dash !== '\u2014' || !/^[^\s+]+$/.test(name) || more.length > 0 || encoded === '')
    throw fault('expected a dash, a name and a signature on each line after the empty one');
  const bytes = base64(encoded);
  if (bytes.byteLength < 5) throw fault('a signature line holds four bytes of hint and a signature');
  return { name, hint: new Uint8Array(bytes.subarray(0, 4)), signature: new Uint8Array(bytes.subarray(4)) };
}

function base64(text: string): Bytes {
  try {
    return decodeBase64(text);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_CHECKPOINT', 'expected base64', { cause });
  }
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_CHECKPOINT', message);
}

const MAX_CHECKPOINT = 64 << 10;
const MAX_SIGNATURES = 100;
/** What a Date can hold. */
const MAX_SECONDS = 8_640_000_000_000n;
