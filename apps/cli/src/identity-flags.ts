import type { Command } from 'commander';

/** Flags that say who may sign, and against what that is checked. */
export interface VerificationFlags {
  readonly key?: string;
  readonly certificateIdentity?: string;
  readonly certificateIdentityRegexp?: string;
  readonly certificateOidcIssuer?: string;
  readonly certificateOidcIssuerRegexp?: string;
  readonly certificateGithubWorkflowTrigger?: string;
  readonly certificateGithubWorkflowSha?: string;
  readonly certificateGithubWorkflowName?: string;
  readonly certificateGithubWorkflowRepository?: string;
  readonly certificateGithubWorkflowRef?: string;
  readonly trustedRoot?: string;
  readonly insecureIgnoreTlog?: boolean;
  readonly insecureIgnoreSct?: boolean;
  readonly useSignedTimestamps?: boolean;
}

/**
 * Add the flags of cosign that say who may sign.
 *
 * @param to - the command
 */
export function identityFlags(to: Command): Command {
  return to
    .option('--key <key>', 'public key: a file, env://NAME or https://…')
    .option('--certificate-identity <name>', 'who must have signed: a name in the certificate')
    .option(
      '--certificate-identity-regexp <pattern>',
      'the same as a pattern that fits anywhere; anchor it with ^ and $',
    )
    .option('--certificate-oidc-issuer <url>', 'who must have vouched for the name')
    .option('--certificate-oidc-issuer-regexp <pattern>', 'the same as a pattern that fits anywhere')
    .option('--certificate-github-workflow-trigger <name>', 'event that must have started the workflow')
    .option('--certificate-github-workflow-sha <sha>', 'commit of the workflow')
    .option('--certificate-github-workflow-name <name>', 'name of the workflow')
    .option('--certificate-github-workflow-repository <name>', 'repository of the workflow')
    .option('--certificate-github-workflow-ref <ref>', 'branch or tag of the workflow')
    .option('--trusted-root <file>', 'trusted_root.json: which authorities and logs to believe');
}
