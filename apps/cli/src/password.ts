import { encodeUtf8, Secret } from '@sealwright/bytes';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * The password of a key that is made, from `COSIGN_PASSWORD`, the terminal, where it is asked for twice, or the first line of
 * standard input.
 *
 * @param io - the world
 */
export async function newPassword(io: Io): Promise<Secret> {
  const given = io.env['COSIGN_PASSWORD'];
  if (given !== undefined) return Secret.of(encodeUtf8(given));
  const first = firstLine(await ask(io));
  const second = await io.askSecret('Enter password for private key again: ');
  if (second !== undefined && firstLine(second) !== first)
    throw new CommandError('the passwords differ: nothing was written', 'ERR_CLI_PASSWORD', EXIT_FAILURE);
  return Secret.of(encodeUtf8(first));
}

/**
 * What the password of a key may be, from `COSIGN_PASSWORD`, the terminal, or standard input: the first line of that, then all of
 * it, since cosign makes the end of a line part of the password where one is piped in.
 *
 * @param io - the world
 */
export async function knownPasswords(io: Io): Promise<readonly [Secret, ...Secret[]]> {
  const given = io.env['COSIGN_PASSWORD'];
  if (given !== undefined) return [Secret.of(encodeUtf8(given))];
  const text = await ask(io);
  const first = firstLine(text);
  const whole = first === text ? [] : [Secret.of(encodeUtf8(text))];
  return [Secret.of(encodeUtf8(first)), ...whole];
}

async function ask(io: Io): Promise<string> {
  const text = await io.askSecret('Enter password for private key: ');
  if (text !== undefined) return text;
  throw new CommandError('no password: set COSIGN_PASSWORD, or pipe it in', 'ERR_CLI_PASSWORD', EXIT_FAILURE);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
