import { type Bytes, concatBytes } from '@sealwright/bytes';
import { type PublicKey, verify } from '@sealwright/crypto';

/**
 * Whether a key made an ECDSA signature with SHA-384, as the structures of the firmware hold one: r, then s, little-endian in 72
 * bytes each, of which the upper 24 are zero.
 */
export async function isSigned(key: PublicKey, data: Uint8Array, numbers: Uint8Array): Promise<boolean> {
  const [r, s] = [numbers.subarray(0, 72), numbers.subarray(72, 144)];
  if (![r, s].every((number) => isZero(number.subarray(48)))) return false;
  const signature = concatBytes(...[r, s].map((number) => number.slice(0, 48).reverse()));
  return await verify(key, data, signature, { scheme: 'ecdsa-sha384', encoding: 'raw' });
}

/** Whether every byte is zero. */
export function isZero(bytes: Bytes | Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
