import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { readStandardInput } from './standard-input.js';

/**
 * The bytes of a file; `-` is standard input. An error in the middle of a file does not say which: ours does.
 *
 * @param path - of the file
 */
export async function readFileOrInput(path: string): Promise<Uint8Array> {
  try {
    return await (path === '-' ? readStandardInput() : readFile(path));
  } catch (error) {
    throw naming(error, path === '-' ? 'standard input' : path);
  }
}

/**
 * The same, piece by piece.
 *
 * @param path - of the file
 */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20 });
  } catch (error) {
    throw naming(error, path === '-' ? 'standard input' : path);
  }
}

/**
 * Bytes of a file.
 *
 * @param path - of the file
 * @returns `undefined` of what is no file
 */
export async function sizeOf(path: string): Promise<number | undefined> {
  const found = path === '-' ? undefined : await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

function naming(error: unknown, path: string): unknown {
  return error instanceof Error ? Object.assign(error, { path }) : error;
}
