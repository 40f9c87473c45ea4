import { resolve } from 'node:path';
import { CommandError } from './failure.js';

/**
 * Refuse to write a file over one that is read, or twice.
 *
 * @param inputs - names of files that are read; `undefined` for those that were not given
 * @param outputs - flags, and the files that they name
 * @throws {@link CommandError}
 */
export function mustDiffer(
  inputs: readonly (string | undefined)[],
  outputs: readonly (readonly [flag: string, path: string | undefined])[],
): void {
  const taken = new Set(inputs.flatMap((path) => (path === undefined ? [] : [resolve(path)])));
  for (const [flag, path] of outputs) {
    if (path === undefined || path.startsWith('/dev/')) continue;
    if (taken.has(resolve(path)))
      throw new CommandError(
        `${flag} ${path} would replace what is read or written besides: name another file`,
      );
    taken.add(resolve(path));
  }
}
