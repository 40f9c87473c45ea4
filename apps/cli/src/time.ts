import { CommandError } from './failure.js';
import type { Io } from './io.js';

/**
 * The time for which to decide.
 *
 * @param io - the world, which knows what time it is
 * @param text - of a flag: a date and a time with its zone
 * @throws {@link CommandError} for anything else.
 */
export function timeOf(io: Io, text: string | undefined): Date {
  if (text === undefined) return new Date(io.now());
  const time = new Date(text);
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/.test(text) ||
    Number.isNaN(time.getTime())
  )
    throw new CommandError('--at is a time with its zone, such as 2026-06-01T00:00:00Z');
  return time;
}
