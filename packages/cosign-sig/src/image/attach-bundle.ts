/**
 * Put a bundle beside an image: a manifest that refers to it and, where the registry keeps no list of referrers, the index under
 * the fallback tag.
 *
 * @module
 */
import { encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { BUNDLE_MEDIA_TYPE } from '../bundle/parse-bundle.js';
import { CosignError } from '../errors.js';
import { sha256Of } from '../image-digest.js';
import { readTag, tagged } from '../registry.js';
import { type ReferrersRegistry, referrersTag } from './referrers.js';

/** What is attached. */
export interface AttachBundleOptions {
  /** The bundle, JSON. */
  readonly bundle: string;
  /** What it holds. */
  readonly content: 'dsse-envelope' | 'message-signature';
  /** The predicate type of its statement; a hint for whoever lists. */
  readonly predicateType?: string;
  /** When it was made, for the manifest's annotation. */
  readonly created: Date;
  /** How often to start again when another writer won. Default 16. */
  readonly attempts?: number;
}

/**
 * Attach a bundle to an image.
 *
 * @param registry - where to write
 * @param place - the repository
 * @param digest - `sha256:<hex>` of the image
 * @param options - the bundle
 * @returns digest of the manifest that refers to the image
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_CONFLICT`.
 */
export async function attachBundle(
  registry: ReferrersRegistry,
  place: ImageReference,
  digest: string,
  options: AttachBundleOptions,
): Promise<string> {
  const { registry: host, repository } = place;
  const image = await registry.getManifest({ registry: host, repository, digest });
  const subject = { mediaType: image.mediaType, size: image.bytes.byteLength, digest };
  const manifest = encodeUtf8(JSON.stringify(manifestOf(subject, options)));
  await registry.putBlob(place, EMPTY);
  await registry.putBlob(place, encodeUtf8(options.bundle));
  const referrer = sha256Of(manifest);
  await registry.putManifest({ registry: host, repository, digest: referrer }, manifest, OCI_MANIFEST);
  const listed = await registry.listReferrers?.({ registry: host, repository, digest });
  if (listed?.some((each) => each.digest === referrer) === true) return referrer;
  const descriptor = {
    mediaType: OCI_MANIFEST,
    size: manifest.byteLength,
    digest: referrer,
    artifactType: BUNDLE_MEDIA_TYPE,
    annotations: annotationsOf(options),
  };
  await addToIndex(registry, place, referrersTag(digest), descriptor, options.attempts ?? 16);
  return referrer;
}

/** Registries have no lock: what was written is read again, and written again if another writer came between. */
async function addToIndex(
  registry: ReferrersRegistry,
  place: ImageReference,
  tag: string,
  descriptor: JsonObject & { readonly digest: string },
  attempts: number,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const manifests = manifestsIn(await readTag(registry, place, tag));
    if (holds(manifests, descriptor.digest)) return;
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...manifests, descriptor] };
    await registry.putManifest(tagged(place, tag), encodeUtf8(JSON.stringify(index)), OCI_INDEX);
  }
  if (holds(manifestsIn(await readTag(registry, place, tag)), descriptor.digest)) return;
  throw new CosignError('ERR_COSIGN_CONFLICT', `another writer won ${attempts} times in a row`);
}

function holds(manifests: readonly JsonValue[], digest: string): boolean {
  return manifests.some((each) => isJsonObject(each) && each['digest'] === digest);
}

function manifestsIn(bytes: Uint8Array | undefined): JsonValue[] {
  if (bytes === undefined) return [];
  try {
    const index = parseJson(bytes);
    const manifests = isJsonObject(index) ? index['manifests'] : undefined;
    if (Array.isArray(manifests)) return manifests;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
  }
  throw new CosignError('ERR_COSIGN_MANIFEST', 'what is under the fallback tag is no index');
}

function manifestOf(subject: JsonObject, options: AttachBundleOptions): JsonObject {
  const bundle = encodeUtf8(options.bundle);
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_EMPTY, size: EMPTY.byteLength, digest: sha256Of(EMPTY) },
    layers: [{ mediaType: BUNDLE_MEDIA_TYPE, size: bundle.byteLength, digest: sha256Of(bundle) }],
    subject,
    artifactType: BUNDLE_MEDIA_TYPE,
    annotations: annotationsOf(options),
  };
}

function annotationsOf({ content, predicateType, created }: AttachBundleOptions): JsonObject {
  return {
    'dev.sigstore.bundle.content': content,
    ...(predicateType === undefined ? {} : { 'dev.sigstore.bundle.predicateType': predicateType }),
    'org.opencontainers.image.created': created.toISOString().replace(/\.\d{3}Z$/, 'Z'),
  };
}

const EMPTY = /* @__PURE__ */ encodeUtf8('{}');
const OCI_EMPTY = 'application/vnd.oci.empty.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
