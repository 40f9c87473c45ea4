import type { Bytes } from '@sealwright/bytes';
import {
  type Descriptor,
  encodeIndex,
  encodeManifest,
  type ImageIndex,
  type ImageManifest,
  type ImageReference,
  isIndex,
  OciError,
  parseIndex,
  parseManifest,
  type RegistryClient,
} from '@sealwright/oci';
import { about } from './failure.js';

/** A layer as it is to be, and what the manifest will say of it. */
export interface NewLayer {
  readonly stream: ReadableStream<Bytes>;
  /** Known when the stream was read to its end. */
  descriptor(): Promise<Descriptor>;
}

/** Makes a new layer of one; `undefined` leaves it as it is. */
export type LayerChange = (
  layer: Descriptor,
  place: { readonly index: number; readonly count: number },
  open: () => Promise<ReadableStream<Bytes>>,
) => Promise<NewLayer | undefined>;

/** An image that was written. */
export interface RewrittenImage {
  readonly digest: string;
  /** How many layers were changed. */
  readonly changed: number;
}

/**
 * Copy an image, its layers changed on the way; of an index, all images of it.
 *
 * @param registry - where both are
 * @param source - what is copied
 * @param target - where it goes
 * @param change - of each layer
 * @returns `undefined` where no layer was to be changed: then nothing has the name of the target
 */
export async function rewriteImage(
  registry: RegistryClient,
  source: ImageReference,
  target: ImageReference,
  change: LayerChange,
): Promise<RewrittenImage | undefined> {
  const { bytes, mediaType, changed } = await rewritten(registry, source, target, change);
  if (changed === 0) return undefined;
  return { digest: await registry.putManifest(target, bytes, mediaType), changed };
}

interface Rewritten {
  readonly bytes: Bytes;
  readonly mediaType: string;
  readonly changed: number;
}

async function rewritten(
  registry: RegistryClient,
  source: ImageReference,
  target: ImageReference,
  change: LayerChange,
): Promise<Rewritten> {
  const { bytes } = await registry.getManifest(source);
  return isIndex(bytes)
    ? rewrittenIndex(registry, source, target, parseIndex(bytes), change)
    : rewrittenManifest(registry, source, target, parseManifest(bytes), change);
}

async function rewrittenIndex(
  registry: RegistryClient,
  { registry: host, repository }: ImageReference,
  target: ImageReference,
  index: ImageIndex,
  change: LayerChange,
): Promise<Rewritten> {
  const manifests: Descriptor[] = [];
  let changed = 0;
  const place = { registry: target.registry, repository: target.repository };
  for (const { data: _, ...each } of index.manifests) {
    const source = { registry: host, repository, digest: each.digest };
    const made = await rewritten(registry, source, place, change);
    const digest = await registry.putManifest(place, made.bytes, made.mediaType);
    manifests.push({ ...each, digest, size: made.bytes.byteLength });
    changed += made.changed;
  }
  return { bytes: encodeIndex({ ...index, manifests }), mediaType: index.mediaType, changed };
}

async function rewrittenManifest(
  registry: RegistryClient,
  source: ImageReference,
  target: ImageReference,
  manifest: ImageManifest,
  change: LayerChange,
): Promise<Rewritten> {
  await copyBlob(registry, source, target, manifest.config);
  const layers: Descriptor[] = [];
  let changed = 0;
  for (const [index, layer] of manifest.layers.entries()) {
    const place = { index, count: manifest.layers.length };
    const made = await about(`layer ${index} of ${source.repository}`, () =>
      newLayer(registry, source, target, layer, place, change),
    );
    layers.push(made ?? layer);
    if (made === undefined) await copyBlob(registry, source, target, layer);
    else changed += 1;
  }
  return { bytes: encodeManifest({ ...manifest, layers }), mediaType: manifest.mediaType, changed };
}

async function newLayer(
  registry: RegistryClient,
  source: ImageReference,
  target: ImageReference,
  layer: Descriptor,
  place: { readonly index: number; readonly count: number },
  change: LayerChange,
): Promise<Descriptor | undefined> {
  const made = await change(layer, place, () => registry.openBlob(source, layer.digest));
  if (made === undefined) return undefined;
  const written = await registry.uploadBlob(target, made.stream);
  const descriptor = await made.descriptor();
  if (descriptor.digest === written.digest && descriptor.size === written.size) return descriptor;
  throw new OciError('ERR_OCI_DIGEST', `expected ${descriptor.digest}, found ${written.digest}`);
}

async function copyBlob(
  registry: RegistryClient,
  source: ImageReference,
  target: ImageReference,
  { digest }: Descriptor,
): Promise<void> {
  if (await registry.hasBlob(target, digest)) return;
  const isNear = source.registry === target.registry;
  if (isNear && (await registry.mountBlob(target, digest, source.repository))) return;
  await registry.uploadBlob(target, await registry.openBlob(source, digest));
}
