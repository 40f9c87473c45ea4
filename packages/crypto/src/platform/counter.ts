import { ctr } from '@noble/ciphers/aes.js';
import { copyBytes } from '@sealwright/bytes';
import type { StreamCipher } from './platform.js';

/** Counter mode in parts, for platforms whose cipher takes a message at once. */
export function counterStream(key: Uint8Array, iv: Uint8Array): StreamCipher {
  const secret = copyBytes(key);
  const counter = copyBytes(iv);
  let used = 0; // bytes of the current block that were given out already
  return {
    update: (chunk) => {
      const padded = new Uint8Array(used + chunk.byteLength);
      padded.set(chunk, used);
      const bytes = copyBytes(ctr(secret, counter).encrypt(padded).subarray(used));
      advance(counter, Math.floor(padded.byteLength / BLOCK));
      used = padded.byteLength % BLOCK;
      return bytes;
    },
  };
}

/** Add to a big-endian number of 128 bits, which wraps round. */
function advance(counter: Uint8Array, blocks: number): void {
  let carry = blocks;
  for (let index = BLOCK - 1; index >= 0 && carry > 0; index -= 1) {
    const sum = (counter[index] ?? 0) + carry;
    counter[index] = sum % 256;
    carry = Math.floor(sum / 256);
  }
}

const BLOCK = 16;
