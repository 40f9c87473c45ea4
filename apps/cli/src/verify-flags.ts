import type { Command } from 'commander';
import { VERIFY_EXIT_CODES } from './command.js';
import { notYet, withoutEffect } from './cosign-flags.js';
import { ownAuthorityFlags } from './identity-flags.js';

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
  if (images)
    to.option('--local-image', 'images are folders, as `sealwright save` and `cosign save` write them');
  ownAuthorityFlags(to);
  withoutEffect(to, [
    '--new-bundle-format',
    '--no-new-bundle-format',
    '--experimental-oci11',
    '--max-workers <n>',
  ]);
  const ofImages = images ? ['certificate', 'bundle', 'rfc3161-timestamp'] : [];
  const values = [...ofImages, 'payload', 'sct', 'slot'];
  const chain = images ? ['allow-certificate-chain'] : [];
  const switches = [...chain, 'sk', 'k8s-keychain', 'private-infrastructure'];
  return notYet(to, values, switches);
}
