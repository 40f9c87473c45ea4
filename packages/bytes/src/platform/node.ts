import { Buffer } from 'node:buffer';
import type { NativeBase64 } from './base64.js';

/** The codec of Node. */
export const nativeBase64: NativeBase64 | undefined = {
  encode: (bytes, urlSafe) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(urlSafe ? 'base64url' : 'base64'),
  decode: (text, urlSafe, length, headroom) => {
    const memory = Buffer.allocUnsafeSlow(headroom + length).fill(0, 0, headroom);
    const written = memory.write(text, headroom, urlSafe ? 'base64url' : 'base64');
    return written === length ? new Uint8Array(memory.buffer, headroom) : undefined;
  },
};
