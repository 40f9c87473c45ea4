import type { Command } from 'commander';
import type { CreateBundleFlags, UpgradeBundleFlags } from '../bundle-files.js';
import { refuse } from '../cosign-flags.js';
import { command } from '../command.js';
import type { Io } from '../io.js';

/** `bundle create`: a bundle out of what stands in files, as `cosign bundle create`. */
export function bundleCreate(io: Io): Command {
  const flags = command(
    'create',
    'Make a bundle of version 0.3 out of a signature and what stands beside it.',
    [
      'sealwright bundle create --artifact app --signature app.sig --key cosign.pub --ignore-tlog --out app.sigstore.json',
      'sealwright bundle create --artifact app --signature app.sig --certificate app.pem --rekor-url https://rekor.sigstore.dev --trusted-root trusted_root.json --out app.sigstore.json',
      'sealwright bundle create --attestation app.att --key cosign.pub --ignore-tlog',
    ],
  )
    .option('--artifact <file>', 'what was signed')
    .option('--signature <file>', 'its signature, base64: a file, or itself')
    .option('--attestation <file>', 'a DSSE envelope, instead of artifact and signature')
    .option('--bundle <file>', 'a bundle of cosign 2, instead of a signature or an envelope')
    .option('--certificate <file>', 'certificate of who signed, PEM')
    .option('--key <key>', 'public key of who signed: a file, env://NAME, k8s://namespace/name or https://…')
    .option('--rfc3161-timestamp <file>', 'a timestamp of the signature, as cosign writes it')
    .option('--ignore-tlog', 'leave the transparency log out');
  return refuse(logFlags(flags), ['--sk', '--slot <name>']).action(async (options: CreateBundleFlags) => {
    const { createBundle } = await import('../bundle-files.js');
    await createBundle(io, options);
  });
}

/** `bundle upgrade`: an older bundle in today's version, as `cosign bundle upgrade`. */
export function bundleUpgrade(io: Io): Command {
  const flags = command(
    'upgrade <bundle>',
    'Write a bundle of version 0.1 or 0.2 as version 0.3. Where it has no proof, the log is asked for it.',
    [
      'sealwright bundle upgrade --out app.sigstore.json old.sigstore.json',
      'sealwright bundle upgrade --rekor-url https://rekor.sigstore.dev --trusted-root trusted_root.json old.sigstore.json',
    ],
  );
  return logFlags(flags).action(async (file: string, options: UpgradeBundleFlags) => {
    const { upgradeBundle } = await import('../bundle-files.js');
    await upgradeBundle(io, file, options);
  });
}

/** `bundle inspect`: what a bundle says, as `cosign bundle inspect`. */
export function bundleInspect(io: Io): Command {
  return command('inspect <bundle>', 'Show what a bundle says. Nothing is verified.', [
    'sealwright bundle inspect app.sigstore.json',
  ]).action(async (file: string, options: { readonly json?: boolean }) => {
    const { inspectBundle } = await import('../bundle-picture.js');
    await inspectBundle(io, file, options);
  });
}

function logFlags(to: Command): Command {
  return to
    .option('--rekor-url <url>', 'the log to ask, which the trusted root lists')
    .option('--trusted-root <file>', 'trusted_root.json; else that of `sealwright initialize`')
    .option('--out <file>', 'where it goes (default: standard output)');
}
