import { type Command, Option } from 'commander';
import { refuse } from './cosign-flags.js';

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
  readonly caRoots?: string;
  readonly caIntermediates?: string;
  readonly certificateChain?: string;
  readonly timestampCertificateChain?: string;
  readonly rekorUrl?: string;
  readonly offline?: boolean;
  readonly insecureIgnoreTlog?: boolean;
  readonly insecureIgnoreSct?: boolean;
  readonly useSignedTimestamps?: boolean;
  readonly sct?: string;
  readonly allowCertificateChain?: boolean;
}

/**
 * Add the flags of cosign that say who may sign.
 *
 * @param to - the command
 */
export function identityFlags(to: Command): Command {
  return to
    .option('--key <key>', 'public key: a file, env://NAME, k8s://namespace/name or https://…')
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
 * Add the flags of cosign that name authorities of one's own, and a log to ask.
 *
 * @param to - the command
 */
export function ownAuthorityFlags(to: Command): Command {
  return to
    .option('--ca-roots <file>', 'authorities that certify, PEM, beside those of the trusted root')
    .option('--ca-intermediates <file>', 'authorities between them and the certificate, PEM')
    .option('--certificate-chain <file>', 'the same as both in one file, PEM: the root last')
    .option('--timestamp-certificate-chain <file>', 'an authority that stamps, PEM: the root last')
    .option(
      '--rekor-url <url>',
      'a log of the trusted root to ask for signatures that came without an entry; without it nobody is asked',
    )
    .option('--offline', 'ask nobody, whatever --rekor-url says')
    .addOption(new Option('--no-offline').hideHelp());
}

/**
 * Add the flags of cosign for what may stand in a bundle or beside a certificate, and refuse those for keys in hardware.
 *
 * @param to - the command
 */
export function beyondLogFlags(to: Command): Command {
  to.option('--allow-certificate-chain', 'take a chain of certificates in a bundle of version 0.3')
    .option(
      '--sct <file>',
      'what a certificate log said of the certificate, if the certificate does not say it',
    )
    .addOption(new Option('--private-infrastructure').implies({ insecureIgnoreTlog: true }).hideHelp());
  return refuse(to, ['--sk', '--slot <name>']);
}

/**
 * Add the hash of signatures, which is chosen by the key and the signature: cosign has to be told.
 *
 * @param to - the command
 */
export function signatureHashFlag(to: Command): Command {
  return to.addOption(
    new Option('--signature-digest-algorithm <name>').choices(['sha256', 'sha384', 'sha512']).hideHelp(),
  );
}

/**
 * Add the flags of cosign that name what stands beside a signature of a file.
 *
 * @param to - the command
 */
export function detachedFlags(to: Command): Command {
  return to
    .option('--signature <file>', 'the signature, instead of a bundle')
    .option('--certificate <file>', 'the certificate of who signed, PEM')
    .option('--rfc3161-timestamp <file>', 'a timestamp of the signature, as cosign writes it');
}
