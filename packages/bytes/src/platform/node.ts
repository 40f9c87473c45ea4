import { Buffer } from 'node:buffer';
import type { NativeBase64 } from './base64.js';

/** The codec of Node. */
export const nativeBase64: NativeBase64 | undefined = {
  encode: (bytes, urlSafe) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(urlSafe ? 'base64url' : 'base64'),
  decode: (text, urlSafe) => new Uint8Array(Buffer.from(text, urlSafe ? 'base64url' : 'base64')),
};
