import { type Command, Option } from 'commander';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { durationOf } from './network.js';

/** Flags that every command takes, wherever they stand. */
interface GlobalFlags {
  /** Milliseconds that the command may take. */
  timeout?: number;
  /** Tell what is asked of whom. */
  verbose?: boolean;
  /** Where results go instead of standard output. */
  outputFile?: string;
}

/** The world as global flags have it: they are known only once the command line has been read. */
export class GovernedIo {
  readonly io: Io;
  readonly #outer: Io;
  readonly #kept: Uint8Array[] = [];
  #flags: GlobalFlags = {};
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #end: (error: Error) => void = () => undefined;

  constructor(outer: Io) {
    this.#outer = outer;
    this.io = {
      ...outer,
      out: (text) => (this.#flags.outputFile === undefined ? outer.out(text) : this.#keep(text)),
      outBytes: (bytes) =>
        this.#flags.outputFile === undefined ? outer.outBytes(bytes) : void this.#kept.push(bytes),
      fetch: (request) => this.#fetch(request),
    };
  }

  /**
   * Give a program these flags, except a command that has one of the same name or letter.
   *
   * @param commands - all of it
   */
  govern(commands: readonly Command[]): void {
    for (const command of commands) {
      const taken = new Set(command.options.flatMap(({ long, short }) => [long, short]));
      const isRoot = command.parent === null;
      if (command.commands.length > 0) command.enablePositionalOptions();
      const own = globalOptions().filter(
        ({ long, short }) => !taken.has(long) && (short === undefined || !taken.has(short)),
      );
      for (const option of own) command.addOption(option.hideHelp(!isRoot));
      command.hook('preAction', () => {
        for (const option of own) {
          const value: unknown = command.getOptionValue(option.attributeName());
          if (value !== undefined) this.#flags = { ...this.#flags, [option.attributeName()]: value };
        }
        const { timeout } = this.#flags;
        if (timeout !== undefined) this.#timer ??= setTimeout(() => this.#timeOut(), timeout);
      });
    }
  }

  /**
   * Run a command, not for longer than it may take. What it printed for a file is written once it has succeeded.
   *
   * @param act - runs it
   */
  async run(act: () => Promise<unknown>): Promise<void> {
    try {
      await Promise.race([act(), new Promise((_resolve, reject) => (this.#end = reject))]);
      await this.#finish();
    } finally {
      clearTimeout(this.#timer);
    }
  }

  async #finish(): Promise<void> {
    const { outputFile: path } = this.#flags;
    if (path === undefined) return;
    const bytes = new Uint8Array(
      await new Blob(this.#kept.map((each) => new Uint8Array(each))).arrayBuffer(),
    );
    await this.#outer.writeFiles([{ path, bytes, mode: 0o644 }]);
  }

  #timeOut(): void {
    this.#isOver = true;
    this.#end(new CommandError('not done in the time of --timeout', 'ERR_CLI_TIMEOUT', EXIT_FAILURE));
  }

  #keep(text: string): void {
    this.#kept.push(new TextEncoder().encode(text));
  }

  async #fetch(request: Request): Promise<Response> {
    if (this.#isOver) throw new DOMException('too late', 'TimeoutError');
    if (this.#flags.verbose !== true) return this.#outer.fetch(request);
    const { origin, pathname } = new URL(request.url); // what follows may be a credential
    const began = this.#outer.now();
    const tell = (answer: string): void =>
      this.#outer.err(`${request.method} ${origin}${pathname}: ${answer}, ${this.#outer.now() - began} ms\n`);
    try {
      const response = await this.#outer.fetch(request);
      tell(String(response.status));
      return response;
    } catch (error) {
      tell('no answer');
      throw error;
    }
  }
}

function globalOptions(): readonly Option[] {
  return [
    new Option(
      '-t, --timeout <duration>',
      'how long the command may take; without it, each answer 3m',
    ).argParser(timeoutOf),
    new Option('-d, --verbose', 'tell what is asked of whom'),
    new Option('--output-file <file>', 'write what would be printed to a file'),
  ];
}

function timeoutOf(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds === undefined || milliseconds < 1 || milliseconds > 86_400_000)
    throw new CommandError(`--timeout is a duration such as 30s or 3m, not ${JSON.stringify(text)}`);
  return Math.ceil(milliseconds);
}
