import { type Bytes, BytesError, encodeBase64 } from '@sealwright/bytes';
import {
  isJsonObject,
  JsonError,
  type JsonErrorCode,
  jsonPointer,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { decodeDsseBase64 } from './base64.js';
import { CUT, cutPayload } from './cut-payload.js';
import { type DsseErrorCode, InTotoError } from './errors.js';

/** The payload type of in-toto statements. */
export const INTOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** One signature of an envelope. */
export interface DsseSignature {
  /** A hint about the key; empty when there is none. It is not signed and decides nothing. */
  readonly keyid: string;
  /** The signature. */
  readonly sig: Bytes;
  /** Members that others add, such as certificates. Nothing of it is authenticated. */
  readonly unknown: Readonly<JsonObject>;
}

/** An envelope taken apart. Nothing was verified. */
export interface DsseEnvelope {
  /** What the payload is; signed along with it. */
  readonly payloadType: string;
  /** The payload. */
  readonly payload: Bytes;
  /** At least one when parsed. */
  readonly signatures: readonly DsseSignature[];
}

/** Caps on an envelope. */
export interface DsseLimits {
  /** The JSON text, in bytes. */
  readonly maxBytes: number;
  /** Signatures. */
  readonly maxSignatures: number;
  /** Nesting. */
  readonly maxDepth: number;
  /** Members of one object. */
  readonly maxMembers: number;
}

/** The caps that hold unless others are given: 32 MiB, 100 signatures, 128 levels, 65 536 members of one object. */
export const DSSE_LIMITS: DsseLimits = {
  maxBytes: 32 << 20,
  maxSignatures: 100,
  maxDepth: 128,
  maxMembers: 65_536,
};

/** How to read an envelope. */
export interface EnvelopeOptions {
  /**
   * `strict`, the default, refuses unpadded or broken base64 and members that differ from known ones in letter case only;
   * `tolerant` reads what other decoders read.
   */
  readonly mode?: 'strict' | 'tolerant';
  /** Caps other than {@link DSSE_LIMITS}. */
  readonly limits?: Partial<DsseLimits>;
}

/**
 * Take an envelope apart.
 *
 * @param input - its JSON: text, or UTF-8
 * @param options - strictness and caps
 * @throws {@link InTotoError}
 */
export function parseEnvelope(input: string | Uint8Array, options: EnvelopeOptions = {}): DsseEnvelope {
  return openEnvelope(input, options, 0);
}

/** The same, with so many bytes left free before the payload. */
export function openEnvelope(
  input: string | Uint8Array,
  options: EnvelopeOptions,
  headroom: number,
): DsseEnvelope {
  const limits = { ...DSSE_LIMITS, ...options.limits };
  return (
    longEnvelope(input, limits, options, headroom) ?? envelopeOf(jsonOf(input, limits), options, headroom)
  );
}

/** As for any other, but that the text of a long payload is decoded where it stands; `undefined` for one that is not flawless. */
function longEnvelope(
  input: string | Uint8Array,
  limits: DsseLimits,
  options: EnvelopeOptions,
  headroom: number,
): DsseEnvelope | undefined {
  if (input.length > limits.maxBytes || options.mode === 'tolerant') return undefined;
  try {
    const cut = cutPayload(input);
    if (cut === undefined) return undefined;
    const value = jsonOf(cut.rest, limits);
    if (!isJsonObject(value) || value['payload'] !== CUT) return undefined;
    return envelopeOf({ ...value, payload: cut.payload }, options, headroom);
  } catch (error) {
    if (error instanceof InTotoError || error instanceof BytesError) return undefined;
    throw error;
  }
}

/** Take an envelope apart that a strict JSON parser read. */
export function envelopeOf(value: JsonValue, options: EnvelopeOptions = {}, headroom = 0): DsseEnvelope {
  const limits = { ...DSSE_LIMITS, ...options.limits };
  const tolerant = options.mode === 'tolerant';
  const envelope = object(value, '', tolerant, ENVELOPE_NAMES);
  const payloadType = text(envelope, 'payloadType', '');
  const payload = base64(text(envelope, 'payload', ''), '/payload', tolerant, headroom);
  const list = member(envelope, 'signatures', '');
  if (!Array.isArray(list)) throw fault('DSSE_WRONG_TYPE', 'signatures is a list', '/signatures');
  if (list.length === 0) throw fault('DSSE_NO_SIGNATURES', 'an envelope has a signature', '/signatures');
  if (list.length > limits.maxSignatures) {
    throw fault(
      'DSSE_LIMIT_EXCEEDED',
      `at most ${limits.maxSignatures} signatures, not ${list.length}`,
      '/signatures',
    );
  }
  return {
    payloadType,
    payload,
    signatures: list.map((value, index) => signatureOf(value, index, tolerant)),
  };
}

/**
 * Write an envelope: standard base64 with padding; a key id that is empty is left out; unknown members are not repeated.
 *
 * @param envelope - what to write
 */
export function encodeEnvelope(envelope: DsseEnvelope): string {
  const signatures = envelope.signatures.map(({ keyid, sig }) => {
    const named = keyid === '' ? '' : `"keyid":${JSON.stringify(keyid)},`;
    return `{${named}"sig":"${encodeBase64(sig)}"}`;
  });
  // Base64 needs no escape, and a payload is long: it is not searched for one.
  const payload = encodeBase64(envelope.payload);
  return `{"payloadType":${JSON.stringify(envelope.payloadType)},"payload":"${payload}","signatures":[${signatures.join(',')}]}`;
}

function signatureOf(value: JsonValue, index: number, tolerant: boolean): DsseSignature {
  const pointer = `/signatures/${index}`;
  const signature = object(value, pointer, tolerant, SIGNATURE_NAMES);
  const keyid = Object.hasOwn(signature, 'keyid') ? (signature['keyid'] ?? '') : '';
  if (typeof keyid !== 'string') throw fault('DSSE_WRONG_TYPE', 'keyid is text', `${pointer}/keyid`);
  const sig = base64(text(signature, 'sig', pointer), `${pointer}/sig`, tolerant);
  const others = Object.entries(signature).filter(([name]) => name !== 'sig' && name !== 'keyid');
  const unknown = others.length === 0 ? {} : Object.fromEntries(others);
  return { keyid, sig, unknown };
}

function jsonOf(input: string | Uint8Array, limits: DsseLimits): JsonValue {
  try {
    return parseJson(input, limits);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new InTotoError(JSON_CODES[cause.code], cause.message, { pointer: cause.pointer, cause });
  }
}

/** Members must not differ from known ones in letter case only, lest decoders that fold it take them for those. */
function object(
  value: JsonValue,
  pointer: string,
  tolerant: boolean,
  known: ReadonlyMap<string, string>,
): JsonObject {
  if (!isJsonObject(value)) throw fault('DSSE_WRONG_TYPE', 'expected an object', pointer);
  for (const name of tolerant ? [] : Object.keys(value)) {
    if ((known.get(name.toLowerCase()) ?? name) !== name) {
      const place = pointer + jsonPointer(name);
      throw fault('DSSE_AMBIGUOUS_KEY', 'a member differs from a known one in letter case only', place);
    }
  }
  return value;
}

function member(object: JsonObject, name: string, pointer: string): JsonValue {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined)
    throw fault('DSSE_MISSING_FIELD', `member ${name} is missing`, `${pointer}/${name}`);
  return value;
}

function text(object: JsonObject, name: string, pointer: string): string {
  const value = member(object, name, pointer);
  if (typeof value !== 'string') throw fault('DSSE_WRONG_TYPE', `${name} is text`, `${pointer}/${name}`);
  return value;
}

function base64(value: string, pointer: string, tolerant: boolean, headroom = 0): Bytes {
  try {
    return decodeDsseBase64(value, tolerant, headroom);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new InTotoError('DSSE_BAD_BASE64', cause.message, { pointer, cause });
  }
}

function fault(code: DsseErrorCode, message: string, pointer: string): InTotoError {
  return new InTotoError(code, message, { pointer });
}

/** Names by their lower case. */
const ENVELOPE_NAMES = namesByFolded('payloadType', 'payload', 'signatures');
const SIGNATURE_NAMES = namesByFolded('keyid', 'sig');

function namesByFolded(...names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

const JSON_CODES: Readonly<Record<JsonErrorCode, DsseErrorCode>> = {
  ERR_JSON_SYNTAX: 'DSSE_MALFORMED_JSON',
  ERR_JSON_UTF8: 'DSSE_MALFORMED_JSON',
  ERR_JSON_VALUE: 'DSSE_MALFORMED_JSON',
  ERR_JSON_DUPLICATE: 'DSSE_DUPLICATE_KEY',
  ERR_JSON_DEPTH: 'DSSE_LIMIT_EXCEEDED',
  ERR_JSON_SIZE: 'DSSE_LIMIT_EXCEEDED',
};
