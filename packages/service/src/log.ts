import { pino } from 'pino';

/** Structured log: one event a line. Never given a secret, a key or a token. */
export interface Log {
  /** Something happened that an operator may want to know. */
  info(fields: object, event: string): void;
  /** Something is odd, and the service goes on. */
  warn(fields: object, event: string): void;
  /** Something failed. */
  error(fields: object, event: string): void;
  /** Only with `LOG_LEVEL=debug`. */
  debug(fields: object, event: string): void;
}

/**
 * Make the log of a service: JSON lines on standard error, which leaves standard output to results.
 *
 * @param service - the service's name, a member of every line
 * @param options - `level` overrides the environment's `LOG_LEVEL` (default `info`); `write` takes the lines instead of standard error
 */
export function createLog(
  service: string,
  options: { readonly level?: string; readonly write?: (line: string) => void } = {},
): Log {
  const level = options.level ?? process.env['LOG_LEVEL'] ?? 'info';
  const known = ['debug', 'info', 'warn', 'error', 'silent'].includes(level);
  const destination =
    options.write === undefined ? pino.destination({ fd: 2, sync: true }) : { write: options.write };
  return pino(
    {
      level: known ? level : 'info',
      base: { service },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}
