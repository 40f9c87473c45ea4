import { type Bytes, joinBytes } from '@sealwright/bytes';
import { Gunzip, gzipSync } from 'fflate';
import { InitDataError } from './errors.js';

/** Compress into one member with no name and no time, so that equal bytes give equal output. */
export function compress(bytes: Uint8Array): Bytes {
  return new Uint8Array(gzipSync(bytes, { level: 9, mtime: 0 }));
}

/** Decompress exactly one whole member, and stop at the cap instead of expanding. */
export function decompress(bytes: Uint8Array, maxBytes: number): Bytes {
  const header = headerBytes(bytes);
  const content = inflate(bytes, maxBytes);
  const end = bytes.byteLength - TRAILER_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    end < header ||
    view.getUint32(end, true) !== crc32(content) ||
    view.getUint32(end + 4, true) !== content.byteLength
  ) {
    throw new InitDataError('ERR_INITDATA_GZIP', 'the gzip checksum does not hold, or bytes follow its end', {
      offset: end,
    });
  }
  return content;
}

function inflate(bytes: Uint8Array, maxBytes: number): Bytes {
  const parts: Uint8Array[] = [];
  let size = 0;
  let members = 0;
  const stream = new Gunzip((part) => {
    size += part.byteLength;
    if (size > maxBytes) {
      throw new InitDataError(
        'ERR_INITDATA_SIZE',
        `init-data is at most ${maxBytes} bytes when it is decompressed`,
      );
    }
    parts.push(part);
  });
  stream.onmember = () => (members += 1);
  try {
    // in steps, so that a bomb is stopped at the cap and not after its expansion
    for (let at = 0; at < bytes.byteLength; at += STEP_BYTES) {
      stream.push(bytes.subarray(at, at + STEP_BYTES), at + STEP_BYTES >= bytes.byteLength);
    }
  } catch (cause) {
    if (cause instanceof InitDataError) throw cause;
    throw new InitDataError('ERR_INITDATA_GZIP', 'expected a gzip stream', { cause });
  }
  if (members > 1) throw new InitDataError('ERR_INITDATA_GZIP', 'expected one gzip member');
  return joinBytes(parts);
}

/** The header of RFC 1952, which must be whole; its optional fields may be there. */
function headerBytes(bytes: Uint8Array): number {
  if (bytes.byteLength < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) {
    throw new InitDataError('ERR_INITDATA_GZIP', 'expected a gzip stream', { offset: 0 });
  }
  return 10;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const STEP_BYTES = 4096;
const TRAILER_BYTES = 8;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 0 ? value >>> 1 : 0xedb88320 ^ (value >>> 1);
  return value;
});
