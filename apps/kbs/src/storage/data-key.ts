/**
 * The key under which everything is stored: 32 bytes as 64 hexadecimal digits in a file that only its owner can read.
 *
 * @module
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { decodeHex, encodeHex, Secret } from '@sealwright/bytes';
import { randomBytes } from '@sealwright/crypto';
import { KbsError } from '../errors.js';

/** Size of the data key. */
export const DATA_KEY_BYTES = 32;

/** A data key and what the operator should know about its file. */
export interface DataKey {
  readonly key: Secret;
  /** The file was made just now. */
  readonly created: boolean;
  /** Others than the owner can read the file. */
  readonly exposed: boolean;
}

/**
 * Read the data key, or make it where there is none.
 *
 * @param file - its file
 * @param mayCreate - false when a database made with a key is there already, so that a new key would open nothing
 * @throws {@link KbsError} `ERR_KBS_DATA_KEY`
 */
export function loadDataKey(file: string, mayCreate: () => boolean): DataKey {
  const found = readDataKey(file);
  if (found !== undefined) return found;
  if (!mayCreate()) {
    // Another process may have made both since the first look.
    const meanwhile = readDataKey(file);
    if (meanwhile !== undefined) return meanwhile;
    throw new KbsError(
      'ERR_KBS_DATA_KEY',
      `the database was made with a data key, and ${file} does not exist`,
    );
  }
  createDataKey(file);
  const made = readDataKey(file);
  if (made === undefined) throw new KbsError('ERR_KBS_DATA_KEY', `${file} vanished while it was made`);
  return { ...made, created: true };
}

function readDataKey(file: string): DataKey | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (!/^[0-9A-Fa-f]{64}$/.test(text)) {
      throw new KbsError(
        'ERR_KBS_DATA_KEY',
        `${file} does not hold ${2 * DATA_KEY_BYTES} hexadecimal digits`,
      );
    }
    const bytes = decodeHex(text);
    const key = Secret.of(bytes);
    bytes.fill(0);
    return { key, created: false, exposed: (statSync(file).mode & 0o077) !== 0 };
  } catch (cause) {
    if (cause instanceof KbsError) throw cause;
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new KbsError('ERR_KBS_DATA_KEY', `${file} cannot be read: ${codeOf(cause)}`, { cause });
  }
}

/** Whole or not at all: written beside, flushed, then linked, which fails if another process was faster. */
function createDataKey(file: string): void {
  const temporary = `${file}.${encodeHex(randomBytes(6))}.new`;
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(handle, `${encodeHex(randomBytes(DATA_KEY_BYTES))}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    try {
      linkSync(temporary, file);
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause;
    } finally {
      unlinkSync(temporary);
    }
    syncFolder(dirname(file));
  } catch (cause) {
    throw new KbsError('ERR_KBS_DATA_KEY', `${file} cannot be made: ${codeOf(cause)}`, { cause });
  }
}

/** The folder's own entry for the file has to be on the disk too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
}
