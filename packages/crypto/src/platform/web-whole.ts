/**
 * The platform of browsers and Workers: WebCrypto for what needs keys, noble for what must be synchronous or is missing.
 *
 * @module
 */
import { ctr as ctrCipher, gcm } from '@noble/ciphers/aes.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { hmac as hmacOf } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { type Bytes, copyBytes } from '@sealwright/bytes';
import {
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSpki,
  type KeyKind,
  parseEcPrivateKey,
  parsePkcs8,
} from '@sealwright/der';
import { ecdsaToDer } from '../ecdsa.js';
import { Sm3 } from '../sm3.js';
import { counterStream } from './counter.js';
import {
  curveName,
  type ImportParameters,
  publicHandle,
  remembered,
  subtle,
  verifyEcdsa,
} from './web-ecdsa.js';
import { checkPublic, importParameters, signParameters, verify } from './web-verify.js';
import { sha2 } from './web-sha2.js';
import { prehashSign, pureSign } from './ed25519ph.js';
import type { Platform, PlatformPrivateKey } from './platform.js';

export const digest: Platform['digest'] = (algorithm, data) =>
  algorithm === 'sm3' ? new Sm3().update(data).digest() : copyBytes(HASHES[algorithm](data));

export const createDigest: Platform['createDigest'] = (algorithm) => {
  if (algorithm === 'sm3') return new Sm3();
  const hash = HASHES[algorithm].create();
  return { update: (chunk) => void hash.update(chunk), digest: () => copyBytes(hash.digest()) };
};

export const hmac: Platform['hmac'] = (hash, key, data) => copyBytes(hmacOf(HASHES[hash], key, data));

export const createHmac: Platform['createHmac'] = (hash, key) => {
  const mac = hmacOf.create(HASHES[hash], key);
  return { update: (chunk) => void mac.update(chunk), digest: () => copyBytes(mac.digest()) };
};

export const randomBytes: Platform['randomBytes'] = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += MOST_RANDOM) {
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + MOST_RANDOM));
  }
  return bytes;
};

export const generate: Platform['generate'] = async (kind, bits) => {
  if (kind === 'ed25519') {
    const seed = encodeOctetString(ed25519.utils.randomSecretKey());
    const algorithm = encodeSequence(encodeOid('1.3.101.112'));
    return encodeSequence(encodeInteger(Uint8Array.of(0)), algorithm, encodeOctetString(seed));
  }
  const algorithm: RsaHashedKeyGenParams | EcKeyGenParams =
    kind === 'rsa'
      ? { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) }
      : { name: 'ECDSA', namedCurve: curveName(kind) };
  const pair = await subtle().generateKey(algorithm, true, ['sign', 'verify']);
  return new Uint8Array(await subtle().exportKey('pkcs8', pair.privateKey));
};

export const publicOf: Platform['publicOf'] = async (key) => {
  const { kind, privateKey } = parsePkcs8(key.pkcs8);
  if (kind === 'ed25519') return encodeSpki(kind, ed25519.getPublicKey(privateKey));
  if (kind !== 'rsa')
    return encodeSpki(kind, CURVES[kind].getPublicKey(parseEcPrivateKey(privateKey).scalar, false));
  const jwk = await subtle().exportKey('jwk', await privateHandle(key, PSS, 'sign', true));
  return encodeSpki(kind, encodeSequence(jwkInteger(jwk.n), jwkInteger(jwk.e)));
};

export const sign: Platform['sign'] = async (key, scheme, data, encoding) => {
  if (scheme.family === 'ed25519ph') return prehashSign(key.pkcs8, data);
  if (scheme.family === 'ed25519') return pureSign(key.pkcs8, data);
  const handle = await privateHandle(key, importParameters(key.kind, scheme), 'sign');
  const signature = new Uint8Array(await subtle().sign(signParameters(scheme), handle, copyBytes(data)));
  return scheme.family === 'ecdsa' && encoding === 'der' ? ecdsaToDer(signature) : signature;
};

export const ecdh: Platform['ecdh'] = async (key, peer) => {
  const parameters = { name: 'ECDH', namedCurve: curveName(key.kind) };
  const mine = await privateHandle(key, parameters, 'deriveBits');
  const theirs = await subtle().importKey('spki', peer.spki, parameters, false, []);
  return new Uint8Array(
    await subtle().deriveBits({ name: 'ECDH', public: theirs }, mine, FIELD_BITS[curveOf(key.kind)]),
  );
};

export const oaepEncrypt: Platform['oaepEncrypt'] = async (key, hash, data) => {
  const handle = await publicHandle(key, { name: 'RSA-OAEP', hash: WEB_HASHES[hash] }, 'encrypt');
  return new Uint8Array(await subtle().encrypt({ name: 'RSA-OAEP' }, handle, copyBytes(data)));
};

export const oaepDecrypt: Platform['oaepDecrypt'] = async (key, hash, data) => {
  const handle = await privateHandle(key, { name: 'RSA-OAEP', hash: WEB_HASHES[hash] }, 'decrypt');
  return new Uint8Array(await subtle().decrypt({ name: 'RSA-OAEP' }, handle, copyBytes(data)));
};

export const gcmSeal: Platform['gcmSeal'] = (key, iv, data, aad) =>
  copyBytes(gcm(key, iv, aad).encrypt(data));

export const gcmOpen: Platform['gcmOpen'] = (key, iv, sealed, aad) =>
  copyBytes(gcm(key, iv, aad).decrypt(sealed));

export const ctr: Platform['ctr'] = (key, iv, data) => copyBytes(ctrCipher(key, iv).encrypt(data));

export const createCtr: Platform['createCtr'] = counterStream;

export const scrypt: Platform['scrypt'] = async (password, salt, { N, r, p, length }) =>
  copyBytes(await scryptAsync(password, salt, { N, r, p, dkLen: length, maxmem: 256 << 20 }));

/** The platform wherever there is no `node` condition, in one; taken piece by piece, what nobody uses is left out of a bundle. */
export const platform: Platform = {
  digest,
  sha2,
  createDigest,
  hmac,
  createHmac,
  randomBytes,
  checkPublic,
  generate,
  publicOf,
  sign,
  verify,
  verifyEcdsa,
  ecdh,
  oaepEncrypt,
  oaepDecrypt,
  gcmSeal,
  gcmOpen,
  ctr,
  createCtr,
  scrypt,
};

function privateHandle(
  key: PlatformPrivateKey,
  parameters: ImportParameters,
  usage: KeyUsage,
  extractable = false,
): Promise<CryptoKey> {
  return remembered(key, parameters, `${usage}${extractable}`, () =>
    subtle().importKey('pkcs8', key.pkcs8, parameters, extractable, [usage]),
  );
}

function curveOf(kind: KeyKind): keyof typeof FIELD_BITS {
  if (kind === 'rsa' || kind === 'ed25519') throw new TypeError('expected a key on a NIST curve');
  return kind;
}

function jwkInteger(base64url: string | undefined): Bytes {
  const standard = (base64url ?? '').replaceAll('-', '+').replaceAll('_', '/');
  return encodeInteger(Uint8Array.from(atob(standard), (character) => character.charCodeAt(0)));
}

const MOST_RANDOM = 65_536;
const PSS: RsaHashedImportParams = { name: 'RSA-PSS', hash: 'SHA-256' };
const HASHES = { sha1, sha224, sha256, sha384, sha512 };
/** WebCrypto counts the 521 bits of P-521 in whole bytes. */
const FIELD_BITS = { 'ec-p256': 256, 'ec-p384': 384, 'ec-p521': 528 } as const;
const CURVES = { 'ec-p256': p256, 'ec-p384': p384, 'ec-p521': p521 };
const WEB_HASHES = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const;
