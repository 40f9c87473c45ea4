import { createBundleVerifier } from '../bundle/bundle-verifier.js';
import type { SigstoreBundle } from '../bundle/parse-bundle.js';
import type { VerificationPolicy } from '../bundle/policy.js';
import { CosignError } from '../errors.js';
import { sha256Hex } from '../image-digest.js';
import { SIGN_PREDICATE_TYPE } from '../image/verify-signed-image.js';
import type { TrustedRoot } from '../trust/trusted-root.js';
import type { ImageEvidence } from './evidence.js';
import type { SignedIdentity } from './identity.js';
import { refuse } from './refuse.js';

/** What bundles are checked with. */
export interface BundleTrust {
  readonly root: TrustedRoot;
  readonly policy: VerificationPolicy;
}

/**
 * One bundle that is trusted, over this image: how cosign 3 signs. Such a signature names no reference, so that a rule about names cannot
 * hold; who made it.
 */
export async function checkBundleSigned(
  evidence: ImageEvidence,
  { root, policy }: BundleTrust,
  identity: SignedIdentity | undefined,
): Promise<string> {
  const bundles = (await evidence.sigstoreBundles?.()) ?? [];
  if (bundles.length === 0) throw refuse('there is no bundle');
  if (identity !== undefined) throw refuse(`bundles name no reference, and ${identity.type} asks for one`);
  const verifier = createBundleVerifier(root, { memory: 0 });
  const reasons: string[] = [];
  for (const [index, bundle] of bundles.slice(0, MAX_BUNDLES).entries()) {
    for (const digest of new Set([evidence.digest, evidence.indexDigest ?? evidence.digest])) {
      try {
        return `bundle ${index + 1} ${await signerOf(bundle, digest, verifier, policy)}`;
      } catch (error) {
        if (!(error instanceof CosignError)) throw error;
        reasons.push(`bundle ${index + 1}: ${error.message}`);
      }
    }
  }
  throw refuse(reasons.join('; '));
}

async function signerOf(
  bundle: SigstoreBundle,
  digest: string,
  verifier: ReturnType<typeof createBundleVerifier>,
  policy: VerificationPolicy,
): Promise<string> {
  const { statement, key, certificate } = await verifier.verify(
    bundle,
    { sha256: sha256Hex(digest) },
    policy,
  );
  if (statement?.predicateType !== SIGN_PREDICATE_TYPE)
    throw refuse('it attests something else than a signature');
  if (certificate === undefined) return `by the key ${key?.fingerprint ?? ''}`;
  return `by ${certificate.names.map(({ value }) => value).join(' ')}`;
}

const MAX_BUNDLES = 50;
