import { writeSync } from 'node:fs';
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE, UsageError } from './exit.js';

/** A service that was started. */
export interface RunningService {
  /** Members of the line that says that it is ready, such as its URL. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Stop, and leave nothing behind. */
  stop(): Promise<void>;
}

/**
 * Run a service: start it, say on standard output that it is ready with one line of JSON
 * (`{"event":"listening","url":…}`), stop it on SIGTERM or SIGINT, and end the process. Exit codes: {@link EXIT_OK} after a clean
 * stop, {@link EXIT_FAILURE} when it failed, {@link EXIT_USAGE} when its flags or configuration are wrong.
 *
 * @param name - the program's name, put in front of messages
 * @param start - starts it; text is printed as the help is, `undefined` means that the work is done
 */
export async function run(
  name: string,
  start: (args: readonly string[]) => Promise<RunningService | string | undefined>,
): Promise<void> {
  const signal = nextSignal();
  try {
    const service = await start(process.argv.slice(2));
    if (service === undefined) return leave(EXIT_OK);
    if (typeof service === 'string') {
      writeSync(1, service);
      return leave(EXIT_OK);
    }
    writeSync(1, `${JSON.stringify({ event: 'listening', ...service.ready })}\n`);
    await signal;
    await service.stop();
    return leave(EXIT_OK);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'failed';
    const hint = error instanceof UsageError ? `\nTry ${name} --help.` : '';
    writeSync(2, `${name}: ${message}${hint}\n`);
    return leave(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE);
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

function leave(code: number): void {
  process.exitCode = code;
  process.exit();
}
