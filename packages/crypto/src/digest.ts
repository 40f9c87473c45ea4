import * as platform from '#platform';
import type { Bytes } from '@sealwright/bytes';
import type { DigestAlgorithm, SignatureHash } from './algorithms.js';
import type { Hasher } from './platform/platform.js';

/**
 * Hash bytes.
 *
 * @param algorithm - which hash
 * @param data - any length
 */
export function digest(algorithm: DigestAlgorithm, data: Uint8Array): Bytes {
  return platform.digest(algorithm, data);
}

/**
 * Hash bytes with SHA-2. As {@link digest}, which for a bundle brings SM3 along.
 *
 * @param hash - which hash
 * @param data - any length
 */
export function sha2(hash: SignatureHash, data: Uint8Array): Bytes {
  return platform.sha2(hash, data);
}

/**
 * Hash bytes that come in parts, in constant memory.
 *
 * @param algorithm - which hash
 *
 * @example
 * ```ts
 * const hash = createDigest('sha256');
 * for (const part of [message, message]) hash.update(part);
 * console.log(hash.digest().length); // 32
 * ```
 */
export function createDigest(algorithm: DigestAlgorithm): Hasher {
  return platform.createDigest(algorithm);
}

/**
 * Authenticate bytes with a shared key (HMAC, RFC 2104). Compare the result with `equalBytes`.
 *
 * @param hash - which hash
 * @param key - any length
 * @param data - any length
 */
export function hmac(hash: SignatureHash, key: Uint8Array, data: Uint8Array): Bytes {
  return platform.hmac(hash, key, data);
}

/**
 * Authenticate bytes that come in parts (HMAC, RFC 2104), in constant memory. Compare the result with `equalBytes`.
 *
 * @param hash - which hash
 * @param key - any length
 */
export function createHmac(hash: SignatureHash, key: Uint8Array): Hasher {
  return platform.createHmac(hash, key);
}

/**
 * Bytes from the platform's cryptographic random source.
 *
 * @param length - how many
 */
export function randomBytes(length: number): Bytes {
  return platform.randomBytes(length);
}
