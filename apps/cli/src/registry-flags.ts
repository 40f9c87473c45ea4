import type { Command } from 'commander';
import { refuse } from './cosign-flags.js';

/** The flags of commands that speak to a registry. */
export interface RegistryFlags {
  readonly allowHttpRegistry?: boolean;
  readonly allowInsecureRegistry?: boolean;
  readonly attachmentTagPrefix?: string;
  readonly timeout?: number;
  readonly registryUsername?: string;
  readonly registryPassword?: string;
  readonly registryToken?: string;
  readonly platform?: string;
}

/**
 * Add the flags of commands that speak to a registry.
 *
 * @param to - the command
 */
export function registryFlags(to: Command): Command {
  to.option('--registry-username <name>', 'log in to the registry as')
    .option('--registry-password <password>', 'with this password')
    .option('--registry-token <token>', 'show the registry this bearer token');
  refuse(to, [
    '--registry-cacert <file>',
    '--registry-client-cert <file>',
    '--registry-client-key <file>',
    '--registry-server-name <name>',
    '--k8s-keychain',
  ]);
  return to
    .option('--allow-http-registry', 'speak plain HTTP to registries; loopback needs no flag')
    .option('--allow-insecure-registry', 'the same; certificates are still checked where there is TLS')
    .option('--attachment-tag-prefix <prefix>', 'what the tags of signatures begin with');
}

/**
 * Add `--platform`, for images that are an index.
 *
 * @param to - the command
 */
export function platformFlag(to: Command): Command {
  return to.option('--platform <os/architecture>', 'of an index, the image for this platform');
}
