import { failureOfPlatform } from './failure.js';
import type { Io } from './io.js';

/** The world of a process. What reads, writes and asks is loaded when it is needed: `--help` needs none of it. */
export function nodeIo(): Io {
  const out = once(() => process.stdout.on('error', stdoutFailed));
  const err = once(() => process.stderr.on('error', () => process.exit(1)));
  return {
    out: (text) => void out().write(text),
    outBytes: (bytes) => void out().write(bytes),
    err: (text) => void err().write(text),
    readFile: async (path) => (await import('./read-file.js')).readFileOrInput(path),
    listFiles: async (path) => (await import('./list-files.js')).listFiles(path),
    writeFiles: async (files) => (await import('./write-files.js')).writeFiles(files),
    fetch: (request) => fetch(request),
    exists: async (path) => (await import('node:fs')).existsSync(path),
    env: process.env,
    askSecret: async (question) => (await import('./ask-secret.js')).askSecret(question),
    isTerminal: () => err().isTTY,
    now: Date.now,
  };
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
