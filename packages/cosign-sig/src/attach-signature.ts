import type { ImageReference } from '@sealwright/oci';
import { attachLayer } from './attach.js';
import { repositoryName, resolveImage, type SignatureRegistry } from './registry.js';
import { dockerReference, simpleSigningPayload } from './simple-signing.js';
import { buildSignatureLayer, type SignatureLayer, signatureTag } from './tag-layout.js';

/** A signature that was made elsewhere. */
export interface AttachSignatureOptions {
  /** The signature; empty where none was made yet, as cosign allows. */
  readonly signature: Uint8Array;
  /** What was signed. Default the payload that cosign makes for the image. */
  readonly payload?: Uint8Array;
  /** Annotations of the layer besides: certificate, chain, log entry, timestamp. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** In front of the tag. Default none. */
  readonly tagPrefix?: string;
  /** Where the signature goes. Default the image's own repository. */
  readonly signatureRepository?: ImageReference;
}

/**
 * Attach a signature that was made elsewhere under the `.sig` tag, as `cosign attach signature` does. Nothing is verified.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param options - the signature
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_CONFLICT`, `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 */
export async function attachSignature(
  registry: SignatureRegistry,
  image: ImageReference,
  options: AttachSignatureOptions,
): Promise<{
  readonly digest: string;
  readonly tag: string;
  readonly layer: SignatureLayer;
  readonly written: boolean;
}> {
  const digest = await resolveImage(registry, image);
  const tag = signatureTag(digest, options.tagPrefix);
  const reference = dockerReference(repositoryName(image));
  const payload = options.payload ?? simpleSigningPayload({ reference, digest, optional: null });
  const added = buildSignatureLayer(payload, options.signature, options.annotations);
  const written = await attachLayer(registry, options.signatureRepository ?? image, tag, added);
  return { digest, tag, layer: added.layer, written };
}
