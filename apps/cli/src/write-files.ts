import { randomBytes } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { NewFile } from './io.js';

/**
 * Write files: all are complete on the disk before the first gets its name. What is no file, such as `/dev/stdout` or a named pipe,
 * is written to and stays what it is; a link stays, too, and what it leads to is replaced.
 *
 * @param files - what to write
 */
export async function writeFiles(files: readonly NewFile[]): Promise<void> {
  for (const { path, makeFolder } of files) if (makeFolder === true) await folderFor(path);
  const suffix = randomBytes(6).toString('hex');
  const placed = files.map((file) => ({ ...file, ...placeOf(file.path) }));
  const whole = placed.flatMap((file) =>
    file.special
      ? []
      : [{ ...file, temporary: join(dirname(file.target), `.${basename(file.target)}.${suffix}`) }],
  );
  const made: string[] = [];
  try {
    for (const { path, temporary, bytes, mode } of whole)
      await naming(path, () => writeAll(temporary, 'wx', bytes, mode));
    for (const { path, special, bytes, mode } of placed)
      if (special) await naming(path, () => writeAll(path, 'w', bytes, mode));
    for (const { path, target, temporary, isNew } of whole) {
      await naming(path, () => (isNew === true ? link(temporary, target) : rename(temporary, target)));
      if (isNew === true) made.push(target);
    }
    for (const { temporary, isNew } of whole) if (isNew === true) await rm(temporary);
  } catch (error) {
    for (const target of made) await rm(target, { force: true }).catch(() => undefined);
    for (const { temporary } of whole) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** One folder, not all above it. */
async function folderFor(path: string): Promise<void> {
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false }) === undefined)
    await naming(folder, () => mkdir(folder, { mode: 0o700 }));
}

function placeOf(path: string): { readonly special: boolean; readonly target: string } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { special: false, target: path };
  if (stats.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR', path });
  return stats.isFile() ? { special: false, target: realpathSync(path) } : { special: true, target: path };
}

async function writeAll(path: string, flags: 'w' | 'wx', bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, flags, mode);
  try {
    await handle.writeFile(bytes);
    if (flags === 'wx') await handle.sync();
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
