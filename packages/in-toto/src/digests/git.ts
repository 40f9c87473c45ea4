import { decodeHex, encodeHex, encodeUtf8, joinBytes } from '@sealwright/bytes';
import { createDigest } from '@sealwright/crypto';
import { InTotoError } from '../errors.js';

/** The kinds of objects that git names. */
export type GitObjectType = 'blob' | 'tree' | 'commit' | 'tag';

/** The hash of a repository's object names: SHA-1 unless it was made otherwise. */
export type GitHash = 'sha1' | 'sha256';

/** An entry of a tree. */
export interface GitTreeEntry {
  /** `40000` for a folder, `100644`, `100755` or `120000` for files, `160000` for a commit of another repository. */
  readonly mode: '40000' | '100644' | '100755' | '120000' | '160000';
  /** Its name in the folder. */
  readonly name: string;
  /** The name of the object, in hexadecimal. */
  readonly id: string;
}

/**
 * The object name that git gives: `gitBlob`, `gitCommit`, `gitTag` of a digest set.
 *
 * @param type - kind of object
 * @param content - without the header that git puts before it
 * @param hash - of the repository
 * @returns lower-case hexadecimal
 */
export function gitObject(type: GitObjectType, content: Uint8Array, hash: GitHash = 'sha1'): string {
  const hasher = createDigest(hash);
  hasher.update(encodeUtf8(`${type} ${content.byteLength}\0`));
  hasher.update(content);
  return encodeHex(hasher.digest());
}

/**
 * The object name of a folder, `gitTree` of a digest set. Entries are put into the order of git.
 *
 * @param entries - in any order
 * @param hash - of the repository
 * @returns lower-case hexadecimal
 * @throws {@link InTotoError}
 */
export function gitTree(entries: Iterable<GitTreeEntry>, hash: GitHash = 'sha1'): string {
  const rows = [...entries].map((entry) => ({ ...entry, key: sortKey(entry), hash }));
  rows.sort((a, b) => compareBytes(a.key, b.key));
  return gitObject('tree', joinBytes(rows.flatMap(rowOf)), hash);
}

function rowOf({ mode, name, id, hash }: GitTreeEntry & { hash: GitHash }): readonly Uint8Array[] {
  if (name === '' || name.includes('/') || name.includes('\0'))
    throw new InTotoError('INTOTO_BAD_PATH', 'a name in a tree is not empty and has neither / nor NUL');
  const digits = hash === 'sha1' ? 40 : 64;
  if (id.length !== digits || NOT_HEX.test(id))
    throw new InTotoError('INTOTO_BAD_DIGEST_ENCODING', `an object name has ${digits} hexadecimal digits`);
  return [encodeUtf8(`${mode} ${name}\0`), decodeHex(id)];
}

/** Git compares the names of folders as if they ended in a slash. */
function sortKey({ mode, name }: GitTreeEntry): Uint8Array {
  return encodeUtf8(mode === '40000' ? `${name}/` : name);
}

/** Order of bytes; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.byteLength, b.byteLength);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.byteLength - b.byteLength;
}

const NOT_HEX = /[^0-9a-fA-F]/;
