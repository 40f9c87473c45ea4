/**
 * Base64 of RFC 4648 in both alphabets, strict: no white space, no foreign alphabet, no bits left over.
 *
 * @module
 */
import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/** Whether `=` at the end must be there, may be there, or must not. */
export type Base64Padding = 'required' | 'optional' | 'forbidden';

/** How strictly to read. */
export interface Base64Options {
  /** What to ask of the padding. Where it is present it is always complete. */
  readonly padding?: Base64Padding;
}

/**
 * Write bytes in the standard alphabet (`+`, `/`), padded.
 *
 * @param bytes - any length
 */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, STANDARD, true);
}

/**
 * Write bytes in the URL-safe alphabet (`-`, `_`), unpadded, as JOSE wants them.
 *
 * @param bytes - any length
 */
export function encodeBase64url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE, false);
}

/**
 * Read the standard alphabet.
 *
 * @param text - nothing but the encoding
 * @param options - `padding` is `required` unless said otherwise
 * @throws {@link BytesError} `ERR_BYTES_BASE64`, with the character offset of the first fault.
 */
export function decodeBase64(text: string, options: Base64Options = {}): Bytes {
  return decode(text, STANDARD_VALUES, options.padding ?? 'required');
}

/**
 * Read the URL-safe alphabet.
 *
 * @param text - nothing but the encoding
 * @param options - `padding` is `forbidden` unless said otherwise
 * @throws {@link BytesError} `ERR_BYTES_BASE64`, with the character offset of the first fault.
 */
export function decodeBase64url(text: string, options: Base64Options = {}): Bytes {
  return decode(text, URL_SAFE_VALUES, options.padding ?? 'forbidden');
}

function encode(bytes: Uint8Array, alphabet: Uint8Array, padded: boolean): string {
  const whole = bytes.length - (bytes.length % 3);
  const out = new Uint8Array(padded ? Math.ceil(bytes.length / 3) * 4 : Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  const put = (six: number): void => {
    out[at] = alphabet[six & 0x3f] ?? 0;
    at += 1;
  };
  for (let index = 0; index < whole; index += 3) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    put(group >> 18);
    put(group >> 12);
    put(group >> 6);
    put(group);
  }
  if (bytes.length - whole > 0) {
    const group = ((bytes[whole] ?? 0) << 16) | ((bytes[whole + 1] ?? 0) << 8);
    put(group >> 18);
    put(group >> 12);
    if (bytes.length - whole === 2) put(group >> 6);
  }
  out.fill(PAD, at);
  return ASCII.decode(out);
}

function decode(text: string, values: Int8Array, padding: Base64Padding): Bytes {
  const digits = withoutPadding(text, padding);
  if (digits % 4 === 1) {
    throw new BytesError('ERR_BYTES_BASE64', 'one base64 digit alone holds no byte', { offset: digits - 1 });
  }
  const bytes = new Uint8Array(Math.floor((digits * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let offset = 0; offset < digits; offset += 1) {
    const code = text.charCodeAt(offset);
    const six = code < 0x80 ? (values[code] ?? -1) : -1;
    if (six < 0) throw new BytesError('ERR_BYTES_BASE64', 'expected a base64 digit', { offset });
    bits = ((bits << 6) | six) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at] = bits >> held;
      at += 1;
    }
  }
  if ((bits & ((1 << held) - 1)) !== 0) {
    throw new BytesError('ERR_BYTES_BASE64', 'the last digit holds bits of no byte', { offset: digits - 1 });
  }
  return bytes;
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
const ASCII = new TextDecoder();
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = new TextEncoder().encode(`${LETTERS}+/`);
const URL_SAFE = new TextEncoder().encode(`${LETTERS}-_`);
const STANDARD_VALUES = valuesOf(STANDARD);
const URL_SAFE_VALUES = valuesOf(URL_SAFE);

function valuesOf(alphabet: Uint8Array): Int8Array {
  const values = new Int8Array(0x80).fill(-1);
  for (const [value, code] of alphabet.entries()) values[code] = value;
  return values;
}
