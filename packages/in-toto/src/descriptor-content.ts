import { type Bytes, BytesError, decodeBase64, decodeBase64url, encodeHex } from '@sealwright/bytes';
import { digest, type DigestAlgorithm } from '@sealwright/crypto';
import type { ResourceDescriptor } from './descriptor.js';
import type { Report } from './report.js';

/**
 * Decode the content of a descriptor: either alphabet of base64, with or without padding.
 *
 * @param descriptor - as parsed
 * @returns `undefined` when it has none, or none that decodes
 */
export function descriptorContent(descriptor: ResourceDescriptor): Bytes | undefined {
  const { content } = descriptor;
  if (content === undefined) return undefined;
  try {
    const decode = content.includes('-') || content.includes('_') ? decodeBase64url : decodeBase64;
    return decode(content, { padding: 'optional' });
  } catch (error) {
    if (error instanceof BytesError) return undefined;
    throw error;
  }
}

/** Check the content of a descriptor against base64, its customary size, and the digest beside it. */
export function checkContent(descriptor: ResourceDescriptor, pointer: string, report: Report): void {
  if (descriptor.content === undefined) return;
  const content = descriptorContent(descriptor);
  if (content === undefined) {
    report.error('INTOTO_BAD_BASE64', pointer, 'content is base64');
    return;
  }
  if (content.byteLength > CUSTOMARY)
    report.warn('INTOTO_CONTENT_LARGE', pointer, `content is customarily at most ${CUSTOMARY} bytes`);
  const { digest: digests = {} } = descriptor;
  const differs = ALGORITHMS.some(
    (name) =>
      Object.hasOwn(digests, name) && digests[name]?.toLowerCase() !== encodeHex(digest(name, content)),
  );
  if (differs)
    report.warn(
      'INTOTO_CONTENT_DIGEST_MISMATCH',
      pointer,
      'content has another digest than the one beside it',
    );
}

const CUSTOMARY = 1024;
const ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha384', 'sha512', 'sha224', 'sha1', 'sm3'];
