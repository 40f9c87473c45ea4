/**
 * The one verifier: every check of one signature against what is trusted, without any network.
 *
 * @module
 */
import { CosignError } from '../errors.js';
import type { TrustedRoot } from '../trust/trusted-root.js';
import { SignatureMemo } from '../x509/signature-memo.js';
import { appraise as appraiseSignature } from './appraisal.js';
import type { ArtifactInput } from './artifact.js';
import type { SigstoreBundle } from './parse-bundle.js';
import type { VerificationPolicy } from './policy.js';
import type { SignatureVerdict } from './verdict.js';

declare const verified: unique symbol;

/** A verdict that is positive. Only {@link BundleVerifier.verify} makes one. */
export type VerifiedBundle = SignatureVerdict & {
  readonly verified: true;
  /** Marks that the verdict is positive. */
  readonly [verified]: true;
};

/** How a verifier works. */
export interface BundleVerifierOptions {
  /**
   * How many signatures of certificates and of certificate logs to remember once they held, about 100 bytes each. Dates are
   * checked on each use all the same. Default 4096; 0 remembers none.
   */
  readonly memory?: number;
}

/** Verifies signatures against one trusted root. Keep it: it remembers chains that held. */
export interface BundleVerifier {
  /**
   * Check everything and list it.
   *
   * @param bundle - decoded
   * @param artifact - what the signature is to be about; `undefined` only for an envelope with `dangerouslySkipArtifact`
   * @param policy - what is asked for
   * @throws {@link CosignError} `ERR_COSIGN_DIGEST` for an artifact without digests; `TypeError` for a policy that asks for nobody.
   */
  appraise(
    bundle: SigstoreBundle,
    artifact: ArtifactInput | undefined,
    policy: VerificationPolicy,
  ): Promise<SignatureVerdict>;
  /**
   * Check everything, and refuse unless all of it holds.
   *
   * @param bundle - decoded
   * @param artifact - what the signature is to be about; `undefined` only for an envelope with `dangerouslySkipArtifact`
   * @param policy - what is asked for
   * @throws {@link CosignError} `ERR_COSIGN_NO_MATCH` with a finding for each check that failed.
   */
  verify(
    bundle: SigstoreBundle,
    artifact: ArtifactInput | undefined,
    policy: VerificationPolicy,
  ): Promise<VerifiedBundle>;
}

/**
 * Make a verifier.
 *
 * @param trustedRoot - what is trusted; it never comes from a bundle
 * @param options - memory
 *
 * @example
 * ```ts
 * const verifier = createBundleVerifier(parseTrustedRoot(trustedRoot));
 * const { verified, checks } = await verifier.appraise(parseBundle(json), { bytes: file }, { keys: [key.publicKey] });
 * console.log(verified, checks.find(({ outcome }) => outcome === 'failed')?.check); // false log entries
 * ```
 */
export function createBundleVerifier(
  trustedRoot: TrustedRoot,
  options: BundleVerifierOptions = {},
): BundleVerifier {
  const memo = new SignatureMemo(options.memory ?? 4096);
  const appraise: BundleVerifier['appraise'] = async (bundle, artifact, policy) =>
    appraiseSignature(trustedRoot, memo, bundle, artifact, policy);
  return {
    appraise,
    verify: async (bundle, artifact, policy) => {
      const verdict = await appraise(bundle, artifact, policy);
      if (verdict.verified) return verdict as VerifiedBundle; // the brand exists in types only
      throw refusalOf(verdict);
    },
  };
}

/**
 * The error that says what a negative verdict says: `ERR_COSIGN_NO_MATCH` with a finding for each check that failed.
 *
 * @param verdict - negative
 */
export function refusalOf(verdict: SignatureVerdict): CosignError {
  const findings = verdict.checks
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ check, pointer, detail }) => ({
      subject: pointer === '' ? check : `${check} ${pointer}`,
      reason: detail,
    }));
  const reasons = findings.map(({ subject, reason }) => `${subject}: ${reason}`).join('; ');
  return new CosignError('ERR_COSIGN_NO_MATCH', `the signature is not accepted: ${reasons}`.slice(0, 2048), {
    findings,
  });
}
