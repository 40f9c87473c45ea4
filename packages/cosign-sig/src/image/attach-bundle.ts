/**
 * Put a bundle beside an image: a manifest that refers to it.
 *
 * @module
 */
import { encodeUtf8 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import { type ImageReference, OCI_EMPTY, OCI_MANIFEST } from '@sealwright/oci';
import { BUNDLE_MEDIA_TYPE } from '../bundle/parse-bundle.js';
import { sha256Of } from '../image-digest.js';
import type { ReferrersRegistry } from './referrers.js';

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
  /** Where the image is, if not where the bundle goes. Default the same repository. */
  readonly imageRepository?: ImageReference;
  /** How often to start again when another writer won. Default as the registry client has it. */
  readonly attempts?: number;
}

/**
 * Attach a bundle to an image. Concurrent writers lose nothing: where the registry has no list of referrers, the index under the
 * fallback tag is read again after it was written.
 *
 * @param registry - where to write
 * @param place - the repository
 * @param digest - `sha256:<hex>` of the image
 * @param options - the bundle
 * @returns digest of the manifest that refers to the image
 * @throws `OciError`
 */
export async function attachBundle(
  registry: ReferrersRegistry,
  place: ImageReference,
  digest: string,
  options: AttachBundleOptions,
): Promise<string> {
  const { registry: host, repository } = options.imageRepository ?? place;
  const image = await registry.getManifest({ registry: host, repository, digest });
  const subject = { mediaType: image.mediaType, size: image.bytes.byteLength, digest };
  const manifest = encodeUtf8(JSON.stringify(manifestOf(subject, options)));
  await registry.putBlob(place, encodeUtf8('{}'));
  await registry.putBlob(place, encodeUtf8(options.bundle));
  const { attempts } = options;
  const { descriptor } = await registry.attachReferrer(
    place,
    manifest,
    attempts === undefined ? {} : { attempts },
  );
  return descriptor.digest;
}

function manifestOf(subject: JsonObject, options: AttachBundleOptions): JsonObject {
  const [empty, bundle] = [encodeUtf8('{}'), encodeUtf8(options.bundle)];
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: {
      mediaType: OCI_EMPTY,
      size: empty.byteLength,
      digest: sha256Of(empty),
      artifactType: BUNDLE_MEDIA_TYPE, // as cosign does
    },
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
