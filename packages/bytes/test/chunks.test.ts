import { describe, expect, it } from 'vitest';
import { chunksOf } from '../src/index.js';

const parts = [Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)];

function streamOf(onCancel: () => void = () => {}): ReadableStream<Uint8Array> {
  const left = [...parts];
  return new ReadableStream({
    pull: (controller) => {
      const next = left.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
    cancel: onCancel,
  });
}

async function collect(source: Parameters<typeof chunksOf>[0]): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const chunk of chunksOf(source)) found.push(chunk);
  return found;
}

describe('chunksOf', () => {
  it('reads web streams, generators and lists', async () => {
    const generated = (async function* () {
      yield* parts;
    })();
    for (const source of [streamOf(), generated, parts]) expect(await collect(source)).toEqual(parts);
  });

  it('cancels a web stream that is left early, and tells why it was left even where that fails', async () => {
    let cancelled = 0;
    const stop = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      for await (const chunk of chunksOf(stream)) throw new Error(`enough of ${chunk.byteLength}`);
    };
    await expect(stop(streamOf(() => void (cancelled += 1)))).rejects.toThrow('enough of 1');
    expect(cancelled).toBe(1);
    const stubborn = streamOf(() => {
      throw new Error('no');
    });
    await expect(stop(stubborn)).rejects.toThrow('enough of 1');
  });

  it('lets go of a stream that was read to its end', async () => {
    const stream = streamOf();
    await collect(stream);
    expect(stream.locked).toBe(false);
  });
});
