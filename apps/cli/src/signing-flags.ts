import { type Command, Option } from 'commander';
import { refuse } from './cosign-flags.js';

/** Flags that say who signs, and who vouches for it. */
export interface SigningFlags {
  readonly key?: string;
  readonly certificate?: string;
  readonly certificateChain?: string;
  readonly identityToken?: string;
  readonly oidcProvider?: string;
  readonly oidcDisableAmbientProviders?: boolean;
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  readonly oidcClientSecretFile?: string;
  readonly oidcRedirectUrl?: string;
  readonly fulcioAuthFlow?: 'normal' | 'device' | 'token';
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly timestampServerUrl?: string;
  readonly signingConfig?: string;
  readonly useSigningConfig?: boolean;
  readonly newBundleFormat?: boolean;
  readonly trustedRoot?: string;
  readonly tlogUpload?: boolean;
  readonly insecureSkipVerify?: boolean;
  readonly bundle?: string;
  readonly issueCertificate?: boolean;
  readonly signingAlgorithm?: string;
  readonly json?: boolean;
}

/**
 * Add the flags of cosign that say who signs, and who vouches for it.
 *
 * @param to - the command
 */
export function signingFlags(to: Command): Command {
  to.option(
    '--key <key>',
    'private key of cosign: a file, env://NAME or k8s://namespace/name; COSIGN_PASSWORD is its password. Without it, a key is made and certified for this once',
  )
    .option('--certificate <file>', 'certificate of the key, PEM, of an authority of one’s own')
    .option('--certificate-chain <file>', 'certificates above it, PEM')
    .option(
      '--identity-token <token>',
      'who signs, without a key: a token or a file with one; else SIGSTORE_ID_TOKEN, a token of GitHub Actions, a file of Kubernetes, or whoever logs in',
    )
    .addOption(
      new Option('--oidc-provider <name>', 'ask only this one for a token').choices([
        'envvar',
        'filesystem',
        'github-actions',
      ]),
    )
    .option('--oidc-disable-ambient-providers', 'take no token but --identity-token')
    .addOption(
      new Option(
        '--fulcio-auth-flow <flow>',
        'how a person logs in: with a browser here, with one anywhere by a code, or not at all (default: normal on a terminal, else token)',
      ).choices(['normal', 'device', 'token']),
    )
    .option(
      '--oidc-issuer <url>',
      'where a person logs in (default: what the signing config lists, else https://oauth2.sigstore.dev/auth)',
    )
    .option('--oidc-client-id <id>', 'what this program is called there (default: sigstore)')
    .option('--oidc-client-secret-file <file>', 'a file with what proves that it is that program')
    .option(
      '--oidc-redirect-url <url>',
      'where the browser is sent back to (default: http://localhost:0/auth/callback, which is any port)',
    )
    .option(
      '--signing-config <file>',
      'signing_config.json: which services to ask; else that of `sealwright initialize`',
    )
    .option(
      '--trusted-root <file>',
      'trusted_root.json: what their answers are held to; else that of `sealwright initialize`',
    )
    .option('--bundle <file>', 'write the bundle to a file as well')
    .option(
      '--fulcio-url <url>',
      'the authority that certifies, without a signing config (default: https://fulcio.sigstore.dev)',
    )
    .option('--rekor-url <url>', 'the log, without a signing config (default: https://rekor.sigstore.dev)')
    .option('--timestamp-server-url <url>', 'an authority that stamps, without a signing config')
    .addOption(new Option('--tlog-upload').hideHelp())
    .option('--no-tlog-upload', 'leave the signature out of the transparency log')
    .addOption(new Option('--use-signing-config').hideHelp())
    .option('--no-use-signing-config', 'take the services of the --…-url flags')
    .option('--issue-certificate', 'have --key certified for this once')
    .option('--insecure-skip-verify', 'do not verify what the services answered')
    .option('-y, --yes', 'for compatibility');
  return refuse(to, [
    '--sk',
    '--slot <name>',
    '--timestamp-client-cacert <file>',
    '--timestamp-client-cert <file>',
    '--timestamp-client-key <file>',
    '--timestamp-server-name <name>',
  ]);
}

/**
 * Add the flags that choose between bundles that refer to the image and the tags of cosign 2.
 *
 * @param to - the command
 */
export function layoutFlags(to: Command): Command {
  return to
    .addOption(new Option('--new-bundle-format').hideHelp())
    .option(
      '--no-new-bundle-format',
      'write under the tags of cosign 2, not into a bundle that refers to the image; so it is too where the flags are those of cosign 2 only, such as --tlog-upload=false',
    );
}

/**
 * Whether a bundle is wanted. Flags that cosign 3 does not take together are those of cosign 2, whoever writes them wants what that writes.
 *
 * @param flags - of the command line
 */
export function wantsBundle(
  flags: SigningFlags & { readonly signContainerIdentity?: readonly string[]; readonly replace?: boolean },
): boolean {
  if (flags.newBundleFormat !== undefined) return flags.newBundleFormat;
  if (flags.useSigningConfig !== undefined || flags.signingConfig !== undefined) return true;
  return !(
    namesServices(flags) ||
    flags.tlogUpload === false ||
    flags.signContainerIdentity !== undefined ||
    flags.replace === true
  );
}

/**
 * Whether flags say which services to ask.
 *
 * @param flags - of the command line
 */
export function namesServices(flags: SigningFlags): boolean {
  return [flags.fulcioUrl, flags.rekorUrl, flags.timestampServerUrl].some((url) => url !== undefined);
}

/** Algorithms of `--signing-algorithm`, and what a key must be for them. */
export const SIGNING_ALGORITHMS: Readonly<
  Record<
    string,
    { readonly kind: 'ec-p256' | 'ec-p384' | 'ec-p521' | 'rsa'; readonly bits?: 2048 | 3072 | 4096 }
  >
> = {
  'ecdsa-sha2-256-nistp256': { kind: 'ec-p256' },
  'ecdsa-sha2-384-nistp384': { kind: 'ec-p384' },
  'ecdsa-sha2-512-nistp521': { kind: 'ec-p521' },
  'rsa-sign-pkcs1-2048-sha256': { kind: 'rsa', bits: 2048 },
  'rsa-sign-pkcs1-3072-sha256': { kind: 'rsa', bits: 3072 },
  'rsa-sign-pkcs1-4096-sha256': { kind: 'rsa', bits: 4096 },
};

/**
 * Add the kind of log entry, of commands that attest: attestations are logged as `dsse`.
 *
 * @param to - the command
 */
export function entryTypeFlag(to: Command): Command {
  return to.addOption(new Option('--rekor-entry-type <type>').choices(['dsse']).hideHelp());
}
