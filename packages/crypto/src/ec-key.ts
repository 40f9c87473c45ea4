/**
 * ECDSA where a protocol fixes the curve and the hash, so that a bundle needs no other kind of key.
 *
 * @module
 */
import * as platform from '#platform';
import { type Bytes, concatBytes, decodeHex, equalBytes } from '@sealwright/bytes';
import type { SignatureHash } from './algorithms.js';
import { formOf } from './ecdsa.js';
import { CryptoError } from './errors.js';
import { PublicKey } from './keys.js';
import { isOn, P256 } from './point.js';

/**
 * Import a public key on P-256. As `importPublicKey`, which for a bundle brings every other kind of key along.
 *
 * @param key - SubjectPublicKeyInfo as DER; or x and y, 32 bytes each, big-endian
 * @throws {@link CryptoError} `ERR_CRYPTO_KEY` for a point that is not on the curve, `ERR_CRYPTO_UNSUPPORTED` for any other kind of key.
 */
export function importP256(key: Uint8Array): PublicKey {
  const spki = key.byteLength === 64 ? concatBytes(P256_SPKI, key) : key;
  if (spki.byteLength !== 91 || !equalBytes(spki.subarray(0, 27), P256_SPKI))
    throw new CryptoError('ERR_CRYPTO_UNSUPPORTED', 'expected a key on P-256');
  if (!isOn(P256, spki.subarray(26)))
    throw new CryptoError('ERR_CRYPTO_KEY', 'the point of a key is not on its curve');
  return new PublicKey(spki, 'ec-p256');
}

/**
 * Check a signature of ECDSA. As `verify`, for keys on curves alone.
 *
 * @param key - on a curve
 * @param hash - which hash
 * @param data - the message as received; it is hashed here
 * @param signature - of any length; a malformed one is false, like a wrong one
 * @param encoding - of the signature: ASN.1, r‖s, or either
 */
export async function verifyEcdsa(
  key: PublicKey,
  hash: SignatureHash,
  data: Uint8Array,
  signature: Uint8Array,
  encoding: 'der' | 'raw' | 'either',
): Promise<boolean> {
  const form = formOf(signature, key.kind, encoding);
  if (form === undefined) return false;
  try {
    return await platform.verifyEcdsa(key, hash, data, signature, form);
  } catch {
    return false; // platforms throw for some malformed signatures and return false for others
  }
}

/** What stands before x and y in the SubjectPublicKeyInfo of an uncompressed point (RFC 5480), which has one encoding. */
const P256_SPKI: Bytes = decodeHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004');
