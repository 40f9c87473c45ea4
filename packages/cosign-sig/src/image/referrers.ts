/**
 * Bundles that refer to an image (OCI distribution 1.1).
 *
 * @module
 */
import type { Descriptor, ImageReference, RegistryClient } from '@sealwright/oci';
import { parseBundle, type SigstoreBundle } from '../bundle/parse-bundle.js';
import { CosignError, type Finding } from '../errors.js';
import { sha256Of } from '../image-digest.js';
import { readBlob, readManifest, type SignatureRegistry } from '../registry.js';
import { parseSignatureManifest } from '../tag-layout.js';

/** The registry operations that bundles need besides: `RegistryClient` of `@sealwright/oci` has them, fallback tag included. */
export type ReferrersRegistry = SignatureRegistry & Pick<RegistryClient, 'listReferrers' | 'attachReferrer'>;

/** A bundle that was found beside an image. */
export interface FoundBundle {
  /** `sha256:<hex>` of the manifest that it came in. */
  readonly digest: string;
  /** The bundle, decoded. */
  readonly bundle: SigstoreBundle;
}

/** All bundles beside an image, and why other referrers that might be one are none. */
export async function findBundles(
  registry: Omit<ReferrersRegistry, 'attachReferrer'>,
  place: ImageReference,
  digest: string,
  options: { readonly allowCertificateChain?: boolean } = {},
): Promise<{ bundles: FoundBundle[]; findings: Finding[] }> {
  const bundles: FoundBundle[] = [];
  const findings: Finding[] = [];
  const { registry: host, repository } = place;
  const referrers = await registry.listReferrers({ registry: host, repository }, digest);
  for (const referrer of referrers.slice(0, MAX_REFERRERS)) {
    try {
      const bundle = await readReferrer(registry, place, referrer, options);
      if (bundle !== undefined && bundle.version === '0.3') bundles.push({ digest: referrer.digest, bundle });
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      findings.push({ subject: referrer.digest, reason: error.message });
    }
  }
  if (referrers.length > MAX_REFERRERS) {
    const reason = `more than ${MAX_REFERRERS} referrers; the others were not looked at`;
    findings.push({ subject: digest, reason });
  }
  return { bundles, findings };
}

/** Descriptors in the wild have wrong artifact types or none, so that each manifest is opened and its layer decides. */
async function readReferrer(
  registry: SignatureRegistry,
  place: ImageReference,
  { digest }: Descriptor,
  options: { readonly allowCertificateChain?: boolean },
): Promise<SigstoreBundle | undefined> {
  const bytes = await readManifest(registry, place, digest);
  if (sha256Of(bytes) !== digest)
    throw new CosignError('ERR_COSIGN_DIGEST', 'the manifest is not the one that was named');
  const { layers } = parseSignatureManifest(bytes);
  const [layer] = layers;
  if (layer === undefined || layers.length !== 1 || !layer.mediaType.startsWith(BUNDLE_LAYER))
    return undefined;
  const blob = await readBlob(registry, place, layer, MAX_BUNDLE_BYTES);
  if (sha256Of(blob) !== layer.digest)
    throw new CosignError('ERR_COSIGN_DIGEST', 'the bundle is not the one that was named');
  return parseBundle(blob, { ...options, maxBytes: MAX_BUNDLE_BYTES });
}

const BUNDLE_LAYER = 'application/vnd.dev.sigstore.bundle';
const MAX_REFERRERS = 250;
const MAX_BUNDLE_BYTES = 10 << 20;
