import { encodeBase64 } from '@sealwright/bytes';
import { DerError, DerReader, parseRsaPublicKey, parseSpki, readSignatureScheme } from '@sealwright/der';
import { integerOf } from '@sealwright/crypto';
import { half } from './private-keys.js';

/** Number of a signature's algorithm in Go's `crypto/x509`; 0 for those that it does not know. */
export function signatureAlgorithm(der: Uint8Array): number {
  const old = OLD.get(new DerReader(der).enter().oid());
  if (old !== undefined) return old;
  try {
    return SCHEMES.indexOf(readSignatureScheme(der)) + 1 || 0;
  } catch (error) {
    if (error instanceof DerError) return 0;
    throw error;
  }
}

/** The members that certificates and requests have for a public key. */
export function publicKeyJson(spki: Uint8Array): object {
  try {
    const { kind, publicKey } = parseSpki(spki);
    if (kind === 'ed25519') return { PublicKeyAlgorithm: 4, PublicKey: encodeBase64(publicKey) };
    if (kind !== 'rsa')
      return {
        PublicKeyAlgorithm: 3,
        PublicKey: { Curve: {}, X: half(publicKey, 0), Y: half(publicKey, 1) },
      };
    const { modulus, exponent } = parseRsaPublicKey(publicKey);
    return { PublicKeyAlgorithm: 1, PublicKey: { N: integerOf(modulus), E: integerOf(exponent) } };
  } catch (error) {
    if (error instanceof DerError && error.code === 'ERR_DER_KEY')
      return { PublicKeyAlgorithm: 0, PublicKey: null };
    throw error;
  }
}

const OLD: ReadonlyMap<string, number> = new Map([
  ['1.2.840.113549.1.1.4', 2],
  ['1.2.840.113549.1.1.5', 3],
  ['1.3.14.3.2.29', 3],
  ['1.2.840.10040.4.3', 7],
  ['2.16.840.1.101.3.4.3.2', 8],
  ['1.2.840.10045.4.1', 9],
]);
const SCHEMES: readonly string[] = [
  '',
  '',
  '',
  'rsa-pkcs1-sha256',
  'rsa-pkcs1-sha384',
  'rsa-pkcs1-sha512',
  '',
  '',
  '',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ecdsa-sha512',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
  'ed25519',
];
