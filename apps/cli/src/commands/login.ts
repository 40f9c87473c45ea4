import type { Command } from 'commander';
import { command } from '../command.js';
import type { Io } from '../io.js';
import type { LoginFlags } from '../registry-login.js';

/** `login`: keep credentials for a registry, as `cosign login`. */
export function login(io: Io): Command {
  return command('login <server>', 'Keep credentials for a registry where docker login keeps them.', [
    'sealwright login registry.example.com -u ada --password-stdin < password',
    'REGISTRY_AUTH_FILE=auth.json sealwright login registry.example.com -u ada -p secret',
  ])
    .option('-u, --username <name>', 'who logs in')
    .option('-p, --password <password>', 'the password: others may see it, better --password-stdin')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (server: string, options: LoginFlags) => {
      const { keepCredentials } = await import('../registry-login.js');
      await keepCredentials(io, server, options);
    });
}
