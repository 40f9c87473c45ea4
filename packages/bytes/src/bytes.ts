import { BytesError } from './errors.js';

/**
 * Bytes that own their memory: what every function of ours returns. Accepted by WebCrypto's types and readable by
 * TypeScript 5.5 and later, which `Uint8Array<ArrayBuffer>` is not.
 */
export type Bytes = ReturnType<typeof Uint8Array.of>;

/**
 * Join byte strings. For a list of any length there is {@link joinBytes}.
 *
 * @param parts - in order; none gives no bytes
 * @returns a new array that shares no memory with the parts
 */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  return joinBytes(parts);
}

/**
 * Join byte strings of a list. As {@link concatBytes}, for as many as there are: a call takes some hundred thousand arguments and no more.
 *
 * @param parts - in order; none gives no bytes
 * @returns a new array that shares no memory with the parts
 */
export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.byteLength;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}

/**
 * Copy bytes, so that whoever holds the original can no longer change what was read from it.
 *
 * @param bytes - any view, of any buffer
 * @returns a new array with memory of its own
 */
export function copyBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

/**
 * Compare secrets or digests: the time taken depends on the lengths, never on where the contents differ.
 *
 * JavaScript promises no constant time; this does the same number of operations on every content, which is what the
 * language can give.
 *
 * @param a - one side
 * @param b - the other; a different length is unequal at once, lengths are not secret
 *
 * @example
 * ```ts
 * console.log(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))); // false
 * ```
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  let difference = 0;
  for (let index = 0; index < a.byteLength; index += 1) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}

/**
 * Refuse an input over its cap, before any work is done on it.
 *
 * @param input - bytes, or text that is counted in UTF-16 code units (never more than its UTF-8 bytes)
 * @param maxBytes - the cap, in bytes
 * @param what - the input's name for the message, such as `an envelope`
 * @throws {@link BytesError} `ERR_BYTES_LIMIT`.
 */
export function mustFit(input: Uint8Array | string, maxBytes: number, what: string): void {
  const size = typeof input === 'string' ? input.length : input.byteLength;
  if (size > maxBytes) {
    throw new BytesError('ERR_BYTES_LIMIT', `${what} is at most ${maxBytes} bytes, not ${size}`);
  }
}
