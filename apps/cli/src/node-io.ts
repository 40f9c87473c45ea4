import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { askSecret } from './ask-secret.js';
import type { Io, NewFile } from './io.js';

/** The world of a process. */
export function nodeIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    outBytes: (bytes) => void process.stdout.write(bytes),
    err: (text) => void process.stderr.write(text),
    readFile: (path) => (path === '-' ? Promise.resolve(readFileSync(0)) : readFile(path)),
    writeFiles,
    fetch: (request) => fetch(request),
    exists: (path) => Promise.resolve(existsSync(path)),
    env: process.env,
    askSecret,
    isTerminal: process.stderr.isTTY,
    now: Date.now,
  };
}

/** All are complete on the disk before the first gets its name. */
async function writeFiles(files: readonly NewFile[]): Promise<void> {
  const suffix = randomBytes(6).toString('hex');
  const written = files.map((file) => ({
    ...file,
    temporary: join(dirname(file.path), `.${basename(file.path)}.${suffix}`),
  }));
  try {
    for (const { path, temporary, bytes, mode } of written) {
      await naming(path, () => writeWhole(temporary, bytes, mode));
      if (existsSync(path) && statSync(path).isDirectory())
        throw Object.assign(new Error('a folder'), { code: 'EISDIR', path });
    }
    for (const { path, temporary } of written) await naming(path, () => rename(temporary, path));
  } catch (error) {
    for (const { temporary } of written) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeWhole(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Errors name the file that was asked for, not the temporary one. */
async function naming(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const missing = 'code' in error && error.code === 'ENOENT'; // what is missing is the folder
    throw Object.assign(error, { path: missing ? dirname(path) : path });
  }
}
