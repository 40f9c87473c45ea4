import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/**
 * Write text as UTF-8. A lone surrogate, which UTF-8 cannot hold, is refused instead of replaced.
 *
 * @param text - any text
 * @throws {@link BytesError} `ERR_BYTES_UTF8`, with the offset in UTF-16 code units.
 */
export function encodeUtf8(text: string): Bytes {
  const offset = text.search(LONE_SURROGATE);
  if (offset >= 0) throw new BytesError('ERR_BYTES_UTF8', 'text holds half of a surrogate pair', { offset });
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

/** With the flag `u` a pair is one character, so that this only finds halves. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
