/**
 * Algorithm identifiers of certificates and signed data (RFC 5758, RFC 8410, RFC 8017).
 *
 * @module
 */
import type { PublicKey, SignatureHash, SignatureScheme } from '@sealwright/crypto';
import { DerReader } from '@sealwright/der';

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
  const oid = new DerReader(algorithm).enter().oid();
  const [family, named] = SIGNATURES.get(oid) ?? [];
  const used = named ?? hash;
  if (family === undefined || (hash !== undefined && used !== hash)) return undefined;
  if (family === 'ed25519') return key.kind === 'ed25519' ? 'ed25519' : undefined;
  const fits = family === 'rsa-pkcs1' ? key.kind === 'rsa' : key.kind.startsWith('ec-');
  return fits && used !== undefined ? `${family}-${used}` : undefined;
}

/**
 * The hash that an AlgorithmIdentifier names; `undefined` for SHA-1 and anything else that is not to be believed.
 *
 * @param oid - dotted
 */
export function hashOf(oid: string): SignatureHash | undefined {
  return HASHES.get(oid);
}

type Family = 'ecdsa' | 'rsa-pkcs1' | 'ed25519';

const SIGNATURES: ReadonlyMap<string, readonly [Family, SignatureHash?]> = new Map<
  string,
  readonly [Family, SignatureHash?]
>([
  ['1.2.840.10045.4.3.2', ['ecdsa', 'sha256']],
  ['1.2.840.10045.4.3.3', ['ecdsa', 'sha384']],
  ['1.2.840.10045.4.3.4', ['ecdsa', 'sha512']],
  ['1.2.840.10045.2.1', ['ecdsa']],
  ['1.2.840.113549.1.1.1', ['rsa-pkcs1']],
  ['1.2.840.113549.1.1.11', ['rsa-pkcs1', 'sha256']],
  ['1.2.840.113549.1.1.12', ['rsa-pkcs1', 'sha384']],
  ['1.2.840.113549.1.1.13', ['rsa-pkcs1', 'sha512']],
  ['1.3.101.112', ['ed25519']],
]);
const HASHES: ReadonlyMap<string, SignatureHash> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
