import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/**
 * Write text as UTF-8. A lone surrogate, which UTF-8 cannot hold, is refused instead of replaced.
 *
 * @param text - any text
 * @throws {@link BytesError} `ERR_BYTES_UTF8`, with the offset in UTF-16 code units.
 */
export function encodeUtf8(text: string): Bytes {
  for (let offset = 0; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code < 0xd800 || code > 0xdfff) continue;
    const next = text.charCodeAt(offset + 1);
    if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) {
      throw new BytesError('ERR_BYTES_UTF8', 'text holds half of a surrogate pair', { offset });
    }
    offset += 1;
  }
  return ENCODER.encode(text);
}

/**
 * Read UTF-8. A byte order mark is kept as text, malformed bytes are refused.
 *
 * @param bytes - any bytes
 * @throws {@link BytesError} `ERR_BYTES_UTF8`.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch (cause) {
    throw new BytesError('ERR_BYTES_UTF8', 'the bytes are not UTF-8', { cause });
  }
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
