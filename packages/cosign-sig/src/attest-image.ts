/**
 * Attest an image: the statement, its envelope, and the layer under the `.att` tag.
 *
 * @module
 */
import { type Bytes, copyBytes, encodeUtf8 } from '@sealwright/bytes';
import type { Signer } from '@sealwright/crypto';
import { encodeEnvelope, signEnvelope } from '@sealwright/in-toto';
import type { JsonObject } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { attachLayer } from './attach.js';
import { imageStatement } from './image/image-statement.js';
import { attestationEvidence } from './image/layer-evidence.js';
import { type LayerVouchers, vouchersPem, vouchingAnnotations } from './image/layer-vouchers.js';
import { proposeDsse } from './log/proposed-entry.js';
import { predicateTypeOf } from './predicate-types.js';
import { resolveImage, type SignatureRegistry } from './registry.js';
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
  /** Annotations of the layer besides, such as those that say who vouches for it. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How to attest an image. */
export interface AttestImageOptions extends Omit<AttachAttestationOptions, 'annotations'>, LayerVouchers {
  /** What signs. */
  readonly signer: Signer;
  /** A name of cosign's `--type`, or a URI. */
  readonly predicateType: string;
  /** What is said about the image; a text only for what cosign calls `spdx`. */
  readonly predicate: JsonObject | string;
  /** Version of the statement. Default `v0.1`, as cosign writes. */
  readonly statementVersion?: 'v0.1' | 'v1';
  /** A statement that is signed as it is, instead of one made of the predicate. Default none. */
  readonly statement?: Uint8Array;
  /** Whether the attestation is put into the registry. Default `true`. */
  readonly attach?: boolean;
}

/** What {@link attestImage} and {@link attachAttestation} did. */
export interface AttestedImageLayer {
  /** `sha256:<hex>` of the image. */
  readonly digest: string;
  /** The tag that holds its attestations. */
  readonly tag: string;
  /** The layer that was made. */
  readonly layer: SignatureLayer;
  /** Whether it was written; `false` where the same envelope was there before, or it was not to be. */
  readonly written: boolean;
  /** The DSSE envelope, exactly as it is stored. */
  readonly envelope: Bytes;
}

/**
 * Attest an image and attach the attestation behind those that others made.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param options - signer and predicate
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_PREDICATE_TYPE`, `ERR_COSIGN_ENVELOPE`, `ERR_COSIGN_CONFLICT`,
 * `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 *
 * @example
 * ```ts
 * const { tag } = await attestImage(registry, image, { signer: cosignSigner(key), predicateType: 'spdxjson', predicate });
 * console.log(tag.endsWith('.att')); // true
 * ```
 */
export async function attestImage(
  registry: SignatureRegistry,
  image: ImageReference,
  options: AttestImageOptions,
): Promise<AttestedImageLayer> {
  const predicateType = predicateTypeOf(options.predicateType);
  const digest = await resolveImage(registry, image);
  const payload =
    options.statement === undefined
      ? imageStatement(digest, image, { ...options, predicateType })
      : copyBytes(options.statement);
  const text = encodeEnvelope(await signEnvelope({ payload, signers: [options.signer] }));
  const envelope = encodeUtf8(text);
  const pem = vouchersPem(options.signer.publicKey, options);
  const annotations = await vouchingAnnotations(options, envelope, () => proposeDsse(text, [pem]));
  const { layer } = buildAttestationLayer(envelope, predicateType, annotations);
  const [evidence] = attestationEvidence({ layer, blob: envelope }, options.certificate === undefined);
  if (evidence !== undefined) await options.accept?.(evidence, payload);
  if (options.attach === false)
    return { digest, tag: attestationTag(digest, options.tagPrefix), layer, written: false, envelope };
  return attachAttestation(registry, { ...image, digest }, envelope, {
    ...options,
    predicateType,
    annotations,
  });
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
  const added = buildAttestationLayer(envelope, predicateType, options.annotations);
  const keep = (layer: SignatureLayer): boolean =>
    options.replace !== true || layer.annotations[PREDICATE_TYPE_ANNOTATION] !== predicateType;
  const place = options.attestationRepository ?? image;
  return {
    digest,
    tag,
    layer: added.layer,
    written: await attachLayer(registry, place, tag, added, { keep }),
    envelope: added.blob,
  };
}
