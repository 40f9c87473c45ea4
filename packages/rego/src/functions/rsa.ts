import { concatBytes, equalBytes } from '@sealwright/bytes';
import { digest, integerBytes, integerOf, modularPower } from '@sealwright/crypto';

/** A digest that signatures of RSA are made over. */
export type RsaHash = 'sha256' | 'sha384' | 'sha512';

/** The public half of a key. */
export interface RsaPublic {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

/** Check a signature of PKCS #1 version 1.5. */
export function verifyPkcs1(
  { modulus, exponent }: RsaPublic,
  hash: RsaHash,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const size = sizeOf(modulus);
  if (signature.length !== size || !isUsual(exponent)) return false;
  const value = modularPower(integerOf(signature), exponent, modulus);
  const wanted = encodedPkcs1(hash, data, size);
  return wanted !== undefined && equalBytes(integerBytes(value, size), wanted);
}

/** Make a signature of PKCS #1 version 1.5. */
export function signPkcs1(modulus: bigint, secret: bigint, hash: RsaHash, data: Uint8Array): Uint8Array {
  const size = sizeOf(modulus);
  const encoded = encodedPkcs1(hash, data, size);
  if (encoded === undefined) throw new RangeError('the key is too short');
  return integerBytes(modularPower(integerOf(encoded), secret, modulus), size);
}

/** Check a signature of PSS, of any length of salt. */
export function verifyPss(
  { modulus, exponent }: RsaPublic,
  hash: RsaHash,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const bits = modulus.toString(2).length - 1;
  const size = Math.ceil(bits / 8);
  if (signature.length !== sizeOf(modulus) || !isUsual(exponent)) return false;
  const value = modularPower(integerOf(signature), exponent, modulus);
  if (value >> BigInt(size * 8) !== 0n) return false;
  const encoded = integerBytes(value, size);
  const message = digest(hash, data);
  const split = size - message.length - 1;
  if (split < 1 || encoded[size - 1] !== 0xbc) return false;
  const masked = encoded.subarray(0, split);
  const wanted = encoded.subarray(split, size - 1);
  const block = xor(masked, mask(hash, wanted, split));
  block[0] = (block[0] ?? 0) & (0xff >> (size * 8 - bits));
  const one = block.findIndex((byte) => byte !== 0);
  if (one < 0 || block[one] !== 1) return false;
  return equalBytes(digest(hash, concatBytes(new Uint8Array(8), message, block.subarray(one + 1))), wanted);
}

/** Make a signature of PSS, with a salt as long as the digest. */
export function signPss(
  modulus: bigint,
  secret: bigint,
  hash: RsaHash,
  data: Uint8Array,
  salt: Uint8Array,
): Uint8Array {
  const bits = modulus.toString(2).length - 1;
  const size = Math.ceil(bits / 8);
  const message = digest(hash, data);
  const sum = digest(hash, concatBytes(new Uint8Array(8), message, salt));
  const block = new Uint8Array(size - sum.length - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  const masked = xor(block, mask(hash, sum, block.length));
  masked[0] = (masked[0] ?? 0) & (0xff >> (size * 8 - bits));
  const encoded = concatBytes(masked, sum, Uint8Array.of(0xbc));
  return integerBytes(modularPower(integerOf(encoded), secret, modulus), sizeOf(modulus));
}

function sizeOf(modulus: bigint): number {
  return Math.ceil(modulus.toString(2).length / 8);
}

/** A long exponent is only work. */
function isUsual(exponent: bigint): boolean {
  return exponent > 1n && exponent < 1n << 31n;
}

function encodedPkcs1(hash: RsaHash, data: Uint8Array, size: number): Uint8Array | undefined {
  const info = concatBytes(PREFIXES[hash], digest(hash, data));
  const fill = size - info.length - 3;
  if (fill < 8) return undefined;
  return concatBytes(Uint8Array.of(0, 1), new Uint8Array(fill).fill(0xff), Uint8Array.of(0), info);
}

function mask(hash: RsaHash, seed: Uint8Array, length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let counter = 0, have = 0; have < length; counter += 1) {
    const part = digest(hash, concatBytes(seed, Uint8Array.of(0, 0, counter >> 8, counter & 0xff)));
    parts.push(part);
    have += part.length;
  }
  return concatBytes(...parts).subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}

function prefix(last: number, length: number): Uint8Array {
  const oid = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last];
  return Uint8Array.of(0x30, 17 + length, 0x30, 13, 0x06, 9, ...oid, 0x05, 0, 0x04, length);
}

/** DigestInfo of RFC 8017, section 9.2, up to the digest. */
const PREFIXES: Readonly<Record<RsaHash, Uint8Array>> = {
  sha256: prefix(1, 32),
  sha384: prefix(2, 48),
  sha512: prefix(3, 64),
};
