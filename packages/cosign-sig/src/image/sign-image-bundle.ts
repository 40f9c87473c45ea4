/**
 * Sign and attest images as cosign 3 does: a statement in a bundle that refers to the image.
 *
 * @module
 */
import { encodeUtf8 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { signEnvelopeBundle, type SignBundleOptions } from '../bundle/sign-bundle.js';
import type { SigstoreBundle } from '../bundle/parse-bundle.js';
import { sha256Hex } from '../image-digest.js';
import { predicateTypeOf } from '../predicate-types.js';
import { resolveImage } from '../registry.js';
import { attachBundle } from './attach-bundle.js';
import { imageStatement } from './image-statement.js';
import type { ReferrersRegistry } from './referrers.js';
import { SIGN_PREDICATE_TYPE } from './verify-signed-image.js';

/** What is attested of an image. */
export interface ImageAttestation {
  /** A name of cosign's `--type`, or a URI. */
  readonly predicateType: string;
  /** What is said about the image; a text only for what cosign calls `spdx`. */
  readonly predicate: JsonObject | string;
  /** Version of the statement. Default `v0.1`, as cosign writes. */
  readonly statementVersion?: 'v0.1' | 'v1';
  /** A statement that is signed as it is, instead of one made of the predicate. Default none. */
  readonly statement?: Uint8Array;
}

/** How to sign an image into a bundle. */
export interface SignImageBundleOptions extends SignBundleOptions {
  /** Annotations to sign along. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Attest this instead of signing. */
  readonly attest?: ImageAttestation;
  /** The time, for the manifest's annotation. */
  readonly now: Date;
  /** Where the bundle goes. Default the image's own repository. */
  readonly signatureRepository?: ImageReference;
  /** Whether the bundle is put into the registry. Default `true`. */
  readonly attach?: boolean;
}

/** What {@link signImageBundle} did. */
export interface SignedImageBundle {
  /** `sha256:<hex>` of the image. */
  readonly digest: string;
  /** Digest of the manifest that refers to it; `undefined` where it was not to be attached. */
  readonly referrer: string | undefined;
  /** The bundle, JSON. */
  readonly json: string;
  /** The same, decoded. */
  readonly bundle: SigstoreBundle;
}

/**
 * Sign or attest an image, and attach the bundle.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param options - signer, logs, authorities, and what to say
 * @throws {@link CosignError}
 *
 * @example
 * ```ts
 * const { referrer } = await signImageBundle(registry, image, { by: bundleSigner(key), now: new Date() });
 * console.log(referrer?.slice(0, 7)); // sha256:
 * ```
 */
export async function signImageBundle(
  registry: ReferrersRegistry,
  image: ImageReference,
  options: SignImageBundleOptions,
): Promise<SignedImageBundle> {
  const digest = await resolveImage(registry, image);
  const predicateType =
    options.attest === undefined ? SIGN_PREDICATE_TYPE : predicateTypeOf(options.attest.predicateType);
  const payload = statementOf(digest, image, predicateType, options);
  const { json, bundle } = await signEnvelopeBundle(payload, options);
  if (options.attach === false) return { digest, referrer: undefined, json, bundle };
  const place = options.signatureRepository ?? image;
  const referrer = await attachBundle(registry, place, digest, {
    bundle: json,
    content: 'dsse-envelope',
    predicateType,
    created: options.now,
    imageRepository: image,
  });
  return { digest, referrer, json, bundle };
}

function statementOf(
  digest: string,
  image: ImageReference,
  predicateType: string,
  { annotations, attest }: SignImageBundleOptions,
): Uint8Array {
  const sha256 = sha256Hex(digest);
  if (attest?.statement !== undefined) return attest.statement;
  if (attest === undefined) {
    // cosign names no subject here, only its digest.
    const subject = [{ digest: { sha256 }, ...(annotations === undefined ? {} : { annotations }) }];
    return encodeUtf8(JSON.stringify({ _type: STATEMENT_V1, subject, predicateType, predicate: {} }));
  }
  return imageStatement(digest, image, { ...attest, predicateType });
}

const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';
