import type { DatabaseSync } from 'node:sqlite';
import type { RecordStore, ResourceStore, Storage } from './types.js';
import { transact } from './database.js';
import { sqliteSessions } from './sqlite-sessions.js';
import type { Vault } from './vault.js';

/**
 * Everything in one SQLite database, sealed.
 *
 * @param database - opened and tied to the vault's key
 * @param vault - seals what is stored
 * @param now - milliseconds since 1970
 */
export function sqliteStorage(database: DatabaseSync, vault: Vault, now: () => number): Storage {
  return {
    resources: resourceStore(database, vault, now),
    records: recordStore(database, vault, now),
    sessions: sqliteSessions(database, vault),
    async ready() {
      database.prepare("SELECT value FROM meta WHERE name = 'schema'").get();
    },
    close: () => database.close(),
  };
}

function resourceStore(database: DatabaseSync, vault: Vault, now: () => number): ResourceStore {
  const select = database.prepare('SELECT version, sealed FROM resource WHERE path = ?');
  const upsert = database.prepare(
    `INSERT INTO resource (path, version, sealed, updated) VALUES (?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET version = excluded.version, sealed = excluded.sealed, updated = excluded.updated`,
  );
  const remove = database.prepare('DELETE FROM resource WHERE path = ?');
  return {
    async get(path) {
      const row = rowOf(select.get(path));
      if (row === undefined) return undefined;
      const { version, sealed } = row;
      return { value: vault.open({ kind: 'resource', name: path, version }, sealed), version };
    },
    async put(path, value) {
      return transact(database, (version) => {
        upsert.run(path, version, vault.seal({ kind: 'resource', name: path, version }, value), now());
        return version;
      });
    },
    async delete(path) {
      return transact(database, () => Number(remove.run(path).changes) > 0);
    },
  };
}

function recordStore(database: DatabaseSync, vault: Vault, now: () => number): RecordStore {
  const select = database.prepare('SELECT version, sealed FROM record WHERE name = ?');
  const insert = database.prepare(
    'INSERT INTO record (name, version, sealed, updated) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING',
  );
  const upsert = database.prepare(
    `INSERT INTO record (name, version, sealed, updated) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET version = excluded.version, sealed = excluded.sealed, updated = excluded.updated`,
  );
  const get: RecordStore['get'] = async (name) => {
    const row = rowOf(select.get(name));
    return row === undefined
      ? undefined
      : vault.open({ kind: 'record', name, version: row.version }, row.sealed);
  };
  return {
    get,
    async put(name, value) {
      return transact(database, (version) => {
        upsert.run(name, version, vault.seal({ kind: 'record', name, version }, value), now());
        return version;
      });
    },
    async putIfAbsent(name, value) {
      transact(database, (version) =>
        insert.run(name, version, vault.seal({ kind: 'record', name, version }, value), now()),
      );
      return (await get(name)) ?? new Uint8Array(value);
    },
  };
}

function rowOf(
  row: Record<string, unknown> | undefined,
): { version: number; sealed: Uint8Array } | undefined {
  const { version, sealed } = row ?? {};
  return typeof version === 'number' && sealed instanceof Uint8Array ? { version, sealed } : undefined;
}
