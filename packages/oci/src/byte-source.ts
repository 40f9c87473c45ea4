/**
 * Bytes that come in parts.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';

/** Where bytes come from: a web stream, or anything that can be iterated, such as a file stream of Node. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The parts of a source, one after another. Leaving early cancels a stream. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, void> {
  if (!(source instanceof ReadableStream)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

/** Say that a source will not be read. */
export async function releaseSource(source: ByteSource): Promise<void> {
  if (source instanceof ReadableStream && !source.locked) await source.cancel().catch(() => undefined);
}

/** A stream of what a generator gives; cancelling it ends the generator, even one that never began. */
export function streamOf(
  chunks: AsyncGenerator<Bytes, void, void>,
  cancelled: () => void = () => {},
): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return();
        cancelled();
      },
    },
    { highWaterMark: 0 },
  );
}
