import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/**
 * Write bytes as hexadecimal digits.
 *
 * @param bytes - any length
 * @returns two lower-case digits a byte
 */
export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}

/**
 * Read hexadecimal digits.
 *
 * @param text - an even number of digits, either case; no prefix, no blanks
 * @throws {@link BytesError} `ERR_BYTES_HEX`, with the character offset of the first fault.
 */
export function decodeHex(text: string): Bytes {
  if (text.length % 2 !== 0) {
    throw new BytesError('ERR_BYTES_HEX', `hex has an even number of digits, not ${text.length}`, {
      offset: text.length,
    });
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (nibble(text, 2 * index) << 4) | nibble(text, 2 * index + 1);
  }
  return bytes;
}

function nibble(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  if (lower >= 0x61 && lower <= 0x66 && code < 0x80) return lower - 0x57;
  throw new BytesError('ERR_BYTES_HEX', 'expected a hexadecimal digit', { offset });
}

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
