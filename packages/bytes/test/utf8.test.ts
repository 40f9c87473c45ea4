import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../src/index.js';

describe('utf8', () => {
  it('keeps a byte order mark as text', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });

  it('writes pairs and refuses halves', () => {
    expect(decodeUtf8(encodeUtf8('a\u{1f512}z'))).toBe('a\u{1f512}z');
    const refusal = (offset: number) => expect.objectContaining({ code: 'ERR_BYTES_UTF8', offset });
    expect(() => encodeUtf8('a\ud800')).toThrow(refusal(1));
    expect(() => encodeUtf8('\udc00\ud800')).toThrow(refusal(0));
    expect(() => encodeUtf8('\ud800\ud800\udc00')).toThrow(refusal(0));
  });

  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xf0, 0x9f]]])('refuses %j', (bytes) => {
    expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'ERR_BYTES_UTF8' }),
    );
  });
});
