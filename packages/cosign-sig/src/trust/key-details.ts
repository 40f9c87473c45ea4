/**
 * The names that Sigstore gives to keys and how they sign (`PublicKeyDetails` of sigstore/protobuf-specs).
 *
 * @module
 */
import type { PublicKey, SignatureScheme } from '@sealwright/crypto';

/** The scheme behind a name; `undefined` for one that is not known here. */
export function schemeOfDetails(details: string): SignatureScheme | undefined {
  return SCHEMES.get(details)?.[0];
}

/** Whether a name fits a key: its kind, and for RSA its size. */
export function detailsFit(details: string, key: PublicKey): boolean {
  const [, kind] = SCHEMES.get(details) ?? [];
  if (kind === undefined) return false;
  return kind === key.kind || kind === `rsa-${key.bits}` || (kind === 'rsa' && key.kind === 'rsa');
}

/** The name to write for a key that signs with a scheme. */
export function detailsOf(key: PublicKey, scheme: SignatureScheme): string | undefined {
  for (const [name, [known]] of SCHEMES) if (known === scheme && detailsFit(name, key)) return name;
  return undefined;
}

type Kind = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519' | 'rsa' | `rsa-${number}`;

const SCHEMES: ReadonlyMap<string, readonly [SignatureScheme, Kind]> = new Map<
  string,
  readonly [SignatureScheme, Kind]
>([
  ['PKIX_ECDSA_P256_SHA_256', ['ecdsa-sha256', 'ec-p256']],
  ['PKIX_ECDSA_P384_SHA_384', ['ecdsa-sha384', 'ec-p384']],
  ['PKIX_ECDSA_P521_SHA_512', ['ecdsa-sha512', 'ec-p521']],
  ['PKIX_ECDSA_P384_SHA_256', ['ecdsa-sha256', 'ec-p384']],
  ['PKIX_ECDSA_P521_SHA_256', ['ecdsa-sha256', 'ec-p521']],
  ['PKIX_ED25519', ['ed25519', 'ed25519']],
  ['PKIX_ED25519_PH', ['ed25519ph', 'ed25519']],
  ['PKIX_RSA_PKCS1V15_2048_SHA256', ['rsa-pkcs1-sha256', 'rsa-2048']],
  ['PKIX_RSA_PKCS1V15_3072_SHA256', ['rsa-pkcs1-sha256', 'rsa-3072']],
  ['PKIX_RSA_PKCS1V15_4096_SHA256', ['rsa-pkcs1-sha256', 'rsa-4096']],
  ['PKIX_RSA_PSS_2048_SHA256', ['rsa-pss-sha256', 'rsa-2048']],
  ['PKIX_RSA_PSS_3072_SHA256', ['rsa-pss-sha256', 'rsa-3072']],
  ['PKIX_RSA_PSS_4096_SHA256', ['rsa-pss-sha256', 'rsa-4096']],
  ['PKIX_RSA_PKCS1V5', ['rsa-pkcs1-sha256', 'rsa']],
  ['PKCS1_RSA_PKCS1V5', ['rsa-pkcs1-sha256', 'rsa']],
  ['PKIX_RSA_PSS', ['rsa-pss-sha256', 'rsa']],
  ['PKCS1_RSA_PSS', ['rsa-pss-sha256', 'rsa']],
]);

/** The names by number. */
export const KEY_DETAILS: ReadonlyMap<number, string> = new Map([
  [1, 'PKCS1_RSA_PKCS1V5'],
  [2, 'PKCS1_RSA_PSS'],
  [3, 'PKIX_RSA_PKCS1V5'],
  [4, 'PKIX_RSA_PSS'],
  [5, 'PKIX_ECDSA_P256_SHA_256'],
  [6, 'PKIX_ECDSA_P256_HMAC_SHA_256'],
  [7, 'PKIX_ED25519'],
  [8, 'PKIX_ED25519_PH'],
  [9, 'PKIX_RSA_PKCS1V15_2048_SHA256'],
  [10, 'PKIX_RSA_PKCS1V15_3072_SHA256'],
  [11, 'PKIX_RSA_PKCS1V15_4096_SHA256'],
  [12, 'PKIX_ECDSA_P384_SHA_384'],
  [13, 'PKIX_ECDSA_P521_SHA_512'],
  [16, 'PKIX_RSA_PSS_2048_SHA256'],
  [17, 'PKIX_RSA_PSS_3072_SHA256'],
  [18, 'PKIX_RSA_PSS_4096_SHA256'],
  [19, 'PKIX_ECDSA_P384_SHA_256'],
  [20, 'PKIX_ECDSA_P521_SHA_256'],
  [21, 'ML_DSA_65'],
  [22, 'ML_DSA_87'],
  [23, 'ML_DSA_44'],
]);
