import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Secret } from '@sealwright/bytes';
import { randomBytes } from '@sealwright/crypto';
import type { DatabasePlace } from '../config/database-path.js';
import { DATA_KEY_BYTES, loadDataKey } from './data-key.js';
import { KbsError } from '../errors.js';
import { hasKeyCheck, mustFitKey, openDatabase } from './database.js';
import { sqliteStorage } from './sqlite.js';
import type { Storage } from './types.js';
import { createVault } from './vault.js';

/** Storage that was opened, and what the operator should know of it. */
export interface OpenedStorage {
  readonly storage: Storage;
  /** The data key was made just now. */
  readonly keyCreated: boolean;
  /** Others than the owner can read the data key. */
  readonly keyExposed: boolean;
}

/**
 * Open the database and its data key.
 *
 * @param place - where they are
 * @param now - milliseconds since 1970
 * @throws {@link KbsError} `ERR_KBS_STORAGE` or `ERR_KBS_DATA_KEY`
 */
export function openStorage({ file, keyFile }: DatabasePlace, now: () => number): OpenedStorage {
  if (file !== undefined) makeFile(file);
  const database = openDatabase(file ?? ':memory:');
  try {
    const loaded =
      file === undefined || keyFile === undefined
        ? { key: Secret.of(randomBytes(DATA_KEY_BYTES)), created: false, exposed: false }
        : loadDataKey(keyFile, () => !hasKeyCheck(database));
    const vault = createVault(loaded.key);
    mustFitKey(database, vault);
    const storage = sqliteStorage(database, vault, now);
    return { storage, keyCreated: loaded.created, keyExposed: loaded.exposed };
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** The database is for its owner only, from the first byte; SQLite gives its companions the same mode. */
function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new KbsError('ERR_KBS_STORAGE', `the database ${file} cannot be opened: ${reason}`, { cause });
  }
}
