import { createHash } from 'node:crypto';
import type { ImageReference, RegistryClient } from '../../packages/oci/src/index.js';

/** An image by tag and digest. */
export type PushedImage = ImageReference & { readonly tag: string; readonly digest: string };

/** Push an image of one layer. */
export async function pushImage(
  registry: RegistryClient,
  reference: ImageReference,
  tag: string,
  text: string,
): Promise<PushedImage> {
  const layer = new TextEncoder().encode(text);
  const config = encode({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
  });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  for (const blob of [layer, config]) await registry.putBlob(reference, blob);
  const { registry: host, repository } = reference;
  const digest = await registry.putManifest({ registry: host, repository, tag }, manifest, OCI_MANIFEST);
  return { registry: host, repository, tag, digest };
}

function descriptor(mediaType: string, bytes: Uint8Array): object {
  return { mediaType, size: bytes.byteLength, digest: sha256(bytes) };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
