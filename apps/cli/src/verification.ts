import {
  type CertificateIdentity,
  parseTrustedRoot,
  type TextMatcher,
  type TrustedRoot,
  type VerificationPolicy,
} from '@sealwright/cosign-sig';
import { compileRegex, RegexSyntaxError } from '@sealwright/rego/regex';
import type { Command } from 'commander';
import { about, CommandError } from './failure.js';
import type { Io } from './io.js';
import { publicKeyOf } from './keys.js';

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

/**
 * The policy that flags say.
 *
 * @param io - the world
 * @param flags - of the command
 */
export async function policyOf(io: Io, flags: VerificationFlags): Promise<VerificationPolicy> {
  const identity = identityOf(io, flags);
  if (flags.key !== undefined && identity !== undefined)
    throw new CommandError('give --key, or who must have signed, not both');
  const shared = {
    ...(flags.insecureIgnoreTlog === true ? { logEntries: 0 } : {}),
    ...(flags.insecureIgnoreSct === true ? { scts: 0 } : {}),
    ...(flags.useSignedTimestamps === true ? { timestamps: 1 } : {}),
  };
  if (identity !== undefined) return { identities: [identity], ...shared };
  if (flags.key !== undefined) return { keys: [await publicKeyOf(io, flags.key)], ...shared };
  throw new CommandError('--key is needed, or --certificate-identity and --certificate-oidc-issuer');
}

/**
 * What is trusted: the file of `--trusted-root`. Without one, only keys can be believed.
 *
 * @param io - the world
 * @param flags - of the command
 */
export async function trustedRootOf(io: Io, flags: VerificationFlags): Promise<TrustedRoot> {
  const path = flags.trustedRoot;
  if (path !== undefined) {
    const bytes = await io.readFile(path);
    return about(path, () => parseTrustedRoot(bytes));
  }
  if (flags.key !== undefined && flags.insecureIgnoreTlog === true)
    return { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
  throw new CommandError('--trusted-root is needed: the trusted_root.json of the Sigstore instance');
}

function identityOf(io: Io, flags: VerificationFlags): CertificateIdentity | undefined {
  const subject = ruleOf(io, flags.certificateIdentity, flags.certificateIdentityRegexp, 'identity');
  const issuer = ruleOf(io, flags.certificateOidcIssuer, flags.certificateOidcIssuerRegexp, 'oidc-issuer');
  if (subject === undefined && issuer === undefined) return undefined;
  if (subject === undefined || issuer === undefined)
    throw new CommandError('--certificate-identity and --certificate-oidc-issuer are needed together');
  const extensions = Object.fromEntries(
    (
      [
        ['githubWorkflowTrigger', flags.certificateGithubWorkflowTrigger],
        ['githubWorkflowSha', flags.certificateGithubWorkflowSha],
        ['githubWorkflowName', flags.certificateGithubWorkflowName],
        ['githubWorkflowRepository', flags.certificateGithubWorkflowRepository],
        ['githubWorkflowRef', flags.certificateGithubWorkflowRef],
      ] as const
    ).filter(([, value]) => value !== undefined),
  );
  return { issuer, subject, extensions };
}

/** As cosign has it, a pattern wins over a text, and fits anywhere. */
function ruleOf(
  io: Io,
  text: string | undefined,
  pattern: string | undefined,
  name: string,
): string | TextMatcher | undefined {
  if (pattern === undefined) return text;
  const flag = `--certificate-${name}-regexp`;
  if (!pattern.startsWith('^') || !pattern.endsWith('$'))
    io.err(`Warning: ${flag} fits anywhere in the text; begin it with ^ and end it with $\n`);
  try {
    const regex = compileRegex(pattern);
    return { pattern, test: (candidate) => regex.match(candidate, 0) !== undefined };
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new CommandError(`${flag}: ${error.message}`);
  }
}
