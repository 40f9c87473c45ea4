/**
 * One SQLite file. A commit is on the disk before it is answered (`synchronous=FULL`), so a killed process loses nothing that
 * it confirmed.
 *
 * @module
 */
import { DatabaseSync } from 'node:sqlite';
import { equalBytes } from '@sealwright/bytes';
import { KbsError } from '../errors.js';
import type { Vault } from './vault.js';

/**
 * Open the database, and make it where there is none.
 *
 * @param file - its file, or `:memory:`
 * @throws {@link KbsError} `ERR_KBS_STORAGE`
 */
export function openDatabase(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 5000');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA secure_delete = ON');
    database.exec(SCHEMA);
    const version = database.prepare("SELECT value FROM meta WHERE name = 'schema'").get()?.['value'];
    if (version !== SCHEMA_VERSION) {
      throw new KbsError(
        'ERR_KBS_STORAGE',
        `${file} is of schema ${String(version)}, and this program knows ${SCHEMA_VERSION}`,
      );
    }
    return database;
  } catch (cause) {
    if (cause instanceof KbsError) throw cause;
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new KbsError('ERR_KBS_STORAGE', `the database ${file} cannot be opened: ${reason}`, { cause });
  }
}

/**
 * Whether a data key was used with this database already.
 *
 * @param database - the database
 */
export function hasKeyCheck(database: DatabaseSync): boolean {
  return keyCheckOf(database) !== undefined;
}

/**
 * Tie the database to its data key, once.
 *
 * @param database - the database
 * @param vault - over the key
 * @throws {@link KbsError} `ERR_KBS_DATA_KEY` when the database was made with another key.
 */
export function mustFitKey(database: DatabaseSync, vault: Vault): void {
  database
    .prepare("INSERT INTO meta (name, value) VALUES ('key', ?) ON CONFLICT DO NOTHING")
    .run(vault.keyCheck);
  const known = keyCheckOf(database);
  if (known === undefined || !equalBytes(known, vault.keyCheck)) {
    throw new KbsError('ERR_KBS_DATA_KEY', 'the database was made with another data key');
  }
}

/**
 * Run a change: all of it or nothing.
 *
 * @param database - the database
 * @param change - given a version that nothing had before
 */
export function transact<T>(database: DatabaseSync, change: (version: number) => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const row = database
      .prepare("UPDATE meta SET value = value + 1 WHERE name = 'version' RETURNING value")
      .get();
    const version = row?.['value'];
    if (typeof version !== 'number')
      throw new KbsError('ERR_KBS_STORAGE', 'the database lost its version counter');
    const result = change(version);
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

function keyCheckOf(database: DatabaseSync): Uint8Array | undefined {
  const value = database.prepare("SELECT value FROM meta WHERE name = 'key'").get()?.['value'];
  return value instanceof Uint8Array ? value : undefined;
}

const SCHEMA_VERSION = 1;

const SCHEMA = `
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;
  INSERT INTO meta (name, value) VALUES ('schema', ${SCHEMA_VERSION}), ('version', 0) ON CONFLICT DO NOTHING;
  CREATE TABLE IF NOT EXISTS resource (
    path TEXT PRIMARY KEY, version INTEGER NOT NULL, sealed BLOB NOT NULL, updated INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS record (
    name TEXT PRIMARY KEY, version INTEGER NOT NULL, sealed BLOB NOT NULL, updated INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS session (
    name TEXT PRIMARY KEY, revision INTEGER NOT NULL, expires INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS session_expires ON session (expires);
  COMMIT;
`;
