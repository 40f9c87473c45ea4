/**
 * Bytes that come in parts.
 *
 * @module
 */
import { type ByteChunks, type Bytes, copyBytes } from '@sealwright/bytes';

/** Where bytes come from: a web stream, or anything that can be iterated, such as a file stream of Node. */
export type ByteSource = ByteChunks;

/** Say that a source will not be read. */
export async function releaseSource(source: ByteSource): Promise<void> {
  if (source instanceof ReadableStream && !source.locked) await source.cancel().catch(() => undefined);
}

/**
 * The parts of a source, each shown before it is given, and the last one held back until `end` has nothing to say against all of them:
 * what fails never seems whole.
 *
 * @param source - the parts
 * @param judge - throws where they are not what they should be
 */
export async function* heldBack(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  judge: { readonly take: (part: Uint8Array) => void; readonly end: () => void },
): AsyncGenerator<Bytes, void, void> {
  let held: Bytes | undefined;
  for await (const part of source) {
    judge.take(part);
    if (held !== undefined) yield held;
    held = copyBytes(part);
  }
  judge.end();
  if (held !== undefined) yield held;
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
