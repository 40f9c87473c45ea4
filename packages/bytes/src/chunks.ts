import type { Bytes } from './bytes.js';
import { BytesError } from './errors.js';

/** Bytes that arrive in chunks of any size: a web stream, a stream of Node, an async generator, a list. */
export type ByteChunks = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * The chunks of a source, one after another. Leaving early cancels a web stream, which cannot be iterated in every browser.
 *
 * @param source - to read, once
 */
export function chunksOf(source: ByteChunks): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return 'getReader' in source ? readChunks(source) : source;
}

/**
 * All bytes of a source, unless there are too many. Chunks of one byte cost no more memory than large ones.
 *
 * @param source - to read, once
 * @param maxBytes - how many there may be
 * @param what - names the source in the error
 * @returns memory of its own
 * @throws {@link BytesError} `ERR_BYTES_LIMIT` as soon as there are more; the rest is not read.
 *
 * @example
 * ```ts
 * const { body } = new Response('an answer');
 * console.log((await readAll(body ?? [], 1024, 'the answer')).length); // 9
 * ```
 */
export async function readAll(source: ByteChunks, maxBytes: number, what: string): Promise<Bytes> {
  let held: Bytes = new Uint8Array(Math.min(maxBytes, FIRST_BYTES));
  let length = 0;
  for await (const chunk of chunksOf(source)) {
    const end = length + chunk.byteLength;
    if (end > maxBytes) throw new BytesError('ERR_BYTES_LIMIT', `${what} is at most ${maxBytes} bytes`);
    if (end > held.byteLength) {
      const grown = new Uint8Array(Math.min(maxBytes, Math.max(end, 2 * held.byteLength)));
      grown.set(held);
      held = grown;
    }
    held.set(chunk, length);
    length = end;
  }
  return held.slice(0, length);
}

async function* readChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    if (!ended) void reader.cancel().catch(() => undefined); // whoever stalls may not answer to this either
    reader.releaseLock();
  }
}

const FIRST_BYTES = 0x4000;
