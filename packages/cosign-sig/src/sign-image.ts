/**
 * Sign an image: the payload, the signature, and the layer under the `.sig` tag.
 *
 * @module
 */
import { digest as digestOf, type Signer } from '@sealwright/crypto';
import type { ImageReference } from '@sealwright/oci';
import { attachLayer } from './attach.js';
import { CosignError } from './errors.js';
import { signatureEvidence } from './image/layer-evidence.js';
import { type LayerVouchers, vouchersPem, vouchingAnnotations } from './image/layer-vouchers.js';
import { proposeHashedRekord } from './log/proposed-entry.js';
import { repositoryName, resolveImage, type SignatureRegistry } from './registry.js';
import { dockerReference, simpleSigningPayload } from './simple-signing.js';
import {
  buildSignatureLayer,
  SIGNATURE_ANNOTATION,
  type LayerWithBlob,
  type SignatureLayer,
  type SignatureManifest,
  signatureTag,
} from './tag-layout.js';
import { verifySignatureLayer } from './verify-image.js';

/** How to sign an image. */
export interface SignImageOptions extends LayerVouchers {
  /** What signs. `cosignSigner` makes one that stock cosign verifies, for every kind of key. */
  readonly signer: Signer;
  /** Annotations to sign along. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Who the image is. Default registry and repository, in cosign's spelling. */
  readonly identity?: string;
  /** In front of the tag. Default none. */
  readonly tagPrefix?: string;
  /** Where the signature goes. Default the image's own repository. */
  readonly signatureRepository?: ImageReference;
  /** Whether the signature is put into the registry; if not, `accept` is where it is seen. Default `true`. */
  readonly attach?: boolean;
}

/** What {@link signImage} did. */
export interface SignedImage {
  /** `sha256:<hex>` of the image. */
  readonly digest: string;
  /** The tag that holds its signatures. */
  readonly tag: string;
  /** The layer that was made. */
  readonly layer: SignatureLayer;
  /** Whether it was written; `false` where the same key had signed the same payload before, or it was not to be. */
  readonly written: boolean;
}

/**
 * Sign an image and attach the signature behind those that others made. The same payload by the same key is not added twice.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param options - signer and claims
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_DIGEST`, `ERR_COSIGN_CONFLICT`, `ERR_COSIGN_MANIFEST`,
 * `ERR_COSIGN_LIMIT`, or what log and authority throw.
 *
 * @example
 * ```ts
 * const { tag } = await signImage(registry, image, { signer: cosignSigner(key), annotations: { env: 'production' } });
 * console.log(tag.endsWith('.sig')); // true
 * ```
 */
export async function signImage(
  registry: SignatureRegistry,
  image: ImageReference,
  options: SignImageOptions,
): Promise<SignedImage> {
  const digest = await resolveImage(registry, image);
  const place = options.signatureRepository ?? image;
  const tag = signatureTag(digest, options.tagPrefix);
  const payload = simpleSigningPayload({
    reference: options.identity ?? dockerReference(repositoryName(image)),
    digest,
    optional: options.annotations === undefined ? null : { ...options.annotations },
  });
  const signature = await options.signer.sign(payload);
  const hashed = { algorithm: 'sha256', value: digestOf('sha256', payload) } as const;
  const pem = vouchersPem(options.signer.publicKey, options);
  const annotations = await vouchingAnnotations(options, signature, () =>
    proposeHashedRekord(signature, hashed, pem),
  );
  const added = buildSignatureLayer(payload, signature, annotations);
  await options.accept?.(signatureEvidence(added, options.certificate === undefined), payload);
  const isVouched = Object.keys(annotations).length > 0; // what others vouch for is never the same twice
  const others = new Set<string>();
  const duplicate = async (existing: SignatureManifest): Promise<boolean> =>
    !isVouched && signedBefore(existing, added, options.signer, others);
  return {
    digest,
    tag,
    layer: added.layer,
    written: options.attach !== false && (await attachLayer(registry, place, tag, added, { duplicate })),
  };
}

/**
 * ECDSA signatures differ each time, so what counts is that an old layer of the same payload verifies under the same key. Signatures of
 * others are remembered, because a tag is read more than once while many sign.
 */
async function signedBefore(
  existing: SignatureManifest,
  added: LayerWithBlob,
  signer: Signer,
  others: Set<string>,
): Promise<boolean> {
  for (const layer of existing.layers) {
    const signature = layer.annotations[SIGNATURE_ANNOTATION] ?? '';
    const candidate =
      layer.digest === added.layer.digest &&
      layer.mediaType === added.layer.mediaType &&
      Object.keys(layer.annotations).every((name) => name === SIGNATURE_ANNOTATION);
    if (!candidate || others.has(signature)) continue;
    try {
      const asked = { key: signer.publicKey, dangerouslySkipClaims: true };
      await verifySignatureLayer(layer, added.blob, { digest: '' }, asked); // the digest says that it is the same payload
      return true;
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      others.add(signature);
    }
  }
  return false;
}
