import type { KeyKind } from '@sealwright/der';
import { CryptoError } from './errors.js';

/** A hash function. SHA-1 is there for identifiers of git and for OAEP, never for signatures. */
export type DigestAlgorithm = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sm3';

/** The hash functions of signatures. */
export type SignatureHash = 'sha256' | 'sha384' | 'sha512';

/**
 * How a signature is made. ECDSA goes with any of the three curves; `ed25519` is the pure form and `ed25519ph` the one over
 * a SHA-512 prehash (RFC 8032); PSS uses the same hash for MGF1 and a salt as long as the hash.
 */
export type SignatureScheme =
  | `ecdsa-${SignatureHash}`
  | 'ed25519'
  | 'ed25519ph'
  | `rsa-pkcs1-${SignatureHash}`
  | `rsa-pss-${SignatureHash}`;

/** A scheme taken apart. */
export interface SchemeParts {
  readonly family: 'ecdsa' | 'ed25519' | 'ed25519ph' | 'rsa-pkcs1' | 'rsa-pss';
  readonly hash: SignatureHash;
}

/** Take a scheme apart, and refuse one that does not fit the kind of key. */
export function schemeFor(kind: KeyKind, scheme: SignatureScheme): SchemeParts {
  const parts = PARTS.get(scheme);
  const wanted = kind === 'rsa' ? 'rsa' : kind === 'ed25519' ? 'ed25519' : 'ecdsa';
  if (parts?.family.startsWith(wanted) !== true) {
    throw new CryptoError(
      'ERR_CRYPTO_UNSUPPORTED',
      `a key of kind ${kind} does not go with the scheme ${scheme}`,
    );
  }
  return parts;
}

/** The scheme that a key is used with unless somebody says otherwise. */
export function schemeOfKind(kind: KeyKind): SignatureScheme {
  return DEFAULTS[kind];
}

const HASHES = ['sha256', 'sha384', 'sha512'] as const;
const PARTS: ReadonlyMap<string, SchemeParts> = new Map<string, SchemeParts>([
  ['ed25519', { family: 'ed25519', hash: 'sha512' }],
  ['ed25519ph', { family: 'ed25519ph', hash: 'sha512' }],
  ...(['ecdsa', 'rsa-pkcs1', 'rsa-pss'] as const).flatMap((family) =>
    HASHES.map((hash): [string, SchemeParts] => [`${family}-${hash}`, { family, hash }]),
  ),
]);
const DEFAULTS: Readonly<Record<KeyKind, SignatureScheme>> = {
  'ec-p256': 'ecdsa-sha256',
  'ec-p384': 'ecdsa-sha384',
  'ec-p521': 'ecdsa-sha512',
  ed25519: 'ed25519',
  rsa: 'rsa-pkcs1-sha256',
};
