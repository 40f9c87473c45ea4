import { concatBytes, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import type { Io } from '../src/io.js';
import { main } from '../src/program.js';

/** A world in memory. */
export interface TestIo extends Io {
  readonly files: Map<string, { bytes: Uint8Array; mode: number }>;
  readonly env: Record<string, string | undefined>;
  /** Answers to questions, in order. */
  readonly answers: string[];
}

/** What a command gave. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Make a world with some text files. */
export function testIo(files: Readonly<Record<string, string>> = {}): TestIo {
  const held = new Map(
    Object.entries(files).map(([path, text]) => [path, { bytes: encodeUtf8(text), mode: 0o644 }]),
  );
  const answers: string[] = [];
  return {
    files: held,
    env: { COSIGN_PASSWORD: 'pass', DOCKER_CONFIG: '/nonexistent' },
    answers,
    out: () => undefined,
    outBytes: () => undefined,
    err: () => undefined,
    readFile: async (path) => {
      const file = held.get(path);
      if (file === undefined) throw Object.assign(new Error('no file'), { code: 'ENOENT', path });
      return file.bytes;
    },
    readChunks: async function* (path) {
      const file = held.get(path);
      if (file === undefined) throw Object.assign(new Error('no file'), { code: 'ENOENT', path });
      yield file.bytes;
    },
    sizeOf: async (path) => held.get(path)?.bytes.byteLength,
    listFiles: async (path) => {
      const below = [...held.keys()].filter((name) => name.startsWith(`${path.replace(/\/$/, '')}/`)).sort();
      return below.length > 0 ? below : [path];
    },
    writeFiles: async (written) => {
      for (const { path, bytes, mode } of written) held.set(path, { bytes: new Uint8Array(bytes), mode });
    },
    folder: async (path) => folderIn(held, path),
    fetch: (request) => fetch(request),
    isTerminal: () => false,
    columns: () => undefined,
    run: async () => ({ ended: 'missing' }),
    openBrowser: async () => false,
    awaitRedirect: async () => Promise.reject(new Error('nobody comes back')),
    exists: async (path) => held.has(path),
    ask: async () => answers.shift(),
    askSecret: async () => answers.shift(),
    now: () => 1_800_000_000_000,
  };
}

function folderIn(held: TestIo['files'], root: string): Awaited<ReturnType<Io['folder']>> {
  const at = (path: string): string => `${root}/${path}`;
  return {
    read: async (path) => {
      const file = held.get(at(path));
      return file === undefined ? undefined : [file.bytes];
    },
    write: async (path, source) => {
      const parts: Uint8Array[] = [];
      const chunks = source instanceof ReadableStream ? source.values() : source;
      for await (const part of chunks) parts.push(part);
      held.set(at(path), { bytes: concatBytes(...parts), mode: 0o644 });
    },
    move: async (from, to) => {
      const file = held.get(at(from));
      held.delete(at(from));
      if (file !== undefined) held.set(at(to), file);
    },
    remove: async (path) => void held.delete(at(path)),
    list: async () =>
      [...held].flatMap(([path, { bytes }]) =>
        path.startsWith(`${root}/`) ? [{ path: path.slice(root.length + 1), size: bytes.byteLength }] : [],
      ),
  };
}

/** Run a command in a world. */
export async function runIn(io: TestIo, ...args: readonly string[]): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const exitCode = await main(args, {
    ...io,
    out: (text) => (stdout += text),
    outBytes: (bytes) => (stdout += Buffer.from(bytes).toString('latin1')),
    err: (text) => (stderr += text),
  });
  return { exitCode, stdout, stderr };
}

/** Put a text file into a world. */
export function put(io: TestIo, path: string, text: string): void {
  io.files.set(path, { bytes: encodeUtf8(text), mode: 0o644 });
}

/** The text of a file in a world. */
export function textOf(io: TestIo, path: string): string {
  return decodeUtf8(io.files.get(path)?.bytes ?? new Uint8Array());
}
