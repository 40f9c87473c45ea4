/**
 * Base64 of RFC 4648 in both alphabets, strict: no white space, no foreign alphabet, no bits left over.
 *
 * @module
 */
import { nativeBase64 } from '#base64';
import { decodeDigits, encodeDigits } from './base64-digits.js';
import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/** Whether `=` at the end must be there, may be there, or must not. */
export type Base64Padding = 'required' | 'optional' | 'forbidden';

/** How strictly to read. */
export interface Base64Options {
  /** What to ask of the padding. Where it is present it is always complete. */
  readonly padding?: Base64Padding;
  /** Bytes to leave free in memory before those that are read, for a header that the caller will write there. Default 0. */
  readonly headroom?: number;
}

/**
 * Write bytes in the standard alphabet (`+`, `/`), padded.
 *
 * @param bytes - any length
 */
export function encodeBase64(bytes: Uint8Array): string {
  return nativeBase64?.encode(bytes, false) ?? encodeDigits(bytes, false);
}

/**
 * Write bytes in the URL-safe alphabet (`-`, `_`), unpadded, as JOSE wants them.
 *
 * @param bytes - any length
 */
export function encodeBase64url(bytes: Uint8Array): string {
  return nativeBase64?.encode(bytes, true) ?? encodeDigits(bytes, true);
}

/**
 * Read the standard alphabet.
 *
 * @param text - nothing but the encoding
 * @param options - `padding` is `required` unless said otherwise
 * @throws {@link BytesError} `ERR_BYTES_BASE64`, with the character offset of the first fault.
 */
export function decodeBase64(text: string, options: Base64Options = {}): Bytes {
  return decode(text, false, options.padding ?? 'required', options.headroom);
}

/**
 * Read the URL-safe alphabet.
 *
 * @param text - nothing but the encoding
 * @param options - `padding` is `forbidden` unless said otherwise
 * @throws {@link BytesError} `ERR_BYTES_BASE64`, with the character offset of the first fault.
 *
 * @example
 * ```ts
 * console.log(encodeHex(decodeBase64url('AP8'))); // 00ff
 * ```
 */
export function decodeBase64url(text: string, options: Base64Options = {}): Bytes {
  return decode(text, true, options.padding ?? 'forbidden', options.headroom);
}

function decode(text: string, urlSafe: boolean, padding: Base64Padding, headroom = 0): Bytes {
  const digits = withoutPadding(text, padding);
  return decodeNative(text, digits, urlSafe, headroom) ?? decodeDigits(text, digits, urlSafe, headroom);
}

/** Platforms overlook bits left over: the digits of the last bytes must be written the same. */
function decodeNative(text: string, digits: number, urlSafe: boolean, headroom: number): Bytes | undefined {
  const given = text.slice(0, digits);
  const length = Math.floor((digits * 3) / 4);
  const bytes = nativeBase64?.decode(given, urlSafe, length, headroom);
  const last = bytes && nativeBase64?.encode(bytes.subarray(length - (length % 3)), urlSafe);
  return last?.startsWith(given.slice(digits & ~3)) === true ? bytes : undefined;
}

/** How many characters are digits, after the padding was found to be as asked. */
function withoutPadding(text: string, padding: Base64Padding): number {
  let digits = text.length;
  while (digits > 0 && text.length - digits < 2 && text.charCodeAt(digits - 1) === PAD) digits -= 1;
  const found = text.length - digits;
  const full = (4 - (digits % 4)) % 4;
  if (found === 0 ? padding === 'required' && full !== 0 : padding === 'forbidden' || found !== full) {
    const expected = padding === 'forbidden' ? 0 : full;
    throw new BytesError('ERR_BYTES_BASE64', `expected ${expected} padding characters, found ${found}`, {
      offset: digits,
    });
  }
  return digits;
}

const PAD = 0x3d;
