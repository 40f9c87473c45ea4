import { describe, expect, it } from 'vitest';
import { encryptedMediaType, parseLayerMediaType } from '../src/index.js';

describe('parseLayerMediaType', () => {
  it.each([
    ['application/vnd.oci.image.layer.v1.tar', undefined, 'none', true],
    [
      'application/vnd.oci.image.layer.v1.tar+zstd+encrypted',
      'application/vnd.oci.image.layer.v1.tar+zstd',
      'zstd',
      true,
    ],
    ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', undefined, 'gzip', false],
    [
      'application/vnd.docker.image.rootfs.diff.tar.gzip+encrypted',
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
      'gzip',
      true,
    ],
    ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', undefined, 'gzip', false],
  ])('reads %s', (mediaType, decrypted, compression, distributable) => {
    const encrypted = decrypted !== undefined;
    expect(parseLayerMediaType(mediaType)).toEqual({
      mediaType,
      encrypted,
      decrypted,
      compression,
      distributable,
    });
    if (decrypted !== undefined) expect(encryptedMediaType(decrypted)).toBe(mediaType);
  });

  it.each([
    '',
    '+encrypted',
    'application/vnd.oci.image.layer.v1.tar+encrypted+gzip',
    'application/vnd.oci.image.layer.v1.tar+encrypted+encrypted',
    'application/vnd.oci.image.layer.v1.tar.gzip',
    'application/vnd.docker.image.rootfs.diff.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+gzip+Encrypted',
    'APPLICATION/vnd.oci.image.layer.v1.tar',
    'application/vnd.oci.image.config.v1+json',
  ])('refuses %j', (mediaType) => {
    const refusal = expect.objectContaining({ code: 'ERR_OCI_MEDIA_TYPE' });
    expect(() => parseLayerMediaType(mediaType)).toThrow(refusal);
    expect(() => encryptedMediaType(mediaType)).toThrow(refusal);
  });

  it('does not encrypt twice', () => {
    const once = encryptedMediaType('application/vnd.oci.image.layer.v1.tar');
    expect(() => encryptedMediaType(once)).toThrow(expect.objectContaining({ code: 'ERR_OCI_MEDIA_TYPE' }));
  });
});
