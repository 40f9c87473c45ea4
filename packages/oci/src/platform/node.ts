/**
 * Folders of the file system, for image layouts and for layers that wait for their verdict.
 *
 * @packageDocumentation
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib, { createGunzip } from 'node:zlib';
import { type Bytes, chunksOf, encodeHex } from '@sealwright/bytes';
import { randomBytes } from '@sealwright/crypto';
import type { Decompressor } from '../decompress.js';
import { OciError } from '../errors.js';
import type { LayerSpool } from '../encryption/spool.js';
import type { LayoutFiles } from '../layout.js';

export type { ByteSource } from '../byte-source.js';
export type { Decompressor } from '../decompress.js';
export type { LayerSpool } from '../encryption/spool.js';
export type { LayoutFiles } from '../layout.js';

/**
 * A folder for `openLayout`.
 *
 * @param root - where it is; made by the first write
 */
export function directoryFiles(root: string): LayoutFiles {
  const at = (path: string): string => join(root, path);
  return {
    read: async (path) => {
      const found = await stat(at(path)).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (found === undefined) return undefined;
      // a pipe would never end, nor would some devices
      if (!found.isFile()) throw new OciError('ERR_OCI_LAYOUT', `${path} is not a file`);
      return contentOf(at(path));
    },
    write: async (path, source) => {
      const temporary = `${at(path)}.${encodeHex(randomBytes(8))}.part`;
      await mkdir(dirname(at(path)), { recursive: true });
      try {
        // never what another writer, or whoever guesses its name, has put there; on the disk before it has its name
        const options = { flags: 'wx', flush: true };
        await pipeline(Readable.from(chunksOf(source)), createWriteStream(temporary, options));
        await rename(temporary, at(path));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    move: async (from, to) => {
      await mkdir(dirname(at(to)), { recursive: true });
      await rename(at(from), at(to));
    },
    remove: (path) => rm(at(path), { force: true }),
  };
}

/**
 * A spool for `decryptLayer` in a file of its own, which only the user may read. It holds ciphertext.
 *
 * @param folder - where to make it. Default the system's folder for temporary files.
 */
export async function fileSpool(folder: string = tmpdir()): Promise<LayerSpool> {
  const own = await mkdtemp(join(folder, 'sealwright-layer-'));
  const path = join(own, 'blob');
  const handle = await open(path, 'w', 0o600);
  const lengths: number[] = [];
  return {
    append: async (part) => {
      lengths.push(part.byteLength);
      await handle.writeFile(part);
    },
    parts: async function* () {
      const reading = await open(path);
      try {
        let position = 0;
        for (const length of lengths) {
          const part = new Uint8Array(length);
          const { bytesRead } = await reading.read(part, 0, length, position);
          position += length;
          yield part.subarray(0, bytesRead);
        }
      } finally {
        await reading.close();
      }
    },
    discard: async () => {
      await handle.close();
      await rm(own, { recursive: true, force: true });
    },
  };
}

/** Takes off gzip with `node:zlib`, several times as fast as the package's own. */
export const nodeGunzip: Decompressor = (source) => unpackedBy(createGunzip(), source);

/**
 * Takes off zstd with `node:zlib`, where that knows it: Node 22.15 and 23.8, and later.
 *
 * @throws `OciError` `ERR_OCI_MEDIA_TYPE` elsewhere.
 */
export const nodeZstd: Decompressor = (source) => {
  const create = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;
  if (create === undefined) throw new OciError('ERR_OCI_MEDIA_TYPE', 'this version of Node knows no zstd');
  return unpackedBy(create(), source);
};

function unpackedBy(unpacker: Transform, source: ReadableStream<Bytes>): ReadableStream<Bytes> {
  const done = pipeline(Readable.from(chunksOf(source)), unpacker);
  done.catch(() => undefined); // whoever reads learns of it
  return Readable.toWeb(unpacker) as ReadableStream<Bytes>;
}

/** Opened when it is read, so that what is never read needs no closing. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
