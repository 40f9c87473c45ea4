import { encodeHex } from '@sealwright/bytes';
import type { ArtifactInput } from '@sealwright/cosign-sig';
import { createDigest } from '@sealwright/crypto';
import type { Io } from './io.js';

/**
 * A file, or `sha256:` and the digest of one where there is no such file. Of a large one only digests are kept.
 *
 * @param io - the world
 * @param name - from the command line
 * @param options - `whole` where digests will not do
 */
export async function artifactOf(
  io: Io,
  name: string,
  options: { readonly whole?: boolean } = {},
): Promise<ArtifactInput> {
  const [, algorithm = '', hex = ''] = /^(sha256|sha384|sha512):([0-9a-fA-F]+)$/.exec(name) ?? [];
  if (algorithm !== '' && !(await io.exists(name))) return { [algorithm]: hex.toLowerCase() };
  const size = options.whole === true ? undefined : await io.sizeOf(name);
  if (size === undefined || size <= LARGE) return { bytes: await io.readFile(name) };
  const [sha256, sha384, sha512] = await digestsOf(io, name, ['sha256', 'sha384', 'sha512']);
  return { sha256: sha256 ?? '', sha384: sha384 ?? '', sha512: sha512 ?? '' };
}

/**
 * Digests of a file, however large, in hexadecimal.
 *
 * @param io - the world
 * @param path - of the file; `-` is standard input
 * @param algorithms - which
 */
export async function digestsOf(
  io: Io,
  path: string,
  algorithms: readonly ('sha256' | 'sha384' | 'sha512')[],
): Promise<readonly string[]> {
  const hashers = algorithms.map((algorithm) => createDigest(algorithm));
  const timer = io.isTerminal() ? setTimeout(() => io.err(`reading ${path} …\n`), 1000) : undefined;
  try {
    for await (const chunk of io.readChunks(path)) for (const hasher of hashers) hasher.update(chunk);
  } finally {
    clearTimeout(timer);
  }
  return hashers.map((hasher) => encodeHex(hasher.digest()));
}

/** Bytes from which on a file is not held in memory. */
const LARGE = 64 << 20;
