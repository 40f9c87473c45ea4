import * as platform from '#platform';
import type { Bytes } from '@sealwright/bytes';
import { schemeFor, schemeOfKind, type SignatureScheme } from './algorithms.js';
import { verifyEcdsa } from './ec-key.js';
import type { PrivateKey, PublicKey } from './keys.js';

/** How to sign. */
export interface SignOptions {
  /** Default: {@link defaultScheme} of the key. */
  readonly scheme?: SignatureScheme;
  /** Form of an ECDSA signature: ASN.1, or r‖s as JOSE has it. Default `der`. */
  readonly encoding?: 'der' | 'raw';
}

/** How to verify. */
export interface VerifyOptions {
  /** Default: {@link defaultScheme} of the key. Never take it from what is being verified. */
  readonly scheme?: SignatureScheme;
  /** Form of an ECDSA signature; `either` takes strict DER, or r‖s of exactly twice the curve's width. Default `der`. */
  readonly encoding?: 'der' | 'raw' | 'either';
}

/**
 * The scheme that a key is used with unless somebody says otherwise: ECDSA with the hash of the curve's size, pure Ed25519,
 * RSA PKCS#1 v1.5 with SHA-256.
 *
 * @param key - public or private
 */
export function defaultScheme(key: PublicKey | PrivateKey): SignatureScheme {
  return schemeOfKind(key.kind);
}

/**
 * Sign bytes.
 *
 * @param key - the private key
 * @param data - the message itself; it is hashed here
 * @param options - scheme and form
 * @throws {@link CryptoError} `ERR_CRYPTO_UNSUPPORTED` for a scheme that does not fit the key.
 *
 * @example
 * ```ts
 * const key = await generateKeyPair('rsa', { bits: 2048 });
 * const signature = await sign(key, message, { scheme: 'rsa-pss-sha256' }); // by default PKCS#1 v1.5 with SHA-256
 * console.log(await verify(key.publicKey, message, signature, { scheme: 'rsa-pss-sha256' })); // true
 * ```
 */
export async function sign(key: PrivateKey, data: Uint8Array, options: SignOptions = {}): Promise<Bytes> {
  const scheme = schemeFor(key.kind, options.scheme ?? defaultScheme(key));
  return platform.sign(key.platformKey, scheme, data, options.encoding ?? 'der');
}

/**
 * Check a signature. High-s signatures are valid, as OpenSSL, AMD and Intel make them.
 *
 * @param key - the public key
 * @param data - the message as received; it is hashed here
 * @param signature - of any length; a malformed one is false, like a wrong one
 * @param options - scheme and form
 * @throws {@link CryptoError} `ERR_CRYPTO_UNSUPPORTED` for a scheme that does not fit the key, which is a caller's mistake.
 *
 * @example
 * ```ts
 * const key = await generateKeyPair('ec-p256');
 * const signature = await sign(key, message, { encoding: 'raw' }); // r‖s, as JOSE has it
 * console.log(await verify(key.publicKey, message, signature, { encoding: 'raw' })); // true
 * console.log(await verify(key.publicKey, message, signature)); // false: DER is the default
 * ```
 */
export async function verify(
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
  options: VerifyOptions = {},
): Promise<boolean> {
  const scheme = schemeFor(key.kind, options.scheme ?? defaultScheme(key));
  if (scheme.family === 'ecdsa')
    return await verifyEcdsa(key, scheme.hash, data, signature, options.encoding ?? 'der');
  try {
    return await platform.verify(key, scheme, data, signature);
  } catch {
    return false; // platforms throw for some malformed signatures and return false for others
  }
}
