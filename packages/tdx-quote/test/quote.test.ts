import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeQuote,
  parseQuote,
  sgxAttributes,
  tdAttributes,
  TdxQuoteError,
  xfamFeatures,
} from '../src/index.js';
import { forgeQuote, laterBytes, quoteBytes } from './forge.fixture.js';

const patched = (...changes: readonly (readonly [offset: number, ...bytes: number[]])[]): Uint8Array => {
  const bytes = quoteBytes.slice();
  for (const [offset, ...values] of changes) bytes.set(values, offset);
  return bytes;
};

describe('parseQuote', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'QUOTE_TOO_SHORT'],
    ['a header alone', quoteBytes.slice(0, 48), 'QUOTE_TOO_SHORT'],
    ['a body cut short', quoteBytes.slice(0, 635), 'QUOTE_TOO_SHORT'],
    ['a descriptor cut short', laterBytes.slice(0, 50), 'QUOTE_TOO_SHORT'],
    ['version 2', patched([0, 2]), 'UNSUPPORTED_VERSION'],
    ['version 3 about a TD', patched([0, 3]), 'UNSUPPORTED_TEE_TYPE'],
    ['an unknown TEE', patched([4, 0x80]), 'UNSUPPORTED_TEE_TYPE'],
    ['a P-384 attestation key', patched([2, 3]), 'UNSUPPORTED_ATT_KEY_TYPE'],
    ['another vendor', patched([12, 0]), 'QE_VENDOR_MISMATCH'],
    ['a signature longer than the quote', patched([634, 0x01]), 'SIGNATURE_DATA_TRUNCATED'],
    ['a signature of four bytes', patched([632, 4, 0]), 'SIGNATURE_DATA_TRUNCATED'],
    ['outer certification data of type 5', patched([764, 5]), 'UNSUPPORTED_CERT_DATA_TYPE'],
    ['outer certification data of another size', patched([766, 0]), 'CERT_DATA_SIZE_MISMATCH'],
    ['authentication data past the end', patched([1218, 0xff, 0xff]), 'SIGNATURE_DATA_TRUNCATED'],
    ['inner certification data of type 6', patched([1252, 6]), 'UNSUPPORTED_CERT_DATA_TYPE'],
    ['inner certification data of another size', patched([1254, 0]), 'CERT_DATA_SIZE_MISMATCH'],
    ['a chain that calls itself a PPID', patched([1252, 1]), 'CERT_DATA_SIZE_MISMATCH'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(() => parseQuote(bytes)).toThrow(expect.objectContaining({ code: `ERR_TDX_${reason}` }));
  });

  it.each([
    [0, 'UNSUPPORTED_BODY_TYPE', [48, 0]],
    [2, 'BODY_SIZE_MISMATCH', [48, 2]],
    [3, 'BODY_SIZE_MISMATCH', [53, 1]],
    [1, 'BODY_TYPE_MISMATCH', [48, 1, 0, 0x80, 0x01]],
  ] as const)('refuses a body of type %i that does not fit: %s', (_, reason, [offset, ...values]) => {
    const bytes = laterBytes.slice();
    bytes.set(values, offset);
    expect(() => parseQuote(bytes)).toThrow(expect.objectContaining({ code: `ERR_TDX_${reason}` }));
  });

  it.each([
    [1, 16, 20],
    [1, 16, 18],
    [1, 384, 20],
    [2, 256, 20],
    [2, 256, 18],
    [2, 384, 18],
    [3, 384, 20],
  ] as const)('reads certification data of type %i with a PPID of %i bytes', async (type, size, tail) => {
    const { certification, raw } = await forgeQuote({
      certification: {
        type,
        ppid: new Uint8Array(size).fill(7),
        cpuSvn: new Uint8Array(16).fill(1),
        pceSvn: 0x1234,
        pceId: tail === 20 ? 0x5678 : undefined,
      },
    });
    expect(certification).toMatchObject({ type, pceSvn: 0x1234, pceId: tail === 20 ? 0x5678 : undefined });
    expect('ppid' in certification && certification.ppid.byteLength).toBe(size);
    expect(encodeQuote(parseQuote(raw))).toEqual(raw);
  });

  it('reads a platform manifest', async () => {
    const { certification } = await forgeQuote({
      certification: { type: 7, manifest: Uint8Array.of(1, 2, 3) },
    });
    expect(certification).toEqual({ type: 7, manifest: Uint8Array.of(1, 2, 3) });
  });

  it('keeps nothing of the buffer it was given', () => {
    const bytes = quoteBytes.slice();
    const quote = parseQuote(bytes);
    bytes.fill(0xff);
    expect(encodeQuote(quote)).toEqual(quoteBytes);
  });

  it('answers any bytes at all with a quote or a TdxQuoteError', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array(), fc.uint8Array({ minLength: 600, maxLength: 6000 })),
        answersProperly,
      ),
    );
  });

  it('decodes what it encodes', () => {
    for (const bytes of [quoteBytes, laterBytes]) expect(encodeQuote(parseQuote(bytes))).toEqual(bytes);
  });

  it('keeps what follows a quote apart', () => {
    const bytes = new Uint8Array(quoteBytes.byteLength + 3);
    bytes.set(quoteBytes);
    expect(parseQuote(bytes).trailing).toEqual(new Uint8Array(3));
    expect(parseQuote(new Uint8Array([...quoteBytes, ...new Uint8Array(0x2_0000)])).raw.byteLength).toBe(
      0x2_0000,
    );
  });
});

describe('attributes', () => {
  it('names those of a TD', () => {
    expect(tdAttributes(0x8000_0000_d000_0013n | (1n << 40n))).toEqual({
      underDebug: 0x13,
      debug: true,
      septVeDisable: true,
      protectionKeys: true,
      keyLocker: true,
      perfmon: true,
      unknown: 1n << 40n,
    });
  });

  it('names those of an enclave', () => {
    expect(sgxAttributes(0x15n)).toMatchObject({
      initialised: true,
      debug: false,
      mode64: true,
      provisionKey: true,
    });
  });

  it('names the features of a mask', () => {
    expect(xfamFeatures(0x602e7n)).toEqual([
      'x87',
      'sse',
      'avx',
      'avx512-opmask',
      'avx512-high256',
      'avx512-high16',
      'user-protection-keys',
      'amx-tile-config',
      'amx-tile-data',
    ]);
    expect(xfamFeatures(1n << 40n)).toEqual(['bit 40']);
  });
});

function answersProperly(bytes: Uint8Array): void {
  try {
    parseQuote(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(TdxQuoteError);
  }
}
