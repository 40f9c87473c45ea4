import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One of our programs that listens. */
export interface StartedProgram {
  /** What it said when it was ready, such as `{"event":"listening","url":"http://127.0.0.1:1234"}`. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Its process. */
  readonly pid: number;
  /** The end of what it logged. */
  log(): string;
  /**
   * Ask it to stop, or kill it, and wait until it is gone.
   *
   * @param signal - default `SIGTERM`
   * @returns its exit code; `null` when the signal ended it
   */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** What a program gave. */
export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program. */
export interface ProgramOptions {
  /** Given on standard input, which is closed after it. */
  readonly input?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Start one of our programs, and wait until it says that it listens.
 *
 * @param program - the bundled file
 * @param args - its arguments
 * @param options - added to the environment
 * @throws when it ends, or says nothing for half a minute; the error holds the end of what it logged.
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  options: Pick<ProgramOptions, 'env'> = {},
): Promise<StartedProgram> {
  const child = spawn(process.execPath, [QUIET, program, ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-LOG_LENGTH)));
  try {
    const ready = await readyLine(child);
    return { ready, pid: child.pid ?? 0, log: () => log, stop: (signal = 'SIGTERM') => end(child, signal) };
  } catch (cause) {
    await end(child, 'SIGKILL');
    throw new Error(`${program} did not start: ${log.trim() || 'it said nothing'}`, { cause });
  }
}

/**
 * Run one of our programs to its end.
 *
 * @param program - the bundled file
 * @param args - its arguments
 * @param options - standard input, environment
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [QUIET, program, ...args], {
      env: { ...process.env, ...options.env },
      stdio: 'pipe',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    child.stdin.on('error', () => undefined); // it may end before it has read everything
    child.stdin.end(options.input ?? '');
  });
}

function readyLine(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new TypeError('a program is started with its output piped');
    const timer = setTimeout(() => reject(new Error('not ready in time')), READY_MILLISECONDS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{"event":"listening"')) return;
      const event: unknown = JSON.parse(line);
      if (!isRecord(event)) return;
      clearTimeout(timer);
      resolve(event);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code}`));
    });
  });
}

function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
    return undefined;
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** `node:sqlite` says in every process that it is experimental. */
const QUIET = '--disable-warning=ExperimentalWarning';
const READY_MILLISECONDS = 30_000;
const LOG_LENGTH = 16_384;
