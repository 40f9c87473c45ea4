import type { ImageReference, NextManifest } from '@sealwright/oci';
import { CosignError } from './errors.js';
import { readTag, type SignatureRegistry, tagged } from './registry.js';
import {
  appendLayers,
  layerKey,
  type LayerWithBlob,
  parseSignatureManifest,
  type SignatureLayer,
  type SignatureManifest,
} from './tag-layout.js';

/** How a layer gets under a tag. */
export interface AttachOptions {
  /** Which of the old layers stay. Default all. */
  readonly keep?: (layer: SignatureLayer) => boolean;
  /** Whether one of the old layers already says what the new one would; nothing is written then. Default an equal layer only. */
  readonly duplicate?: (existing: SignatureManifest) => Promise<boolean>;
  /** How often to start again when another writer won. Default as the registry client has it, else 5. */
  readonly attempts?: number;
}

/**
 * Add a layer to the manifest under a tag: read, append, write, and read again, because registries have no lock and the writer
 * that comes second takes the first one's signature away. Layers of others that went missing meanwhile are put back.
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
  const keep = options.keep ?? (() => true);
  const seen = new Map<string, SignatureLayer>();
  let isPushed = false;
  const nextOf = async (bytes: Uint8Array | undefined): Promise<NextManifest | undefined> => {
    const existing = bytes === undefined ? undefined : parseSignatureManifest(bytes);
    const old = existing?.layers ?? [];
    for (const layer of old) if (keep(layer)) seen.set(layerKey(layer), layer);
    if (existing !== undefined && !isPushed && (await options.duplicate?.(existing)) === true)
      return undefined;
    const wanted = new Map([...seen, [layerKey(added.layer), added.layer]]);
    const next = appendLayers(existing, [...wanted.values()], keep);
    if (next === undefined) return undefined;
    if (!isPushed) await registry.putBlob(place, added.blob);
    isPushed = true;
    return { bytes: next.manifest, mediaType: next.mediaType, blobs: [next.config] };
  };
  const { updateManifest } = registry;
  if (updateManifest === undefined) return attachByReading(registry, place, tag, nextOf, options.attempts);
  const { attempts } = options;
  return updateManifest(
    tagged(place, tag),
    async (current) => nextOf(current?.bytes),
    attempts === undefined ? {} : { attempts },
  );
}

/** For registries that are asked for no more than reading and writing. */
async function attachByReading(
  registry: SignatureRegistry,
  place: ImageReference,
  tag: string,
  nextOf: (bytes: Uint8Array | undefined) => Promise<NextManifest | undefined>,
  attempts = 5,
): Promise<boolean> {
  for (let attempt = 0; attempt <= attempts; attempt += 1) {
    const next = await nextOf(await readTag(registry, place, tag));
    if (next === undefined) return attempt > 0;
    if (attempt === attempts) break;
    for (const blob of next.blobs ?? []) await registry.putBlob(place, blob);
    await registry.putManifest(tagged(place, tag), next.bytes, next.mediaType);
  }
  throw new CosignError('ERR_COSIGN_CONFLICT', `another writer won ${attempts} times in a row`);
}
