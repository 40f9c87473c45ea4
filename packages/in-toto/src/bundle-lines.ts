import { chunksOf, encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { createDigest } from '@sealwright/crypto';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import type { ByteStream } from './chunks.js';
import { DSSE_LIMITS, type DsseEnvelope, envelopeOf } from './envelope.js';
import { InTotoError, type InTotoErrorCode } from './errors.js';
import { splitLines } from './lines.js';
import { JSON_CODES } from './statement-json.js';

/** A line with an envelope. */
export interface EnvelopeLine {
  /** From 1. */
  readonly line: number;
  /** Which kind of line this is. */
  readonly kind: 'envelope';
  /** What it holds, unverified: {@link encodeEnvelope} makes what {@link verifyEnvelope} takes. */
  readonly envelope: DsseEnvelope;
  /** The first line with the same payload and signatures, when repeats are looked for. */
  readonly sameAsLine?: number;
}

/** A line with a Sigstore bundle. */
export interface SigstoreBundleLine {
  /** From 1. */
  readonly line: number;
  /** Which kind of line this is. */
  readonly kind: 'sigstore-bundle';
  /** What it holds, unverified. */
  readonly bundle: Readonly<JsonObject>;
  /** The envelope inside, when there is one that reads. */
  readonly envelope?: DsseEnvelope;
  /** The first line with the same payload and signatures, when repeats are looked for. */
  readonly sameAsLine?: number;
}

/** A line with nothing on it. */
export interface BlankLine {
  /** From 1. */
  readonly line: number;
  /** Which kind of line this is. */
  readonly kind: 'blank';
}

/** A line to ignore, as the framework wants it. */
export interface UnrecognizedLine {
  /** From 1. */
  readonly line: number;
  /** Which kind of line this is. */
  readonly kind: 'unrecognized';
  /** Why, to switch on. */
  readonly code: InTotoErrorCode;
  /** Why, for people. */
  readonly why: string;
}

/** A line of an attestation bundle. */
export type BundleLine = EnvelopeLine | SigstoreBundleLine | BlankLine | UnrecognizedLine;

/** How to read a bundle. */
export interface BundleLineOptions {
  /** Cap on a line, in bytes; longer ones are passed over without being kept. Default 32 MiB. */
  readonly maxLineBytes?: number;
  /** Whether to tell of lines that repeat an earlier one; takes 100 bytes or so for each different line, of at most 100 000. Default `false`. */
  readonly findRepeats?: boolean;
}

/**
 * Read an attestation bundle (JSON Lines) as it arrives, one line in memory at a time. No line throws: bundles are not
 * authenticated and anybody may add lines. Nothing here is verified.
 *
 * @param stream - chunks of any size
 * @param options - caps
 *
 * @example
 * ```ts
 * const lines = new Blob([`${text}\nno attestation\n`]).stream(); // a file, the body of a response
 * for await (const { kind, line } of readBundleLines(lines)) console.log(line, kind);
 * ```
 */
export async function* readBundleLines(
  stream: ByteStream,
  options: BundleLineOptions = {},
): AsyncGenerator<BundleLine, void, undefined> {
  const seen = options.findRepeats === true ? new Map<string, number>() : undefined;
  let line = 0;
  for await (const bytes of splitLines(chunksOf(stream), options.maxLineBytes ?? 32 << 20)) {
    line += 1;
    const found = lineOf(line, bytes);
    yield seen === undefined ? found : withRepeat(found, seen);
  }
}

function lineOf(line: number, bytes: Uint8Array | 'too-long'): BundleLine {
  const refuse = (code: InTotoErrorCode, why: string): UnrecognizedLine => ({
    line,
    kind: 'unrecognized',
    code,
    why,
  });
  if (bytes === 'too-long') return refuse('INTOTO_LIMIT_EXCEEDED', 'longer than allowed');
  if (bytes.every(isBlank)) return { line, kind: 'blank' };
  try {
    const value = parseJson(bytes, { ...DSSE_LIMITS, maxBytes: bytes.byteLength });
    if (!isJsonObject(value)) return refuse('INTOTO_WRONG_TYPE', kindOf(value));
    if (has(value, 'payload', 'payloadType', 'signatures'))
      return { line, kind: 'envelope', envelope: envelopeOf(value, { mode: 'tolerant' }) };
    if (has(value, 'mediaType', 'verificationMaterial'))
      return { line, kind: 'sigstore-bundle', bundle: value, ...innerEnvelope(value) };
    return refuse('INTOTO_MISSING_FIELD', 'object that is neither envelope nor bundle');
  } catch (error) {
    if (error instanceof JsonError) return refuse(JSON_CODES[error.code], 'not JSON');
    if (error instanceof InTotoError) return refuse(error.code, error.message);
    throw error;
  }
}

function innerEnvelope(bundle: JsonObject): { envelope?: DsseEnvelope } {
  const inner: JsonValue | undefined = bundle['dsseEnvelope'];
  if (!isJsonObject(inner)) return {};
  try {
    return { envelope: envelopeOf(inner, { mode: 'tolerant' }) };
  } catch (error) {
    if (error instanceof InTotoError) return {};
    throw error;
  }
}

/** What a line holds that is no object. */
function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function withRepeat(found: BundleLine, seen: Map<string, number>): BundleLine {
  if ((found.kind !== 'envelope' && found.kind !== 'sigstore-bundle') || found.envelope === undefined)
    return found;
  const key = identityOf(found.envelope);
  const sameAsLine = seen.get(key);
  if (sameAsLine !== undefined) return { ...found, sameAsLine };
  if (seen.size < MAX_REMEMBERED) seen.set(key, found.line);
  return found;
}

/** SHA-256 over the payload, its type and the set of signatures. */
function identityOf({ payload, payloadType, signatures }: DsseEnvelope): string {
  const hash = createDigest('sha256');
  const set = [...new Set(signatures.map(({ sig }) => encodeHex(sig)))].sort();
  hash.update(encodeUtf8(JSON.stringify([payloadType, payload.byteLength, set])));
  hash.update(payload);
  return encodeBase64(hash.digest());
}

function has(object: JsonObject, ...names: readonly string[]): boolean {
  return names.every((name) => Object.hasOwn(object, name));
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

const MAX_REMEMBERED = 100_000;
