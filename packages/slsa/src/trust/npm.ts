import { GITHUB_ISSUER } from '../verify/signer.js';
import type { TrustRule } from '../verify/trust-rule.js';

/** Where packages may be published from. */
export interface NpmTrust {
  /** URL of the repository whose workflows publish. */
  readonly repository: string;
  /** Whether runners that are not GitHub's own will do, for level 1. Default `false`. */
  readonly allowSelfHosted?: boolean;
}

/**
 * Provenance that the npm command line makes in a workflow of GitHub. The workflow itself signs for the runner it runs on, so
 * everything that its certificate does not confirm could be made up: level 2 at most.
 *
 * @param options - where packages are published from
 */
export function npm(options: NpmTrust): readonly TrustRule[] {
  const signer = { repository: options.repository, issuer: GITHUB_ISSUER };
  const hosted = HOSTED.map((id): TrustRule => ({ signer, builder: { id }, maxLevel: 2 }));
  if (options.allowSelfHosted !== true) return hosted;
  const own = SELF_HOSTED.map((id): TrustRule => ({
    signer,
    builder: { id },
    maxLevel: 1,
    allowSelfHosted: true,
  }));
  return [...hosted, ...own];
}

const RUNNER = 'https://github.com/actions/runner';
const HOSTED = [`${RUNNER}/github-hosted`, RUNNER];
const SELF_HOSTED = [`${RUNNER}/self-hosted`];
