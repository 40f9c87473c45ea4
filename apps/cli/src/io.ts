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
  /** Write a file whole or not at all. */
  writeFile(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** Whether there is such a file. */
  exists(path: string): Promise<boolean>;
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ask for something that is not shown; `undefined` when nobody is there. */
  askSecret(question: string): Promise<string | undefined>;
  /** Milliseconds since 1970. */
  now(): number;
}
