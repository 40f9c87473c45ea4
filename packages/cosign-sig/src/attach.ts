import type { Bytes } from '@sealwright/bytes';
import type { ImageReference } from '@sealwright/oci';
import { CosignError } from './errors.js';
import { readTag, type SignatureRegistry, tagged } from './registry.js';
import {
  appendLayer,
  type LayerWithBlob,
  parseSignatureManifest,
  sameLayer,
  type SignatureLayer,
  type SignatureManifest,
} from './tag-layout.js';

/** How a layer gets under a tag. */
export interface AttachOptions {
  /** Which of the old layers stay. Default all. */
  readonly keep?: (layer: SignatureLayer) => boolean;
  /** Whether one of the old layers already says what the new one would; nothing is written then. Default an equal layer only. */
  readonly duplicate?: (existing: SignatureManifest) => Promise<boolean>;
  /** How often to start again when another writer won. Default 5. */
  readonly attempts?: number;
}

/**
 * Add a layer to the manifest under a tag: read, append, write, and read again, because registries have no lock and the writer
 * that comes second takes the first one's signature away.
 *
 * @param registry - where to write
 * @param place - the repository
 * @param tag - the tag
 * @param added - layer and blob
 * @param options - what to keep, how often to try
 * @returns whether something was written
 * @throws {@link CosignError} `ERR_COSIGN_CONFLICT`, `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 */
export async function attachLayer(
  registry: SignatureRegistry,
  place: ImageReference,
  tag: string,
  added: LayerWithBlob,
  options: AttachOptions = {},
): Promise<boolean> {
  const attempts = options.attempts ?? 5;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const bytes = await readTag(registry, place, tag);
    const existing = bytes === undefined ? undefined : parseSignatureManifest(bytes);
    if (existing !== undefined && (await options.duplicate?.(existing)) === true) return attempt > 0;
    const next = appendLayer(existing, added.layer, options.keep);
    if (next === undefined) return attempt > 0;
    await pushAll(registry, place, [added.blob, next.config]);
    await registry.putManifest(tagged(place, tag), next.manifest, next.mediaType);
    const after = await readTag(registry, place, tag);
    if (
      after !== undefined &&
      parseSignatureManifest(after).layers.some((layer) => sameLayer(layer, added.layer))
    ) {
      return true;
    }
  }
  throw new CosignError('ERR_COSIGN_CONFLICT', `another writer won ${attempts} times in a row`);
}

async function pushAll(
  registry: SignatureRegistry,
  place: ImageReference,
  blobs: readonly Bytes[],
): Promise<void> {
  for (const blob of blobs) await registry.putBlob(place, blob);
}
