import { Buffer } from 'node:buffer';
import type { NativeBase64 } from './base64.js';

/** The codec of Node. */
export const nativeBase64: NativeBase64 | undefined = {
  encode: (bytes, urlSafe) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(urlSafe ? 'base64url' : 'base64'),
  decode: (text, urlSafe, length, headroom) => {
    // Node reads both alphabets as one, skips what is no digit, and of other characters than ASCII reads the low bits.
    if (FOREIGN[urlSafe ? 'base64url' : 'base64'].some((digit) => text.includes(digit))) return undefined;
    if (Buffer.byteLength(text) !== text.length) return undefined;
    const memory = Buffer.allocUnsafeSlow(headroom + length).fill(0, 0, headroom);
    const written = memory.write(text, headroom, urlSafe ? 'base64url' : 'base64');
    return written === length ? new Uint8Array(memory.buffer, headroom) : undefined;
  },
};

const FOREIGN = { base64: ['-', '_'], base64url: ['+', '/'] };
