import type { Bytes } from '@sealwright/bytes';
import { importSpki, type PublicKey, sha2 } from '@sealwright/crypto';
import { readCertificate } from './chain.js';

/**
 * Digest of an ID or author key, as it stands in a report: SHA-384 of its 0x404-byte structure.
 *
 * @param key - on P-384: a key, or a certificate of one as DER or PEM
 * @throws `TypeError` for a key on another curve.
 */
export function snpKeyDigest(key: PublicKey | Uint8Array): Bytes {
  return sha2(
    'sha384',
    encodeSnpKey(key instanceof Uint8Array ? importSpki(readCertificate(key).spki) : key),
  );
}

/** The key structure, 0x404 bytes: curve, then both coordinates, little-endian in 72 bytes each. */
export function encodeSnpKey(key: PublicKey): Bytes {
  if (key.kind !== 'ec-p384') throw new TypeError('ID and author keys are on P-384');
  const bytes = new Uint8Array(SNP_KEY_BYTES);
  new DataView(bytes.buffer).setUint32(0, SNP_KEY_CURVE, true);
  const point = key.spki.slice(-96);
  bytes.set(point.slice(0, 48).reverse(), 0x04);
  bytes.set(point.slice(48).reverse(), 0x4c);
  return bytes;
}

/** Size of the key structure, in bytes. */
export const SNP_KEY_BYTES = 0x404;
/** P-384. */
export const SNP_KEY_CURVE = 2;
