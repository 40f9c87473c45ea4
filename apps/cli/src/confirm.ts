import type { Io } from './io.js';

/**
 * Ask whether to go on, in the words of cosign: a person, or whoever pipes `y` in. Nothing is asked for where `--json` is wanted.
 *
 * @param io - the world
 * @param warning - what will happen
 * @param asJson - whether that is so
 */
export async function confirmed(io: Io, warning: string, asJson: boolean | undefined): Promise<boolean> {
  if (asJson === true) return false;
  io.err(`WARNING: ${warning}\n`);
  const answer = await io.ask('Are you sure you would like to continue? [y/N] ');
  return ['y', 'yes'].includes(answer?.trim().toLowerCase() ?? '');
}
