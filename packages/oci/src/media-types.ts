/**
 * Media types of manifests and layers.
 *
 * @module
 */
import { OciError } from './errors.js';

/** An OCI image manifest. */
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
/** An OCI image index: one manifest for each platform, or a list of referrers. */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
/** A Docker image manifest, schema 2. */
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
/** A Docker manifest list. */
export const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** The configuration of an OCI image. */
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
/** The content `{}`, for what has to be named and says nothing. */
export const OCI_EMPTY = 'application/vnd.oci.empty.v1+json';

/** How the tar archive of a layer is compressed. */
export type LayerCompression = 'none' | 'gzip' | 'zstd';

/** What the media type of a layer says. */
export interface LayerMediaType {
  /** As given. */
  readonly mediaType: string;
  /** Whether the blob is encrypted as ocicrypt does. */
  readonly encrypted: boolean;
  /** What is left when the encryption is taken off; `undefined` where there is none. */
  readonly decrypted: string | undefined;
  /** How the archive is compressed, below the encryption. */
  readonly compression: LayerCompression;
  /** Whether the layer may be given to others; `nondistributable` and `foreign` layers may not. */
  readonly distributable: boolean;
}

/**
 * Read the media type of a layer: OCI and Docker, plain, gzip or zstd, encrypted or not. Letters are compared as they are.
 *
 * @param mediaType - from a descriptor
 * @throws {@link OciError} `ERR_OCI_MEDIA_TYPE`.
 */
export function parseLayerMediaType(mediaType: string): LayerMediaType {
  const encrypted = mediaType.endsWith(ENCRYPTED);
  const plain = encrypted ? mediaType.slice(0, -ENCRYPTED.length) : mediaType;
  const known = LAYERS.get(plain);
  if (known === undefined) {
    throw new OciError('ERR_OCI_MEDIA_TYPE', 'expected the media type of a layer that can be unpacked');
  }
  return { mediaType, encrypted, decrypted: encrypted ? plain : undefined, ...known };
}

/**
 * The media type that a layer has once it is encrypted.
 *
 * @param mediaType - of a layer that is not encrypted
 * @throws {@link OciError} `ERR_OCI_MEDIA_TYPE`.
 */
export function encryptedMediaType(mediaType: string): string {
  if (parseLayerMediaType(mediaType).encrypted) {
    throw new OciError('ERR_OCI_MEDIA_TYPE', 'the layer is encrypted already');
  }
  return mediaType + ENCRYPTED;
}

const ENCRYPTED = '+encrypted';
const COMPRESSIONS: readonly LayerCompression[] = ['none', 'gzip', 'zstd'];
/** Base, what stands before the compression, and whether the layer may be distributed. */
const BASES: readonly (readonly [base: string, joint: string, distributable: boolean])[] = [
  ['application/vnd.oci.image.layer.v1.tar', '+', true],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar', '+', false],
  ['application/vnd.docker.image.rootfs.diff.tar', '.', true],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar', '.', false],
];
const LAYERS: ReadonlyMap<string, Pick<LayerMediaType, 'compression' | 'distributable'>> = new Map(
  BASES.flatMap(([base, joint, distributable]) =>
    COMPRESSIONS.map((compression): [string, Pick<LayerMediaType, 'compression' | 'distributable'>] => [
      compression === 'none' ? base : base + joint + compression,
      { compression, distributable },
    ]),
  ),
);
