import type { ByteChunks } from '@sealwright/bytes';

/** Bytes that arrive in chunks of any size: a web stream, a stream of Node, an async generator, a list. */
export type ByteStream = ByteChunks;
