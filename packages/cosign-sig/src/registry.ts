/**
 * What signing and verifying need of a registry, and no more: `RegistryClient` of `@sealwright/oci` fills it.
 *
 * @module
 */
import {
  formatReference,
  type ImageReference,
  OciError,
  type OciErrorCode,
  type RegistryClient,
} from '@sealwright/oci';
import { CosignError, type CosignErrorCode } from './errors.js';
import { sha256Of } from './image-digest.js';
import type { SignatureLayer } from './tag-layout.js';

/**
 * The registry operations that this package calls. Rejections are `OciError`s, as the client's are. Without `updateManifest`, writers of
 * one tag are held off by reading again at once and no more.
 */
export type SignatureRegistry = Pick<RegistryClient, 'getManifest' | 'putManifest' | 'getBlob' | 'putBlob'> &
  Partial<Pick<RegistryClient, 'updateManifest'>>;

/** `registry/repository`, without tag and digest. */
export function repositoryName(image: ImageReference): string {
  return `${image.registry}/${image.repository}`;
}

/** The digest of an image; a tag is resolved here, once, and the bytes decide what it stands for. */
export async function resolveImage(registry: SignatureRegistry, image: ImageReference): Promise<string> {
  if (image.digest !== undefined) return image.digest;
  const manifest = await found(registry.getManifest(image));
  if (manifest === undefined)
    throw new CosignError('ERR_COSIGN_NO_IMAGE', `there is no image ${formatReference(image)}`);
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
  return had('the blob of the layer', registry.getBlob(place, layer.digest, { maxBytes }));
}

/** A manifest by its digest. Its digest is the caller's to check. */
export async function readManifest(
  registry: SignatureRegistry,
  { registry: host, repository }: ImageReference,
  digest: string,
): Promise<Uint8Array> {
  return (await had('the manifest', registry.getManifest({ registry: host, repository, digest }))).bytes;
}

/** What is wrong with one answer must not hide the others; a registry that does not answer is another matter. */
async function had<T>(what: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (cause) {
    const code = cause instanceof OciError ? FAULTS.get(cause.code) : undefined;
    if (code === undefined || !(cause instanceof OciError)) throw cause;
    throw new CosignError(code, `${what} cannot be had: ${cause.message}`, { cause });
  }
}

/** What was asked for; `undefined` where the registry does not have it. */
export async function found<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof OciError && error.code === 'ERR_OCI_NOT_FOUND') return undefined;
    throw error;
  }
}

const FAULTS: ReadonlyMap<OciErrorCode, CosignErrorCode> = new Map([
  ['ERR_OCI_NOT_FOUND', 'ERR_COSIGN_NO_SIGNATURE'],
  ['ERR_OCI_DIGEST', 'ERR_COSIGN_DIGEST'],
  ['ERR_OCI_SIZE', 'ERR_COSIGN_LIMIT'],
]);
