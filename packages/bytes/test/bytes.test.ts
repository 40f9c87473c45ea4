import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytesError, concatBytes, copyBytes, equalBytes, joinBytes, mustFit } from '../src/index.js';

describe('bytes', () => {
  it('joins and copies into memory of its own', () => {
    const part = Uint8Array.of(1, 2);
    const joined = concatBytes(part, new Uint8Array(), part);
    const copied = copyBytes(part);
    part.fill(9);
    expect(joined).toEqual(Uint8Array.of(1, 2, 1, 2));
    expect(copied).toEqual(Uint8Array.of(1, 2));
    expect(concatBytes()).toHaveLength(0);
    expect(joinBytes(Array.from({ length: 300_000 }, () => part))).toHaveLength(600_000);
  });

  it('tells equal from different, whatever the difference', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (a, at, flip) => {
          const b = copyBytes(a);
          expect(equalBytes(a, b)).toBe(true);
          const index = at % b.length;
          b[index] = (b[index] ?? 0) ^ flip;
          expect(equalBytes(a, b)).toBe(false);
          expect(equalBytes(a, a.subarray(1))).toBe(false);
        },
      ),
    );
  });

  it('caps bytes and text', () => {
    expect(() => mustFit('abc', 3, 'a name')).not.toThrow();
    expect(() => mustFit('abcd', 3, 'a name')).toThrow(BytesError);
    expect(() => mustFit(new Uint8Array(4), 3, 'a name')).toThrow('a name is at most 3 bytes, not 4');
  });
});
