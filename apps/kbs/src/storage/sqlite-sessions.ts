import type { DatabaseSync } from 'node:sqlite';
import { decodeUtf8, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { SessionRecord } from '@sealwright/kbs-protocol';
import type { SweptSessionStore } from './types.js';
import type { Vault } from './vault.js';

/** How many sessions are kept; beyond it the one that ends first is dropped, as anybody can begin one. */
const MAX_SESSIONS = 100_000;

/**
 * Sessions in the database, for every process that has it open. A row's name is the hash of the session's id, so that a
 * reader of the file cannot take a session over.
 *
 * @param database - opened and tied to the vault's key
 * @param vault - seals the records
 * @param maxSessions - how many to keep
 */
export function sqliteSessions(
  database: DatabaseSync,
  vault: Vault,
  maxSessions = MAX_SESSIONS,
): SweptSessionStore {
  const select = database.prepare('SELECT revision, sealed FROM session WHERE name = ?');
  const insert = database.prepare(
    'INSERT INTO session (name, revision, expires, sealed) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING',
  );
  const update = database.prepare(
    'UPDATE session SET revision = ?, expires = ?, sealed = ? WHERE name = ? AND revision = ?',
  );
  const remove = database.prepare('DELETE FROM session WHERE name = ? AND revision = ?');
  const sweep = database.prepare('DELETE FROM session WHERE expires <= ?');
  const count = database.prepare('SELECT count(*) AS n FROM session');
  const dropFirst = database.prepare(
    'DELETE FROM session WHERE name IN (SELECT name FROM session ORDER BY expires LIMIT ?)',
  );
  const sealed = (name: string, record: SessionRecord): Uint8Array =>
    vault.seal({ kind: 'session', name, version: record.revision }, encodeUtf8(JSON.stringify(record)));
  return {
    async get(id) {
      const name = nameOf(id);
      const row = select.get(name);
      const { revision, sealed: value } = row ?? {};
      if (typeof revision !== 'number' || !(value instanceof Uint8Array)) return undefined;
      const text = decodeUtf8(vault.open({ kind: 'session', name, version: revision }, value));
      return JSON.parse(text) as SessionRecord; // sealed by this program
    },
    async compareAndSet(id, expected, next) {
      const name = nameOf(id);
      if (expected === undefined) {
        if (next === undefined) return select.get(name) === undefined;
        const { changes } = insert.run(name, next.revision, next.expiresAt, sealed(name, next));
        const excess = Number(count.get()?.['n'] ?? 0) - maxSessions;
        if (excess > 0) dropFirst.run(excess);
        return Number(changes) === 1;
      }
      const { changes } =
        next === undefined
          ? remove.run(name, expected)
          : update.run(next.revision, next.expiresAt, sealed(name, next), name, expected);
      return Number(changes) === 1;
    },
    async sweep(now) {
      return Number(sweep.run(now).changes);
    },
  };
}

function nameOf(id: string): string {
  return encodeHex(digest('sha256', encodeUtf8(id)));
}
