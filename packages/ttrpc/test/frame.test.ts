import { concatBytes, decodeHex, encodeHex } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, FRAME_TYPE, FrameDecoder, MAX_DATA_BYTES } from '../src/index.js';

function framesOf(decoder: FrameDecoder): Frame[] {
  const frames: Frame[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  return frames;
}

describe('encodeFrame', () => {
  it('writes the header in network order', () => {
    const frame = { streamId: 0x0102_0305, type: FRAME_TYPE.data, flags: 5, data: Uint8Array.of(9) };
    expect(encodeHex(encodeFrame(frame))).toBe('0000000101020305030509');
    expect(encodeHex(encodeFrame({ streamId: 1, type: FRAME_TYPE.response }))).toBe('00000000000000010200');
  });

  it('refuses data over 4 MiB', () => {
    const frame = { streamId: 1, type: FRAME_TYPE.data };
    expect(encodeFrame({ ...frame, data: new Uint8Array(MAX_DATA_BYTES) })).toHaveLength(MAX_DATA_BYTES + 10);
    const data = new Uint8Array(MAX_DATA_BYTES + 1);
    expect(() => encodeFrame({ ...frame, data })).toThrow(
      expect.objectContaining({ code: 'ERR_TTRPC_LIMIT' }),
    );
  });
});

describe('FrameDecoder', () => {
  it('finds the same frames however the bytes are cut', () => {
    const frames = fc.array(
      fc.record({
        streamId: fc.integer({ min: 0, max: 0xffff_ffff }),
        type: fc.integer({ min: 0, max: 255 }),
        flags: fc.integer({ min: 0, max: 255 }),
        data: fc.uint8Array({ maxLength: 40 }),
      }),
    );
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = concatBytes(...sent.map(encodeFrame));
        const decoder = new FrameDecoder({ maxDataBytes: 30 });
        const received: Frame[] = [];
        for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
          const length = cuts[turn % cuts.length] ?? 1;
          decoder.push(bytes.slice(from, from + length));
          received.push(...framesOf(decoder));
          from += length;
        }
        expect(received).toEqual(
          sent.map(({ data, ...header }) => ({
            ...header,
            length: data.length,
            data: data.length > 30 ? undefined : data,
          })),
        );
        expect(decoder.partial).toBe(false);
      }),
    );
  });

  it('says whether a frame has begun', () => {
    const decoder = new FrameDecoder();
    expect(decoder.partial).toBe(false);
    decoder.push(decodeHex('00'));
    expect([decoder.next(), decoder.partial, decoder.header]).toEqual([undefined, true, undefined]);
    decoder.push(decodeHex('000001000000010100'));
    expect([decoder.next(), decoder.partial, decoder.header?.length]).toEqual([undefined, true, 1]);
    decoder.push(decodeHex('ff'));
    expect([decoder.next()?.data, decoder.partial, decoder.header]).toEqual([
      Uint8Array.of(255),
      false,
      undefined,
    ]);
  });

  it('does not take memory for what a header announces, nor keep what is over the limit', () => {
    const decoder = new FrameDecoder();
    decoder.push(decodeHex('ffffffff000000010100'));
    const chunk = new Uint8Array(0x10_0000);
    for (let index = 0; index < 4095; index += 1) {
      decoder.push(chunk);
      expect(decoder.next()).toBe(undefined);
    }
    decoder.push(chunk); // one byte more than was announced
    expect(decoder.next()).toMatchObject({ length: 0xffff_ffff, data: undefined });
    expect(decoder.partial).toBe(true);
  });

  it('leaves alone what it gave out before', () => {
    const frame = (fill: number): Uint8Array =>
      encodeFrame({ streamId: 1, type: 3, data: new Uint8Array(100).fill(fill) });
    const bytes = concatBytes(frame(1), frame(2), frame(3));
    const decoder = new FrameDecoder();
    const received: Frame[] = [];
    for (const byte of bytes) {
      decoder.push(Uint8Array.of(byte));
      received.push(...framesOf(decoder));
    }
    expect(received.map(({ data }) => data)).toEqual([1, 2, 3].map((fill) => new Uint8Array(100).fill(fill)));
  });
});
