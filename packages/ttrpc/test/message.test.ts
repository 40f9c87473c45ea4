import { decodeHex, encodeHex } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { messageCodec, type MessageDescriptor, TtrpcError } from '../src/index.js';

const everything = messageCodec({
  text: { no: 1, type: 'string' },
  data: { no: 2, type: 'bytes' },
  yes: { no: 3, type: 'bool' },
  small: { no: 4, type: 'int32' },
  natural: { no: 5, type: 'uint32' },
  large: { no: 6, type: 'int64' },
  huge: { no: 7, type: 'uint64' },
  choice: { no: 8, type: ['NONE', 'ONE', 'TWO'] },
  labels: { no: 9, type: 'map' },
  maybe: { no: 10, type: 'uint64', optional: true },
  inner: { no: 11, type: { name: { no: 1, type: 'string' }, more: { no: 2, type: 'bool', optional: true } } },
  texts: { no: 12, type: 'string', repeated: true },
  numbers: { no: 13, type: 'int32', repeated: true },
  inners: { no: 14, type: { value: { no: 1, type: 'int64' } }, repeated: true },
  far: { no: 0x1fff_ffff, type: 'uint32' },
});

const blank = {
  text: '',
  data: new Uint8Array(),
  yes: false,
  small: 0,
  natural: 0,
  large: 0n,
  huge: 0n,
  choice: 'NONE' as const,
  labels: {},
  texts: [],
  numbers: [],
  inners: [],
  far: 0,
};

describe('messageCodec', () => {
  const cases = [
    ['nothing', {}, ''],
    ['text', { text: 'ä' }, '0a02c3a4'],
    ['bytes', { data: Uint8Array.of(0, 255) }, '120200ff'],
    ['true', { yes: true }, '1801'],
    ['a negative number in ten bytes', { small: -1 }, '20ffffffffffffffffff01'],
    ['the largest number of 32 bits', { natural: 0xffff_ffff }, '28ffffffff0f'],
    ['the smallest number of 64 bits', { large: -(2n ** 63n) }, '3080808080808080808001'],
    ['the largest number of 64 bits', { huge: 2n ** 64n - 1n }, '38ffffffffffffffffff01'],
    ['a number of five bytes', { huge: 2n ** 32n + 5n }, '388580808010'],
    ['a name of an enumeration', { choice: 'TWO' as const }, '4002'],
    ['a map, with empty values written', { labels: { a: '', '': 'b' } }, '4a050a016112004a050a00120162'],
    ['an optional zero', { maybe: 0n }, '5000'],
    ['an empty message', { inner: { name: '' } }, '5a00'],
    ['a message in a message', { inner: { name: 'x', more: false } }, '5a050a01781000'],
    ['a list of text, with an empty one', { texts: ['', 'a'] }, '6200620161'],
    ['packed numbers', { numbers: [1, -1, 300] }, '6a0d01ffffffffffffffffff01ac02'],
    ['a list of messages', { inners: [{ value: 1n }, { value: 0n }] }, '720208017200'],
    ['the largest field number', { far: 7 }, 'f8ffffff0f07'],
  ] as const;

  it.each(cases)('encodes and decodes %s', (_, message, hex) => {
    expect(encodeHex(everything.encode(message))).toBe(hex);
    expect(everything.decode(decodeHex(hex))).toEqual({ ...blank, ...message });
  });

  it.each([126, 127, 128, 16_380, 16_384, 0x20_0000, 0x20_0003])(
    'puts a length before %i nested bytes',
    (size) => {
      const message = { inner: { name: 'x'.repeat(size) }, text: 'front', texts: ['behind'] };
      expect(everything.decode(everything.encode(message))).toEqual({ ...blank, ...message });
    },
  );

  it('types messages by their descriptors', () => {
    const codec = messageCodec({
      id: { no: 1, type: 'uint64' },
      kind: { no: 2, type: ['A', 'B'] },
      maybe: { no: 3, type: 'bytes', optional: true },
    });
    expectTypeOf(codec.decode).returns.toExtend<{ readonly id: bigint; readonly kind: 'A' | 'B' | number }>();
    expectTypeOf(codec.decode).returns.not.toExtend<{ readonly maybe: Uint8Array }>();
    // @ts-expect-error -- a number is no bigint
    expect(() => codec.encode({ id: 1 })).toThrow(TypeError);
  });

  describe('reads what others may write:', () => {
    it.each([
      ['fields in any order', '12010a0a0161', { text: 'a', data: Uint8Array.of(10) }],
      ['a field twice: the last', '0a01610a0162', { text: 'b' }],
      ['a message twice: merged', '5a030a01785a021001', { inner: { name: 'x', more: true } }],
      ['numbers that are not packed', '6801680268ac02', { numbers: [1, 2, 300] }],
      [
        'unknown fields of every wire type',
        'c00105c9010000000000000000d2010161dd01000000001801',
        { yes: true },
      ],
      ['unknown groups in groups', 'c301cb01c00101cc01c4011801', { yes: true }],
      ['a known number with another wire type', '08011801', { yes: true }],
      ['an enumeration whose name came later', '4009', { choice: 9 }],
      ['a bool that is not 1', '1880808001', { yes: true }],
      ['more bits than the type has', '28818080801020808080801f', { natural: 1, small: -0x1000_0000 }],
      ['a varint that is longer than it need be', '288100', { natural: 1 }],
      ['an entry of a map without key or value', '4a00', { labels: { '': '' } }],
    ])('%s', (_, hex, message) => {
      expect(everything.decode(decodeHex(hex))).toEqual({ ...blank, ...message });
    });

    it('a key of a map called __proto__, which is a key', () => {
      const { labels } = everything.decode(decodeHex('4a0e0a095f5f70726f746f5f5f120178'));
      expect(Object.entries(labels)).toEqual([['__proto__', 'x']]);
      expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
      expect(encodeHex(everything.encode({ labels }))).toBe('4a0e0a095f5f70726f746f5f5f120178');
    });
  });

  describe('refuses', () => {
    it.each([
      ['a tag without a value', '0a', 'ERR_TTRPC_MESSAGE', 1],
      ['a length over what is left', '0a0261', 'ERR_TTRPC_MESSAGE', 2],
      ['a length of 64 bits', '0affffffffffffffffff01', 'ERR_TTRPC_MESSAGE', 11],
      ['a varint of eleven bytes', '18ffffffffffffffffffff01', 'ERR_TTRPC_MESSAGE', 11],
      ['a varint over 64 bits', '18ffffffffffffffffff02', 'ERR_TTRPC_MESSAGE', 11],
      ['a varint that ends early', '1880', 'ERR_TTRPC_MESSAGE', 2],
      ['field number 0', '0001', 'ERR_TTRPC_MESSAGE', 1],
      ['a tag over 32 bits', '8080808010', 'ERR_TTRPC_MESSAGE', 5],
      ['wire type 6', '0e', 'ERR_TTRPC_MESSAGE', 1],
      ['wire type 7', 'ffffff', 'ERR_TTRPC_MESSAGE', 3],
      ['an end of a group without its start', 'c401', 'ERR_TTRPC_MESSAGE', 2],
      ['an end of another group', 'c301cc01', 'ERR_TTRPC_MESSAGE', 4],
      ['a group without its end', 'c301', 'ERR_TTRPC_MESSAGE', 2],
      ['a fixed32 that ends early', 'c50100', 'ERR_TTRPC_MESSAGE', 2],
      ['text that is not UTF-8', '0a01ff', 'ERR_TTRPC_MESSAGE', 1],
      ['a message in a message that is cut by it', '5a020a05', 'ERR_TTRPC_MESSAGE', 4],
    ])('%s', (_, hex, code, offset) => {
      expect(() => everything.decode(decodeHex(hex))).toThrow(expect.objectContaining({ code, offset }));
    });

    it('more entries than anyone needs, without keeping them', () => {
      const bytes = decodeHex('6200'.repeat(70_000));
      expect(() => everything.decode(bytes)).toThrow(expect.objectContaining({ code: 'ERR_TTRPC_LIMIT' }));
      const packed = everything.encode({ numbers: Array.from({ length: 70_000 }, () => 1) });
      expect(() => everything.decode(packed)).toThrow(expect.objectContaining({ code: 'ERR_TTRPC_LIMIT' }));
    });

    it('messages nested too deep, in both directions', () => {
      interface Node {
        readonly [name: string]: { readonly no: number; readonly type: Node };
      }
      const node: { self?: { no: number; type: Node } } = {};
      node.self = { no: 1, type: node };
      const codec = messageCodec<MessageDescriptor>(node);
      const nested = (depth: number): object => (depth === 0 ? {} : { self: nested(depth - 1) });
      const bytes = codec.encode(nested(63));
      expect(codec.decode(bytes)).toEqual(nested(63));
      const deeper = codec.encode(nested(64));
      expect(() => codec.decode(deeper)).toThrow(expect.objectContaining({ code: 'ERR_TTRPC_LIMIT' }));
      expect(() => codec.encode(nested(65))).toThrow(TypeError);
    });

    it.each([
      ['half of a surrogate pair', { text: '\ud800' }],
      ['half of a pair in a map', { labels: { '\udc00': '' } }],
    ])('%s', (_, message) => {
      expect(() => everything.encode(message)).toThrow(
        expect.objectContaining({ code: 'ERR_TTRPC_MESSAGE' }),
      );
    });

    it.each([
      ['a number for text', { text: 1 }],
      ['text for bytes', { data: 'a' }],
      ['text for a bool', { yes: 'true' }],
      ['a fraction', { small: 1.5 }],
      ['a number over its range', { small: 2 ** 31 }],
      ['a number under its range', { natural: -1 }],
      ['a bigint over its range', { large: 2n ** 63n }],
      ['a negative bigint without a sign', { huge: -1n }],
      ['a name that the enumeration lacks', { choice: 'THREE' }],
      ['no list', { texts: 'a' }],
      ['no number in a list', { numbers: ['1'] }],
      ['no map', { labels: null }],
      ['no text in a map', { labels: { a: 1 } }],
      ['no message', { inner: 1 }],
    ])('%s', (_, message) => {
      expect(() => everything.encode(message as never)).toThrow(TypeError);
    });

    it.each([
      ['number 0', { a: { no: 0, type: 'bool' } }],
      ['a number out of range', { a: { no: 0x2000_0000, type: 'bool' } }],
      ['a number twice', { a: { no: 1, type: 'bool' }, b: { no: 1, type: 'bool' } }],
      ['a repeated map', { a: { no: 1, type: 'map', repeated: true } }],
      ['a name that is no name', JSON.parse('{"__proto__":{"no":1,"type":"bool"}}') as object],
    ])('a descriptor with %s', (_, descriptor) => {
      expect(() => messageCodec(descriptor as MessageDescriptor)).toThrow(TypeError);
    });
  });

  const text = fc.string({ unit: 'grapheme' });
  const message = fc.record(
    {
      text,
      data: fc.uint8Array(),
      yes: fc.boolean(),
      small: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
      natural: fc.integer({ min: 0, max: 0xffff_ffff }),
      large: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      huge: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      choice: fc.constantFrom('NONE' as const, 'ONE' as const, 'TWO' as const),
      labels: fc.dictionary(text, text),
      maybe: fc.bigInt({ min: 0n, max: 9n }),
      inner: fc.record({ name: text, more: fc.boolean() }),
      texts: fc.array(text),
      numbers: fc.array(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })),
      inners: fc.array(fc.record({ value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) })),
      far: fc.integer({ min: 0, max: 0xffff_ffff }),
    },
    { requiredKeys: [] },
  );

  it('gives back what it was given', () => {
    fc.assert(
      fc.property(message, (each) => {
        const copy = structuredClone(each);
        expect(everything.decode(everything.encode(each))).toEqual({ ...blank, ...copy });
      }),
    );
  });

  it('answers any bytes with a message that it can write, or a TtrpcError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        let decoded: ReturnType<typeof everything.decode>;
        try {
          decoded = everything.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TtrpcError);
          return;
        }
        expect(everything.decode(everything.encode(decoded))).toEqual(decoded);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps nothing of the bytes it was given', () => {
    const bytes = everything.encode({ data: Uint8Array.of(1, 2, 3) });
    const decoded = everything.decode(bytes);
    bytes.fill(0);
    expect(decoded.data).toEqual(Uint8Array.of(1, 2, 3));
  });
});
