import { readFile } from 'node:fs/promises';
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
    if (!(error instanceof Error)) throw error;
    throw Object.assign(error, { path: path === '-' ? 'standard input' : path });
  }
}
