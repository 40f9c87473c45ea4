/**
 * Attest an image: the statement, its envelope, and the layer under the `.att` tag.
 *
 * @module
 */
import { encodeUtf8 } from '@sealwright/bytes';
import type { Signer } from '@sealwright/crypto';
import { createStatement, encodeEnvelope, InTotoError, signEnvelope } from '@sealwright/in-toto';
import type { JsonObject } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { attachLayer } from './attach.js';
import { CosignError } from './errors.js';
import { sha256Hex } from './image-digest.js';
import { predicateTypeOf } from './predicate-types.js';
import { repositoryName, resolveImage, type SignatureRegistry } from './registry.js';
import { dockerReference } from './simple-signing.js';
import {
  attestationTag,
  buildAttestationLayer,
  PREDICATE_TYPE_ANNOTATION,
  type SignatureLayer,
} from './tag-layout.js';

/** Where an attestation goes. */
export interface AttachAttestationOptions {
  /** Drop the earlier attestations whose layer names the same predicate type. Default `false`. */
  readonly replace?: boolean;
  /** In front of the tag. Default none. */
  readonly tagPrefix?: string;
  /** Where the attestation goes. Default the image's own repository. */
  readonly attestationRepository?: ImageReference;
}

/** How to attest an image. */
export interface AttestImageOptions extends AttachAttestationOptions {
  /** What signs. */
  readonly signer: Signer;
  /** A name of cosign's `--type`, or a URI. */
  readonly predicateType: string;
  /** What is said about the image. */
  readonly predicate: JsonObject;
  /** Version of the statement. Default `v0.1`, as cosign writes. */
  readonly statementVersion?: 'v0.1' | 'v1';
}

/** What {@link attestImage} and {@link attachAttestation} did. */
export interface AttestedImageLayer {
  /** `sha256:<hex>` of the image. */
  readonly digest: string;
  /** The tag that holds its attestations. */
  readonly tag: string;
  /** The layer that was made. */
  readonly layer: SignatureLayer;
  /** Whether it was written; `false` where the same envelope was there before. */
  readonly written: boolean;
}

/**
 * Attest an image and attach the attestation behind those that others made.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param options - signer and predicate
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_PREDICATE_TYPE`, `ERR_COSIGN_ENVELOPE`, `ERR_COSIGN_CONFLICT`,
 * `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 */
export async function attestImage(
  registry: SignatureRegistry,
  image: ImageReference,
  options: AttestImageOptions,
): Promise<AttestedImageLayer> {
  const predicateType = predicateTypeOf(options.predicateType);
  const digest = await resolveImage(registry, image);
  const payload = statementBytes(digest, image, predicateType, options);
  const envelope = encodeUtf8(encodeEnvelope(await signEnvelope({ payload, signers: [options.signer] })));
  return attachAttestation(registry, { ...image, digest }, envelope, { ...options, predicateType });
}

/**
 * Attach an envelope that was signed before, such as provenance in a format of its own.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param envelope - the DSSE envelope, as JSON text
 * @param options - where it goes, and the predicate type for the layer's annotation
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_PREDICATE_TYPE`, `ERR_COSIGN_CONFLICT`, `ERR_COSIGN_MANIFEST`
 * or `ERR_COSIGN_LIMIT`.
 */
export async function attachAttestation(
  registry: SignatureRegistry,
  image: ImageReference,
  envelope: Uint8Array,
  options: AttachAttestationOptions & {
    /** A name of cosign's `--type`, or a URI. */
    readonly predicateType: string;
  },
): Promise<AttestedImageLayer> {
  const predicateType = predicateTypeOf(options.predicateType);
  const digest = await resolveImage(registry, image);
  const tag = attestationTag(digest, options.tagPrefix);
  const added = buildAttestationLayer(envelope, predicateType);
  const keep = (layer: SignatureLayer): boolean =>
    options.replace !== true || layer.annotations[PREDICATE_TYPE_ANNOTATION] !== predicateType;
  const place = options.attestationRepository ?? image;
  return {
    digest,
    tag,
    layer: added.layer,
    written: await attachLayer(registry, place, tag, added, { keep }),
  };
}

function statementBytes(
  digest: string,
  image: ImageReference,
  predicateType: string,
  options: AttestImageOptions,
): Uint8Array {
  try {
    return createStatement({
      version: options.statementVersion ?? 'v0.1',
      subject: [{ name: dockerReference(repositoryName(image)), digest: { sha256: sha256Hex(digest) } }],
      predicateType,
      predicate: options.predicate,
    }).bytes;
  } catch (cause) {
    if (!(cause instanceof InTotoError)) throw cause;
    throw new CosignError('ERR_COSIGN_ENVELOPE', cause.message, { cause });
  }
}
