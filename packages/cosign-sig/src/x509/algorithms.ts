/**
 * Algorithm identifiers of certificates and signed data (RFC 5758, RFC 8410, RFC 8017).
 *
 * @module
 */
import type { PublicKey, SignatureHash, SignatureScheme } from '@sealwright/crypto';
import { DerError, DerReader, readSignatureScheme } from '@sealwright/der';

/**
 * The scheme that an AlgorithmIdentifier of a signature names.
 *
 * @param algorithm - the identifier as encoded
 * @param key - the key that signed; its kind must fit
 * @param hash - the hash said elsewhere, where the identifier names only a kind of key, as in RFC 5652
 * @returns `undefined` for one that is unknown or does not fit
 */
export function schemeOf(
  algorithm: Uint8Array,
  key: PublicKey,
  hash?: SignatureHash,
): SignatureScheme | undefined {
  const scheme = readScheme(algorithm, hash);
  const family = key.kind === 'rsa' ? 'rsa-' : key.kind === 'ed25519' ? 'ed25519' : 'ecdsa-';
  return scheme?.startsWith(family) === true ? scheme : undefined;
}

function readScheme(algorithm: Uint8Array, hash: SignatureHash | undefined): SignatureScheme | undefined {
  try {
    const oid = new DerReader(algorithm).enter().oid();
    if (hash !== undefined && oid === OID_RSA) return `rsa-pkcs1-${hash}`;
    if (hash !== undefined && oid === OID_EC) return `ecdsa-${hash}`;
    return readSignatureScheme(algorithm);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/**
 * The hash that an AlgorithmIdentifier names; `undefined` for SHA-1 and anything else that is not to be believed.
 *
 * @param oid - dotted
 */
export function hashOf(oid: string): SignatureHash | undefined {
  return HASHES.get(oid);
}

const OID_RSA = '1.2.840.113549.1.1.1';
const OID_EC = '1.2.840.10045.2.1';
const HASHES: ReadonlyMap<string, SignatureHash> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
