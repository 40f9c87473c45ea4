/**
 * Attestations of images under the `.att` tag, checked with a public key.
 *
 * @module
 */
import type { ImageReference } from '@sealwright/oci';
import { CosignError, type Finding } from './errors.js';
import { sha256Hex, sha256Of } from './image-digest.js';
import { type AttestationOptions, openAttestation, type VerifiedAttestation } from './open-attestation.js';
import { resolveImage, type SignatureRegistry } from './registry.js';
import { attestationTag, type SignatureLayer } from './tag-layout.js';
import { openLayers } from './tagged-layers.js';

/** How to verify the attestations of an image. */
export interface VerifyImageAttestationsOptions extends AttestationOptions {
  /** In front of the tag. Default none. */
  readonly tagPrefix?: string;
  /** Where the attestations are. Default the image's own repository. */
  readonly attestationRepository?: ImageReference;
  /** Cap on each envelope. Default 32 MiB. */
  readonly maxEnvelopeBytes?: number;
}

/** What is known about an image after its attestations were checked. */
export interface AttestedImage {
  /** The image: what a tag stood for when it was resolved, once and first. */
  readonly digest: string;
  /** All attestations that will do; at least one. */
  readonly attestations: readonly (VerifiedAttestation & {
    /** The layer that it came in; its annotations are unsigned. */
    readonly layer: SignatureLayer;
  })[];
  /** Why the other layers did not count. */
  readonly findings: readonly Finding[];
}

/**
 * Verify the attestations of an image. One good attestation is enough; all good ones are given back.
 *
 * @param registry - where the image and its attestations are
 * @param image - by digest, or by tag, which is resolved once
 * @param options - key and predicate type
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_NO_SIGNATURE`, `ERR_COSIGN_NO_MATCH` with a finding for each
 * layer, `ERR_COSIGN_PREDICATE_TYPE`, `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 *
 * @example
 * ```ts
 * const asked = { key: key.publicKey, predicateType: 'spdxjson' };
 * const { attestations } = await verifyImageAttestations(registry, image, asked);
 * console.log(attestations[0]?.statement.predicateType); // https://spdx.dev/Document
 * ```
 */
export async function verifyImageAttestations(
  registry: SignatureRegistry,
  image: ImageReference,
  options: VerifyImageAttestationsOptions,
): Promise<AttestedImage> {
  const digest = await resolveImage(registry, image);
  const place = options.attestationRepository ?? image;
  const artifact = { sha256: sha256Hex(digest) };
  const { good, findings } = await openLayers(
    registry,
    {
      place,
      tag: attestationTag(digest, options.tagPrefix),
      what: 'attestation',
      digest,
      maxBytes: options.maxEnvelopeBytes ?? MAX_ENVELOPE_BYTES,
    },
    async (blob, layer) => {
      if (sha256Of(blob) !== layer.digest)
        throw new CosignError('ERR_COSIGN_DIGEST', 'the blob is not the one that the layer names');
      return { ...(await openAttestation(blob, artifact, options)), layer };
    },
  );
  return { digest, attestations: good, findings };
}

const MAX_ENVELOPE_BYTES = 32 << 20;
