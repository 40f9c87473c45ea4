/**
 * The signature itself: over the artifact, its digest, or the pre-authentication encoding of an envelope.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import {
  type PublicKey,
  type SignatureHash,
  type SignatureScheme,
  verify,
  verifyDigest,
} from '@sealwright/crypto';
import { pae } from '@sealwright/in-toto';
import type { Artifact } from './artifact.js';
import type { BundleContent } from './parse-bundle.js';

/** What a signature was made over. */
export type SignedData =
  | { readonly kind: 'message'; readonly artifact: Artifact; readonly hint: string | undefined }
  | { readonly kind: 'dsse'; readonly encoded: Bytes };

/** What the content of a bundle is signed over. */
export function signedDataOf(content: BundleContent, artifact: Artifact | undefined): SignedData | undefined {
  if (content.kind === 'dsse')
    return { kind: 'dsse', encoded: pae(content.envelope.payloadType, content.envelope.payload) };
  return artifact === undefined ? undefined : { kind: 'message', artifact, hint: content.digest?.algorithm };
}

/**
 * Check a signature. ECDSA may be made with SHA-256 whatever the curve, as bundles up to 0.3 have it; Ed25519 may be pure or
 * prehashed, which cannot be taken for each other.
 *
 * @param hash - the only one that an ECDSA or RSA signature over a message may be made with; by default the key decides
 * @returns why it does not hold, `undefined` when it does
 */
export async function whyNotSigned(
  key: PublicKey,
  data: SignedData,
  signature: Uint8Array,
  hash?: SignatureHash,
): Promise<string | undefined> {
  let reason = 'the signature does not hold';
  for (const scheme of schemesOf(key, data, hash)) {
    const bytes = data.kind === 'dsse' ? data.encoded : data.artifact.bytes;
    if (bytes !== undefined) {
      if (await verify(key, bytes, signature, { scheme, encoding: 'either' })) return undefined;
      continue;
    }
    const digest = data.kind === 'message' ? data.artifact.digest(hashOfScheme(scheme)) : undefined;
    if (digest === undefined || scheme === 'ed25519')
      reason = `the signature does not hold, or needs more than a digest`;
    else if (verifyDigest(key, digest, signature, { scheme, encoding: 'either' })) return undefined;
  }
  return reason;
}

function schemesOf(
  key: PublicKey,
  data: SignedData,
  hash: SignatureHash | undefined,
): readonly SignatureScheme[] {
  if (key.kind === 'ed25519')
    return data.kind === 'dsse' ? ['ed25519', 'ed25519ph'] : ['ed25519ph', 'ed25519'];
  if (hash !== undefined && data.kind === 'message')
    return [key.kind === 'rsa' ? `rsa-pkcs1-${hash}` : `ecdsa-${hash}`];
  if (key.kind === 'rsa') return ['rsa-pkcs1-sha256'];
  if (key.kind === 'ec-p256') return ['ecdsa-sha256'];
  const own: SignatureScheme = key.kind === 'ec-p384' ? 'ecdsa-sha384' : 'ecdsa-sha512';
  const shortFirst = data.kind === 'message' && data.hint === 'SHA2_256';
  return shortFirst ? ['ecdsa-sha256', own] : [own, 'ecdsa-sha256'];
}

function hashOfScheme(scheme: SignatureScheme): SignatureHash {
  if (scheme.endsWith('sha256')) return 'sha256';
  return scheme.endsWith('sha384') ? 'sha384' : 'sha512';
}
