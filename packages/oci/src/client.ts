/**
 * A client of the OCI distribution specification 1.1.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import {
  type BlobOptions,
  getBlob,
  hasBlob,
  mountBlob,
  openBlob,
  putBlob,
  uploadBlob,
  type UploadedBlob,
  type UploadOptions,
} from './blobs.js';
import { readBody } from './body.js';
import type { ByteSource } from './byte-source.js';
import type { Descriptor } from './descriptor.js';
import { OciError } from './errors.js';
import {
  deleteManifest,
  getManifest,
  type GetManifestOptions,
  putManifest,
  type PutManifestOptions,
  type RegistryManifest,
} from './manifests.js';
import { nextPage } from './next-page.js';
import { type ImageReference, isTag } from './reference.js';
import {
  attachReferrer,
  type AttachedReferrer,
  type AttachReferrerOptions,
  listReferrers,
  type ListReferrersOptions,
} from './referrers.js';
import {
  type CallOptions,
  createTransport,
  expectStatus,
  type RegistryClientOptions,
  type Transport,
} from './transport.js';
import { createTagLock, type NextOf, updateManifest, type UpdateManifestOptions } from './update-manifest.js';

/** What a registry is asked. Every rejection is an {@link OciError}, or the reason of the signal that cancelled the call. */
export interface RegistryClient {
  /**
   * Get a manifest by digest, else by tag.
   *
   * @param reference - what to get
   * @param options - cap and cancellation
   */
  getManifest(reference: ImageReference, options?: GetManifestOptions): Promise<RegistryManifest>;
  /**
   * Put a manifest under the tag of the reference, else under its own digest.
   *
   * @param reference - where to put it
   * @param bytes - the manifest
   * @param mediaType - its media type
   * @param options - conditions and cancellation
   * @returns its digest
   */
  putManifest(
    reference: ImageReference,
    bytes: Uint8Array,
    mediaType: string,
    options?: PutManifestOptions,
  ): Promise<string>;
  /**
   * Change what a tag stands for while others may do the same. Calls of one client wait for each other, other writers are held off by a
   * condition where the registry knows such conditions, and else noticed by reading again after a while.
   *
   * @param reference - the tag
   * @param nextOf - makes what comes next of what is there; it is called again whenever another writer won, and to see whether all is there
   * @param options - attempts, cancellation
   * @returns whether something was written
   */
  updateManifest(
    reference: ImageReference,
    nextOf: NextOf,
    options?: UpdateManifestOptions,
  ): Promise<boolean>;
  /**
   * Delete a manifest by digest, or a tag.
   *
   * @param reference - what to delete
   * @param options - cancellation
   */
  deleteManifest(reference: ImageReference, options?: CallOptions): Promise<void>;
  /**
   * The tags of a repository.
   *
   * @param reference - the repository
   * @param options - cancellation
   * @returns at most 100 000
   */
  listTags(reference: ImageReference, options?: CallOptions): Promise<readonly string[]>;
  /**
   * Get a blob, checked against its digest.
   *
   * @param reference - the repository
   * @param blobDigest - `sha256:<hex>`
   * @param options - cap and cancellation
   */
  getBlob(reference: ImageReference, blobDigest: string, options?: BlobOptions): Promise<Bytes>;
  /**
   * Get a blob as a stream. It fails instead of ending when the digest is another; the last part is held back until it is known.
   *
   * @param reference - the repository
   * @param blobDigest - `sha256:<hex>`
   * @param options - cap and cancellation
   */
  openBlob(
    reference: ImageReference,
    blobDigest: string,
    options?: BlobOptions,
  ): Promise<ReadableStream<Bytes>>;
  /**
   * Whether the repository has a blob.
   *
   * @param reference - the repository
   * @param blobDigest - `sha256:<hex>`
   * @param options - cancellation
   */
  hasBlob(reference: ImageReference, blobDigest: string, options?: CallOptions): Promise<boolean>;
  /**
   * Put a blob, unless the repository has it.
   *
   * @param reference - the repository
   * @param bytes - the blob
   * @param options - cancellation
   * @returns its digest
   */
  putBlob(reference: ImageReference, bytes: Uint8Array, options?: CallOptions): Promise<string>;
  /**
   * Put a blob from a stream, in requests of a bounded size; what fails for a moment is taken up again.
   *
   * @param reference - the repository
   * @param source - the blob
   * @param options - size of requests, caps, progress, cancellation
   */
  uploadBlob(reference: ImageReference, source: ByteSource, options?: UploadOptions): Promise<UploadedBlob>;
  /**
   * Take a blob over from another repository of the same registry.
   *
   * @param reference - the repository
   * @param blobDigest - `sha256:<hex>`
   * @param from - the other repository, without its registry
   * @param options - cancellation
   * @returns whether the registry did; if not, put the blob
   */
  mountBlob(
    reference: ImageReference,
    blobDigest: string,
    from: string,
    options?: CallOptions,
  ): Promise<boolean>;
  /**
   * List what is about an image: by the referrers API, else by the fallback index.
   *
   * @param reference - the repository
   * @param digest - of the image
   * @param options - type, caps, cancellation
   */
  listReferrers(
    reference: ImageReference,
    digest: string,
    options?: ListReferrersOptions,
  ): Promise<readonly Descriptor[]>;
  /**
   * Put a manifest that has a subject, and see to it that it is listed among its referrers. Its config and layers must be there.
   *
   * Where the registry has no referrers API, calls of one client wait for each other, and other writers are held off by a condition on the
   * index, where the registry knows such conditions, and else noticed by reading again.
   *
   * @param reference - the repository
   * @param bytes - the manifest
   * @param options - attempts, cancellation
   */
  attachReferrer(
    reference: ImageReference,
    bytes: Uint8Array,
    options?: AttachReferrerOptions,
  ): Promise<AttachedReferrer>;
}

/**
 * Make a client. Tokens are remembered for as long as the client lives.
 *
 * @param options - how to reach registries
 *
 * @example
 * ```ts
 * const client = createRegistryClient({ fetch, credentials: async () => ({ username: 'ada', password: 'secret' }) });
 * const image = parseReference('registry.example/team/app:v1');
 * const { bytes, digest } = await client.getManifest(image);
 * console.log(digest.length, parseManifest(bytes).layers.length); // 71 1
 * ```
 */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const transport = createTransport(options);
  const lock = createTagLock();
  return {
    getManifest: (reference, call) => getManifest(transport, reference, call),
    putManifest: async (reference, bytes, mediaType, call) =>
      (await putManifest(transport, reference, bytes, mediaType, call)).digest,
    updateManifest: (reference, nextOf, call) => updateManifest(transport, lock, reference, nextOf, call),
    deleteManifest: (reference, call) => deleteManifest(transport, reference, call),
    listTags: (reference, call) => listTags(transport, reference, call),
    getBlob: (reference, digest, call) => getBlob(transport, reference, digest, call),
    openBlob: (reference, digest, call) => openBlob(transport, reference, digest, call),
    hasBlob: (reference, digest, call = {}) => hasBlob(transport, reference, digest, 'pull', call),
    putBlob: (reference, bytes, call) => putBlob(transport, reference, bytes, call),
    uploadBlob: (reference, source, call) => uploadBlob(transport, reference, source, call),
    mountBlob: (reference, digest, from, call) => mountBlob(transport, reference, digest, from, call),
    listReferrers: (reference, digest, call) => listReferrers(transport, reference, digest, call),
    attachReferrer: (reference, bytes, call) => attachReferrer(transport, lock, reference, bytes, call),
  };
}

async function listTags(
  transport: Transport,
  reference: ImageReference,
  options: CallOptions = {},
): Promise<readonly string[]> {
  const tags: string[] = [];
  let target: string | URL | undefined = 'tags/list';
  for (let pages = 0; target !== undefined; pages += 1) {
    if (pages === MAX_PAGES) throw new OciError('ERR_OCI_SIZE', `the registry gives over ${MAX_PAGES} pages`);
    const response = await transport.send({ ...options, reference, actions: 'pull', target });
    await expectStatus(response, [200]);
    const page = readTags(await readBody(response, transport.limits(MAX_PAGE_BYTES, options.signal)));
    for (const tag of page) tags.push(tag);
    if (tags.length > MAX_TAGS)
      throw new OciError('ERR_OCI_SIZE', `the repository has over ${MAX_TAGS} tags`);
    target = nextPage(response, transport.urlOf({ ...options, reference }, 'tags/list'));
    if (page.length === 0) break;
  }
  return tags;
}

function readTags(bytes: Uint8Array): readonly string[] {
  try {
    const json = parseJson(bytes);
    const tags = isJsonObject(json) ? (json['tags'] ?? []) : undefined;
    if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && isTag(tag)))
      return tags as string[];
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
  }
  throw new OciError('ERR_OCI_REGISTRY', 'expected a list of tags');
}

const MAX_PAGE_BYTES = 16 << 20;
const MAX_TAGS = 100_000;
const MAX_PAGES = 1000;
