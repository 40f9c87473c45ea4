import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import type { SessionRecord } from '@sealwright/kbs-protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStorage } from '../src/storage/open.js';
import { hasKeyCheck, openDatabase } from '../src/storage/database.js';
import { sqliteSessions } from '../src/storage/sqlite-sessions.js';
import type { Storage } from '../src/storage/types.js';
import { createVault } from '../src/storage/vault.js';
import { Secret } from '@sealwright/bytes';
import { startBroker, temporaryFolder } from './broker.js';

function open(folder: string): Storage {
  const file = join(folder, 'kbs.sqlite');
  const { storage } = openStorage({ file, keyFile: `${file}.key`, inFolder: undefined }, () => 0);
  onTestFinished(() => {
    try {
      storage.close();
    } catch {
      // Closed by the test.
    }
  });
  return storage;
}

const session = (id: string, revision: number, expiresAt = 1000): SessionRecord => ({
  id,
  revision,
  tee: 'sample',
  version: '0.4.0',
  hash: 'sha384',
  nonce: 'the nonce',
  expiresAt,
});

describe('a restart', () => {
  it('keeps resources, policy, sessions and the signing key', async () => {
    const folder = temporaryFolder();
    const first = await startBroker({ folder, policy: 'allow_all' });
    await first.put('a/b/c', 'kept');
    await first.put('a/b/d', 'gone');
    await fetch(`${first.url}/kbs/v0/resource/a/b/d`, { method: 'DELETE', headers: first.admin });
    await first.uploadPolicy(
      '{"sealwright":"resource-policy/v1","rules":[{"path":"a/b/c","require":{"tee":"sample"}}]}',
    );
    let cookie = '';
    const keep = async (input: string, init: RequestInit): Promise<Response> => {
      const response = await fetch(input, init);
      cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie;
      return response;
    };
    await first.client({ fetch: keep }).getToken();
    await first.stop();

    const second = await startBroker({ folder, policy: 'deny_all' });
    const client = second.client();
    expect(decodeUtf8(await client.getResource('a/b/c'))).toBe('kept');
    await expect(client.getResource('a/b/d')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_REFUSED' }),
    );
    expect((await fetch(`${second.url}/kbs/v0/resource/a/b/c`, { headers: { cookie } })).status).toBe(200);
  });
});

describe('two brokers on one database', () => {
  it('share handshakes, resources and policies', async () => {
    const folder = temporaryFolder();
    const [one, two] = [await startBroker({ folder }), await startBroker({ folder })];
    let turn = 0;
    const alternate = (input: string, init: RequestInit): Promise<Response> => {
      turn += 1;
      return fetch(input.replace(one.url, turn % 2 === 0 ? two.url : one.url), init);
    };
    await one.put('a/b/c', 'shared');
    const client = one.client({ fetch: alternate });
    for (let round = 0; round < 4; round += 1)
      expect(decodeUtf8(await client.getResource('a/b/c'))).toBe('shared');
    expect(turn).toBe(6);
    await two.uploadPolicy('{"sealwright":"resource-policy/v1","rules":[]}');
    await expect(client.getResource('a/b/c')).rejects.toThrow(/Access denied by policy/);
  });
});

describe('a stored policy that cannot be read', () => {
  it('refuses guests until an administrator replaces it', async () => {
    const folder = temporaryFolder();
    const storage = open(folder);
    await storage.records.put('resource-policy', encodeUtf8('from another version'));
    storage.close();
    const broker = await startBroker({ folder });
    expect(broker.lines.map(({ event }) => event)).toContain('policy_unreadable');
    await broker.put('a/b/c', 'x');
    await expect(broker.client().getResource('a/b/c')).rejects.toThrow(/Policy engine error/);
    await broker.uploadPolicy(
      '{"sealwright":"resource-policy/v1","rules":[{"path":"a/b/c","require":{"tee":"sample"}}]}',
    );
    expect(await broker.client().getResource('a/b/c')).toHaveLength(1);
  });
});

describe('the files', () => {
  it('are for their owner only, and hold nothing in the clear', async () => {
    const folder = temporaryFolder();
    const storage = open(folder);
    await storage.resources.put('a/b/c', encodeUtf8('a very plain secret'));
    await storage.records.put('resource-policy', encodeUtf8('a very plain policy'));
    await storage.sessions.compareAndSet('f'.repeat(32), undefined, session('f'.repeat(32), 1));
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
      expect(readFileSync(join(folder, name)).includes('very plain')).toBe(false);
      expect(readFileSync(join(folder, name)).includes('f'.repeat(32))).toBe(false);
    }
    expect(readFileSync(join(folder, 'kbs.sqlite.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  });

  it('go together: another key, no key and a bad key are refused, and nothing is overwritten', async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    open(folder).close();
    open(other).close();
    const key = join(folder, 'kbs.sqlite.key');
    renameSync(key, `${key}.kept`);
    const refusal = (message: RegExp): object =>
      expect.objectContaining({ code: 'ERR_KBS_DATA_KEY', message: expect.stringMatching(message) });
    expect(() => open(folder)).toThrow(refusal(/does not exist/));
    expect(readdirSync(folder)).not.toContain('kbs.sqlite.key');
    copyFileSync(join(other, 'kbs.sqlite.key'), key);
    expect(() => open(folder)).toThrow(refusal(/another data key/));
    writeFileSync(key, 'short\n');
    expect(() => open(folder)).toThrow(refusal(/64 hexadecimal digits/));
    copyFileSync(`${key}.kept`, key);
    await open(folder).ready();
  });

  it('that are no database are refused', () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'kbs.sqlite'),
      'not a database, but long enough to have a header of its own'.repeat(20),
    );
    expect(() => open(folder)).toThrow(expect.objectContaining({ code: 'ERR_KBS_STORAGE' }));
    expect(() =>
      openStorage({ file: join(folder, 'kbs.sqlite.x', '\0'), keyFile: '', inFolder: undefined }, () => 0),
    ).toThrow(expect.objectContaining({ code: 'ERR_KBS_STORAGE' }));
  });

  it('say when the key can be read by others', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'kbs.sqlite');
    const place = { file, keyFile: `${file}.key`, inFolder: undefined };
    const first = openStorage(place, () => 0);
    expect([first.keyCreated, first.keyExposed]).toEqual([true, false]);
    first.storage.close();
    chmodSync(`${file}.key`, 0o644);
    const second = openStorage(place, () => 0);
    expect([second.keyCreated, second.keyExposed]).toEqual([false, true]);
    second.storage.close();
  });
});

describe('a stored value', () => {
  it('opens only where and as it was stored', async () => {
    const folder = temporaryFolder();
    const storage = open(folder);
    await storage.resources.put('a/b/low', encodeUtf8('low'));
    await storage.resources.put('a/b/high', encodeUtf8('high'));
    const database = new DatabaseSync(join(folder, 'kbs.sqlite'));
    database.exec(
      "UPDATE resource SET (version, sealed) = (SELECT version, sealed FROM resource WHERE path = 'a/b/high') WHERE path = 'a/b/low'",
    );
    await expect(storage.resources.get('a/b/low')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_STORAGE' }),
    );
    expect(decodeUtf8((await storage.resources.get('a/b/high'))?.value ?? new Uint8Array())).toBe('high');
    database.exec("UPDATE resource SET version = version + 1 WHERE path = 'a/b/high'");
    await expect(storage.resources.get('a/b/high')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_STORAGE' }),
    );
    database.close();
  });

  it('that was changed gives 500, and the cause goes to the log alone', async () => {
    const folder = temporaryFolder();
    const broker = await startBroker({ folder });
    await broker.put('a/b/c', 'x');
    const database = new DatabaseSync(join(folder, 'kbs.sqlite'));
    database.exec('UPDATE resource SET sealed = zeroblob(40)');
    database.close();
    const { token } = await broker.client().getToken();
    const response = await fetch(`${broker.url}/kbs/v0/resource/a/b/c`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([response.status, await response.text()]).toEqual([500, 'internal error\n']);
    expect(broker.lines.find(({ event }) => event === 'failed')).toMatchObject({
      reason: expect.stringContaining('does not open'),
    });
  });

  it('gets versions that only grow, across deletions', async () => {
    const { resources } = open(temporaryFolder());
    const first = await resources.put('a/b/c', encodeUtf8('1'));
    expect(await resources.delete('a/b/c')).toBe(true);
    expect(await resources.delete('a/b/c')).toBe(false);
    const second = await resources.put('a/b/c', encodeUtf8('2'));
    expect(second).toBeGreaterThan(first);
    expect((await resources.get('a/b/c'))?.version).toBe(second);
    expect(await resources.get('a/b/d')).toBeUndefined();
  });

  it('is kept once where the first one wins', async () => {
    const { records } = open(temporaryFolder());
    expect(decodeUtf8(await records.putIfAbsent('key', encodeUtf8('first')))).toBe('first');
    expect(decodeUtf8(await records.putIfAbsent('key', encodeUtf8('second')))).toBe('first');
  });
});

describe('sessions', () => {
  it('change by compare-and-set, in every process that has the file open', async () => {
    const folder = temporaryFolder();
    const [one, two] = [open(folder).sessions, open(folder).sessions];
    expect(await one.compareAndSet('a', undefined, session('a', 1))).toBe(true);
    expect(await two.compareAndSet('a', undefined, session('a', 1))).toBe(false);
    expect(await two.get('a')).toEqual(session('a', 1));
    expect(await two.compareAndSet('a', 1, session('a', 2))).toBe(true);
    expect(await one.compareAndSet('a', 1, session('a', 2))).toBe(false);
    expect(await one.compareAndSet('a', 1, undefined)).toBe(false);
    expect(await one.compareAndSet('a', 2, undefined)).toBe(true);
    expect([await two.get('a'), await two.compareAndSet('a', undefined, undefined)]).toEqual([
      undefined,
      true,
    ]);
  });

  it('are swept, and the first to end goes when there are too many', async () => {
    const database = openDatabase(':memory:');
    expect(hasKeyCheck(database)).toBe(false);
    const sessions = sqliteSessions(database, createVault(Secret.of(new Uint8Array(32))), 2);
    for (const [id, end] of [
      ['a', 30],
      ['b', 10],
      ['c', 20],
    ] as const)
      await sessions.compareAndSet(id, undefined, session(id, 1, end));
    expect([await sessions.get('b'), (await sessions.get('a'))?.id]).toEqual([undefined, 'a']);
    expect([await sessions.sweep(20), await sessions.sweep(20)]).toEqual([1, 0]);
    expect(await sessions.get('c')).toBeUndefined();
    database.close();
  });
});
