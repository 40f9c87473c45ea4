import { chunksOf, encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { digestStream } from '../src/digests/index.js';
import { readBundleLines } from '../src/index.js';

/** A web stream that tells whether it was let go, and cannot be iterated, as in browsers that lack it. */
function webStream(...texts: string[]) {
  const state = { cancelled: false };
  const rest = texts.map((text) => encodeUtf8(text));
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = rest.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
    cancel: () => {
      state.cancelled = true;
    },
  });
  Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
  const plain = { getReader: () => stream.getReader() } as ReadableStream<Uint8Array>;
  return { state, stream: plain };
}

describe('a web stream', () => {
  it('is digested and read line by line', async () => {
    const whole = await digestStream([encodeUtf8('Hello')], ['sha256']);
    expect(await digestStream(webStream('He', '', 'llo').stream, ['sha256'])).toEqual(whole);
    const lines: string[] = [];
    for await (const { kind } of readBundleLines(webStream('\n{', '}\n', 'x').stream)) lines.push(kind);
    expect(lines).toEqual(['blank', 'unrecognized', 'unrecognized']);
  });

  it('is let go where nobody reads on', async () => {
    const { state, stream } = webStream('a', 'b', 'c');
    for await (const chunk of chunksOf(stream)) {
      expect(chunk).toEqual(encodeUtf8('a'));
      break;
    }
    expect(state.cancelled).toBe(true);
    const { state: untouched, stream: other } = webStream('a');
    for await (const _ of chunksOf(other));
    expect(untouched.cancelled).toBe(false);
  });
});
