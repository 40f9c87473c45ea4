/**
 * Bytes at the edges: strict text encodings, bounded reading and writing, comparison in constant time, secrets that
 * do not print.
 *
 * @packageDocumentation
 */
export { concatBytes, copyBytes, equalBytes, joinBytes, mustFit, type Bytes } from './bytes.js';
export { chunksOf, readAll, type ByteChunks } from './chunks.js';
export { BytesError, type BytesErrorCode } from './errors.js';
export { decodeHex, encodeHex } from './hex.js';
export {
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeBase64url,
  type Base64Options,
  type Base64Padding,
} from './base64.js';
export { decodeUtf8, encodeUtf8 } from './utf8.js';
export { ByteReader, type ByteReaderOptions } from './reader.js';
export { ByteWriter, type ByteWriterOptions } from './writer.js';
export { Secret } from './secret.js';
