import type { Command } from 'commander';
import { VERIFY_EXIT_CODES } from './command.js';
import { refuse, withoutEffect } from './cosign-flags.js';
import { beyondLogFlags, ownAuthorityFlags } from './identity-flags.js';

/**
 * Refuse flags that name a signature in files, of commands that look for signatures themselves.
 *
 * @param to - the command
 */
export function refuseFiles(to: Command): Command {
  return refuse(to, [
    '--certificate <file>',
    '--payload <file>',
    '--rfc3161-timestamp <file>',
    '--signature <file>',
  ]);
}

/**
 * Flags that cosign's verifying commands share: those that change nothing, and those that are refused.
 *
 * @param to - the command
 * @param options - whether it is about images, or else files
 */
export function cosignVerifyFlags(
  to: Command,
  { images }: { readonly images: boolean } = { images: true },
): Command {
  to.option('--insecure-ignore-tlog', 'do not look for the signature in a transparency log')
    .option('--insecure-ignore-sct', 'do not look for the certificate in a certificate log')
    .option('--use-signed-timestamps', 'an authority must have stamped the signature')
    .addHelpText('after', `Also, ${VERIFY_EXIT_CODES}`);
  beyondLogFlags(ownAuthorityFlags(to));
  if (images) {
    to.option('--local-image', 'images are folders, as `sealwright save` and `cosign save` write them');
    refuse(to, ['--attachment <name>', '--bundle <file>']);
  }
  withoutEffect(to, [
    '--new-bundle-format',
    '--no-new-bundle-format',
    '--experimental-oci11',
    '--max-workers <n>',
  ]);
  return to;
}
