import { type Bytes, concatBytes } from '@sealwright/bytes';
import { DerTag } from './tag.js';

/**
 * Write an element.
 *
 * @param tag - the identifier octet
 * @param parts - the contents, joined
 */
export function encodeElement(tag: number, ...parts: readonly Uint8Array[]): Bytes {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return concatBytes(Uint8Array.of(tag, ...lengthOf(length)), ...parts);
}

/**
 * Write a SEQUENCE.
 *
 * @param parts - encoded elements, in order
 */
export function encodeSequence(...parts: readonly Uint8Array[]): Bytes {
  return encodeElement(DerTag.sequence, ...parts);
}

/**
 * Write an INTEGER that is not negative.
 *
 * @param magnitude - big-endian; leading zeros are dropped, a sign byte is added where it is needed
 */
export function encodeInteger(magnitude: Uint8Array): Bytes {
  let from = 0;
  while (from < magnitude.byteLength - 1 && magnitude[from] === 0) from += 1;
  const trimmed = magnitude.byteLength === 0 ? Uint8Array.of(0) : magnitude.subarray(from);
  const sign = ((trimmed[0] ?? 0) & 0x80) === 0 ? new Uint8Array() : Uint8Array.of(0);
  return encodeElement(DerTag.integer, sign, trimmed);
}

/**
 * Write an OBJECT IDENTIFIER.
 *
 * @param dotted - its numbers joined by dots; at least two
 * @throws `TypeError` for anything else, which is a mistake of the program.
 */
export function encodeOid(dotted: string): Bytes {
  const [root, second, ...rest] = dotted.split('.').map(Number);
  if (root === undefined || second === undefined || ![root, second, ...rest].every(Number.isSafeInteger)) {
    throw new TypeError('an identifier is numbers joined by dots');
  }
  return encodeElement(DerTag.oid, Uint8Array.from([root * 40 + second, ...rest].flatMap(arcOf)));
}

/**
 * Write a BIT STRING of whole bytes.
 *
 * @param bytes - its contents
 */
export function encodeBitString(bytes: Uint8Array): Bytes {
  return encodeElement(DerTag.bitString, Uint8Array.of(0), bytes);
}

/**
 * Write an OCTET STRING.
 *
 * @param bytes - its contents
 */
export function encodeOctetString(bytes: Uint8Array): Bytes {
  return encodeElement(DerTag.octetString, bytes);
}

/** Write a NULL. */
export function encodeNull(): Bytes {
  return encodeElement(DerTag.null);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100);
  return [0x80 | bytes.length, ...bytes];
}

function arcOf(arc: number): number[] {
  const bytes = [arc % 0x80];
  for (let rest = Math.floor(arc / 0x80); rest > 0; rest = Math.floor(rest / 0x80))
    bytes.unshift(0x80 | (rest % 0x80));
  return bytes;
}
