import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Io } from './io.js';

/** The world of a process. */
export function nodeIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    outBytes: (bytes) => void process.stdout.write(bytes),
    err: (text) => void process.stderr.write(text),
    readFile: (path) => (path === '-' ? Promise.resolve(readFileSync(0)) : readFile(path)),
    writeFile,
    exists: (path) => Promise.resolve(existsSync(path)),
    env: process.env,
    askSecret: (question) => (process.stdin.isTTY ? askTerminal(question) : askPipe()),
    now: Date.now,
  };
}

async function writeFile(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What is typed is not shown. */
function askTerminal(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  return new Promise((resolve) => {
    let typed = '';
    const finish = (answer: string | undefined): void => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', read);
      stderr.write('\n');
      resolve(answer);
    };
    const read = (chunk: Buffer): void => {
      for (const character of chunk.toString()) {
        if (character === '\r' || character === '\n') return finish(typed);
        if (character === '\u0003' || character === '\u0004') return finish(undefined);
        typed = character === '\u007f' ? typed.slice(0, -1) : typed + character;
      }
      return undefined;
    };
    stdin.on('data', read);
    stdin.resume();
  });
}

/** The first line of what is piped in; nobody is there when that is nothing. */
function askPipe(): Promise<string | undefined> {
  const [line = ''] = readFileSync(0, 'utf8').split('\n');
  return Promise.resolve(line === '' ? undefined : line);
}
