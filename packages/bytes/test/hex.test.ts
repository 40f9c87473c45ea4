import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHex, encodeHex } from '../src/index.js';

describe('hex', () => {
  it('writes lower case and reads both', () => {
    expect(encodeHex(Uint8Array.of(0x00, 0xab, 0xff))).toBe('00abff');
    expect(decodeHex('00aBFf')).toEqual(Uint8Array.of(0x00, 0xab, 0xff));
  });

  it.each([
    ['0', 1],
    ['0g', 1],
    ['0x', 1],
    [' 0', 0],
    ['0\u0130', 1],
    ['00-1', 2],
    ['@@', 0],
    ['``', 0],
  ])('refuses %j at %d', (text, offset) => {
    expect(() => decodeHex(text)).toThrow(expect.objectContaining({ code: 'ERR_BYTES_HEX', offset }));
  });

  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
      }),
    );
  });
});
