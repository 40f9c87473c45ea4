import * as platform from '#platform';
import { aeskw } from '@noble/ciphers/aes.js';
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { CryptoError } from './errors.js';
import type { StreamCipher } from './platform/platform.js';

/**
 * Encrypt and authenticate with AES-GCM (NIST SP 800-38D).
 *
 * @param key - 16, 24 or 32 bytes
 * @param iv - 12 bytes, never used twice under one key
 * @param plaintext - any length
 * @param aad - authenticated but not encrypted; none unless given
 * @returns the ciphertext, then the tag of 16 bytes
 * @throws {@link CryptoError} `ERR_CRYPTO_ARGUMENT`.
 *
 * @example
 * ```ts
 * const [key, nonce] = [randomBytes(32), randomBytes(12)]; // never the same nonce twice under one key
 * const sealed = aesGcmSeal(key, nonce, message);
 * console.log(sealed.length - message.length); // 16: the tag is at the end
 * console.log(aesGcmOpen(key, nonce, sealed).length === message.length); // true
 * ```
 */
export function aesGcmSeal(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array = NOTHING,
): Bytes {
  mustBeKey(key);
  mustMeasure(iv, 12, 'an AES-GCM nonce');
  return platform.gcmSeal(key, iv, plaintext, aad);
}

/**
 * Open what {@link aesGcmSeal} made. Nothing is released unless the tag holds.
 *
 * @param key - 16, 24 or 32 bytes
 * @param iv - 12 bytes
 * @param sealed - the ciphertext, then the tag of 16 bytes
 * @param aad - as given when sealing
 * @throws {@link CryptoError} `ERR_CRYPTO_AUTH` or `ERR_CRYPTO_ARGUMENT`.
 */
export function aesGcmOpen(
  key: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array = NOTHING,
): Bytes {
  mustBeKey(key);
  mustMeasure(iv, 12, 'an AES-GCM nonce');
  if (sealed.byteLength < 16)
    throw new CryptoError('ERR_CRYPTO_AUTH', 'sealed data ends with a tag of 16 bytes');
  return authenticated(() => platform.gcmOpen(key, iv, sealed, aad));
}

/**
 * Encrypt or decrypt with AES in counter mode. It authenticates nothing: only for data whose authenticity something else
 * proves.
 *
 * @param key - 16, 24 or 32 bytes
 * @param iv - the first counter block, 16 bytes, counted big-endian over all 128 bits
 * @param data - any length
 * @throws {@link CryptoError} `ERR_CRYPTO_ARGUMENT`.
 */
export function aesCtr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Bytes {
  mustBeKey(key);
  mustMeasure(iv, 16, 'a counter block');
  return platform.ctr(key, iv, data);
}

/**
 * Encrypt or decrypt bytes that come in parts, in counter mode and constant memory. It authenticates nothing, as {@link aesCtr}.
 *
 * @param key - 16, 24 or 32 bytes
 * @param iv - the first counter block, 16 bytes, counted big-endian over all 128 bits
 * @throws {@link CryptoError} `ERR_CRYPTO_ARGUMENT`.
 */
export function createAesCtr(key: Uint8Array, iv: Uint8Array): StreamCipher {
  mustBeKey(key);
  mustMeasure(iv, 16, 'a counter block');
  return platform.createCtr(key, iv);
}

/**
 * Wrap a key (RFC 3394).
 *
 * @param kek - the key-encryption key: 16, 24 or 32 bytes
 * @param key - 16 bytes or more, a multiple of 8
 * @returns 8 bytes more than the key
 * @throws {@link CryptoError} `ERR_CRYPTO_ARGUMENT`.
 */
export function aesKwWrap(kek: Uint8Array, key: Uint8Array): Bytes {
  mustBeKey(kek);
  if (key.byteLength < 16 || key.byteLength % 8 !== 0) {
    throw new CryptoError('ERR_CRYPTO_ARGUMENT', 'a key to wrap is a multiple of 8 bytes, at least 16');
  }
  return copyBytes(aeskw(kek).encrypt(key));
}

/**
 * Unwrap a key (RFC 3394).
 *
 * @param kek - the key-encryption key
 * @param wrapped - what {@link aesKwWrap} gave
 * @throws {@link CryptoError} `ERR_CRYPTO_AUTH` or `ERR_CRYPTO_ARGUMENT`.
 */
export function aesKwUnwrap(kek: Uint8Array, wrapped: Uint8Array): Bytes {
  mustBeKey(kek);
  if (wrapped.byteLength < 24 || wrapped.byteLength % 8 !== 0) {
    throw new CryptoError('ERR_CRYPTO_AUTH', 'a wrapped key is a multiple of 8 bytes, at least 24');
  }
  return authenticated(() => copyBytes(aeskw(kek).decrypt(wrapped)));
}

/** Run what throws when a tag does not hold, and say no more than that. */
export function authenticated(open: () => Bytes): Bytes {
  try {
    return open();
  } catch {
    throw new CryptoError('ERR_CRYPTO_AUTH', 'the data was changed, or sealed under another key');
  }
}

/** Assert a length. */
export function mustMeasure(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.byteLength !== length) {
    throw new CryptoError('ERR_CRYPTO_ARGUMENT', `${what} is ${length} bytes, not ${bytes.byteLength}`);
  }
}

function mustBeKey(key: Uint8Array): void {
  if (![16, 24, 32].includes(key.byteLength)) {
    throw new CryptoError('ERR_CRYPTO_ARGUMENT', `an AES key is 16, 24 or 32 bytes, not ${key.byteLength}`);
  }
}

const NOTHING = new Uint8Array();
