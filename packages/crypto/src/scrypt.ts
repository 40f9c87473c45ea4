import * as platform from '#platform';
import type { Bytes } from '@sealwright/bytes';
import { CryptoError } from './errors.js';
import type { ScryptCost } from './platform/platform.js';

/**
 * Derive a key from a password (RFC 7914), off the event loop where the platform can.
 *
 * @param password - its bytes as they are; may be empty
 * @param salt - at least 8 bytes are sensible
 * @param cost - what it costs; take it from a fixed list, never from a file alone. 256 MiB of memory is the most.
 * @throws {@link CryptoError} `ERR_CRYPTO_ARGUMENT`.
 */
export async function scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Bytes> {
  const { N, r, p, length } = cost;
  const whole = [N, r, p, length].every((value) => Number.isSafeInteger(value) && value > 0);
  if (
    !whole ||
    N < 2 ||
    2 ** Math.round(Math.log2(N)) !== N ||
    128 * N * r > 255 << 20 ||
    p > 16 ||
    length > 1024
  ) {
    throw new CryptoError(
      'ERR_CRYPTO_ARGUMENT',
      `scrypt takes N as a power of two, 128·N·r up to 255 MiB, p up to 16 and up to 1024 bytes; not N ${N}, r ${r}, p ${p}, ${length} bytes`,
    );
  }
  return platform.scrypt(password, salt, cost);
}
