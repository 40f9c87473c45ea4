import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Secret } from '@sealwright/bytes';
import { UsageError } from '@sealwright/service';

/** Files that only live in memory. */
export interface MemoryFiles {
  /** Overwrite and remove them, and the folder. */
  wipe(): void;
}

/**
 * Write files that appear all at once or not at all: a folder of mode 0700 with files of mode 0600, on a file system that is only
 * in memory. What was there before is wiped.
 *
 * @param folder - the folder; the one that it is in must exist
 * @param files - names and contents, which are wiped here
 * @param options - `dangerouslyOnDisk` takes any file system
 * @throws {@link UsageError} when the folder is not in memory.
 */
export function writeMemoryFiles(
  folder: string,
  files: ReadonlyMap<string, Secret>,
  options: { readonly dangerouslyOnDisk?: boolean } = {},
): MemoryFiles {
  const target = resolve(folder);
  if (options.dangerouslyOnDisk !== true) mustBeInMemory(target);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  mkdirSync(temporary, { mode: 0o700 });
  try {
    for (const [name, secret] of files) {
      writeFile(join(temporary, name), secret.expose());
      secret.wipe();
    }
    wipeFolder(target);
    renameSync(temporary, target);
  } catch (error) {
    wipeFolder(temporary);
    throw error;
  }
  return { wipe: () => wipeFolder(target) };
}

/**
 * Whether a folder, or the one that it will be made in, is on a file system that is only in memory.
 *
 * @param folder - the folder
 * @throws {@link UsageError} when it is not.
 */
export function mustBeInMemory(folder: string): void {
  const parent = dirname(resolve(folder));
  const type = statOf(parent);
  if (type === TMPFS || type === RAMFS) return;
  throw new UsageError(
    `${folder} is not on a tmpfs: secrets would reach a disk. Use a folder below /dev/shm or /run, or --dangerously-unseal-to-disk`,
  );
}

function statOf(folder: string): number {
  try {
    return statfsSync(folder).type;
  } catch (cause) {
    throw new UsageError(`${folder} is not a folder`, { cause });
  }
}

function writeFile(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Zeros over each file, then gone. Links are removed, not followed. */
function wipeFolder(folder: string): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new UsageError(`${folder} exists and is not a folder`);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { size } = lstatSync(path);
    if (!lstatSync(path).isFile()) continue;
    const file = openSync(path, 'r+');
    try {
      writeSync(file, new Uint8Array(size), 0, size, 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

const TMPFS = 0x0102_1994;
const RAMFS = 0x8584_58f6;
