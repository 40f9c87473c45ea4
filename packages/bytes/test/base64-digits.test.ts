import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDigits, encodeDigits } from '../src/base64-digits.js';
import { BytesError, decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../src/index.js';

const outcome = (read: () => Uint8Array): unknown => {
  try {
    return read();
  } catch (error) {
    if (error instanceof BytesError) return [error.code, error.offset];
    throw error;
  }
};

describe('base64 by table and by the platform', () => {
  it('write the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(encodeDigits(bytes, false)).toBe(encodeBase64(bytes));
        expect(encodeDigits(bytes, true)).toBe(encodeBase64url(bytes));
      }),
    );
  });

  it('read the same, and refuse the same at the same place', () => {
    const stray = ['+', '/', '-', '_', '=', ' ', '\n', '\0', '\u00e9', '\u0141']; // the last has the low bits of an A
    const one = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('A', 'B', 'Q', 'w') },
      fc.constantFrom(...stray),
    );
    const digits = fc.oneof(
      fc.string({ unit: one, maxLength: 12 }),
      fc
        .tuple(
          fc.string({ unit: fc.constantFrom('A', 'w'), minLength: 60, maxLength: 140 }),
          fc.nat(140),
          one,
        )
        .map(([text, at, changed]) => text.slice(0, at) + changed + text.slice(at + 1)),
    );
    fc.assert(
      fc.property(digits, (text) => {
        expect(outcome(() => decodeBase64url(text))).toEqual(
          text.endsWith('=') ? expect.anything() : outcome(() => decodeDigits(text, text.length, true)),
        );
        if (text.length % 4 === 0 && !text.includes('=')) {
          expect(outcome(() => decodeBase64(text))).toEqual(
            outcome(() => decodeDigits(text, text.length, false)),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('gives bytes that share no memory with anything', () => {
    const first = decodeBase64('AAECAw==');
    expect(first.buffer.byteLength).toBe(4);
  });

  it('leaves the room that is asked for, untouched', () => {
    for (const read of [
      decodeBase64('AAECAw==', { headroom: 5 }),
      decodeBase64url('AAECAw', { headroom: 5 }),
      decodeDigits('AAECAw', 6, true, 5),
    ]) {
      expect([...read]).toEqual([0, 1, 2, 3]);
      expect([read.byteOffset, read.buffer.byteLength]).toEqual([5, 9]);
      expect([...new Uint8Array(read.buffer, 0, 5)]).toEqual([0, 0, 0, 0, 0]);
    }
    expect(decodeBase64('', { headroom: 5 }).byteLength).toBe(0);
  });
});
