import { describe, expect, it } from 'vitest';
import { standardOutput } from '../src/standard-output.js';

/** A descriptor that takes so many bytes at a time, and throws when it is told to. */
function descriptor(...takes: readonly (number | string)[]) {
  const turns = [...takes];
  const taken: number[] = [];
  const streamed: number[] = [];
  const failed: string[] = [];
  const out = standardOutput(
    (bytes) => {
      const turn = turns.shift() ?? bytes.length;
      if (typeof turn === 'string') throw Object.assign(new Error(turn), { code: turn });
      taken.push(...bytes.subarray(0, turn));
      return Math.min(turn, bytes.length);
    },
    () => ({ write: (bytes) => streamed.push(...bytes) }),
    ({ code = '' }) => failed.push(code),
  );
  return { out, taken, streamed, failed };
}

describe('standardOutput', () => {
  it('goes on where a descriptor took less than all', () => {
    const { out, taken, streamed } = descriptor(2, 1);
    out(Uint8Array.of(1, 2, 3, 4));
    out(new Uint8Array(0));
    out(Uint8Array.of(5));
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    expect(streamed).toEqual([]);
  });

  it('leaves the rest to the stream from the first time on that a descriptor takes nothing', () => {
    const { out, taken, streamed } = descriptor(2, 'EAGAIN');
    out(Uint8Array.of(1, 2, 3));
    out(Uint8Array.of(4));
    expect(taken).toEqual([1, 2]);
    expect(streamed).toEqual([3, 4]);
  });

  it('tells of any other fault', () => {
    const { out, streamed, failed } = descriptor('EPIPE');
    out(Uint8Array.of(1));
    expect(failed).toEqual(['EPIPE']);
    expect(streamed).toEqual([]);
  });
});
