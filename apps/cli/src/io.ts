import type { SavedFiles } from '@sealwright/cosign-sig';

/** What a command sees of the world. */
export interface Io {
  /** Write a result. */
  out(text: string): void;
  /** Write a result that is not text. */
  outBytes(bytes: Uint8Array): void;
  /** Write something for the person in front of it. */
  err(text: string): void;
  /** Read a file; `-` is standard input. */
  readFile(path: string): Promise<Uint8Array>;
  /** Read a file piece by piece. */
  readChunks(path: string): AsyncIterable<Uint8Array>;
  /** Bytes of a file; `undefined` of what is none, such as standard input. */
  sizeOf(path: string): Promise<number | undefined>;
  /** The files below a folder, sorted; of a file itself. */
  listFiles(path: string): Promise<readonly string[]>;
  /** Write files whole, and all of them or none. */
  writeFiles(files: readonly NewFile[]): Promise<void>;
  /** A folder that is read and written file by file. */
  folder(path: string): Promise<SavedFiles>;
  /** Whether there is such a file. */
  exists(path: string): Promise<boolean>;
  /** Send a request. */
  fetch(request: Request): Promise<Response>;
  /** Run a program of the PATH in a temporary folder, which is removed afterwards. */
  run(run: ProgramRun): Promise<ProgramOutcome>;
  /** Show a page in the browser of whoever sits there; whether one could be opened. */
  openBrowser(url: string): Promise<boolean>;
  /**
   * Wait for a browser that is sent back to this machine.
   *
   * @param url - where it is sent; any port when left out
   * @param state - what it must bring along
   */
  awaitRedirect(url: string | undefined, state: string): Promise<RedirectListener>;
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ask for one line, which is shown; `undefined` when nobody is there. */
  ask(question: string): Promise<string | undefined>;
  /** Ask for something that is not shown; `undefined` when nobody is there. What is piped in is answered whole, all its lines. */
  askSecret(question: string): Promise<string | undefined>;
  /** Whether a person sees what `err` writes. */
  isTerminal(): boolean;
  /** How wide the terminal is that shows what `out` writes; `undefined` where none does. */
  columns(): number | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Waits for a browser. */
export interface RedirectListener {
  /** Where the browser is to be sent. */
  readonly url: string;
  /** Where it was sent, with what it brought along; `undefined` when nobody came in time. */
  answer(milliseconds: number): Promise<URL | undefined>;
  /** Wait no longer. */
  close(): void;
}

/** A file to write. */
export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
  /** Make the folder that it is in, for this user only, if there is none. */
  readonly makeFolder?: true;
  /** Fail where there is such a file, even if it came a moment ago. */
  readonly isNew?: boolean;
}

/** A program to run. */
export interface ProgramRun {
  /** Its name on the PATH. */
  readonly program: string;
  readonly args: readonly string[];
  /** What is in its folder, which is where it starts: text by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Its environment besides the PATH; its home is the folder. `inherited`: that of this program, and its folder. */
  readonly env: Readonly<Record<string, string>> | 'inherited';
  /** What it reads. Default nothing. */
  readonly input?: Uint8Array;
  /** How long it may take. */
  readonly milliseconds: number;
  /** How much it may write to either of its outputs. */
  readonly maxBytes: number;
}

/** How a program ended: by itself, or because it took or wrote too much; or it is not there at all. */
export type ProgramOutcome =
  | {
      readonly ended: 'itself';
      readonly status: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly ended: 'time' | 'output' | 'missing' };
