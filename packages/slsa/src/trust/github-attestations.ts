import { GITHUB_ISSUER } from '../verify/signer.js';
import type { TrustRule } from '../verify/trust-rule.js';

/** Which workflows may attest for themselves. */
export interface AttestationTrust {
  /** Repositories whose workflows attest what they built, by URL. Believed up to level 2. */
  readonly repositories?: readonly string[];
  /** Reusable workflows, by URL of their file without a ref. Believed up to level 3, at release tags. */
  readonly reusableWorkflows?: readonly string[];
  /** The identity provider. Default GitHub's own. */
  readonly issuer?: string;
}

/**
 * GitHub's artifact attestations (`actions/attest-build-provenance`), where the builder is the workflow that signs.
 *
 * @param options - which workflows
 */
export function githubAttestations(options: AttestationTrust): readonly TrustRule[] {
  const { repositories = [], reusableWorkflows = [], issuer = GITHUB_ISSUER } = options;
  return [
    ...repositories.map((repository): TrustRule => ({
      signer: { repository, issuer },
      builder: 'same-as-signer',
      maxLevel: 2,
    })),
    ...reusableWorkflows.map((workflow): TrustRule => ({
      signer: { workflow, issuer },
      builder: 'same-as-signer',
      maxLevel: 3,
      requireReleaseTag: true,
    })),
  ];
}
