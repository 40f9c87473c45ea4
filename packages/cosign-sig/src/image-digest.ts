import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { CosignError } from './errors.js';

/**
 * The hexadecimal part of `sha256:<hex>`.
 *
 * @param text - a digest
 * @throws {@link CosignError} `ERR_COSIGN_DIGEST`.
 */
export function sha256Hex(text: string): string {
  if (isSha256Digest(text)) return text.slice(7);
  throw new CosignError('ERR_COSIGN_DIGEST', 'expected sha256: and 64 lower case hexadecimal digits');
}

/** Whether a text is `sha256:` and 64 lower case digits. */
export function isSha256Digest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** Whether a text is a digest by one of the hashes that OCI registers (image-spec descriptor.md): SHA-256, SHA-384 or SHA-512. */
export function isDigest(text: string): boolean {
  return /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/.test(text);
}

/** `sha256:<hex>` of some bytes. */
export function sha256Of(bytes: Uint8Array): string {
  return `sha256:${encodeHex(digest('sha256', bytes))}`;
}
