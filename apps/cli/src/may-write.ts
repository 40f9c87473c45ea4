import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * Refuse to replace files unless that is wanted.
 *
 * @param io - the world
 * @param files - that are to be written
 * @param yes - whether it is
 * @throws {@link CommandError}
 */
export async function mayWrite(io: Io, files: readonly string[], yes: boolean | undefined): Promise<void> {
  for (const file of files) {
    if (yes === true || !(await io.exists(file))) continue;
    throw new CommandError(
      `${file} is there already: give --yes to replace it`,
      'ERR_CLI_EXISTS',
      EXIT_FAILURE,
    );
  }
}
