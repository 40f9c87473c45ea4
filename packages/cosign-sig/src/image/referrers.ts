/**
 * Bundles that refer to an image (OCI distribution 1.1): through the registry's list, or through the index under the fallback tag.
 *
 * @module
 */
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { parseBundle, type SigstoreBundle } from '../bundle/parse-bundle.js';
import { CosignError, type Finding } from '../errors.js';
import { isSha256Digest, sha256Hex, sha256Of } from '../image-digest.js';
import { readBlob, readTag, type SignatureRegistry } from '../registry.js';
import { parseSignatureManifest } from '../tag-layout.js';

/** What a list of referrers says about one of them. */
export interface ReferrerDescriptor {
  /** Media type of the manifest. */
  readonly mediaType: string;
  /** `sha256:<hex>` of the manifest. */
  readonly digest: string;
  /** Size of the manifest. */
  readonly size: number;
}

/** A registry that may know what refers to an image. */
export interface ReferrersRegistry extends SignatureRegistry {
  /**
   * What refers to a manifest, as the client of `@sealwright/oci` has it.
   *
   * @param reference - the repository
   * @param digest - `sha256:<hex>` of the manifest
   * @returns `undefined` where the registry has no such list; then the index under the fallback tag counts
   */
  listReferrers?(
    reference: ImageReference,
    digest: string,
  ): Promise<readonly ReferrerDescriptor[] | undefined>;
}

/** A bundle that was found beside an image. */
export interface FoundBundle {
  /** `sha256:<hex>` of the manifest that it came in. */
  readonly digest: string;
  /** The bundle, decoded. */
  readonly bundle: SigstoreBundle;
}

/**
 * The tag under which an image's referrers are listed where the registry has no list of its own: `sha256-<hex>`.
 *
 * @param digest - `sha256:<hex>` of the image
 * @throws {@link CosignError} `ERR_COSIGN_DIGEST`.
 */
export function referrersTag(digest: string): string {
  return `sha256-${sha256Hex(digest)}`;
}

/** All bundles beside an image, and why other referrers that might be one are none. */
export async function findBundles(
  registry: ReferrersRegistry,
  place: ImageReference,
  digest: string,
): Promise<{ bundles: FoundBundle[]; findings: Finding[] }> {
  const bundles: FoundBundle[] = [];
  const findings: Finding[] = [];
  const referrers = await listReferrers(registry, place, digest);
  for (const referrer of referrers.slice(0, MAX_REFERRERS)) {
    try {
      const bundle = await readReferrer(registry, place, referrer);
      if (bundle !== undefined && bundle.version === '0.3') bundles.push({ digest: referrer.digest, bundle });
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      findings.push({ subject: referrer.digest, reason: error.message });
    }
  }
  if (referrers.length > MAX_REFERRERS)
    findings.push({
      subject: digest,
      reason: `more than ${MAX_REFERRERS} referrers; the others were not looked at`,
    });
  return { bundles, findings };
}

async function listReferrers(
  registry: ReferrersRegistry,
  place: ImageReference,
  digest: string,
): Promise<readonly ReferrerDescriptor[]> {
  const listed = await registry.listReferrers?.(place, digest);
  if (listed !== undefined) return listed;
  const index = await readTag(registry, place, referrersTag(digest));
  return index === undefined ? [] : parseIndex(index);
}

/** Descriptors in the wild have wrong artifact types or none, so that each manifest is opened and its layer decides. */
async function readReferrer(
  registry: ReferrersRegistry,
  place: ImageReference,
  { digest }: ReferrerDescriptor,
): Promise<SigstoreBundle | undefined> {
  const { registry: host, repository } = place;
  const { bytes } = await registry.getManifest({ registry: host, repository, digest });
  if (sha256Of(bytes) !== digest)
    throw new CosignError('ERR_COSIGN_DIGEST', 'the manifest is not the one that was named');
  const { layers } = parseSignatureManifest(bytes);
  const [layer] = layers;
  if (layer === undefined || layers.length !== 1 || !layer.mediaType.startsWith(BUNDLE_LAYER))
    return undefined;
  const blob = await readBlob(registry, place, layer, MAX_BUNDLE_BYTES);
  if (sha256Of(blob) !== layer.digest)
    throw new CosignError('ERR_COSIGN_DIGEST', 'the bundle is not the one that was named');
  return parseBundle(blob, { maxBytes: MAX_BUNDLE_BYTES });
}

function parseIndex(bytes: Uint8Array): ReferrerDescriptor[] {
  const index = object(parse(bytes));
  const manifests = index['manifests'] ?? [];
  if (!Array.isArray(manifests) || manifests.length > MAX_INDEX) throw fault('expected a list of manifests');
  return manifests.map((value) => {
    const { mediaType, digest, size } = object(value);
    if (typeof mediaType !== 'string' || typeof digest !== 'string' || !isSha256Digest(digest))
      throw fault('expected a descriptor with a sha256 digest');
    return { mediaType, digest, size: typeof size === 'number' ? size : 0 };
  });
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_MANIFEST', `an index is JSON: ${cause.message}`, { cause });
  }
}

function object(value: JsonValue): JsonObject {
  if (isJsonObject(value)) return value;
  throw fault('expected an object');
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_MANIFEST', message);
}

const BUNDLE_LAYER = 'application/vnd.dev.sigstore.bundle';
const MAX_REFERRERS = 50;
const MAX_INDEX = 10_000;
const MAX_BUNDLE_BYTES = 10 << 20;
