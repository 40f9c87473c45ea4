/**
 * The raw disk that a host attaches: `initdata`, the length of a gzip stream, the stream, zeros to a whole sector.
 *
 * @module
 */
import { ByteReader, type Bytes, ByteWriter, concatBytes, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { MAX_DOCUMENT_BYTES } from './document.js';
import { InitDataError } from './errors.js';
import { compress, decompress } from './gzip.js';

/**
 * Write the image of a block device.
 *
 * @param document - the TOML as it is
 * @returns a multiple of 512 bytes
 */
export function blockImage(document: Uint8Array): Bytes {
  const stream = compress(document);
  const head = new ByteWriter({ littleEndian: true }).bytes(MAGIC).u64(BigInt(stream.byteLength)).finish();
  const used = head.byteLength + stream.byteLength;
  return concatBytes(head, stream, new Uint8Array((SECTOR_BYTES - (used % SECTOR_BYTES)) % SECTOR_BYTES));
}

/**
 * Read the image of a block device.
 *
 * @param image - the device from its start; what follows the stream is not looked at
 * @param options - `maxBytes` caps the document, by default at 1 MiB
 * @returns the document's bytes, to be parsed next; `undefined` when the device has another magic, so that it is not ours
 * @throws {@link InitDataError} `ERR_INITDATA_SIZE` or `ERR_INITDATA_GZIP`.
 */
export function parseBlockImage(
  image: Uint8Array,
  options: { readonly maxBytes?: number } = {},
): Bytes | undefined {
  if (!equalBytes(image.subarray(0, MAGIC.byteLength), MAGIC)) return undefined;
  const reader = new ByteReader(image.subarray(MAGIC.byteLength), { littleEndian: true });
  const length = reader.remaining < 8 ? undefined : reader.u64();
  if (length === undefined || length > BigInt(reader.remaining)) {
    throw new InitDataError('ERR_INITDATA_SIZE', 'the device ends inside its init-data', {
      offset: MAGIC.byteLength,
    });
  }
  return decompress(reader.view(Number(length)), options.maxBytes ?? MAX_DOCUMENT_BYTES);
}

const MAGIC = encodeUtf8('initdata');
const SECTOR_BYTES = 512;
