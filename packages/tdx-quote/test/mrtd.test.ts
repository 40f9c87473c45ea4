import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTdReportHashes, parseTdReport, TdxQuoteError } from '../src/index.js';
import { computeMrtd, matchMrtd, readTdvfSections } from '../src/mrtd/index.js';
import { makeImage } from './image.fixture.js';

function block(name: string, address: number, data = new Uint8Array(0)): Bytes {
  const bytes = new Uint8Array(128);
  bytes.set(encodeUtf8(name));
  new DataView(bytes.buffer).setUint32(16, address, true);
  return concatBytes(bytes, data);
}

describe('computeMrtd', () => {
  it('adds and extends pages, either way', () => {
    const image = makeImage([{ dataSize: 4096, memorySize: 0x2000n }]);
    const extend = (page: number, byte: number): Bytes[] =>
      Array.from({ length: 16 }, (_, chunk) =>
        block('MR.EXTEND', page + chunk * 256, new Uint8Array(256).fill(byte)),
      );
    const [first, second] = [block('MEM.PAGE.ADD', 0x1000), block('MEM.PAGE.ADD', 0x2000)];
    const single = digest('sha384', concatBytes(first, ...extend(0x1000, 1), second, ...extend(0x2000, 0)));
    const double = digest('sha384', concatBytes(first, second, ...extend(0x1000, 1), ...extend(0x2000, 0)));
    expect(computeMrtd(image)).toEqual(single);
    expect(computeMrtd(image, { order: 'two-pass' })).toEqual(double);
    expect(matchMrtd(image, single)).toBe('page-by-page');
    expect(matchMrtd(image, double)).toBe('two-pass');
    expect(matchMrtd(image, new Uint8Array(48))).toBeUndefined();
  });

  it('does not extend or measure what the attributes leave out', () => {
    const image = makeImage([{ attributes: 0 }, { attributes: 3 }]);
    expect(computeMrtd(image)).toEqual(digest('sha384', block('MEM.PAGE.ADD', 0x1000)));
    expect(readTdvfSections(image)[1]).toMatchObject({ extended: true, addedLater: true });
  });

  const good = makeImage([{}]);
  const patched = (offset: number, ...values: number[]): Uint8Array => {
    const bytes = good.slice();
    bytes.set(values, bytes.byteLength + offset);
    return bytes;
  };
  it.each([
    ['nothing', new Uint8Array(0)],
    ['no table of contents', new Uint8Array(4096)],
    ['a table longer than the image', patched(-50, 0xff, 0xff)],
    ['a table without TDX metadata', patched(-66, 0)],
    ['an entry of another size', patched(-68, 21)],
    ['an entry below the least size', patched(-68, 1)],
    ['a descriptor outside of the image', patched(-72, 0xff, 0xff, 0xff)],
    ['a descriptor at the very end', patched(-72, 0, 0, 0, 0)],
    ['a descriptor elsewhere', patched(-72, 1)],
    ['another version', makeImage([{}], { version: 2 })],
    ['another length', makeImage([{}], { length: 16 })],
    ['data outside of the image', makeImage([{ dataOffset: 0x1_0000 }])],
    ['more data than memory', makeImage([{ memorySize: 0n }])],
    ['half a page', makeImage([{ address: 1n }])],
    ['memory past the end', makeImage([{ address: 0xffff_ffff_ffff_f000n, memorySize: 0x2000n }])],
  ])('refuses %s', (_, image) => {
    expect(() => computeMrtd(image)).toThrow(
      expect.objectContaining({ code: 'ERR_TDX_TDVF_METADATA_INVALID' }),
    );
  });

  it('is bounded', () => {
    const image = makeImage([{ memorySize: 0x1000_1000n }]);
    expect(() => computeMrtd(image)).toThrow(TdxQuoteError);
    expect(() => computeMrtd(good, { maxMemoryBytes: 1 })).toThrow(TdxQuoteError);
  });

  it('answers any change of an image with a measurement or a TdxQuoteError', () => {
    fc.assert(
      fc.property(fc.nat(good.byteLength - 4097), fc.nat(255), (at, value) => {
        const image = good.slice();
        image[4096 + at] = value;
        try {
          expect(computeMrtd(image, { maxMemoryBytes: 0x10_0000 })).toHaveLength(48);
        } catch (error) {
          expect(error).toBeInstanceOf(TdxQuoteError);
        }
      }),
    );
  });
});

describe('parseTdReport', () => {
  it('reads the parts and compares the hashes', () => {
    const bytes = new Uint8Array(1024);
    bytes[0] = 0x81;
    bytes.fill(5, 256, 300);
    bytes.fill(6, 528, 576);
    bytes.set(digest('sha384', bytes.subarray(256, 495)), 32);
    expect(checkTdReportHashes(bytes)).toEqual({ teeTcbInfo: true, tdInfo: false });
    bytes.set(digest('sha384', bytes.subarray(512)), 80);
    expect(checkTdReportHashes(bytes)).toEqual({ teeTcbInfo: true, tdInfo: true });
    expect(parseTdReport(bytes).mrTd).toEqual(new Uint8Array(48).fill(6));
    for (const wrong of [bytes.slice(1), new Uint8Array(1024)])
      expect(() => parseTdReport(wrong)).toThrow(
        expect.objectContaining({ code: 'ERR_TDX_TDREPORT_MALFORMED' }),
      );
  });
});
