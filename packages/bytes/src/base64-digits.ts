/**
 * Base64 by table, for platforms without it, and to find the place of a fault.
 *
 * @module
 */
import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/** Write bytes: the standard alphabet padded, or the URL-safe one unpadded. */
export function encodeDigits(bytes: Uint8Array, urlSafe: boolean): string {
  const [alphabet, padded] = [urlSafe ? URL_SAFE : STANDARD, !urlSafe];
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

/** Read so many digits of a text, with so many zero bytes before them in memory. What is wrong has its place. */
export function decodeDigits(text: string, digits: number, urlSafe: boolean, headroom = 0): Bytes {
  const values = urlSafe ? URL_SAFE_VALUES : STANDARD_VALUES;
  if (digits % 4 === 1) {
    throw new BytesError('ERR_BYTES_BASE64', 'one base64 digit alone holds no byte', { offset: digits - 1 });
  }
  const bytes = new Uint8Array(headroom + Math.floor((digits * 3) / 4)).subarray(headroom);
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
