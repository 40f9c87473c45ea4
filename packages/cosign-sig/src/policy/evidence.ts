/**
 * What there is to judge an image by.
 *
 * @module
 */
import type { ImageReference } from '@sealwright/oci';
import type { SigstoreBundle } from '../bundle/parse-bundle.js';
import { CosignError } from '../errors.js';
import { sha256Of } from '../image-digest.js';
import { findBundles, type ReferrersRegistry } from '../image/referrers.js';
import { readBlob, readTag, type SignatureRegistry } from '../registry.js';
import { parseSignatureManifest, signatureTag } from '../tag-layout.js';

/** A signature as cosign keeps it: a payload, and what stands beside it. */
export interface SigstoreSignature {
  /** What the payload is; only simple signing payloads are signatures. */
  readonly mediaType: string;
  /** What was signed. */
  readonly payload: Uint8Array;
  /** With the signature, perhaps a certificate and a log's promise. Unsigned. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What there is to judge an image by. Signatures are asked for when a requirement needs them. */
export interface ImageEvidence {
  /** `sha256:<hex>` of the image's manifest. */
  readonly digest: string;
  /** The digest of the index that the reference stands for, where there is one: signatures may be over either. Default none. */
  readonly indexDigest?: string | undefined;
  /** OpenPGP signatures, in order. A rejection fails the requirement. Default none. */
  readonly openPgpSignatures?: () => Promise<readonly Uint8Array[]>;
  /** Signatures as cosign makes them, in order. A rejection fails the requirement. Default none. */
  readonly sigstoreSignatures?: () => Promise<readonly SigstoreSignature[]>;
  /** Bundles, as cosign 3 keeps signatures. Asked for where no other signature will do. Default none. */
  readonly sigstoreBundles?: () => Promise<readonly SigstoreBundle[]>;
}

/**
 * The cosign signatures of an image in a registry: those of the tag `sha256-<hex>.sig` for the index and for the manifest.
 *
 * @param registry - where they are
 * @param image - its repository
 * @param digests - of the index and of the manifest
 * @throws {@link CosignError} `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 */
export async function readSigstoreSignatures(
  registry: SignatureRegistry,
  image: ImageReference,
  digests: readonly string[],
): Promise<readonly SigstoreSignature[]> {
  const signatures: SigstoreSignature[] = [];
  for (const digest of new Set(digests)) {
    const manifest = await readTag(registry, image, signatureTag(digest));
    const layers = manifest === undefined ? [] : parseSignatureManifest(manifest).layers;
    for (const layer of layers) {
      const payload = await blobOf(readBlob(registry, image, layer, MAX_PAYLOAD_BYTES));
      if (payload === undefined || sha256Of(payload) !== layer.digest) continue;
      signatures.push({ mediaType: layer.mediaType, payload, annotations: layer.annotations });
    }
  }
  return signatures;
}

/**
 * The bundles of an image in a registry: those among the referrers of the index and of the manifest.
 *
 * @param registry - where they are
 * @param image - its repository
 * @param digests - of the index and of the manifest
 */
export async function readSigstoreBundles(
  registry: ReferrersRegistry,
  image: ImageReference,
  digests: readonly string[],
): Promise<readonly SigstoreBundle[]> {
  const all: SigstoreBundle[] = [];
  for (const digest of new Set(digests)) {
    const { bundles } = await findBundles(registry, image, digest);
    all.push(...bundles.map(({ bundle }) => bundle));
  }
  return all;
}

/** One damaged blob must not hide the other signatures. */
async function blobOf(blob: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await blob;
  } catch (error) {
    if (error instanceof CosignError) return undefined;
    throw error;
  }
}

const MAX_PAYLOAD_BYTES = 4 << 20;
