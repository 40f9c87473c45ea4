import { encodeHex, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { createDigest, digest, type DigestAlgorithm, type Hasher } from '@sealwright/crypto';
import { OciError } from './errors.js';

/** `sha256:<hex>` of some bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${encodeHex(digest('sha256', bytes))}`;
}

/** Assert that bytes are those of a digest. */
export function mustBe(bytes: Uint8Array, wanted: string): void {
  const check = contentCheck(wanted);
  check.update(bytes);
  check.end();
}

/** Checks bytes that come in parts against a digest. */
export function contentCheck(wanted: string): { update: Hasher['update']; end: () => void } {
  const { update, end } = createContentDigest(wanted);
  return {
    update,
    end: () => {
      const found = end();
      if (!equalBytes(encodeUtf8(found), encodeUtf8(wanted))) {
        throw new OciError('ERR_OCI_DIGEST', `expected ${wanted}, found ${found}`);
      }
    },
  };
}

/** The digest of bytes that come in parts, by the algorithm of another digest. */
export function createContentDigest(like: string): { update: Hasher['update']; end: () => string } {
  const algorithm = algorithmOf(like);
  const hash = createDigest(algorithm);
  return {
    update: (chunk) => hash.update(chunk),
    end: () => `${algorithm}:${encodeHex(hash.digest())}`,
  };
}

function algorithmOf(wanted: string): DigestAlgorithm {
  if (wanted.startsWith('sha512:')) return 'sha512';
  return wanted.startsWith('sha384:') ? 'sha384' : 'sha256';
}
