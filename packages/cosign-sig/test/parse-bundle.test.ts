import { encodeBase64 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { parseBundle } from '../src/index.js';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A bundle with a message signature, and what differs in it. */
function bundle(messageDigest: unknown, material: object = { publicKey: { hint: '' } }): string {
  const messageSignature = { messageDigest, signature: 'AA==' };
  return JSON.stringify({ mediaType: MEDIA_TYPE, verificationMaterial: material, messageSignature });
}

describe('the digest in a bundle', () => {
  const digest = encodeBase64(new Uint8Array(32));

  it.each([
    undefined,
    null,
    { algorithm: 'SHA2_256', digest },
    { algorithm: 3, digest },
    { algorithm: 'SHA3_256', digest },
  ])('may be %j', (value) => {
    expect(parseBundle(bundle(value)).content.kind).toBe('message');
  });

  it.each([
    [{}, 'algorithm'],
    [{ digest }, 'algorithm'],
    [{ algorithm: 'SHA1', digest }, 'algorithm'],
    [{ algorithm: 0, digest }, 'algorithm'],
    [{ algorithm: 6, digest }, 'algorithm'],
    [{ algorithm: 'SHA2_256' }, 'digest'],
    [{ algorithm: 'SHA2_256', digest: '' }, 'digest'],
  ])('may not be %j', (value, member) => {
    expect(() => parseBundle(bundle(value))).toThrow(
      expect.objectContaining({
        code: 'ERR_COSIGN_BUNDLE',
        pointer: `/messageSignature/messageDigest/${member}`,
      }),
    );
  });
});
