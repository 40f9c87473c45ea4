import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest as digestOf } from '@sealwright/crypto';
import {
  type Descriptor,
  encodeManifest,
  type ImageReference,
  OCI_CONFIG,
  OCI_MANIFEST,
  type RegistryClient,
} from '@sealwright/oci';

/** What is pushed as the only layer of an image. */
export interface Document {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Default that of images. */
  readonly configType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Push a document as an image, with the configuration that cosign gives it.
 *
 * @param registry - where it goes
 * @param place - the repository, with a tag if it is to have one
 * @param document - what is pushed
 * @returns the manifest
 */
export async function pushDocument(
  registry: RegistryClient,
  place: ImageReference,
  { bytes, mediaType, configType = OCI_CONFIG, annotations }: Document,
): Promise<Descriptor> {
  const layer: Descriptor = { mediaType, size: bytes.byteLength, digest: sha256(bytes) };
  const epoch = '0001-01-01T00:00:00Z';
  const config = encodeUtf8(
    JSON.stringify({
      architecture: '',
      created: epoch,
      history: [{ created: epoch }],
      os: '',
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      config: {},
    }),
  );
  const manifest = encodeManifest({
    mediaType: OCI_MANIFEST,
    config: { mediaType: configType, size: config.byteLength, digest: sha256(config) },
    layers: [layer],
    ...(annotations === undefined ? {} : { annotations }),
  });
  const digest = sha256(manifest);
  await registry.putBlob(place, bytes);
  await registry.putBlob(place, config);
  await registry.putManifest(place.tag === undefined ? { ...place, digest } : place, manifest, OCI_MANIFEST);
  return { mediaType: OCI_MANIFEST, size: manifest.byteLength, digest };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${encodeHex(digestOf('sha256', bytes))}`;
}
