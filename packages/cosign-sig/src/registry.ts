/**
 * What signing and verifying need of a registry, and no more: `RegistryClient` of `@sealwright/oci` fills it.
 *
 * @module
 */
import { CosignError } from './errors.js';
import { sha256Of } from './image-digest.js';
import type { SignatureLayer } from './tag-layout.js';

/** Where an image is. `parseReference` of `@sealwright/oci` makes one. */
export interface ImageReference {
  /** Host and port of the registry. */
  readonly registry: string;
  /** Path of the repository, such as `team/app`. */
  readonly repository: string;
  /** The tag, where the reference has one. */
  readonly tag?: string | undefined;
  /** `sha256:<hex>`; stronger than the tag where there are both. */
  readonly digest?: string | undefined;
}

/** A manifest as a registry gives it. */
export interface RegistryManifest {
  /** The manifest exactly as received. */
  readonly bytes: Uint8Array;
  /** Its media type. */
  readonly mediaType: string;
  /** `sha256:<hex>` of the bytes. */
  readonly digest: string;
}

/** The registry operations that this package calls. */
export interface SignatureRegistry {
  /**
   * Get a manifest by digest, else by tag.
   *
   * @param reference - what to get
   * @returns the manifest; rejects with an error whose `status` is 404 where there is none
   */
  getManifest(reference: ImageReference): Promise<RegistryManifest>;
  /**
   * Put a manifest under the tag of the reference.
   *
   * @param reference - where to put it
   * @param bytes - the manifest
   * @param mediaType - its media type
   */
  putManifest(reference: ImageReference, bytes: Uint8Array, mediaType: string): Promise<unknown>;
  /**
   * Get a blob.
   *
   * @param reference - the repository
   * @param digest - `sha256:<hex>`
   * @param options - cap on the blob
   */
  getBlob(
    reference: ImageReference,
    digest: string,
    options?: { readonly maxBytes?: number },
  ): Promise<Uint8Array>;
  /**
   * Put a blob.
   *
   * @param reference - the repository
   * @param bytes - the blob
   */
  putBlob(reference: ImageReference, bytes: Uint8Array): Promise<unknown>;
}

/** `registry/repository`, without tag and digest. */
export function repositoryName(image: ImageReference): string {
  return `${image.registry}/${image.repository}`;
}

/** The digest of an image; a tag is resolved here, once, and the bytes decide what it stands for. */
export async function resolveImage(registry: SignatureRegistry, image: ImageReference): Promise<string> {
  if (image.digest !== undefined) return image.digest;
  const manifest = await found(registry.getManifest(image));
  if (manifest === undefined) throw new CosignError('ERR_COSIGN_NO_IMAGE', 'there is no such image');
  return sha256Of(manifest.bytes);
}

/** The manifest under a tag of the same repository; `undefined` where there is none. */
export async function readTag(
  registry: SignatureRegistry,
  place: ImageReference,
  tag: string,
): Promise<Uint8Array | undefined> {
  return (await found(registry.getManifest(tagged(place, tag))))?.bytes;
}

/** A reference to another tag of the same repository. */
export function tagged(place: ImageReference, tag: string): ImageReference {
  return { registry: place.registry, repository: place.repository, tag };
}

/** The blob of a layer, not longer than it says and than the cap. Its digest is the caller's to check. */
export async function readBlob(
  registry: SignatureRegistry,
  place: ImageReference,
  layer: SignatureLayer,
  maxBytes: number,
): Promise<Uint8Array> {
  if (layer.size > maxBytes) {
    throw new CosignError('ERR_COSIGN_LIMIT', `the layer has ${layer.size} bytes, more than ${maxBytes}`);
  }
  const blob = await found(registry.getBlob(place, layer.digest, { maxBytes }));
  if (blob === undefined)
    throw new CosignError('ERR_COSIGN_NO_SIGNATURE', 'the blob of the layer is missing');
  return blob;
}

async function found<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 404) return undefined;
    throw error;
  }
}
