import { chunksOf, encodeHex } from '@sealwright/bytes';
import type { ByteStream } from '../chunks.js';
import { createHasher, type NamedDigest } from './hashers.js';

/** A digest set with just the algorithms that were asked for. */
export type DigestsOf<A extends string> = Readonly<Record<A, string>>;

/** How to digest a stream. */
export interface DigestStreamOptions {
  /**
   * Called after each chunk.
   *
   * @param bytes - how many bytes were read so far
   */
  readonly onProgress?: (bytes: number) => void;
  /** Stops the reading; the reason of the signal is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Digest a stream by several algorithms at once, in constant memory.
 *
 * @param stream - chunks of any size
 * @param algorithms - such as `['sha256', 'sha512']`
 * @param options - progress and abort
 * @returns a digest set, as subjects have it
 * @throws {@link InTotoError}
 */
export async function digestStream<const A extends NamedDigest>(
  stream: ByteStream,
  algorithms: readonly A[],
  options: DigestStreamOptions = {},
): Promise<DigestsOf<A>> {
  const hashers = algorithms.map((algorithm) => [algorithm, createHasher(algorithm)] as const);
  let bytes = 0;
  for await (const chunk of chunksOf(stream)) {
    options.signal?.throwIfAborted();
    for (const [, hasher] of hashers) hasher.update(chunk);
    bytes += chunk.byteLength;
    options.onProgress?.(bytes);
  }
  options.signal?.throwIfAborted();
  return namedDigests(hashers);
}

/**
 * Digest bytes by several algorithms.
 *
 * @param bytes - any length
 * @param algorithms - such as `['sha256', 'sha512']`
 * @returns a digest set, as subjects have it
 * @throws {@link InTotoError}
 */
export function digestBytes<const A extends NamedDigest>(
  bytes: Uint8Array,
  algorithms: readonly A[],
): DigestsOf<A> {
  const hashers = algorithms.map((algorithm) => [algorithm, createHasher(algorithm)] as const);
  for (const [, hasher] of hashers) hasher.update(bytes);
  return namedDigests(hashers);
}

function namedDigests<A extends NamedDigest>(
  hashers: readonly (readonly [A, { digest(): Uint8Array }])[],
): DigestsOf<A> {
  const entries = hashers.map(([algorithm, hasher]) => [algorithm, encodeHex(hasher.digest())] as const);
  return Object.fromEntries(entries) as DigestsOf<A>; // one entry for each
}
