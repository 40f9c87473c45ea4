import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { authenticated, mustMeasure } from './aes.js';
import { CryptoError } from './errors.js';

/**
 * Seal with NaCl's secretbox (XSalsa20-Poly1305), the form of cosign's key files.
 *
 * @param key - 32 bytes
 * @param nonce - 24 bytes
 * @param data - any length
 * @returns the tag of 16 bytes, then the ciphertext
 * @throws {@link CryptoError} `ERR_CRYPTO_ARGUMENT`.
 */
export function secretboxSeal(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Bytes {
  mustMeasure(key, 32, 'a secretbox key');
  mustMeasure(nonce, 24, 'a secretbox nonce');
  return copyBytes(xsalsa20poly1305(key, nonce).encrypt(data));
}

/**
 * Open what {@link secretboxSeal} made.
 *
 * @param key - 32 bytes
 * @param nonce - 24 bytes
 * @param sealed - the tag of 16 bytes, then the ciphertext
 * @throws {@link CryptoError} `ERR_CRYPTO_AUTH` or `ERR_CRYPTO_ARGUMENT`.
 */
export function secretboxOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Bytes {
  mustMeasure(key, 32, 'a secretbox key');
  mustMeasure(nonce, 24, 'a secretbox nonce');
  if (sealed.byteLength < 16)
    throw new CryptoError('ERR_CRYPTO_AUTH', 'sealed data begins with a tag of 16 bytes');
  return authenticated(() => copyBytes(xsalsa20poly1305(key, nonce).decrypt(sealed)));
}
