/**
 * Trees in tiles (C2SP tlog-tiles): 256 hashes a tile, from which anybody computes any proof.
 *
 * @module
 */
import { ByteReader, type Bytes, BytesError, copyBytes } from '@sealwright/bytes';
import { CosignError } from '../errors.js';
import { nodeHash, treeRoot } from './merkle.js';

/** Where hash tiles come from. */
export interface TileSource {
  /**
   * The hashes of a tile.
   *
   * @param level - 0 for leaves; each level stands for 256 of the one below
   * @param index - of the tile on its level
   * @param width - how many hashes it has, 1 to 256
   * @returns 32 bytes for each hash, at least `width` of them
   */
  hashTile(level: number, index: number, width: number): Promise<Uint8Array>;
}

/**
 * The last part of a tile's path: the index in groups of three digits, all but the last marked with `x`.
 *
 * @param index - of the tile
 * @param width - how many hashes or entries it has; a full tile says nothing. Default 256.
 */
export function tilePath(index: number, width: number = TILE): string {
  const groups = [(index % 1000).toString().padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${(rest % 1000).toString().padStart(3, '0')}`);
  return groups.join('/') + (width === TILE ? '' : `.p/${width}`);
}

/**
 * The root of a tree, computed from its tiles.
 *
 * @param source - the tiles
 * @param size - of the tree
 * @throws {@link CosignError} `ERR_COSIGN_PROOF`.
 */
export async function rootFromTiles(source: TileSource, size: number): Promise<Bytes> {
  if (size === 0) return treeRoot([]);
  return new TileReader(source, size).range(0, size);
}

/**
 * The hashes of an inclusion proof, computed from tiles.
 *
 * @param source - the tiles
 * @param index - of the leaf
 * @param size - of the tree
 * @throws {@link CosignError} `ERR_COSIGN_PROOF`.
 */
export async function inclusionFromTiles(source: TileSource, index: number, size: number): Promise<Bytes[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw fault('the index is not below the tree size');
  const reader = new TileReader(source, size);
  const hashes: Bytes[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + below(to - from);
    if (index < middle) {
      hashes.unshift(await reader.range(middle, to));
      to = middle;
    } else {
      hashes.unshift(await reader.range(from, middle));
      from = middle;
    }
  }
  return hashes;
}

/**
 * The hashes of a consistency proof, computed from tiles.
 *
 * @param source - the tiles
 * @param size1 - of the older tree
 * @param size2 - of the newer tree
 * @throws {@link CosignError} `ERR_COSIGN_PROOF`.
 */
export async function consistencyFromTiles(
  source: TileSource,
  size1: number,
  size2: number,
): Promise<Bytes[]> {
  if (size1 > size2) throw fault('a log does not become smaller');
  if (size1 === 0 || size1 === size2) return [];
  const reader = new TileReader(source, size2);
  const hashes: Bytes[] = [];
  let [from, to] = [0, size2];
  let whole = true;
  while (size1 !== to) {
    const middle = from + below(to - from);
    if (size1 <= middle) {
      hashes.unshift(await reader.range(middle, to));
      to = middle;
    } else {
      hashes.unshift(await reader.range(from, middle));
      from = middle;
      whole = false;
    }
  }
  if (!whole) hashes.unshift(await reader.range(from, to));
  return hashes;
}

/**
 * Take a bundle of entries apart: each is two bytes of length, then the body.
 *
 * @param bytes - of the tile
 * @param count - how many entries it must have at least
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY`.
 */
export function parseEntryBundle(bytes: Uint8Array, count: number): Bytes[] {
  try {
    const reader = new ByteReader(bytes, { what: 'a bundle of entries' });
    const entries: Bytes[] = [];
    while (reader.remaining > 0 && entries.length < TILE) entries.push(reader.bytes(reader.u16()));
    reader.end();
    if (entries.length >= count) return entries;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_LOG_ENTRY', `a tile of entries is malformed: ${cause.message}`, {
      cause,
    });
  }
  throw new CosignError('ERR_COSIGN_LOG_ENTRY', 'a tile has fewer entries than it must');
}

/** How many hashes or entries a tile has, in a tree of a size. */
export function tileWidth(level: number, index: number, size: number): number {
  const total = Math.floor(size / TILE ** level);
  return Math.min(TILE, total - index * TILE);
}

class TileReader {
  readonly #source: TileSource;
  readonly #size: number;
  readonly #tiles = new Map<string, Promise<Uint8Array>>();

  constructor(source: TileSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** The hash of the leaves from one index up to another, as the tree splits them. */
  async range(from: number, to: number): Promise<Bytes> {
    const count = to - from;
    if (isPowerOfTwo(count)) return this.#subtree(from, count);
    const split = below(count);
    return nodeHash(await this.range(from, from + split), await this.range(from + split, to));
  }

  /** A whole subtree: a power of two of leaves, at a multiple of it. */
  async #subtree(from: number, count: number): Promise<Bytes> {
    let level = 0;
    let [first, width] = [from, count];
    while (width >= TILE) {
      level += 1;
      first /= TILE;
      width /= TILE;
    }
    const index = Math.floor(first / TILE);
    const hashes = await this.#tile(level, index);
    const start = first - index * TILE;
    return treeRoot(
      Array.from({ length: width }, (_, at) =>
        copyBytes(hashes.subarray((start + at) * 32, (start + at + 1) * 32)),
      ),
    );
  }

  async #tile(level: number, index: number): Promise<Uint8Array> {
    const name = `${level} ${index}`;
    const width = tileWidth(level, index, this.#size);
    const read = this.#tiles.get(name) ?? this.#source.hashTile(level, index, width);
    this.#tiles.set(name, read);
    const hashes = await read;
    if (hashes.byteLength < width * 32 || hashes.byteLength % 32 !== 0) throw fault('a tile is too short');
    return hashes;
  }
}

/** The largest power of two below a number; 1 for 1. */
function below(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function isPowerOfTwo(count: number): boolean {
  return count === 1 || below(count) * 2 === count;
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_PROOF', message);
}

const TILE = 256;
