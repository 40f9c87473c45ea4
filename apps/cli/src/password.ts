import { encodeUtf8, Secret } from '@sealwright/bytes';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * The password of a key, from `COSIGN_PASSWORD`, the terminal, or standard input.
 *
 * @param io - the world
 * @param options - `twice` asks a person again
 */
export async function readPassword(io: Io, options: { readonly twice: boolean }): Promise<Secret> {
  const given = io.env['COSIGN_PASSWORD'];
  if (given !== undefined) return Secret.of(encodeUtf8(given));
  const first = await io.askSecret('Enter password for private key: ');
  if (first === undefined) {
    throw new CommandError(
      'no password: set COSIGN_PASSWORD, or pipe it in',
      'ERR_CLI_PASSWORD',
      EXIT_FAILURE,
    );
  }
  if (!options.twice) return Secret.of(encodeUtf8(first));
  const second = await io.askSecret('Enter password for private key again: ');
  if (second !== undefined && second !== first) {
    throw new CommandError('the passwords differ: nothing was written', 'ERR_CLI_PASSWORD', EXIT_FAILURE);
  }
  return Secret.of(encodeUtf8(first));
}
