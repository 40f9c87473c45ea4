import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { gzipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressLayer, OciError } from '../src/index.js';
import { readAll } from './read-all.ts';

const code = (expected: string) => expect.objectContaining({ name: 'OciError', code: expected });
const idOf = (bytes: Uint8Array) => `sha256:${encodeHex(digest('sha256', bytes))}`;
const archive = encodeUtf8('an archive '.repeat(2000));
const packed = gzipSync(archive);

describe('decompressLayer', () => {
  it('gives the archive, whatever the parts', async () => {
    for (const cut of [1, 100, 100_000]) {
      const parts = Array.from({ length: Math.ceil(packed.length / cut) }, (_, index) =>
        packed.subarray(index * cut, (index + 1) * cut),
      );
      expect(await readAll(decompressLayer(parts, 'gzip', { diffId: idOf(archive) }))).toEqual(archive);
    }
    expect(await readAll(decompressLayer([archive], 'none', { diffId: idOf(archive) }))).toEqual(archive);
    const both = await readAll(decompressLayer([packed, packed], 'gzip'));
    expect(both.byteLength).toBe(2 * archive.byteLength);
  });

  it('gives up a bomb where it grows beyond its cap', async () => {
    const bomb = gzipSync(new Uint8Array(64 << 20));
    let read = 0;
    const reader = decompressLayer([bomb], 'gzip', { maxBytes: 1 << 20 }).getReader();
    const all = async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        read += value.byteLength;
      }
    };
    await expect(all()).rejects.toThrow(code('ERR_OCI_SIZE'));
    expect(read).toBeLessThanOrEqual(1 << 20);
  });

  it('fails instead of ending when the archive is another one', async () => {
    await expect(readAll(decompressLayer([packed], 'gzip', { diffId: idOf(packed) }))).rejects.toThrow(
      code('ERR_OCI_DIGEST'),
    );
    await expect(readAll(decompressLayer([archive], 'gzip'))).rejects.toThrow(code('ERR_OCI_MEDIA_TYPE'));
    await expect(readAll(decompressLayer([], 'gzip'))).rejects.toThrow(code('ERR_OCI_MEDIA_TYPE'));
    await expect(readAll(decompressLayer([packed.subarray(0, -20)], 'gzip'))).rejects.toThrow(OciError);
    expect(() => decompressLayer([packed], 'zstd')).toThrow(code('ERR_OCI_MEDIA_TYPE'));
  });

  it('takes another program, and bounds it too', async () => {
    const zstd = () =>
      new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)) });
    const endless = decompressLayer([packed], 'zstd', { maxBytes: 1 << 20, decompressors: { zstd } });
    await expect(readAll(endless)).rejects.toThrow(code('ERR_OCI_SIZE'));
    const broken = () =>
      new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('zlib')) });
    const failing = decompressLayer([packed], 'gzip', { decompressors: { gzip: broken } });
    await expect(readAll(failing)).rejects.toThrow(code('ERR_OCI_MEDIA_TYPE'));
  });

  it('answers changed bytes with an archive or an OciError', async () => {
    const small = gzipSync(encodeUtf8('a small archive, packed'));
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
        const bytes = small.slice();
        bytes[at % bytes.length] = byte;
        try {
          await readAll(
            decompressLayer([cut ? bytes.subarray(0, at % bytes.length) : bytes], 'gzip', {
              maxBytes: 1 << 20,
            }),
          );
        } catch (error) {
          expect(error).toBeInstanceOf(OciError);
        }
      }),
      { numRuns: 10_000, seed: 13 },
    );
  }, 120_000);
});
