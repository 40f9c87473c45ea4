import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { Registry } from './registry.js';

/** An image that was put into a registry. */
export interface TestImage {
  /** Name of the repository, without the registry. */
  readonly repository: string;
  /** `sha256:` and 64 digits. */
  readonly digest: string;
}

/**
 * Put a small image into a registry.
 *
 * @param registry - where
 * @param repository - name of the repository, without the registry
 * @param options - `tag` (default `latest`) and the text of its only layer, which makes its digest
 */
export function pushTestImage(
  registry: Registry,
  repository: string,
  options: { readonly tag?: string; readonly content?: string } = {},
): TestImage {
  const held = registry.repository(repository);
  const put = (text: string, mediaType: string): { mediaType: string; digest: string; size: number } => {
    const bytes = encodeUtf8(text);
    held.blobs.set(nameOf(bytes), bytes);
    return { mediaType, digest: nameOf(bytes), size: bytes.length };
  };
  const layer = put(options.content ?? 'one layer', 'application/vnd.oci.image.layer.v1.tar');
  const config = put(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'application/vnd.oci.image.config.v1+json',
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = encodeUtf8(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  held.manifests.set(nameOf(bytes), { bytes, mediaType });
  held.tags.set(options.tag ?? 'latest', nameOf(bytes));
  return { repository, digest: nameOf(bytes) };
}

function nameOf(bytes: Uint8Array): string {
  return `sha256:${encodeHex(digest('sha256', bytes))}`;
}
