import { confirmed } from './confirm.js';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/** Flags that say whether files may be replaced. */
export interface ReplaceFlags {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * Refuse to replace files unless that is wanted: flags say so, or whoever is asked.
 *
 * @param io - the world
 * @param files - that are to be written
 * @param flags - of the command line
 * @returns whether files may be replaced
 * @throws {@link CommandError}
 */
export async function mayWrite(io: Io, files: readonly string[], flags: ReplaceFlags): Promise<boolean> {
  if (flags.yes === true || flags.force === true) return true;
  const there = [];
  for (const file of files) if (await io.exists(file)) there.push(file);
  const [first] = there;
  if (first === undefined) return false;
  const warning = `File ${there.join(' and ')} already exists. Overwrite?`;
  if (await confirmed(io, warning, flags.json)) return true;
  throw new CommandError(
    `${first} is there already: give --yes to replace it`,
    'ERR_CLI_EXISTS',
    EXIT_FAILURE,
  );
}
