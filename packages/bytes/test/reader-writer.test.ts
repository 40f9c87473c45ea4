import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../src/index.js';

const range = expect.objectContaining({ code: 'ERR_BYTES_RANGE' });

describe('ByteWriter and ByteReader', () => {
  it('use network order unless told otherwise', () => {
    const big = new ByteWriter().u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0fn).finish();
    expect([...big]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    const little = new ByteWriter({ littleEndian: true }).u16(0x0203).bytes(Uint8Array.of(9)).finish();
    expect([...little]).toEqual([3, 2, 9]);
  });

  it('read back what was written, in both orders', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.nat(0xff),
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
        (littleEndian, a, b, c, d) => {
          const bytes = new ByteWriter({ littleEndian }).u8(a).u16(b).u32(c).u64(d).finish();
          const reader = new ByteReader(bytes, { littleEndian });
          expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([a, b, c, d]);
          reader.end();
        },
      ),
    );
  });

  it('never leave the bounds of a view', () => {
    const whole = Uint8Array.of(1, 2, 3, 4);
    const reader = new ByteReader(whole.subarray(1, 3), { what: 'a header' });
    expect(() => reader.u32()).toThrow('a header ends after 2 of the 4 bytes expected here');
    expect(reader.u8()).toBe(2);
    expect(reader.remaining).toBe(1);
    expect(() => reader.end()).toThrow(expect.objectContaining({ code: 'ERR_BYTES_RANGE', offset: 1 }));
    reader.skip(1);
    expect(() => reader.u8()).toThrow(range);
    expect(() => reader.bytes(-1)).toThrow(TypeError);
  });

  it('copy with bytes(), share with view()', () => {
    const whole = Uint8Array.of(1, 2);
    const copied = new ByteReader(whole).bytes(2);
    const shared = new ByteReader(whole).view(2);
    whole.fill(9);
    expect([...copied]).toEqual([1, 2]);
    expect([...shared]).toEqual([9, 9]);
  });

  it.each([
    [() => new ByteWriter().u8(256)],
    [() => new ByteWriter().u16(-1)],
    [() => new ByteWriter().u32(2 ** 32)],
    [() => new ByteWriter().u32(1.5)],
    [() => new ByteWriter().u64(1n << 64n)],
  ])('refuse a number that does not fit', (write) => {
    expect(write).toThrow(range);
  });
});
