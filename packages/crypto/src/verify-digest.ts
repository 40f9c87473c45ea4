/**
 * Signatures over a message of which only the hash is known. No platform offers that for every kind of key.
 *
 * @module
 */
import { eddsa } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { parseRsaPublicKey, parseSpki } from '@sealwright/der';
import { schemeFor, type SignatureHash, type SignatureScheme } from './algorithms.js';
import { ecdsaToRaw, scalarBytes } from './ecdsa.js';
import { CryptoError } from './errors.js';
import { integerBytes, integerOf, modularPower } from './integer.js';
import type { PublicKey } from './keys.js';

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
  const curve = key.kind === 'ec-p384' ? p384 : key.kind === 'ec-p521' ? p521 : p256;
  const width = scalarBytes(key.kind);
  const der = encoding === 'raw' ? undefined : ecdsaToRaw(signature, width);
  const raw = der ?? (encoding === 'der' ? undefined : signature);
  if (raw?.byteLength !== 2 * width) return false;
  try {
    return curve.verify(raw, digest, point, { prehash: false, lowS: false });
  } catch {
    return false;
  }
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
/** Ed25519ph over a digest that was made before; the prefix is `dom2` of RFC 8032 section 5.1 with an empty context. */
const PREHASHED = /* @__PURE__ */ eddsa(ed25519.Point, sha512, {
  domain: (data: Uint8Array) =>
    concatBytes(encodeUtf8('SigEd25519 no Ed25519 collisions'), Uint8Array.of(1, 0), data),
  prehash: (message: Uint8Array) => Uint8Array.from(message),
  zip215: false,
});
