/**
 * Referrers: what is about an image and kept beside it (OCI distribution specification 1.1).
 *
 * @module
 */
import { readBody } from './body.js';
import { mustBe, sha256 } from './content.js';
import type { Descriptor } from './descriptor.js';
import { OciError } from './errors.js';
import {
  encodeIndex,
  type ImageIndex,
  type ImageManifest,
  isIndex,
  parseIndex,
  parseManifest,
} from './manifest.js';
import { findManifest, getManifest, putManifest } from './manifests.js';
import { OCI_EMPTY, OCI_INDEX } from './media-types.js';
import { nextPage } from './next-page.js';
import { type ImageReference, isDigest } from './reference.js';
import { type CallOptions, expectStatus, type Transport } from './transport.js';
import { type NextOf, type TagLock, updateManifest } from './update-manifest.js';

/** How to list referrers. */
export interface ListReferrersOptions extends CallOptions {
  /**
   * Only artifacts of this type. Descriptors of fallback indexes are wrong about it at times, so that where they may be, the manifest itself
   * is asked. Default all.
   */
  readonly artifactType?: string;
  /** How many referrers are taken at most. Default 1000. */
  readonly maxReferrers?: number;
}

/** How to attach a referrer. */
export interface AttachReferrerOptions extends CallOptions {
  /** How often to start again when another writer of the fallback index won. Default 64. */
  readonly attempts?: number;
}

/** A referrer that is in place. */
export interface AttachedReferrer {
  /** What the index says about it. */
  readonly descriptor: Descriptor;
  /** Whether the registry lists it by itself, or the fallback index had to be written. */
  readonly indexedBy: 'registry' | 'fallback tag';
}

/**
 * The tag of the fallback index of an image, for registries without the referrers API.
 *
 * @param digest - of the image
 * @throws {@link OciError} `ERR_OCI_REFERENCE`.
 */
export function referrersTag(digest: string): string {
  if (!isDigest(digest)) throw new OciError('ERR_OCI_REFERENCE', 'expected a digest');
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

/** List what is about an image. */
export async function listReferrers(
  transport: Transport,
  reference: ImageReference,
  digest: string,
  options: ListReferrersOptions = {},
): Promise<readonly Descriptor[]> {
  const { artifactType, maxReferrers = 1000 } = options;
  const { registry, repository } = reference;
  const tagged = { registry, repository, tag: referrersTag(digest) };
  const listed = await fromApi(transport, reference, digest, options, maxReferrers);
  const fallback = listed === undefined ? await findManifest(transport, tagged, options) : undefined;
  // cosign 2 copies images under this tag, too
  const isListed = fallback !== undefined && isIndex(fallback.bytes);
  const found = listed ?? (isListed ? parseIndex(fallback.bytes).manifests : []);
  if (found.length > maxReferrers)
    throw new OciError('ERR_OCI_SIZE', `there are over ${maxReferrers} referrers`);
  if (artifactType === undefined) return found;
  const fitting: Descriptor[] = [];
  for (const each of found) {
    if (each.artifactType === artifactType) fitting.push(each);
    else if (UNTOLD.has(each.artifactType)) {
      const actual = await typeOf(transport, reference, each, options);
      if (actual === artifactType) fitting.push({ ...each, artifactType });
    }
  }
  return fitting;
}

/**
 * Put a manifest that has a subject, and see to it that it will be listed.
 *
 * Where the registry has no referrers API, the index under the fallback tag is read, added to, and written with the condition that it is
 * still the one that was read. Because registries may not know the condition, it is read again after a pause in which others finish, and
 * written again where another writer won.
 */
export async function attachReferrer(
  transport: Transport,
  lock: TagLock,
  reference: ImageReference,
  bytes: Uint8Array,
  options: AttachReferrerOptions = {},
): Promise<AttachedReferrer> {
  const artifact = isIndex(bytes) ? parseIndex(bytes) : parseManifest(bytes);
  const { subject } = artifact;
  if (subject === undefined)
    throw new OciError('ERR_OCI_MANIFEST', 'a referrer has a subject', { pointer: '/subject' });
  const digest = sha256(bytes);
  const place = { registry: reference.registry, repository: reference.repository };
  const put = await putManifest(transport, { ...place, digest }, bytes, artifact.mediaType, options);
  const descriptor = descriptorOf(artifact, digest, bytes.byteLength);
  if (put.subject === subject.digest) return { descriptor, indexedBy: 'registry' };
  const tagged = { ...place, tag: referrersTag(subject.digest) };
  await addToFallback(transport, lock, tagged, descriptor, options);
  return { descriptor, indexedBy: 'fallback tag' };
}

/** Add what is missing of what was ever seen in the index: others' entries that a third writer took away are put back too. */
async function addToFallback(
  transport: Transport,
  lock: TagLock,
  tagged: ImageReference,
  descriptor: Descriptor,
  options: AttachReferrerOptions,
): Promise<void> {
  const seen = new Map([[descriptor.digest, descriptor]]);
  const nextOf: NextOf = async (current) => {
    const index = current === undefined ? { mediaType: OCI_INDEX, manifests: [] } : parseIndex(current.bytes);
    for (const each of index.manifests) seen.set(each.digest, each);
    const added = missing(index, seen);
    if (added.length === 0) return undefined;
    const bytes = encodeIndex({ ...index, manifests: [...index.manifests, ...added] });
    return { bytes, mediaType: OCI_INDEX };
  };
  await updateManifest(transport, lock, tagged, nextOf, options);
}

function missing(index: ImageIndex, seen: ReadonlyMap<string, Descriptor>): readonly Descriptor[] {
  const there = new Set(index.manifests.map(({ digest }) => digest));
  return [...seen.values()].filter(({ digest }) => !there.has(digest));
}

async function fromApi(
  transport: Transport,
  reference: ImageReference,
  digest: string,
  options: ListReferrersOptions,
  maxReferrers: number,
): Promise<readonly Descriptor[] | undefined> {
  const query =
    options.artifactType === undefined
      ? ''
      : `?${new URLSearchParams({ artifactType: options.artifactType })}`;
  let target: string | URL | undefined = `referrers/${digest}${query}`;
  const found: Descriptor[] = [];
  for (let page = 0; target !== undefined && found.length <= maxReferrers; page += 1) {
    if (page === MAX_PAGES) throw new OciError('ERR_OCI_SIZE', `the registry gives over ${MAX_PAGES} pages`);
    const init = { headers: { accept: OCI_INDEX } };
    const response = await transport.send({ ...options, reference, actions: 'pull', target, init });
    if (page === 0 && NO_API.has(response.status)) {
      await response.body?.cancel();
      return undefined;
    }
    await expectStatus(response, [200]);
    const bytes = await readBody(response, transport.limits(MAX_INDEX, options.signal));
    // some registries without the API answer with a page for people
    if (page === 0 && !(response.headers.get('content-type') ?? '').startsWith('application/'))
      return undefined;
    for (const manifest of parseIndex(bytes).manifests) found.push(manifest);
    target = nextPage(response, transport.urlOf({ ...options, reference }, `referrers/${digest}`));
  }
  return found;
}

function descriptorOf(artifact: ImageManifest | ImageIndex, digest: string, size: number): Descriptor {
  const artifactType = artifactTypeOf(artifact);
  const { mediaType, annotations } = artifact;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** The type that an artifact gives itself, or else that of its configuration. */
function artifactTypeOf(artifact: ImageManifest | ImageIndex): string | undefined {
  const { artifactType } = artifact;
  if (artifactType !== undefined && artifactType !== '') return artifactType;
  return 'config' in artifact ? artifact.config.mediaType : undefined;
}

async function typeOf(
  transport: Transport,
  reference: ImageReference,
  { digest }: Descriptor,
  options: CallOptions,
): Promise<string | undefined> {
  const { registry, repository } = reference;
  const { bytes } = await getManifest(transport, { registry, repository, digest }, options);
  mustBe(bytes, digest);
  return artifactTypeOf(isIndex(bytes) ? parseIndex(bytes) : parseManifest(bytes));
}

/** What descriptors say that do not know the type. */
const UNTOLD: ReadonlySet<string | undefined> = new Set([undefined, '', OCI_EMPTY]);
const NO_API: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);
const MAX_PAGES = 100;
const MAX_INDEX = 4 << 20;
