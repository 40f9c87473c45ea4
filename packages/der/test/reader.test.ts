import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DerError,
  DerReader,
  DerTag,
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../src/index.js';

const code = (expected: string, offset?: number) =>
  expect.objectContaining(offset === undefined ? { code: expected } : { code: expected, offset });

describe('DerReader', () => {
  it('reads what the writer wrote', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (octets, magnitude, arcs) => {
          const oid = ['1', '3', ...arcs].join('.');
          const der = encodeSequence(
            encodeOctetString(octets),
            encodeInteger(magnitude),
            encodeOid(oid),
            encodeNull(),
            encodeBitString(octets),
          );
          const outer = new DerReader(der);
          const inner = outer.enter();
          outer.end();
          expect(inner.octetString()).toEqual(octets);
          expect(BigInt(`0x${hex(inner.unsigned())}`)).toBe(BigInt(`0x${hex(magnitude)}`));
          expect(inner.oid()).toBe(oid);
          inner.null();
          expect(inner.bitString()).toEqual(octets);
          inner.end();
        },
      ),
    );
  });

  it.each([
    ['a long form where the short fits', [0x04, 0x81, 0x01, 0x00], 'ERR_DER_LENGTH'],
    ['a padded length', [0x04, 0x82, 0x00, 0x80, ...Array.from({ length: 128 }, () => 0)], 'ERR_DER_LENGTH'],
    ['an indefinite length', [0x04, 0x80, 0x00, 0x00], 'ERR_DER_LENGTH'],
    ['a length of five bytes', [0x04, 0x85, 0, 0, 0, 0, 1, 0], 'ERR_DER_LENGTH'],
    ['a length that is cut off', [0x04, 0x82, 0x01], 'ERR_DER_LENGTH'],
    ['contents that are cut off', [0x04, 0x02, 0x00], 'ERR_DER_LENGTH'],
    ['nothing', [], 'ERR_DER_LENGTH'],
    ['a high tag', [0x1f, 0x81, 0x00, 0x00], 'ERR_DER_TAG'],
    ['another tag', [0x05, 0x00], 'ERR_DER_TAG'],
  ])('refuses %s', (_, bytes, expected) => {
    expect(() => new DerReader(Uint8Array.from(bytes)).element(DerTag.octetString)).toThrow(
      code(expected, 0),
    );
  });

  it.each([
    ['a negative integer', [0x02, 0x01, 0x80], (reader: DerReader) => reader.unsigned()],
    ['a padded integer', [0x02, 0x02, 0x00, 0x7f], (reader: DerReader) => reader.unsigned()],
    ['an empty integer', [0x02, 0x00], (reader: DerReader) => reader.unsigned()],
    ['a null that holds something', [0x05, 0x01, 0x00], (reader: DerReader) => reader.null()],
    ['a padded arc', [0x06, 0x03, 0x2a, 0x80, 0x01], (reader: DerReader) => reader.oid()],
    ['an unfinished arc', [0x06, 0x02, 0x2a, 0x81], (reader: DerReader) => reader.oid()],
    ['an empty identifier', [0x06, 0x00], (reader: DerReader) => reader.oid()],
    [
      'an arc without end',
      [0x06, 0x0a, 0x2a, ...Array.from({ length: 8 }, () => 0xff), 0x7f],
      (reader: DerReader) => reader.oid(),
    ],
    ['a bit string with bits left', [0x03, 0x02, 0x01, 0x00], (reader: DerReader) => reader.bitString()],
  ])('refuses %s', (_, bytes, read) => {
    expect(() => read(new DerReader(Uint8Array.from(bytes)))).toThrow(code('ERR_DER_VALUE', 0));
  });

  it('knows where it is inside containers', () => {
    const der = encodeSequence(encodeNull(), encodeSequence(encodeNull(), Uint8Array.of(0x02, 0x01, 0x80)));
    const outer = new DerReader(der).enter();
    outer.null();
    const inner = outer.enter();
    inner.null();
    expect(() => inner.unsigned()).toThrow(code('ERR_DER_VALUE', 8));
    expect(() => new DerReader(encodeElement(0x05)).enter()).toThrow(code('ERR_DER_TAG'));
    const reader = new DerReader(Uint8Array.of(0x05, 0x00, 0x00));
    reader.null();
    expect(() => reader.end()).toThrow(code('ERR_DER_TRAILING', 2));
  });

  it('answers any bytes at all with elements or a DerError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          const reader = new DerReader(bytes);
          while (!reader.done) reader.element();
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
    );
  });
});

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') || '0';
}
