import type { Command } from 'commander';
import { notYet } from './cosign-flags.js';
import { CommandError } from './failure.js';
import { durationOf } from './network.js';

/** The flags of commands that speak to a registry. */
export interface RegistryFlags {
  readonly allowHttpRegistry?: boolean;
  readonly allowInsecureRegistry?: boolean;
  readonly attachmentTagPrefix?: string;
  readonly timeout?: number;
  readonly registryUsername?: string;
  readonly registryPassword?: string;
  readonly registryToken?: string;
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
  notYet(to, ['registry-cacert', 'registry-client-cert', 'registry-client-key', 'registry-server-name']);
  return to
    .option('--allow-http-registry', 'speak plain HTTP to registries; loopback needs no flag')
    .option('--allow-insecure-registry', 'the same; certificates are still checked where there is TLS')
    .option('--attachment-tag-prefix <prefix>', 'what the tags of signatures begin with')
    .option('-t, --timeout <duration>', 'how long one answer may take (default: 3m)', timeoutOf);
}

function timeoutOf(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds === undefined || milliseconds < 1 || milliseconds > 86_400_000)
    throw new CommandError(`--timeout is a duration such as 30s or 3m, not ${JSON.stringify(text)}`);
  return Math.ceil(milliseconds);
}
