import type { Command } from 'commander';
import { VERIFY_EXIT_CODES } from './command.js';
import { notYet, withoutEffect } from './cosign-flags.js';

/**
 * Flags that cosign's verifying commands share: those that change nothing, and those that are refused.
 *
 * @param to - the command
 */
export function cosignVerifyFlags(to: Command): Command {
  to.option('--insecure-ignore-tlog', 'do not look for the signature in a transparency log')
    .option('--insecure-ignore-sct', 'do not look for the certificate in a certificate log')
    .option('--use-signed-timestamps', 'an authority must have stamped the signature')
    .addHelpText('after', `Also, ${VERIFY_EXIT_CODES}`);
  withoutEffect(to, [
    '--new-bundle-format',
    '--no-new-bundle-format',
    '--offline',
    '--no-offline',
    '--experimental-oci11',
    '--max-workers <n>',
  ]);
  const values = [
    'certificate',
    'certificate-chain',
    'ca-roots',
    'ca-intermediates',
    'rekor-url',
    'bundle',
    'policy',
    'payload',
    'sct',
    'slot',
    'timestamp-certificate-chain',
    'rfc3161-timestamp',
    'registry-cacert',
    'registry-client-cert',
    'registry-client-key',
    'registry-server-name',
    'registry-token',
    'registry-username',
    'registry-password',
  ];
  const switches = ['sk', 'local-image', 'allow-certificate-chain', 'k8s-keychain', 'private-infrastructure'];
  return notYet(to, values, switches);
}
