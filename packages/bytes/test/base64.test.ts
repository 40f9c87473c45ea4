import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytesError, decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../src/index.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const code = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof BytesError ? `${error.code}@${error.offset}` : error;
  }
};

describe('base64', () => {
  // RFC 4648 section 10
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('writes and reads %j', (plain, text) => {
    expect(encodeBase64(ascii(plain))).toBe(text);
    expect(decodeBase64(text)).toEqual(ascii(plain));
    const unpadded = text.replaceAll('=', '');
    expect(encodeBase64url(ascii(plain))).toBe(unpadded);
    expect(decodeBase64url(unpadded)).toEqual(ascii(plain));
    expect(decodeBase64(text, { padding: 'optional' })).toEqual(ascii(plain));
    expect(decodeBase64(unpadded, { padding: 'optional' })).toEqual(ascii(plain));
  });

  it('keeps the two alphabets apart', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xbf);
    expect(encodeBase64(bytes)).toBe('+/+/');
    expect(encodeBase64url(bytes)).toBe('-_-_');
    expect(code(() => decodeBase64('-_-_'))).toBe('ERR_BYTES_BASE64@0');
    expect(code(() => decodeBase64url('+/+/'))).toBe('ERR_BYTES_BASE64@0');
  });

  it.each([
    ['Zg', 'ERR_BYTES_BASE64@2'],
    ['Zg=', 'ERR_BYTES_BASE64@2'],
    ['Zg===', 'ERR_BYTES_BASE64@3'],
    ['Z', 'ERR_BYTES_BASE64@1'],
    ['Zh==', 'ERR_BYTES_BASE64@1'],
    ['Zm9v\n', 'ERR_BYTES_BASE64@5'],
    ['Zm 9v===', 'ERR_BYTES_BASE64@2'],
    ['Zm9v====', 'ERR_BYTES_BASE64@4'],
    ['Zé==', 'ERR_BYTES_BASE64@1'],
  ])('refuses %j', (text, expected) => {
    expect(code(() => decodeBase64(text))).toBe(expected);
  });

  it('refuses padding where there must be none', () => {
    expect(code(() => decodeBase64url('Zg=='))).toBe('ERR_BYTES_BASE64@2');
    expect(code(() => decodeBase64url('Zg=', { padding: 'optional' }))).toBe('ERR_BYTES_BASE64@2');
  });

  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
      }),
    );
  });

  it('reads each byte string from one text only', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        try {
          expect(encodeBase64(decodeBase64(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(BytesError);
        }
      }),
    );
  });
});
