/**
 * Signatures over a message of which only the hash is known. No platform offers that for every kind of key.
 *
 * @module
 */
import { eddsa } from '@noble/curves/abstract/edwards.js';
import {
  weierstrass,
  type WeierstrassPoint,
  type WeierstrassPointCons,
} from '@noble/curves/abstract/weierstrass.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { parseRsaPublicKey, parseSpki } from '@sealwright/der';
import { schemeFor, type SignatureHash, type SignatureScheme } from './algorithms.js';
import { ecdsaToRaw, scalarBytes } from './ecdsa.js';
import { CryptoError } from './errors.js';
import { integerBytes, integerOf, modularPower } from './integer.js';
import type { PublicKey } from './keys.js';
import { type CurveKind, CURVES } from './point.js';

/** How to verify over a digest. */
export interface VerifyDigestOptions {
  /** ECDSA or PKCS#1 v1.5 with any hash, or `ed25519ph`; its hash is what made the digest. */
  readonly scheme: SignatureScheme;
  /** Form of an ECDSA signature, as for {@link verify}. Default `der`. */
  readonly encoding?: 'der' | 'raw' | 'either';
}

/**
 * Check a signature of a message whose digest the caller computed: ECDSA, RSA with PKCS#1 v1.5, or Ed25519ph. Pure Ed25519 needs
 * the message itself. Slower than {@link verify}, which a caller who has the message should prefer.
 *
 * @param key - the public key
 * @param digest - of the message, by the hash of the scheme
 * @param signature - of any length; a malformed one is false, like a wrong one
 * @param options - scheme and form
 * @throws {@link CryptoError} `ERR_CRYPTO_UNSUPPORTED` for a scheme that does not fit the key or this purpose;
 * `ERR_CRYPTO_ARGUMENT` for a digest of another length.
 */
export function verifyDigest(
  key: PublicKey,
  digest: Uint8Array,
  signature: Uint8Array,
  options: VerifyDigestOptions,
): boolean {
  const { family, hash } = schemeFor(key.kind, options.scheme);
  if (digest.byteLength !== DIGEST_BYTES[hash])
    throw new CryptoError('ERR_CRYPTO_ARGUMENT', `a digest of ${hash} has ${DIGEST_BYTES[hash]} bytes`);
  const { publicKey } = parseSpki(key.spki);
  switch (family) {
    case 'ecdsa':
      return verifyEcdsa(key, publicKey, digest, signature, options.encoding ?? 'der');
    case 'rsa-pkcs1':
      return verifyPkcs1(publicKey, hash, digest, signature);
    case 'ed25519ph':
      return signature.byteLength === 64 && PREHASHED.verify(signature, digest, publicKey);
    case 'ed25519':
    case 'rsa-pss':
      throw new CryptoError('ERR_CRYPTO_UNSUPPORTED', `${family} cannot be checked from a digest here`);
  }
}

function verifyEcdsa(
  key: PublicKey,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
  encoding: 'der' | 'raw' | 'either',
): boolean {
  const width = scalarBytes(key.kind);
  const der = encoding === 'raw' ? undefined : ecdsaToRaw(signature, width);
  const raw = der ?? (encoding === 'der' ? undefined : signature);
  if (raw?.byteLength !== 2 * width) return false;
  const group = key.kind === 'ec-p384' ? P384 : key.kind === 'ec-p521' ? P521 : P256;
  return isSigned(group, integerOf(digest), digest.byteLength * 8, raw, group.fromBytes(point));
}

/** Signature verification of FIPS 186-5 section 6.4.2, from step 2 on; nothing in it is secret. */
function isSigned(
  group: WeierstrassPointCons<bigint>,
  hash: bigint,
  hashBits: number,
  raw: Uint8Array,
  key: WeierstrassPoint<bigint>,
): boolean {
  const { Fn } = group;
  const width = raw.byteLength / 2;
  const [r, s] = [integerOf(raw.subarray(0, width)), integerOf(raw.subarray(width))];
  if (r === 0n || r >= Fn.ORDER || s === 0n || s >= Fn.ORDER) return false;
  const e = hash >> BigInt(Math.max(0, hashBits - Fn.BITS));
  const inverse = Fn.inv(s);
  const sum = group.BASE.mulAddUnsafe(Fn.create(e * inverse), key, Fn.create(r * inverse));
  return !sum.is0() && Fn.create(sum.toAffine().x) === r;
}

function groupOf(
  kind: CurveKind,
  order: { readonly n: bigint; readonly Gx: bigint; readonly Gy: bigint },
): WeierstrassPointCons<bigint> {
  const { p, b } = CURVES[kind];
  return weierstrass({ p, a: p - 3n, b, h: 1n, ...order });
}

/** RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2): the whole encoded message is compared, so nothing of it is parsed. */
function verifyPkcs1(
  publicKey: Uint8Array,
  hash: SignatureHash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { modulus, exponent } = parseRsaPublicKey(publicKey);
  const size = modulus.byteLength;
  const n = integerOf(modulus);
  const s = integerOf(signature);
  const info = concatBytes(DIGEST_INFO[hash], digest);
  if (signature.byteLength !== size || s >= n || exponent.byteLength > 4 || size < info.byteLength + 11)
    return false;
  const padding = new Uint8Array(size - info.byteLength - 3).fill(0xff);
  const expected = concatBytes(Uint8Array.of(0, 1), padding, Uint8Array.of(0), info);
  return equalBytes(integerBytes(modularPower(s, integerOf(exponent), n), size), expected);
}

const DIGEST_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;
/** DigestInfo up to the hash (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO = {
  sha256: Uint8Array.of(0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20),
  sha384: Uint8Array.of(0x30, 0x41, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30),
  sha512: Uint8Array.of(0x30, 0x51, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 0x40),
};
/** Orders and base points (SP 800-186 section 3.2.1). */
const P256 = /* @__PURE__ */ groupOf('ec-p256', {
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  Gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  Gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
});
const P384 = /* @__PURE__ */ groupOf('ec-p384', {
  n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  Gx: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
  Gy: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
});
const P521 = /* @__PURE__ */ groupOf('ec-p521', {
  n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  Gx: 0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
  Gy: 0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
});
/** Ed25519ph over a digest that was made before; the prefix is `dom2` of RFC 8032 section 5.1 with an empty context. */
const PREHASHED = /* @__PURE__ */ eddsa(ed25519.Point, sha512, {
  domain: (data: Uint8Array) =>
    concatBytes(encodeUtf8('SigEd25519 no Ed25519 collisions'), Uint8Array.of(1, 0), data),
  prehash: (message: Uint8Array) => Uint8Array.from(message),
  zip215: false,
});
