/**
 * Computing the digests that subjects are matched by: of streams, of git objects, of folders.
 *
 * @packageDocumentation
 */
export { dirHash1, fromGoChecksum, toGoChecksum, type DirectoryFile } from './dir-hash.js';
export { InTotoError } from '../errors.js';
export { gitObject, gitTree, type GitHash, type GitObjectType, type GitTreeEntry } from './git.js';
export type { ByteStream } from '../chunks.js';
export type { NamedDigest } from './hashers.js';
export { digestBytes, digestStream, type DigestsOf, type DigestStreamOptions } from './stream.js';
