import type { TrustRule } from '../verify/trust-rule.js';

/**
 * The hosted workers of Google Cloud Build, whichever version of them.
 *
 * @param keys - what its keys are called: the key ids that `verifyCloudBuild` was given
 */
export function cloudBuild(keys: readonly string[]): readonly TrustRule[] {
  const id = 'https://cloudbuild.googleapis.com/GoogleHostedWorker';
  return [{ signer: { keys }, builder: { id }, maxLevel: 3 }];
}
