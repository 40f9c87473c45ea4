import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { askSecret } from './ask-secret.js';
import type { Io } from './io.js';
import { readStandardInput } from './standard-input.js';
import { writeFiles } from './write-files.js';

/** The world of a process. */
export function nodeIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    outBytes: (bytes) => void process.stdout.write(bytes),
    err: (text) => void process.stderr.write(text),
    readFile: read,
    writeFiles,
    fetch: (request) => fetch(request),
    exists: (path) => Promise.resolve(existsSync(path)),
    env: process.env,
    askSecret,
    isTerminal: process.stderr.isTTY,
    now: Date.now,
  };
}

/** An error in the middle of a file does not say which. */
async function read(path: string): Promise<Uint8Array> {
  try {
    return await (path === '-' ? readStandardInput() : readFile(path));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw Object.assign(error, { path: path === '-' ? 'standard input' : path });
  }
}
