/**
 * Bytes that come in parts.
 *
 * @module
 */
import type { ByteChunks, Bytes } from '@sealwright/bytes';

/** Where bytes come from: a web stream, or anything that can be iterated, such as a file stream of Node. */
export type ByteSource = ByteChunks;

/** Say that a source will not be read. */
export async function releaseSource(source: ByteSource): Promise<void> {
  if (source instanceof ReadableStream && !source.locked) await source.cancel().catch(() => undefined);
}

/**
 * A stream of what a generator gives; cancelling it ends the generator.
 *
 * @param chunks - the generator
 * @param cancelled - told of it, and whether the generator had begun: one that has not will never get to clean up
 */
export function streamOf(
  chunks: AsyncGenerator<Bytes, void, void>,
  cancelled: (hadBegun: boolean) => void | Promise<void> = () => {},
): ReadableStream<Bytes> {
  let hasBegun = false;
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        hasBegun = true;
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return();
        await cancelled(hasBegun);
      },
    },
    { highWaterMark: 0 },
  );
}
