/**
 * What the bodies of log entries say, each kind in its own way, and whether that is the signature at hand.
 *
 * @module
 */
import {
  type Bytes,
  BytesError,
  decodeBase64,
  decodeBase64url,
  decodeHex,
  decodeUtf8,
  equalBytes,
} from '@sealwright/bytes';
import { CryptoError, type PublicKey, type SignatureHash } from '@sealwright/crypto';
import { decodePem, DerError, encodeSpki } from '@sealwright/der';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { detailsFit, schemeOfDetails } from '../trust/key-details.js';
import type { LogEntry } from './log-entry.js';

/** A hash in an entry. */
export interface LoggedDigest {
  /** Which hash. */
  readonly algorithm: SignatureHash;
  /** The hash. */
  readonly value: Bytes;
}

/** A signature in an entry, with what verifies it. */
export interface LoggedSignature {
  /** The signature; `undefined` for kinds that do not keep it. */
  readonly signature: Bytes | undefined;
  /** A public key (SubjectPublicKeyInfo) or a certificate, DER. */
  readonly verifier: Bytes;
  /** Which of the two it is. */
  readonly verifierKind: 'publicKey' | 'certificate';
  /** How the key signs, where the entry says so. */
  readonly keyDetails: string | undefined;
}

/** What an entry says. */
export interface LoggedEntry {
  /** Hash of what was signed: a file, or the pre-authentication encoding of an envelope. */
  readonly data: LoggedDigest | undefined;
  /** Hash of the payload of an envelope. */
  readonly payload: LoggedDigest | undefined;
  /** Hash of an envelope, as it was sent to the log. */
  readonly envelope: LoggedDigest | undefined;
  /** The signatures; at least one. */
  readonly signatures: readonly LoggedSignature[];
}

/**
 * Read the body of an entry: `hashedrekord` 0.0.1 and 0.0.2, `dsse` 0.0.1 and 0.0.2, `intoto` 0.0.1 and 0.0.2, `rekord` 0.0.1.
 *
 * @param entry - decoded; kind and version must be those of the body
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`.
 */
export function parseEntryBody(entry: Pick<LogEntry, 'body' | 'kind' | 'version'>): LoggedEntry {
  const body = object(parse(entry.body), 'body');
  if (body['kind'] !== entry.kind || body['apiVersion'] !== entry.version)
    throw fault('the entry is of another kind than it says');
  const spec = object(body['spec'], 'spec');
  switch (`${entry.kind} ${entry.version}`) {
    case 'hashedrekord 0.0.1':
    case 'rekord 0.0.1':
      return readHashedRekord(spec);
    case 'hashedrekord 0.0.2':
      return readHashedRekord2(object(spec['hashedRekordV002'], 'hashedRekordV002'));
    case 'dsse 0.0.1':
      return readDsse(spec);
    case 'dsse 0.0.2':
      return readDsse2(object(spec['dsseV002'], 'dsseV002'));
    case 'intoto 0.0.1':
      return readIntoto1(spec);
    case 'intoto 0.0.2':
      return readIntoto2(object(spec['content'], 'content'));
    default:
      throw fault(`entries of kind ${entry.kind} ${entry.version} are not known`.slice(0, 128));
  }
}

/** Whether the verifier of a logged signature is a key or certificate. Texts may differ, the DER may not. */
export function isVerifier(
  logged: LoggedSignature,
  kind: LoggedSignature['verifierKind'],
  der: Uint8Array,
): boolean {
  return logged.verifierKind === kind && equalBytes(logged.verifier, der);
}

function readHashedRekord(spec: JsonObject): LoggedEntry {
  const signature = object(spec['signature'], 'signature');
  const publicKey = object(signature['publicKey'], 'publicKey');
  return {
    data: readDigest(object(spec['data'], 'data')['hash']),
    payload: undefined,
    envelope: undefined,
    signatures: [
      { signature: base64(signature['content']), ...readPem(publicKey['content']), keyDetails: undefined },
    ],
  };
}

function readHashedRekord2(record: JsonObject): LoggedEntry {
  return {
    data: readProtoDigest(record['data']),
    payload: undefined,
    envelope: undefined,
    signatures: [readProtoSignature(record['signature'])],
  };
}

function readDsse(spec: JsonObject): LoggedEntry {
  const signatures = list(spec['signatures']).map((value) => {
    const { signature, verifier } = object(value, 'signature');
    return { signature: base64(signature), ...readPem(verifier), keyDetails: undefined };
  });
  return {
    data: undefined,
    payload: readDigest(spec['payloadHash']),
    envelope: readDigest(spec['envelopeHash']),
    signatures,
  };
}

function readDsse2(record: JsonObject): LoggedEntry {
  return {
    data: undefined,
    payload: readProtoDigest(record['payloadHash']),
    envelope: undefined,
    signatures: list(record['signatures']).map(readProtoSignature),
  };
}

/** The first version keeps no signature: it names the key and the hash of the whole envelope. */
function readIntoto1(spec: JsonObject): LoggedEntry {
  const content = object(spec['content'], 'content');
  return {
    data: undefined,
    payload: content['payloadHash'] === undefined ? undefined : readDigest(content['payloadHash']),
    envelope: readDigest(content['hash']),
    signatures: [{ signature: undefined, ...readPem(spec['publicKey']), keyDetails: undefined }],
  };
}

/** The second version keeps the signature in base64 of base64. */
function readIntoto2(content: JsonObject): LoggedEntry {
  const envelope = object(content['envelope'], 'envelope');
  const signatures = list(envelope['signatures']).map((value) => {
    const { sig, publicKey } = object(value, 'signature');
    return { signature: eitherBase64(utf8(base64(sig))), ...readPem(publicKey), keyDetails: undefined };
  });
  return {
    data: undefined,
    payload: readDigest(content['payloadHash']),
    envelope: content['hash'] === undefined ? undefined : readDigest(content['hash']),
    signatures,
  };
}

function readDigest(value: JsonValue | undefined): LoggedDigest {
  const { algorithm, value: digits } = object(value, 'hash');
  const known = HASHES.get(String(algorithm));
  if (known === undefined || typeof digits !== 'string') throw fault('expected a SHA-2 hash');
  return {
    algorithm: known,
    value: sized(
      decoded(() => decodeHex(digits)),
      known,
    ),
  };
}

function readProtoDigest(value: JsonValue | undefined): LoggedDigest {
  const { algorithm, digest } = object(value, 'data');
  const known = HASHES.get(String(algorithm));
  if (known === undefined) throw fault('expected a SHA-2 hash');
  return { algorithm: known, value: sized(base64(digest), known) };
}

function readProtoSignature(value: JsonValue): LoggedSignature;
function readProtoSignature(value: JsonValue | undefined): LoggedSignature;
function readProtoSignature(value: JsonValue | undefined): LoggedSignature {
  const signature = object(value, 'signature');
  const verifier = object(signature['verifier'], 'verifier');
  const { keyDetails, publicKey, x509Certificate } = verifier;
  if ((publicKey === undefined) === (x509Certificate === undefined) || typeof keyDetails !== 'string')
    throw fault('a verifier is a key or a certificate, with details');
  const raw = base64(object(publicKey ?? x509Certificate, 'verifier')['rawBytes']);
  return {
    signature: base64(signature['content']),
    verifier: raw,
    verifierKind: publicKey === undefined ? 'certificate' : 'publicKey',
    keyDetails,
  };
}

/** Whether the details of a logged key fit the key and the hash that was logged with it. */
export function detailsAgree(
  logged: LoggedSignature,
  key: PublicKey,
  hash: SignatureHash | undefined,
): boolean {
  const { keyDetails } = logged;
  if (keyDetails === undefined) return true;
  const scheme = schemeOfDetails(keyDetails);
  if (scheme === undefined) return false;
  const own = scheme === 'ed25519ph' ? 'sha512' : scheme === 'ed25519' ? undefined : scheme.slice(-6);
  return detailsFit(keyDetails, key) && (hash === undefined || own === undefined || own === hash);
}

function readPem(value: JsonValue | undefined): Pick<LoggedSignature, 'verifier' | 'verifierKind'> {
  const text = utf8(base64(value));
  try {
    const [block] = decodePem(text);
    if (block?.label === 'CERTIFICATE') return { verifier: block.bytes, verifierKind: 'certificate' };
    if (block?.label === 'PUBLIC KEY') return { verifier: block.bytes, verifierKind: 'publicKey' };
    if (block?.label === 'RSA PUBLIC KEY')
      return { verifier: encodeSpki('rsa', block.bytes), verifierKind: 'publicKey' };
  } catch (cause) {
    if (!(cause instanceof DerError) && !(cause instanceof CryptoError)) throw cause;
    throw new CosignError('ERR_COSIGN_LOG_ENTRY', 'the verifier in the entry is no PEM', { cause });
  }
  throw fault('expected a certificate or a public key as PEM');
}

function list(value: JsonValue | undefined): JsonValue[] {
  if (Array.isArray(value) && value.length > 0 && value.length <= MAX_SIGNATURES) return value;
  throw fault(`expected 1 to ${MAX_SIGNATURES} signatures`);
}

function sized(value: Bytes, algorithm: SignatureHash): Bytes {
  if (value.byteLength === { sha256: 32, sha384: 48, sha512: 64 }[algorithm]) return value;
  throw fault('a hash has another length than its algorithm gives');
}

function parse(body: Uint8Array): JsonValue {
  try {
    return parseJson(body, { maxBytes: 32 << 20 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_LOG_ENTRY', `a body is JSON: ${cause.message}`, { cause });
  }
}

function object(value: JsonValue | undefined, name: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw fault(`expected an object at ${name}`);
}

function base64(value: JsonValue | undefined): Bytes {
  if (typeof value !== 'string') throw fault('expected base64');
  return decoded(() => decodeBase64(value));
}

/** As envelopes have it: in either alphabet. */
function eitherBase64(text: string): Bytes {
  const urlSafe = text.includes('-') || text.includes('_');
  return decoded(() => (urlSafe ? decodeBase64url : decodeBase64)(text, { padding: 'optional' }));
}

function utf8(bytes: Uint8Array): string {
  return decoded(() => decodeUtf8(bytes));
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_LOG_ENTRY', 'expected encoded bytes', { cause });
  }
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_LOG_ENTRY', message);
}

const MAX_SIGNATURES = 100;
const HASHES: ReadonlyMap<string, SignatureHash> = new Map([
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
]);
