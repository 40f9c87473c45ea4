import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';

const components =
  process.env['SEALWRIGHT_COMPONENTS'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sealwright');

/** A program on the PATH, else among the components; `undefined` where it is missing. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(components, name)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A temporary folder and what removes it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sealwright-interop-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A running registry. */
export interface RunningRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  stop(): Promise<void>;
}

/** Start Debian's docker-registry on a free loopback port, its data in a folder. */
export async function startRegistry(program: string, folder: string): Promise<RunningRegistry> {
  const config = join(folder, 'registry.yml');
  await writeFile(
    config,
    [
      'version: 0.1',
      'log: {level: info, accesslog: {disabled: true}}',
      `storage: {filesystem: {rootdirectory: ${join(folder, 'registry')}}, delete: {enabled: true}}`,
      'http: {addr: "127.0.0.1:0"}',
      '',
    ].join('\n'),
  );
  const child = spawn(program, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill();
    await exited;
  };
  for await (const line of createInterface({ input: child.stderr })) {
    const host = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (host === undefined) continue;
    child.stderr.resume();
    return { host, stop };
  }
  throw new Error('docker-registry ended before it listened');
}

/** How a run of a program ended. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run must have ended well; what it complained of is part of the failure. */
export function expectSuccess({ status, stderr }: Outcome): void {
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
}

/** One version of cosign, with a home of its own and nothing of the user's. */
export class Cosign {
  /** Its major version. */
  readonly major: 2 | 3;
  readonly #program: string;
  readonly #home: string;
  readonly #old: readonly string[];

  private constructor(major: 2 | 3, program: string, home: string) {
    this.major = major;
    this.#program = program;
    this.#home = home;
    this.#old = major === 2 ? [] : OLD_LAYOUT;
  }

  /** The build that `run.sh` made or found; `undefined` where it could not. */
  static find(major: 2 | 3): { path: string; version: string } | undefined {
    const version = process.env[`COSIGN_V${major}`];
    if (version === undefined || version === '') return undefined;
    const path = join(components, `cosign-${version}`, 'cosign');
    return existsSync(path) ? { path, version } : undefined;
  }

  static async open(major: 2 | 3, path: string, home: string): Promise<Cosign> {
    await mkdir(home, { recursive: true });
    return new Cosign(major, path, home);
  }

  /** Where it runs, and so where `generate-key-pair` writes. */
  get home(): string {
    return this.#home;
  }

  /** Sign or attest with the flags of the tag layout and without a log. */
  async make(command: string, args: readonly string[], password: string): Promise<Outcome> {
    return this.run([command, '-y', '--tlog-upload=false', ...this.#old, ...args], password);
  }

  /** Verify with the flags of the tag layout and without a log. */
  async verify(command: string, args: readonly string[]): Promise<Outcome> {
    const old = this.#old.filter((flag) => flag.startsWith('--new-bundle'));
    return this.run([command, '--insecure-ignore-tlog', ...old, ...args], '');
  }

  /** Run it with a password, and more of an environment. */
  async run(
    args: readonly string[],
    password: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    const env = {
      PATH: '',
      HOME: this.#home,
      TUF_ROOT: join(this.#home, 'tuf'),
      TUF_MIRROR: 'http://127.0.0.1:1', // a port where nobody answers: no trust root is fetched from the network
      COSIGN_PASSWORD: password,
      ...more,
    };
    return new Promise((resolve) => {
      execFile(this.#program, args, { env, cwd: this.#home, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({
          status: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
          stdout,
          stderr,
        });
      });
    });
  }
}

/** What makes cosign 3 write the tag layout. */
const OLD_LAYOUT: readonly string[] = ['--new-bundle-format=false', '--use-signing-config=false'];
