import type { BuildLevel, SignerPattern, TrustRule } from '../verify/trust-rule.js';

/** Who signs for a Tekton Chains, and as which builder. */
export interface TektonTrust {
  /** Its keys, or the certificate of its service account. */
  readonly signer: SignerPattern;
  /** Its `builder.id`. Default `https://tekton.dev/chains/v2`, which every installation has that was not told otherwise. */
  readonly builderId?: string;
  /**
   * How far it is believed. Default 2: level 3 needs results that other pods cannot fake and a key that no administrator can
   * read, which provenance does not tell.
   */
  readonly maxLevel?: BuildLevel;
}

/**
 * An installation of Tekton Chains, or of what writes the same.
 *
 * @param options - who signs, and as which builder
 */
export function tekton(options: TektonTrust): readonly TrustRule[] {
  const { signer, builderId: id = 'https://tekton.dev/chains/v2', maxLevel = 2 } = options;
  return [{ signer, builder: { id }, maxLevel }];
}
