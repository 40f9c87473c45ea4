import { Buffer } from 'node:buffer';
import type { NativeBase64 } from './base64.js';

/** The codec of Node. */
export const nativeBase64: NativeBase64 | undefined = {
  encode: (bytes, urlSafe) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(urlSafe ? 'base64url' : 'base64'),
  decode: (text, urlSafe) => own(Buffer.from(text, urlSafe ? 'base64url' : 'base64')),
};

/** Small buffers share memory with others: those are copied. */
function own(buffer: Buffer<ArrayBuffer>): ReturnType<typeof Uint8Array.of> {
  return buffer.byteLength === buffer.buffer.byteLength
    ? new Uint8Array(buffer.buffer)
    : new Uint8Array(buffer);
}
