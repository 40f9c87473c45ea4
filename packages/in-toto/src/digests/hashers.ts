import { blake2b, blake2s } from '@noble/hashes/blake2.js';
import { md5, ripemd160 } from '@noble/hashes/legacy.js';
import { sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512, shake128_32, shake256_64 } from '@noble/hashes/sha3.js';
import { createDigest, type DigestAlgorithm, type Hasher } from '@sealwright/crypto';
import { InTotoError } from '../errors.js';

/**
 * The algorithms of digest sets that can be computed over bytes. `shake128` gives 32 bytes and `shake256` 64; the
 * specification does not say. Weak ones are here to look up old artifacts, not to trust them.
 */
export type NamedDigest =
  | DigestAlgorithm
  | 'md5'
  | 'ripemd160'
  | 'sha512_224'
  | 'sha512_256'
  | 'sha3_224'
  | 'sha3_256'
  | 'sha3_384'
  | 'sha3_512'
  | 'shake128'
  | 'shake256'
  | 'blake2b'
  | 'blake2s';

/** A hash in progress, of any of the algorithms. */
export function createHasher(algorithm: NamedDigest): Hasher {
  if (PLATFORM.has(algorithm)) return createDigest(algorithm as DigestAlgorithm); // just looked
  const create = OTHERS.get(algorithm);
  if (create !== undefined) return create();
  throw new InTotoError('INTOTO_UNSUPPORTED_ALGORITHM', 'this digest cannot be computed here');
}

interface NobleHash {
  create(): { update(chunk: Uint8Array): unknown; digest(): Uint8Array };
}

function wrap(hash: NobleHash): () => Hasher {
  return () => {
    const running = hash.create();
    return {
      update: (chunk) => void running.update(chunk),
      digest: () => new Uint8Array(running.digest()),
    };
  };
}

const PLATFORM: ReadonlySet<string> = new Set<DigestAlgorithm>([
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sm3',
]);
const OTHERS: ReadonlyMap<string, () => Hasher> = new Map([
  ['md5', wrap(md5)],
  ['ripemd160', wrap(ripemd160)],
  ['sha512_224', wrap(sha512_224)],
  ['sha512_256', wrap(sha512_256)],
  ['sha3_224', wrap(sha3_224)],
  ['sha3_256', wrap(sha3_256)],
  ['sha3_384', wrap(sha3_384)],
  ['sha3_512', wrap(sha3_512)],
  ['shake128', wrap(shake128_32)],
  ['shake256', wrap(shake256_64)],
  ['blake2b', wrap(blake2b)],
  ['blake2s', wrap(blake2s)],
]);
