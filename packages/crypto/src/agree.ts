import * as platform from '#platform';
import type { Bytes } from '@sealwright/bytes';
import { CryptoError } from './errors.js';
import type { PrivateKey, PublicKey } from './keys.js';

/** How RSA-OAEP is used. */
export interface OaepOptions {
  /** The hash, also of MGF1. Default `sha256`. */
  readonly hash?: 'sha1' | 'sha256';
}

/**
 * Agree on a shared value (ECDH, SEC 1).
 *
 * @param key - a private key on P-256, P-384 or P-521
 * @param peer - a public key on the same curve
 * @returns the x coordinate of the shared point, as long as the curve is wide: put it through a KDF
 * @throws {@link CryptoError} `ERR_CRYPTO_UNSUPPORTED` for other keys or two curves.
 *
 * @example
 * ```ts
 * const [ada, bob] = [await generateKeyPair('ec-p256'), await generateKeyPair('ec-p256')];
 * const shared = await ecdh(ada, bob.publicKey); // derive keys from it; it is none
 * console.log(equalBytes(shared, await ecdh(bob, ada.publicKey))); // true
 * ```
 */
export async function ecdh(key: PrivateKey, peer: PublicKey): Promise<Bytes> {
  if (key.kind !== peer.kind || !key.kind.startsWith('ec-')) {
    throw new CryptoError('ERR_CRYPTO_UNSUPPORTED', 'a key agreement takes two keys on one NIST curve');
  }
  return platform.ecdh(key.platformKey, peer);
}

/**
 * Encrypt with RSA-OAEP (RFC 8017 section 7.1), no label.
 *
 * @param key - an RSA key
 * @param data - at most the modulus less twice the hash less 2 bytes
 * @param options - the hash
 * @throws {@link CryptoError} `ERR_CRYPTO_UNSUPPORTED` or `ERR_CRYPTO_ARGUMENT`.
 */
export async function rsaOaepEncrypt(
  key: PublicKey,
  data: Uint8Array,
  options: OaepOptions = {},
): Promise<Bytes> {
  mustBeRsa(key);
  try {
    return await platform.oaepEncrypt(key, options.hash ?? 'sha256', data);
  } catch {
    throw new CryptoError('ERR_CRYPTO_ARGUMENT', 'the data does not fit the key');
  }
}

/**
 * Decrypt RSA-OAEP.
 *
 * @param key - an RSA key
 * @param data - as long as the modulus
 * @param options - the hash
 * @throws {@link CryptoError} `ERR_CRYPTO_UNSUPPORTED` or `ERR_CRYPTO_AUTH`.
 */
export async function rsaOaepDecrypt(
  key: PrivateKey,
  data: Uint8Array,
  options: OaepOptions = {},
): Promise<Bytes> {
  mustBeRsa(key);
  try {
    return await platform.oaepDecrypt(key.platformKey, options.hash ?? 'sha256', data);
  } catch {
    throw new CryptoError('ERR_CRYPTO_AUTH', 'the data was changed, or encrypted to another key');
  }
}

function mustBeRsa(key: PublicKey | PrivateKey): void {
  if (key.kind !== 'rsa') throw new CryptoError('ERR_CRYPTO_UNSUPPORTED', 'RSA-OAEP takes an RSA key');
}
