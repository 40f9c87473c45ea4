import {
  BytesError,
  chunksOf,
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  encodeUtf8,
} from '@sealwright/bytes';
import { createDigest } from '@sealwright/crypto';
import type { ByteStream } from '../chunks.js';
import { InTotoError } from '../errors.js';
import { compareBytes } from './git.js';

/** A file of a folder. */
export interface DirectoryFile {
  /** Relative, with slashes. */
  readonly path: string;
  /** Its content, whole or as it arrives. */
  readonly content: Uint8Array | ByteStream;
}

/**
 * The digest of a folder of regular files, `dirHash1` of a digest set: what Go calls `h1` of a module.
 *
 * @param files - in any order; for a Go module their paths begin with `module@version/`
 * @returns lower-case hexadecimal
 * @throws {@link InTotoError}
 */
export async function dirHash1(
  files: AsyncIterable<DirectoryFile> | Iterable<DirectoryFile>,
): Promise<string> {
  const rows: { key: Uint8Array; line: Uint8Array }[] = [];
  const paths = new Set<string>();
  for await (const { path, content } of files) {
    if (path === '' || path.includes('\n') || paths.has(path))
      throw new InTotoError('INTOTO_BAD_PATH', 'a path is not empty, has no line feed and is there once');
    paths.add(path);
    rows.push({ key: encodeUtf8(path), line: encodeUtf8(`${await sha256(content)}  ${path}\n`) });
  }
  rows.sort((a, b) => compareBytes(a.key, b.key));
  const hasher = createDigest('sha256');
  for (const { line } of rows) hasher.update(line);
  return encodeHex(hasher.digest());
}

/**
 * The `dirHash1` that a checksum line of Go says.
 *
 * @param checksum - such as `h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48=`
 * @throws {@link InTotoError}
 */
export function fromGoChecksum(checksum: string): string {
  if (checksum.startsWith('h1:') && checksum.length === 47) {
    try {
      return encodeHex(decodeBase64(checksum.slice(3)));
    } catch (error) {
      if (!(error instanceof BytesError)) throw error;
    }
  }
  throw new InTotoError('INTOTO_BAD_DIGEST_ENCODING', 'a checksum of Go is h1: and the base64 of 32 bytes');
}

/**
 * A `dirHash1` as the checksum lines of Go have it.
 *
 * @param hex - 64 hexadecimal digits
 * @throws {@link InTotoError}
 */
export function toGoChecksum(hex: string): string {
  if (hex.length === 64 && !NOT_HEX.test(hex)) return `h1:${encodeBase64(decodeHex(hex))}`;
  throw new InTotoError('INTOTO_BAD_DIGEST_ENCODING', 'a dirHash1 has 64 hexadecimal digits');
}

async function sha256(content: DirectoryFile['content']): Promise<string> {
  const hasher = createDigest('sha256');
  if (content instanceof Uint8Array) hasher.update(content);
  else for await (const chunk of chunksOf(content)) hasher.update(chunk);
  return encodeHex(hasher.digest());
}

const NOT_HEX = /[^0-9a-fA-F]/;
