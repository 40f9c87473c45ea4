import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Outcome } from './components.js';

const built =
  process.env['SIGSTORE_SERVERS'] ??
  join(
    process.env['SEALWRIGHT_COMPONENTS'] ??
      join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sealwright'),
    'sigstore',
  );

/** A program of Sigstore that `run.sh` built; `undefined` where it could not. */
export function sigstoreProgram(name: string): string | undefined {
  const path = join(built, name);
  return existsSync(path) ? path : undefined;
}

/** A server that a test started. */
export interface RunningServer {
  /** What it said when it was ready: the parts of the pattern. */
  readonly said: readonly string[];
  /** Write a line to its standard input. */
  tell(text: string): void;
  /** What it says later: the first line that fits. */
  line(pattern: RegExp): Promise<readonly string[]>;
  /** End it, by its process. */
  stop(): Promise<void>;
}

/** Start a program that listens, and wait for the line that says so. Its standard input stays open as long as this process lives. */
export async function startServer(
  program: string,
  args: readonly string[],
  ready: RegExp,
  cwd: string,
): Promise<RunningServer> {
  const child = spawn(program, args, { cwd, stdio: 'pipe' });
  const exited = once(child, 'exit');
  const lines = linesOf(child);
  const line = (pattern: RegExp): Promise<readonly string[]> => lines.find(pattern);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL'); // they keep nothing that is worth a farewell
    await exited;
  };
  try {
    return { said: await line(ready), line, tell: (text) => void child.stdin.write(text), stop };
  } catch (error) {
    await stop();
    throw new Error(`${program} ended before it listened: ${lines.last()}`, { cause: error });
  }
}

function linesOf(child: ChildProcess): {
  find(pattern: RegExp): Promise<readonly string[]>;
  last(): string;
} {
  const said: string[] = [];
  const waiting = new Set<(line: string | undefined) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (said.length < MAX_LINES) said.push(line); // some log without end
      for (const look of waiting) look(line);
    });
  }
  child.once('exit', () => {
    for (const look of waiting) look(undefined);
  });
  const find = (pattern: RegExp): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const look = (line: string | undefined): boolean => {
        const found = line === undefined ? undefined : pattern.exec(line)?.slice(1);
        if (found === undefined && line !== undefined) return false;
        waiting.delete(look);
        if (found === undefined) reject(new Error('it ended'));
        else resolve(found);
        return true;
      };
      if (said.some(look)) return;
      waiting.add(look);
    });
  return { find, last: () => said.slice(-3).join(' ') };
}

/**
 * Ports of loopback on which nobody listens now, for programs that cannot choose one themselves. They lie below those that systems give
 * to whoever asks for any, lest a connection takes one before its program does.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(10_000, 32_768);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** Run a program to its end. */
export function runTool(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const { cwd, env = {} } = options;
    execFile(
      program,
      args,
      { cwd, env: { PATH: '', HOME: cwd, ...env }, timeout: 60_000 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ status, stdout, stderr });
      },
    );
  });
}

const MAX_LINES = 1000;
