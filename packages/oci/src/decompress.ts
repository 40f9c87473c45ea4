/**
 * Layers, unpacked as far as their archive.
 *
 * @module
 */
import { type Bytes, chunksOf, copyBytes } from '@sealwright/bytes';
import { Gunzip } from 'fflate';
import { type ByteSource, heldBack, releaseSource, streamOf } from './byte-source.js';
import { contentCheck } from './content.js';
import { OciError } from './errors.js';
import type { LayerCompression } from './media-types.js';

/** Takes compressed bytes and gives the archive: a `DecompressionStream`, or a wrapped stream of `node:zlib`. */
export type Decompressor = (source: ReadableStream<Bytes>) => ReadableStream<Uint8Array>;

/** How to unpack a layer. */
export interface DecompressLayerOptions {
  /** Bytes of the archive. Default 4 GiB. */
  readonly maxBytes?: number;
  /** The digest that the image's configuration gives the archive (`rootfs.diff_ids`). Default not compared. */
  readonly diffId?: string;
  /** Other programs for compressions. Default gzip by this package, zstd by the platform's `DecompressionStream` where it knows zstd. */
  readonly decompressors?: Partial<Record<LayerCompression, Decompressor>>;
}

/**
 * Take the compression off a layer. What grows beyond its cap is given up where it does; the stream fails instead of ending when the digest
 * of the archive is another, its last part held back.
 *
 * @param layer - compressed
 * @param compression - from `parseLayerMediaType`
 * @param options - caps and digest
 * @throws {@link OciError} `ERR_OCI_MEDIA_TYPE` where nothing takes off the compression; the stream fails with `ERR_OCI_SIZE`,
 * `ERR_OCI_DIGEST`, or `ERR_OCI_MEDIA_TYPE` for bytes that were not compressed so.
 */
export function decompressLayer(
  layer: ByteSource,
  compression: LayerCompression,
  options: DecompressLayerOptions = {},
): ReadableStream<Bytes> {
  const { maxBytes = MAX_ARCHIVE, diffId, decompressors = {} } = options;
  return streamOf(checked(archiveOf(layer, compression, decompressors), maxBytes, diffId), () =>
    releaseSource(layer),
  );
}

function archiveOf(
  layer: ByteSource,
  compression: LayerCompression,
  decompressors: Partial<Record<LayerCompression, Decompressor>>,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const given = decompressors[compression];
  if (given !== undefined) return guarded(given(streamOf(copied(layer))));
  if (compression === 'none') return chunksOf(layer);
  if (compression === 'gzip') return gunzip(layer);
  const zstd = platformZstd();
  if (zstd !== undefined) return guarded(zstd(streamOf(copied(layer))));
  throw new OciError('ERR_OCI_MEDIA_TYPE', `nothing was given that takes off ${compression}`);
}

function checked(
  archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  diffId: string | undefined,
): AsyncGenerator<Bytes, void, void> {
  const check = diffId === undefined ? undefined : contentCheck(diffId);
  let size = 0;
  const take = (chunk: Uint8Array): void => {
    size += chunk.byteLength;
    if (size > maxBytes) throw new OciError('ERR_OCI_SIZE', `the layer unpacks to over ${maxBytes} bytes`);
    check?.update(chunk);
  };
  return heldBack(archive, { take, end: () => check?.end() });
}

/** Not every platform knows zstd, and types do not say so of those that do. */
function platformZstd(): Decompressor | undefined {
  try {
    const stream = new DecompressionStream('zstd' as CompressionFormat);
    return (source) => source.pipeThrough(stream);
  } catch {
    return undefined;
  }
}

/** In small parts, since each may grow a thousandfold at once. */
async function* gunzip(layer: ByteSource): AsyncGenerator<Uint8Array, void, void> {
  let made: Uint8Array[] = [];
  let ended = false;
  let empty = true;
  const unpacker = new Gunzip((chunk, final) => {
    if (chunk.byteLength > 0) made.push(chunk);
    if (final) ended = true;
  });
  const push = (part: Uint8Array, final: boolean): Uint8Array[] => {
    try {
      unpacker.push(part, final);
    } catch (cause) {
      throw new OciError('ERR_OCI_MEDIA_TYPE', 'the layer is not gzip, or damaged', { cause });
    }
    const parts = made;
    made = [];
    return parts;
  };
  for await (const chunk of chunksOf(layer)) {
    empty &&= chunk.byteLength === 0;
    for (let from = 0; from < chunk.byteLength; from += PART)
      yield* push(copyBytes(chunk.subarray(from, from + PART)), false);
  }
  yield* push(new Uint8Array(), true);
  if (!ended || empty) throw new OciError('ERR_OCI_MEDIA_TYPE', 'the layer is not gzip, or cut off');
}

async function* copied(layer: ByteSource): AsyncGenerator<Bytes, void, void> {
  for await (const chunk of chunksOf(layer)) yield copyBytes(chunk);
}

/** Failures of a foreign decompressor under a code of this package; those of the source as they are. */
async function* guarded(archive: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* chunksOf(archive);
  } catch (cause) {
    if (cause instanceof OciError) throw cause;
    throw new OciError('ERR_OCI_MEDIA_TYPE', 'the layer is compressed otherwise, or damaged', { cause });
  }
}

const PART = 4096;
const MAX_ARCHIVE = 2 ** 32;
