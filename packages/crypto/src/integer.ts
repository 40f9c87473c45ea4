/**
 * Integers as bytes, for numbers that are public: nothing here takes the same time for every value.
 *
 * @module
 */
import { type Bytes, decodeHex, encodeHex } from '@sealwright/bytes';

/**
 * The integer that bytes stand for, the first byte the highest (RFC 8017 section 4.2, OS2IP).
 *
 * @param bytes - any length; none stand for 0
 */
export function integerOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${encodeHex(bytes)}`);
}

/**
 * The bytes that stand for an integer, the first byte the highest (RFC 8017 section 4.1, I2OSP).
 *
 * @param value - not negative, and below 256 to the power of `size`
 * @param size - how many bytes to give
 * @throws `RangeError` for an integer that does not fit.
 */
export function integerBytes(value: bigint, size: number): Bytes {
  if (value < 0n || value >> BigInt(size * 8) !== 0n) throw new RangeError('the integer does not fit');
  const digits = value.toString(16).padStart(size * 2, '0');
  return decodeHex(digits.slice(digits.length - size * 2));
}

/**
 * A power modulo a number.
 *
 * @param base - not negative
 * @param exponent - not negative
 * @param modulus - above 0
 */
export function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
