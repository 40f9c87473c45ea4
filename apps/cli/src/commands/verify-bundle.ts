import {
  CosignError,
  createBundleVerifier,
  lookUpEntry,
  parseBundle,
  parseLegacyBundle,
  type SigstoreBundle,
} from '@sealwright/cosign-sig';
import type { Command } from 'commander';
import { artifactOf } from '../artifact.js';
import { command, print, VERIFY_EXIT_CODES } from '../command.js';
import { withoutEffect } from '../cosign-flags.js';
import { about, CommandError } from '../failure.js';
import type { Io } from '../io.js';
import { type DetachedFlags, detachedEvidence } from '../detached.js';
import {
  beyondLogFlags,
  detachedFlags,
  identityFlags,
  ownAuthorityFlags,
  signatureHashFlag,
  type VerificationFlags,
} from '../identity-flags.js';
import { askedLog, policyOf, trustedRootOf } from '../verification.js';

interface BundleFlags extends VerificationFlags, DetachedFlags {
  readonly bundle?: string;
  readonly json?: boolean;
}

/** `verify-bundle`: a file against a Sigstore bundle, in the protocol of the client conformance suite. */
export function verifyBundle(io: Io): Command {
  const flags = command('verify-bundle <artifact>', 'Verify a file with a Sigstore bundle, offline.', [
    'sealwright verify-bundle --bundle app.sigstore.json --key cosign.pub --trusted-root trusted_root.json app',
    'sealwright verify-bundle --bundle app.sigstore.json --certificate-identity me@example.com --certificate-oidc-issuer https://accounts.example.com --trusted-root trusted_root.json sha256:3f0c…',
  ]);
  beyondLogFlags(bundleFlags(flags));
  return verifying(io, withoutEffect(flags, ['--offline']), (text, options) =>
    parseBundle(text, { allowCertificateChain: options.allowCertificateChain === true }),
  );
}

/** `verify-blob`: the same in the words of cosign, with the bundles of its first two versions as well. */
export function verifyBlob(io: Io): Command {
  const flags = command('verify-blob <artifact>', 'Verify a file with a bundle or a signature.', [
    'sealwright verify-blob --bundle app.sigstore.json --key cosign.pub --insecure-ignore-tlog app',
    'sealwright verify-blob --signature app.sig --key cosign.pub --insecure-ignore-tlog app',
    'sealwright verify-blob --signature app.sig --certificate app.pem --certificate-identity me@example.com --certificate-oidc-issuer https://accounts.example.com --trusted-root trusted_root.json --rekor-url https://rekor.sigstore.dev app',
  ]);
  detachedFlags(ownAuthorityFlags(bundleFlags(flags)));
  withoutEffect(signatureHashFlag(beyondLogFlags(flags)), ['--experimental-oci11']);
  return verifying(io, flags, eitherBundle);
}

function bundleFlags(flags: Command): Command {
  identityFlags(flags)
    .option('--bundle <file>', 'the bundle')
    .option('--insecure-ignore-tlog', 'do not look for the signature in a transparency log')
    .option('--insecure-ignore-sct', 'do not look for the certificate in a certificate log')
    .option('--use-signed-timestamps', 'an authority must have stamped it')
    .addHelpText('after', `Also, ${VERIFY_EXIT_CODES}`);
  withoutEffect(flags, ['--staging', '--new-bundle-format', '--no-new-bundle-format', '--max-workers <n>']);
  return flags;
}

function verifying(
  io: Io,
  flags: Command,
  read: (text: Uint8Array, options: BundleFlags) => SigstoreBundle,
): Command {
  return flags.action(async (artifact: string, options: BundleFlags) => {
    const { bundle: path, signature } = options;
    if ((path === undefined) === (signature === undefined))
      throw new CommandError(
        signature === undefined
          ? '--bundle is needed, or --signature'
          : 'give --bundle or --signature, not both',
      );
    const policy = await policyOf(io, options);
    const root = await trustedRootOf(io, options);
    const log = askedLog(io, options, root);
    const needsBytes = log !== undefined || policy.keys?.some(({ kind }) => kind === 'ed25519') === true;
    const subject = await artifactOf(io, artifact, { whole: needsBytes });
    const bundle = await bundleOf(io, options, read);
    const logged =
      log === undefined || !('bytes' in subject)
        ? bundle
        : await lookUpEntry(bundle, {
            log,
            payload: subject.bytes,
            ...(policy.keys === undefined ? {} : { keys: policy.keys }),
          });
    const verdict = await createBundleVerifier(root).verify(logged, subject, policy);
    io.err(options.json === true ? '' : 'Verified OK\n');
    const { checks, certificate, times } = verdict;
    const names = certificate?.names.map(({ value }) => value);
    print(io, options.json, { verified: true, names, issuer: certificate?.issuer, times, checks }, '');
  });
}

async function bundleOf(
  io: Io,
  options: BundleFlags,
  read: (text: Uint8Array, options: BundleFlags) => SigstoreBundle,
): Promise<SigstoreBundle> {
  const path = options.bundle;
  if (path === undefined) {
    const [evidence] = await detachedEvidence(io, options, 'signature');
    if (evidence !== undefined) return evidence;
    throw new CommandError('--bundle is needed');
  }
  const text = await io.readFile(path);
  return about(path, () => read(text, options));
}

/** As cosign, what is no bundle of today may be one of old. */
function eitherBundle(text: Uint8Array, options: BundleFlags): SigstoreBundle {
  try {
    return parseBundle(text, { allowCertificateChain: options.allowCertificateChain === true });
  } catch (error) {
    if (!(error instanceof CosignError) || error.pointer !== '/mediaType') throw error;
    return parseLegacyBundle(text);
  }
}
