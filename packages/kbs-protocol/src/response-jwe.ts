/**
 * Sealed responses: a flattened JWE in JSON whose protected header has one exact text for each kind of key, because
 * the Rust client writes the header anew before it authenticates it.
 *
 * @module
 */
import {
  concatBytes,
  decodeBase64url,
  encodeBase64url,
  encodeUtf8,
  decodeUtf8,
  type Bytes,
} from '@sealwright/bytes';
import {
  aesGcmOpen,
  aesGcmSeal,
  aesKwUnwrap,
  aesKwWrap,
  digest,
  ecdh,
  generateKeyPair,
  randomBytes,
  rsaOaepDecrypt,
  rsaOaepEncrypt,
  exportPublicJwk,
  type PrivateKey,
} from '@sealwright/crypto';
import { isJsonObject, type JsonObject } from '@sealwright/json';
import { KbsProtocolError } from './errors.js';
import { objectAt, own, readJson, stringAt } from './fields.js';
import { parseTeeKey, type TeeKey, type TeePublicKey } from './tee-key.js';

/** A sealed response as it is on the wire. */
export interface ResponseJwe {
  /** The header, base64url; it is authenticated as it stands here. */
  readonly protected: string;
  /** The wrapped content key, base64url. */
  readonly encrypted_key: string;
  /** 12 bytes, base64url. */
  readonly iv: string;
  /** The sealed resource, base64url; empty when the resource is. */
  readonly ciphertext: string;
  /** 16 bytes, base64url. */
  readonly tag: string;
}

/** RSA PKCS#1 v1.5 key transport, which no modern platform offers, from the caller. */
export type Rsa15Transport = (key: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** Options of {@link sealResponse}. */
export interface SealOptions {
  /** Gives so many random bytes. Default: the platform's. */
  readonly random?: (length: number) => Uint8Array;
  /** Fixes the ephemeral key, so that a test can compare texts. One that is used twice betrays both responses. */
  readonly dangerouslyEphemeralKey?: PrivateKey;
  /** Encrypts a content key to a TEE key of the algorithm `RSA1_5`. Without it such a key is refused. */
  readonly dangerouslyWrapRsa15?: Rsa15Transport;
  /** Write the form of protocol 0.1: header as plain text and not authenticated, tag behind the ciphertext. */
  readonly dangerouslyUnauthenticatedHeader?: boolean;
}

/** Options of {@link openResponse}. */
export interface OpenOptions {
  /** Decrypts a content key of the algorithm `RSA1_5`. Without it such a response is refused. */
  readonly dangerouslyUnwrapRsa15?: Rsa15Transport;
  /** Read the form of protocol 0.1 too. Default false. */
  readonly dangerouslyUnauthenticatedHeader?: boolean;
}

/**
 * Seal a resource to a TEE key.
 *
 * @param recipient - the TEE's key
 * @param plaintext - the resource
 * @param options - randomness, and what older clients need
 * @throws {@link KbsProtocolError} `ERR_KBS_JWE` for a key of the algorithm `RSA1_5`, unless options allow it
 */
export async function sealResponse(
  recipient: TeePublicKey,
  plaintext: Uint8Array,
  options: SealOptions = {},
): Promise<ResponseJwe> {
  const random = options.random ?? randomBytes;
  const cek = new Uint8Array(random(CEK_BYTES));
  const iv = new Uint8Array(random(IV_BYTES));
  const { header, encryptedKey } = await wrap(recipient, cek, options);
  const legacy = options.dangerouslyUnauthenticatedHeader === true;
  const protectedText = legacy ? header : encodeBase64url(encodeUtf8(header));
  const sealed = legacy
    ? aesGcmSeal(cek, iv, plaintext)
    : aesGcmSeal(cek, iv, plaintext, encodeUtf8(protectedText));
  cek.fill(0);
  const end = legacy ? sealed.byteLength : sealed.byteLength - TAG_BYTES;
  return {
    protected: protectedText,
    encrypted_key: encodeBase64url(encryptedKey),
    iv: encodeBase64url(iv),
    ciphertext: encodeBase64url(sealed.subarray(0, end)),
    tag: encodeBase64url(sealed.subarray(end)),
  };
}

/**
 * Read a sealed response. Read is not opened: nothing is decrypted here.
 *
 * @param input - the body
 * @param maxBytes - cap on the text, 8 MiB by default
 * @throws {@link KbsProtocolError} `ERR_KBS_JWE` or `ERR_KBS_LIMIT`
 */
export function parseResponseJwe(input: string | Uint8Array, maxBytes: number = 0x80_0000): ResponseJwe {
  const object = objectAt(readJson(input, maxBytes, 'ERR_KBS_JWE'), '', 'ERR_KBS_JWE');
  const text = (name: string): string => stringAt(own(object, name), `/${name}`, 'ERR_KBS_JWE');
  return {
    protected: text('protected'),
    encrypted_key: text('encrypted_key'),
    iv: text('iv'),
    ciphertext: text('ciphertext'),
    tag: text('tag'),
  };
}

/**
 * Write a sealed response.
 *
 * @param jwe - the sealed response
 */
export function encodeResponseJwe(jwe: ResponseJwe): string {
  const { protected: header, encrypted_key, iv, ciphertext, tag } = jwe;
  return JSON.stringify({ protected: header, encrypted_key, iv, ciphertext, tag });
}

/**
 * Open a sealed response.
 *
 * @param key - the TEE's key
 * @param jwe - the sealed response
 * @param options - what older servers need
 * @throws {@link KbsProtocolError} `ERR_KBS_JWE` for what is malformed or not allowed, `ERR_KBS_DECRYPT` for what
 * does not open
 */
export async function openResponse(key: TeeKey, jwe: ResponseJwe, options: OpenOptions = {}): Promise<Bytes> {
  const legacy = jwe.protected.startsWith('{');
  if (legacy && options.dangerouslyUnauthenticatedHeader !== true) {
    throw malformed('expected a header in base64url, not one in plain text', 'protected');
  }
  const header = headerOf(legacy ? jwe.protected : decodeText(jwe.protected));
  const iv = decode(jwe.iv, 'iv', IV_BYTES);
  const sealed = concatBytes(
    decode(jwe.ciphertext, 'ciphertext'),
    decode(jwe.tag, 'tag', legacy ? 0 : TAG_BYTES),
  );
  const cek = await unwrap(key, header, decode(jwe.encrypted_key, 'encrypted_key'), options);
  try {
    return legacy ? aesGcmOpen(cek, iv, sealed) : aesGcmOpen(cek, iv, sealed, encodeUtf8(jwe.protected));
  } catch (cause) {
    throw undecryptable(cause);
  } finally {
    cek.fill(0);
  }
}

async function wrap(
  recipient: TeePublicKey,
  cek: Bytes,
  options: SealOptions,
): Promise<{ header: string; encryptedKey: Uint8Array }> {
  if (recipient.alg === 'RSA-OAEP-256') {
    const encryptedKey = await rsaOaepEncrypt(recipient.key, cek, { hash: 'sha256' });
    return { header: '{"alg":"RSA-OAEP-256","enc":"A256GCM"}', encryptedKey };
  }
  if (recipient.alg === 'RSA1_5') {
    if (options.dangerouslyWrapRsa15 === undefined) throw malformed('RSA1_5 is not allowed here');
    return {
      header: '{"alg":"RSA1_5","enc":"A256GCM"}',
      encryptedKey: await options.dangerouslyWrapRsa15(cek),
    };
  }
  const curve = recipient.kind === 'ec-p521' ? 'ec-p521' : 'ec-p256';
  const ephemeral = options.dangerouslyEphemeralKey ?? (await generateKeyPair(curve));
  const { crv, x, y } = exportPublicJwk(ephemeral.publicKey);
  // The order and the spacing are the protocol: see the head of this file.
  const header = JSON.stringify({ alg: recipient.alg, enc: 'A256GCM', epk: { crv, kty: 'EC', x, y } });
  const kek = keyEncryptionKey(await ecdh(ephemeral, recipient.key));
  return { header, encryptedKey: aesKwWrap(kek, cek) };
}

async function unwrap(
  key: TeeKey,
  header: JsonObject,
  encryptedKey: Bytes,
  options: OpenOptions,
): Promise<Bytes> {
  const alg = own(header, 'alg');
  const isRsa = key.publicKey.kind === 'rsa';
  if (isRsa && alg === 'RSA-OAEP-256') {
    return contentKey(() => rsaOaepDecrypt(key.privateKey, encryptedKey, { hash: 'sha256' }));
  }
  const unwrapRsa15 = options.dangerouslyUnwrapRsa15;
  if (isRsa && alg === 'RSA1_5' && unwrapRsa15 !== undefined)
    return contentKey(async () => unwrapRsa15(encryptedKey));
  if (isRsa || alg !== 'ECDH-ES+A256KW')
    throw malformed('the algorithm does not go with the key, or is not allowed');
  const sender = ephemeralKeyOf(header);
  if (sender.kind !== key.publicKey.kind) throw malformed('expected an epk on the curve of the key');
  return contentKey(async () =>
    aesKwUnwrap(keyEncryptionKey(await ecdh(key.privateKey, sender.key)), encryptedKey),
  );
}

async function contentKey(unwrapping: () => Promise<Uint8Array>): Promise<Bytes> {
  let cek: Uint8Array;
  try {
    cek = await unwrapping();
  } catch (cause) {
    throw undecryptable(cause);
  }
  if (cek.byteLength !== CEK_BYTES) throw undecryptable();
  return new Uint8Array(cek);
}

function ephemeralKeyOf(header: JsonObject): TeePublicKey {
  const epk = own(header, 'epk');
  if (!isJsonObject(epk)) throw malformed('expected an epk');
  try {
    return parseTeeKey({ ...epk, alg: 'ECDH-ES+A256KW' });
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_JWE', 'the epk is not a point on a known curve', { cause });
  }
}

function headerOf(text: string): JsonObject {
  const header = objectAt(readJson(text, MAX_HEADER_BYTES, 'ERR_KBS_JWE'), '/protected', 'ERR_KBS_JWE');
  if (own(header, 'enc') !== 'A256GCM')
    throw malformed('expected the content encryption A256GCM', 'protected');
  const refused = ['crit', 'zip', 'apu', 'apv'].find((name) => Object.hasOwn(header, name));
  if (refused !== undefined)
    throw malformed(`the header member ${refused} is not part of the protocol`, 'protected');
  return header;
}

/** Concat KDF of NIST SP 800-56A in the form of RFC 7518 section 4.6.2, one round, no party information. */
function keyEncryptionKey(sharedSecret: Uint8Array): Bytes {
  const algorithm = encodeUtf8('ECDH-ES+A256KW');
  const [round, none, bits] = [u32(1), u32(0), u32(256)];
  return digest(
    'sha256',
    concatBytes(round, sharedSecret, u32(algorithm.byteLength), algorithm, none, none, bits),
  );
}

function u32(value: number): Bytes {
  return Uint8Array.of(0, 0, value >>> 8, value & 0xff);
}

function decodeText(text: string): string {
  if (text.length > 2 * MAX_HEADER_BYTES) throw malformed('the header is too long', 'protected');
  try {
    return decodeUtf8(decode(text, 'protected'));
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_JWE', 'expected a header in base64url', {
      pointer: '/protected',
      cause,
    });
  }
}

function decode(text: string, member: string, length?: number): Bytes {
  let bytes: Bytes;
  try {
    bytes = decodeBase64url(text);
  } catch (cause) {
    const pointer = `/${member}`;
    throw new KbsProtocolError('ERR_KBS_JWE', 'expected base64url without padding', { pointer, cause });
  }
  if (length !== undefined && bytes.byteLength !== length)
    throw malformed(`expected ${length} bytes`, member);
  return bytes;
}

function malformed(message: string, member?: string): KbsProtocolError {
  return new KbsProtocolError('ERR_KBS_JWE', message, member === undefined ? {} : { pointer: `/${member}` });
}

function undecryptable(cause?: unknown): KbsProtocolError {
  return new KbsProtocolError('ERR_KBS_DECRYPT', 'the response does not open with this key', { cause });
}

const CEK_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const MAX_HEADER_BYTES = 4096;
