/**
 * Sign and attest images as cosign 3 does: a statement in a bundle that refers to the image.
 *
 * @module
 */
import { encodeUtf8 } from '@sealwright/bytes';
import { createStatement, InTotoError } from '@sealwright/in-toto';
import type { JsonObject } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { signEnvelopeBundle, type SignBundleOptions } from '../bundle/sign-bundle.js';
import { CosignError } from '../errors.js';
import { sha256Hex } from '../image-digest.js';
import { predicateTypeOf } from '../predicate-types.js';
import { repositoryName, resolveImage } from '../registry.js';
import { dockerReference } from '../simple-signing.js';
import { attachBundle } from './attach-bundle.js';
import type { ReferrersRegistry } from './referrers.js';
import { SIGN_PREDICATE_TYPE } from './verify-signed-image.js';

/** How to sign an image into a bundle. */
export interface SignImageBundleOptions extends SignBundleOptions {
  /** Annotations to sign along. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Attest this instead of signing. */
  readonly attest?: {
    /** A name of cosign's `--type`, or a URI. */
    readonly predicateType: string;
    /** What is said about the image. */
    readonly predicate: JsonObject;
  };
  /** The time, for the manifest's annotation. */
  readonly now: Date;
  /** Where the bundle goes. Default the image's own repository. */
  readonly signatureRepository?: ImageReference;
}

/** What {@link signImageBundle} did. */
export interface SignedImageBundle {
  /** `sha256:<hex>` of the image. */
  readonly digest: string;
  /** Digest of the manifest that refers to it. */
  readonly referrer: string;
  /** The bundle, JSON. */
  readonly json: string;
}

/**
 * Sign or attest an image, and attach the bundle.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param options - signer, logs, authorities, and what to say
 * @throws {@link CosignError}
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
  const { json } = await signEnvelopeBundle(payload, options);
  const place = options.signatureRepository ?? image;
  const referrer = await attachBundle(registry, place, digest, {
    bundle: json,
    content: 'dsse-envelope',
    predicateType,
    created: options.now,
  });
  return { digest, referrer, json };
}

function statementOf(
  digest: string,
  image: ImageReference,
  predicateType: string,
  { annotations, attest }: SignImageBundleOptions,
): Uint8Array {
  const sha256 = sha256Hex(digest);
  if (attest === undefined) {
    // cosign names no subject here, only its digest.
    const subject = [{ digest: { sha256 }, ...(annotations === undefined ? {} : { annotations }) }];
    return encodeUtf8(JSON.stringify({ _type: STATEMENT_V1, subject, predicateType, predicate: {} }));
  }
  try {
    const name = dockerReference(repositoryName(image));
    const { predicate } = attest;
    return createStatement({
      version: 'v1',
      subject: [{ name, digest: { sha256 } }],
      predicateType,
      predicate,
    }).bytes;
  } catch (cause) {
    if (!(cause instanceof InTotoError)) throw cause;
    throw new CosignError('ERR_COSIGN_ENVELOPE', cause.message, { cause });
  }
}

const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';
