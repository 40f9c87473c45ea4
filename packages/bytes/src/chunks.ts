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
    if (!ended) await reader.cancel().catch(() => undefined); // why it is left is what to tell
    reader.releaseLock();
  }
}
