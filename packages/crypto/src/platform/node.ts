/**
 * The platform of Node, Bun and Deno: `node:crypto`, synchronous wherever that is fastest.
 *
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  constants,
  diffieHellman,
  generateKeyPair,
  hash as hashOnce,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  scrypt,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { encodePem, type KeyKind } from '@sealwright/der';
import type { SchemeParts } from '../algorithms.js';
import { ecdsaToDer } from '../ecdsa.js';
import { Sm3 } from '../sm3.js';
import { prehashSign, prehashVerify } from './ed25519ph.js';
import type { Platform, PlatformPrivateKey, PlatformPublicKey } from './platform.js';

/** The platform behind the `node` condition. */
export const platform: Platform = {
  digest: (algorithm, data) => {
    if (algorithm === 'sm3') return new Sm3().update(data).digest();
    return owned(hashOnce(known(algorithm), data, 'buffer'));
  },
  sha2: (hash, data) => owned(hashOnce(hash, data, 'buffer')),
  createDigest: (algorithm) => {
    if (algorithm === 'sm3') return new Sm3();
    const hash = createHash(known(algorithm));
    return { update: (chunk) => void hash.update(chunk), digest: () => copyBytes(hash.digest()) };
  },
  hmac: (hash, key, data) => copyBytes(createHmac(hash, key).update(data).digest()),
  createHmac: (hash, key) => {
    const mac = createHmac(hash, key);
    return { update: (chunk) => void mac.update(chunk), digest: () => copyBytes(mac.digest()) };
  },
  randomBytes: (length) => copyBytes(randomBytes(length)),
  // The import throws for a key that is none; its kind is that of the structure, which was read before.
  // What is left to check of a point on its curve is nothing: it is taken in when it is first used, which takes a while.
  checkPublic: (key) => key.kind.startsWith('ec-') || publicObject(key) !== undefined,
  generate: async (kind, bits) => {
    const { privateKey } = await generateOf(kind, bits);
    return copyBytes(privateKey.export({ type: 'pkcs8', format: 'der' }));
  },
  publicOf: async (key) =>
    copyBytes(createPublicKey(privateObject(key)).export({ type: 'spki', format: 'der' })),
  sign: async (key, scheme, data, encoding) => {
    if (scheme.family === 'ed25519ph') return prehashSign(key.pkcs8, data);
    const hash = scheme.family === 'ed25519' ? null : scheme.hash;
    if (scheme.family === 'ecdsa' && encoding === 'der') return owned(sign(hash, data, privateObject(key)));
    return copyBytes(sign(hash, data, { key: privateObject(key), ...OPTIONS[scheme.family] }));
  },
  // Node 24 takes a third less time for a bare key and DER than for r‖s, which it asks for by an option.
  verifyEcdsa: async (key, hash, data, signature, encoding) =>
    verify(hash, data, publicObject(key), encoding === 'der' ? signature : ecdsaToDer(signature)),
  verify: async (key, scheme, data, signature) => {
    if (scheme.family === 'ed25519ph') return prehashVerify(key.spki, data, signature);
    const hash = scheme.family === 'ed25519' ? null : scheme.hash;
    return verify(hash, data, { key: publicObject(key), ...OPTIONS[scheme.family] }, signature);
  },
  ecdh: async (key, peer) =>
    copyBytes(diffieHellman({ privateKey: privateObject(key), publicKey: publicObject(peer) })),
  oaepEncrypt: async (key, oaepHash, data) =>
    copyBytes(
      publicEncrypt({ key: publicObject(key), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, data),
    ),
  oaepDecrypt: async (key, oaepHash, data) =>
    copyBytes(
      privateDecrypt({ key: privateObject(key), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, data),
    ),
  gcmSeal: (key, iv, data, aad) => {
    const cipher = createCipheriv(gcm(key), key, iv);
    cipher.setAAD(aad);
    return joined(cipher.update(data), cipher.final(), cipher.getAuthTag());
  },
  gcmOpen: (key, iv, sealed, aad) => {
    const decipher = createDecipheriv(gcm(key), key, iv, { authTagLength: 16 });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-16));
    return joined(decipher.update(sealed.subarray(0, -16)), decipher.final());
  },
  ctr: (key, iv, data) => {
    const cipher = createCipheriv(`aes-${key.byteLength * 8}-ctr`, key, iv);
    return joined(cipher.update(data), cipher.final());
  },
  createCtr: (key, iv) => {
    const cipher = createCipheriv(`aes-${key.byteLength * 8}-ctr`, key, iv);
    return { update: (chunk) => copyBytes(cipher.update(chunk)) };
  },
  scrypt: (password, salt, { N, r, p, length }) =>
    new Promise((resolve, reject) => {
      scrypt(password, salt, length, { N, r, p, maxmem: 256 << 20 }, (error, derived) => {
        if (error instanceof Error) reject(error); // Bun says undefined where Node says null
        else resolve(copyBytes(derived));
      });
    }),
};

/** Piece by piece, as the other platform is used. */
export const digest: Platform['digest'] = platform.digest;
export const sha2: Platform['sha2'] = platform.sha2;
export const createDigest: Platform['createDigest'] = platform.createDigest;
export const hmac: Platform['hmac'] = platform.hmac;
const createHmacOf: Platform['createHmac'] = platform.createHmac;
const randomBytesOf: Platform['randomBytes'] = platform.randomBytes;
export const checkPublic: Platform['checkPublic'] = platform.checkPublic;
export const generate: Platform['generate'] = platform.generate;
export const publicOf: Platform['publicOf'] = platform.publicOf;
const signOf: Platform['sign'] = platform.sign;
const verifyOf: Platform['verify'] = platform.verify;
export const verifyEcdsa: Platform['verifyEcdsa'] = platform.verifyEcdsa;
export const ecdh: Platform['ecdh'] = platform.ecdh;
export const oaepEncrypt: Platform['oaepEncrypt'] = platform.oaepEncrypt;
export const oaepDecrypt: Platform['oaepDecrypt'] = platform.oaepDecrypt;
export const gcmSeal: Platform['gcmSeal'] = platform.gcmSeal;
export const gcmOpen: Platform['gcmOpen'] = platform.gcmOpen;
export const ctr: Platform['ctr'] = platform.ctr;
export const createCtr: Platform['createCtr'] = platform.createCtr;
const scryptOf: Platform['scrypt'] = platform.scrypt;
export {
  createHmacOf as createHmac,
  randomBytesOf as randomBytes,
  signOf as sign,
  verifyOf as verify,
  scryptOf as scrypt,
};

function publicObject(key: PlatformPublicKey): KeyObject {
  // Given text, Node 24 takes half the time that it takes given bytes with options.
  key.handle ??= createPublicKey(encodePem('PUBLIC KEY', key.spki));
  return key.handle as KeyObject; // only this platform sets it
}

function privateObject(key: PlatformPrivateKey): KeyObject {
  key.handle ??= createPrivateKey({ key: Buffer.from(key.pkcs8), type: 'pkcs8', format: 'der' });
  return key.handle as KeyObject; // only this platform sets it
}

function generateOf(kind: KeyKind, bits: number): Promise<{ privateKey: KeyObject }> {
  const generate = promisify(generateKeyPair);
  if (kind === 'rsa') return generate('rsa', { modulusLength: bits, publicExponent: 0x10001 });
  if (kind === 'ed25519') return generate('ed25519', {});
  return generate('ec', { namedCurve: { 'ec-p256': 'P-256', 'ec-p384': 'P-384', 'ec-p521': 'P-521' }[kind] });
}

function gcm(key: Uint8Array): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  return key.byteLength === 32 ? 'aes-256-gcm' : key.byteLength === 24 ? 'aes-192-gcm' : 'aes-128-gcm';
}

/** Bytes that Node made. Small buffers may share their memory with others: those are copied. */
/** OpenSSL knows more hashes, such as MD5: what other platforms lack, none has. */
function known(algorithm: string): string {
  if (!HASHES.has(algorithm)) throw new TypeError('this hash is not known');
  return algorithm;
}

function owned(buffer: Buffer): Bytes {
  const { buffer: memory, byteLength } = buffer;
  return memory instanceof ArrayBuffer && memory.byteLength === byteLength
    ? new Uint8Array(memory)
    : copyBytes(buffer);
}

function joined(...parts: readonly Uint8Array[]): Bytes {
  return copyBytes(Buffer.concat(parts));
}

const HASHES: ReadonlySet<string> = new Set(['sha1', 'sha224', 'sha256', 'sha384', 'sha512']);
const OPTIONS: Readonly<Record<SchemeParts['family'], object>> = {
  ecdsa: { dsaEncoding: 'ieee-p1363' },
  ed25519: {},
  ed25519ph: {},
  'rsa-pkcs1': { padding: constants.RSA_PKCS1_PADDING },
  'rsa-pss': { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};
