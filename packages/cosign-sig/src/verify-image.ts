/**
 * Image signatures under the `.sig` tag, checked with a public key.
 *
 * @module
 */
import { type Bytes, BytesError } from '@sealwright/bytes';
import type { PublicKey, SignatureHash } from '@sealwright/crypto';
import type { ImageReference } from '@sealwright/oci';
import { CosignError, type Finding } from './errors.js';
import { sha256Of } from './image-digest.js';
import { repositoryName, resolveImage, type SignatureRegistry } from './registry.js';
import {
  checkSimpleSigning,
  type ClaimCheck,
  parseSimpleSigning,
  type SimpleSigning,
  type SimpleSigningClaims,
} from './simple-signing.js';
import { SIGNATURE_ANNOTATION, type SignatureLayer, signatureTag } from './tag-layout.js';
import { openLayers } from './tagged-layers.js';
import { verifyDetached } from './verify-signature.js';
import { decodeWrappedBase64 } from './wrapped-base64.js';

/** How to verify the signatures of an image. */
export interface VerifyImageOptions {
  /** The key that must have signed. */
  readonly key: PublicKey;
  /** Annotations that the payload must have, with these values. */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Whether the payload must name the repository of the image. cosign does not look, so that a signed image may move. Default
   * `false`.
   */
  readonly matchRepository?: boolean;
  /** The hash of ECDSA and RSA signatures. Default `sha256`, whatever the curve, as cosign has it. */
  readonly hash?: SignatureHash;
  /** In front of the tag. Default none. */
  readonly tagPrefix?: string;
  /** Where the signatures are, if not beside the image. Default the image's own repository. */
  readonly signatureRepository?: ImageReference;
  /** Cap on each payload. Default 4 MiB. */
  readonly maxPayloadBytes?: number;
  /** Believe a signature that is for another image. Default `false`. */
  readonly dangerouslySkipClaims?: boolean;
}

declare const verified: unique symbol;

/** A signature that was checked. Only {@link verifyImageSignatures} and {@link verifySignatureLayer} make one. */
export interface VerifiedSignature {
  /** The layer that it came in; its annotations are unsigned. */
  readonly layer: SignatureLayer;
  /** The payload exactly as signed. */
  readonly payload: Bytes;
  /** What the payload says. */
  readonly claims: SimpleSigning;
  /** Each comparison of a claim; empty where claims were skipped. */
  readonly checks: readonly ClaimCheck[];
  /** Marks that the signature was checked. */
  readonly [verified]: true;
}

/** What is known about an image after its signatures were checked. */
export interface VerifiedImage {
  /** The image: what a tag stood for when it was resolved, once and first. */
  readonly digest: string;
  /** All signatures by the key; at least one. */
  readonly signatures: readonly VerifiedSignature[];
  /** Why the other layers did not count. */
  readonly findings: readonly Finding[];
}

/**
 * Verify the signatures of an image. One good signature is enough; all good ones are given back.
 *
 * @param registry - where the image and its signatures are
 * @param image - by digest, or by tag, which is resolved once
 * @param options - key and claims
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_NO_SIGNATURE`, `ERR_COSIGN_NO_MATCH` with a finding for each
 * layer, `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 *
 * @example
 * ```ts
 * const { signatures } = await verifyImageSignatures(registry, image, { key: key.publicKey, matchRepository: true });
 * console.log(signatures[0]?.claims.dockerReference); // registry.example/team/app
 * ```
 */
export async function verifyImageSignatures(
  registry: SignatureRegistry,
  image: ImageReference,
  options: VerifyImageOptions,
): Promise<VerifiedImage> {
  const digest = await resolveImage(registry, image);
  const place = options.signatureRepository ?? image;
  const claims = {
    digest,
    annotations: options.annotations ?? {},
    ...(options.matchRepository === true ? { repository: repositoryName(image) } : {}),
  };
  const { good, findings } = await openLayers(
    registry,
    {
      place,
      tag: signatureTag(digest, options.tagPrefix),
      what: 'signature',
      digest,
      maxBytes: options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES,
    },
    (blob, layer) => verifySignatureLayer(layer, blob, claims, options),
  );
  return { digest, signatures: good, findings };
}

/**
 * Verify one layer, without a registry.
 *
 * @param layer - as its manifest describes it
 * @param blob - the payload
 * @param claims - what the payload must say
 * @param options - the key; the other options are about registries
 * @throws {@link CosignError} `ERR_COSIGN_NO_SIGNATURE`, `ERR_COSIGN_NO_MATCH`, `ERR_COSIGN_DIGEST` or `ERR_COSIGN_PAYLOAD`.
 */
export async function verifySignatureLayer(
  layer: SignatureLayer,
  blob: Uint8Array,
  claims: SimpleSigningClaims,
  options: Pick<VerifyImageOptions, 'key' | 'hash' | 'dangerouslySkipClaims'>,
): Promise<VerifiedSignature> {
  const payload = new Uint8Array(blob);
  if (sha256Of(payload) !== layer.digest) {
    throw new CosignError('ERR_COSIGN_DIGEST', 'the blob is not the one that the layer names');
  }
  const signature = signatureOf(layer);
  if (!(await verifyDetached(options.key, payload, signature, options.hash ?? 'sha256'))) {
    throw new CosignError('ERR_COSIGN_NO_MATCH', 'the signature does not verify with this key');
  }
  const parsed = parseSimpleSigning(payload, { mode: 'lenient' });
  const checks = options.dangerouslySkipClaims === true ? [] : checkSimpleSigning(parsed, claims);
  const failed = checks.find(({ passed }) => !passed);
  if (failed !== undefined) {
    const found = failed.actual === undefined ? 'none' : failed.actual.slice(0, 256);
    throw new CosignError(
      'ERR_COSIGN_NO_MATCH',
      `${failed.check}: expected ${failed.expected}, found ${found}`,
    );
  }
  return { layer, payload, claims: parsed, checks } as VerifiedSignature; // the brand exists in types only
}

/** The signature of a layer. */
export function signatureOf(layer: Pick<SignatureLayer, 'annotations'>): Bytes {
  try {
    const signature = decodeWrappedBase64(layer.annotations[SIGNATURE_ANNOTATION] ?? '');
    if (signature.byteLength > 0) return signature;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_NO_SIGNATURE', 'the signature annotation is not base64', { cause });
  }
  throw new CosignError('ERR_COSIGN_NO_SIGNATURE', 'the layer has no signature annotation');
}

const MAX_PAYLOAD_BYTES = 4 << 20;
