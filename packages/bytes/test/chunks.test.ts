import { describe, expect, it } from 'vitest';
import { BytesError, chunksOf, readAll } from '../src/index.js';

const parts = [Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)];

function streamOf(onCancel: () => void | Promise<void> = () => {}): ReadableStream<Uint8Array> {
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

describe('readAll', () => {
  it('gives all bytes, in memory of their own', async () => {
    const part = Uint8Array.of(1, 2);
    const whole = await readAll([part, Uint8Array.of(), part], 4, 'a list');
    part.fill(9);
    expect(whole).toEqual(Uint8Array.of(1, 2, 1, 2));
    expect(await readAll([], 0, 'nothing')).toHaveLength(0);
    expect(await readAll([new Uint8Array(0x9000)], 0x9000, 'a chunk')).toHaveLength(0x9000);
  });

  it('takes any number of chunks, however small', async () => {
    const drops = Array.from({ length: 300_000 }, (_, index) => Uint8Array.of(index));
    const whole = await readAll(drops, 300_000, 'a drip');
    expect([whole.length, whole[299_999]]).toEqual([300_000, 299_999 & 0xff]);
  });

  it('stops at the first byte too many', async () => {
    let cancelled = 0;
    const error = await readAll(
      streamOf(() => void (cancelled += 1)),
      0,
      'a stream',
    ).catch((cause) => cause);
    expect(error).toBeInstanceOf(BytesError);
    expect([error.code, error.message, cancelled]).toEqual([
      'ERR_BYTES_LIMIT',
      'a stream is at most 0 bytes',
      1,
    ]);
  });

  it('waits for nobody who does not let himself be cancelled', async () => {
    const stuck = streamOf(() => new Promise<void>(() => {}));
    await expect(readAll(stuck, 0, 'a stream')).rejects.toThrow(BytesError);
  });
});
