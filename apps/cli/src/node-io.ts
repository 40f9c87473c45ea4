import { failureOfPlatform } from './failure.js';
import type { Io } from './io.js';
import { standardOutput } from './standard-output.js';

/** The world of a process. What reads, writes and asks is loaded when it is needed: `--help` needs none of it. */
export function nodeIo(): Io {
  const out = standardOutput(
    (bytes) => fs().writeSync(STDOUT, bytes),
    once(() => process.stdout.on('error', stdoutFailed)),
    stdoutFailed,
  );
  const err = once(() => process.stderr.on('error', () => process.exit(1)));
  return {
    out: (text) => out(Buffer.from(text)),
    outBytes: out,
    err: (text) => void err().write(text),
    readFile: async (path) => (await import('./read-file.js')).readFileOrInput(path),
    readChunks: async function* (path) {
      yield* (await import('./read-file.js')).readChunks(path);
    },
    sizeOf: async (path) => (await import('./read-file.js')).sizeOf(path),
    listFiles: async (path) => (await import('./list-files.js')).listFiles(path),
    writeFiles: async (files) => (await import('./write-files.js')).writeFiles(files),
    folder: async (path) => (await import('./folder.js')).folder(path),
    fetch: (request) => fetch(request),
    run: async (run) => (await import('./run-program.js')).runProgram(run),
    openBrowser: async (url) => (await import('./open-browser.js')).openBrowser(url),
    awaitRedirect: async (url, state) => (await import('./await-redirect.js')).awaitRedirect(url, state),
    exists: async (path) => (await import('node:fs')).existsSync(path),
    env: process.env,
    ask: async (question) => (await import('./ask-line.js')).askLine(question),
    askSecret: async (question) => (await import('./ask-secret.js')).askSecret(question),
    isTerminal: () => err().isTTY,
    columns: () => (fs().fstatSync(STDOUT).isCharacterDevice() ? process.stdout.columns : undefined),
    now: Date.now,
  };
}

/** The module without its ES module view, which loads all that it could ever need. */
function fs(): typeof import('node:fs') {
  return process.getBuiltinModule('node:fs');
}

// Whoever reads may go away early, and a disk may be full: neither is worth a stack trace.
function stdoutFailed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') {
    const { message } = failureOfPlatform(Object.assign(error, { path: 'standard output' }));
    process.stderr.write(`Error: ${message}\n`);
  }
  process.exit(1);
}

/** A stream is made when it is first written to: to make one takes a while. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const STDOUT = 1;
