/**
 * Metadata of The Update Framework, version 1.0: who may say what, signed by enough of them.
 *
 * @module
 */
import { BytesError, decodeHex, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import {
  CryptoError,
  digest,
  importPublicKey,
  type PublicKey,
  type SignatureScheme,
  verify,
} from '@sealwright/crypto';
import { encodeSpki } from '@sealwright/der';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { momentOf } from '../moment.js';

/** The roles that sign. */
export type TufRole = 'root' | 'timestamp' | 'snapshot' | 'targets';

/** A role's keys, and how many of them must sign. */
export interface TufAuthority {
  readonly keys: ReadonlyMap<string, { readonly key: PublicKey; readonly scheme: SignatureScheme }>;
  readonly threshold: number;
}

/** What metadata says about a file. */
export interface TufFile {
  /** Version of the metadata; `undefined` for targets. */
  readonly version: number | undefined;
  /** Length in bytes; `undefined` where it does not say. */
  readonly length: number | undefined;
  /** SHA-256 and SHA-512, hexadecimal. */
  readonly hashes: ReadonlyMap<'sha256' | 'sha512', string>;
}

/** Metadata, decoded but not verified. */
export interface TufMetadata {
  readonly role: TufRole;
  readonly version: number;
  /** Until when it is good, milliseconds since 1970. */
  readonly expires: number;
  readonly signed: JsonObject;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Read metadata of a role. */
export function parseMetadata(bytes: Uint8Array, role: TufRole, maxBytes: number): TufMetadata {
  const document = object(parse(bytes, maxBytes), '');
  const signed = object(document['signed'], '/signed');
  const { version, expires, spec_version: spec } = signed;
  if (signed['_type'] !== role) throw fault(`expected metadata of the role ${role}`);
  if (typeof spec !== 'string' || !spec.startsWith('1.')) throw fault('expected version 1 of the format');
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw fault('expected a version');
  const until = typeof expires === 'string' && /:\d\dZ$/.test(expires) ? momentOf(expires) : Number.NaN;
  if (Number.isNaN(until)) throw fault('expected when it expires');
  const signatures = document['signatures'];
  if (!Array.isArray(signatures) || signatures.length > MAX_SIGNATURES) throw fault('expected signatures');
  return {
    role,
    version,
    expires: until,
    signed,
    signatures: signatures.map((value, index) => {
      const { keyid, sig } = object(value, `/signatures/${index}`);
      if (typeof keyid !== 'string' || typeof sig !== 'string') throw fault('expected keyid and sig');
      return { keyid, sig };
    }),
  };
}

/** The keys of a role, as root metadata gives them. Keys of kinds that are not known here do not count. */
export function authorityOf(root: TufMetadata, role: TufRole): TufAuthority {
  const keys = object(root.signed['keys'], '/signed/keys');
  const { keyids, threshold } = object(
    object(root.signed['roles'], '/signed/roles')[role],
    `/signed/roles/${role}`,
  );
  if (
    !Array.isArray(keyids) ||
    typeof threshold !== 'number' ||
    !Number.isSafeInteger(threshold) ||
    threshold < 1
  )
    throw fault('expected keys and a threshold');
  const found = new Map<string, { key: PublicKey; scheme: SignatureScheme }>();
  for (const keyid of keyids) {
    const value = typeof keyid === 'string' && Object.hasOwn(keys, keyid) ? keys[keyid] : undefined;
    const key = value === undefined ? undefined : readKey(object(value, '/signed/keys'));
    if (key !== undefined) found.set(String(keyid), key);
  }
  return { keys: found, threshold };
}

/** Whether enough distinct keys of a role signed. */
export async function verifySignatures(
  metadata: TufMetadata,
  { keys, threshold }: TufAuthority,
): Promise<void> {
  const message = encodeUtf8(olpcJson(metadata.signed));
  const signers = new Set<string>();
  for (const { keyid, sig } of metadata.signatures) {
    const authority = keys.get(keyid);
    if (authority === undefined || signers.has(authority.key.fingerprint)) continue;
    const { key, scheme } = authority;
    if (await verify(key, message, hex(sig), { scheme })) signers.add(key.fingerprint);
  }
  if (signers.size < threshold)
    throw fault(`${metadata.role} ${metadata.version} is signed by ${signers.size} of ${threshold} keys`);
}

/** What snapshot and timestamp say about other metadata, and targets about files. */
export function fileIn(metadata: TufMetadata, name: string): TufFile | undefined {
  const list = object(metadata.signed[metadata.role === 'targets' ? 'targets' : 'meta'], '/signed');
  if (!Object.hasOwn(list, name)) return undefined;
  const { version, length, hashes = {} } = object(list[name], `/signed/${name}`);
  const known = object(hashes, '/hashes');
  const found = new Map<'sha256' | 'sha512', string>();
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const value = known[algorithm];
    if (typeof value === 'string') found.set(algorithm, value);
  }
  return {
    version: typeof version === 'number' ? version : undefined,
    length: typeof length === 'number' ? length : undefined,
    hashes: found,
  };
}

/** Compare bytes with what was said about them. */
export function mustBe(bytes: Uint8Array, file: TufFile, name: string): void {
  if (file.length !== undefined && bytes.byteLength !== file.length)
    throw fault(`${name} has another length`);
  for (const [algorithm, expected] of file.hashes)
    if (encodeHex(digest(algorithm, bytes)) !== expected) throw fault(`${name} has another ${algorithm}`);
}

/** Canonical JSON as OLPC defined it: members sorted, only quotes and backslashes escaped. */
function olpcJson(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value);
    throw fault('signed metadata has integers only');
  }
  if (typeof value === 'string') return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  if (Array.isArray(value)) return `[${value.map(olpcJson).join(',')}]`;
  const names = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return `{${names.map((name) => `${olpcJson(name)}:${olpcJson(value[name] ?? null)}`).join(',')}}`;
}

function readKey(value: JsonObject): { key: PublicKey; scheme: SignatureScheme } | undefined {
  const { scheme, keyval } = value;
  const text = isJsonObject(keyval) ? keyval['public'] : undefined;
  const known = SCHEMES.get(String(scheme));
  if (known === undefined || typeof text !== 'string') return undefined;
  try {
    const raw = known === 'ed25519' && !text.includes('-----');
    return { key: importPublicKey(raw ? encodeSpki('ed25519', decodeHex(text)) : text), scheme: known };
  } catch (error) {
    if (error instanceof CryptoError || error instanceof BytesError) return undefined;
    throw error;
  }
}

function hex(text: string): Uint8Array {
  try {
    return decodeHex(text);
  } catch (error) {
    if (error instanceof BytesError) return new Uint8Array(0);
    throw error;
  }
}

function parse(bytes: Uint8Array, maxBytes: number): JsonValue {
  try {
    return parseJson(bytes, { maxBytes });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_TUF', `metadata is JSON: ${cause.message}`, { cause });
  }
}

function object(value: JsonValue | undefined, pointer: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new CosignError('ERR_COSIGN_TUF', 'expected an object', { pointer });
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_TUF', message);
}

const MAX_SIGNATURES = 64;
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map([
  ['ecdsa-sha2-nistp256', 'ecdsa-sha256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha384'],
  ['ed25519', 'ed25519'],
  ['rsassa-pss-sha256', 'rsa-pss-sha256'],
]);
