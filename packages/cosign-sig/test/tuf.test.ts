import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicPem, generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { CosignError, sigstorePublicRoot, trustPinnedRoot, updateTuf } from '../src/index.js';

describe('a repository of TUF', () => {
  /** With a second root that hands the other roles to another key, and versions that begin at `version`. */
  async function repository(
    version = 1,
    key?: PrivateKey,
    other?: PrivateKey,
  ): Promise<{ files: Map<string, Uint8Array>; key: PrivateKey }> {
    key ??= await generateKeyPair('ec-p256');
    const files = new Map<string, Uint8Array>();
    const expires = '2030-01-01T00:00:00Z';
    const signer = { root: key, others: other ?? key };
    const put = async (name: string, signed: Record<string, unknown>): Promise<Uint8Array> => {
      const sorted = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(sorted)
          : typeof value === 'object' && value !== null
            ? Object.fromEntries(
                Object.entries(value)
                  .sort(([a], [b]) => (a < b ? -1 : 1))
                  .map(([k, v]) => [k, sorted(v)]),
              )
            : value;
      // Canonical JSON of OLPC writes line ends as they are.
      const message = JSON.stringify(sorted(signed)).replaceAll('\\n', '\n');
      const by = name.endsWith('.root.json') ? signer.root : signer.others;
      const keyid = by === key ? 'k' : 'o';
      const sig = encodeHex(await sign(by, encodeUtf8(message)));
      const bytes = encodeUtf8(JSON.stringify({ signed, signatures: [{ keyid, sig }] }));
      files.set(name, bytes);
      return bytes;
    };
    const role = { keyids: ['k'], threshold: 1 };
    const about = (bytes: Uint8Array): object => ({
      length: bytes.byteLength,
      hashes: { sha256: encodeHex(digest('sha256', bytes)) },
    });
    const common = { spec_version: '1.0.31', version, expires };
    const keyOf = (of: PrivateKey): object => ({
      keytype: 'ecdsa',
      scheme: 'ecdsa-sha2-nistp256',
      keyval: { public: exportPublicPem(of.publicKey) },
    });
    const roles = { root: role, timestamp: role, snapshot: role, targets: role };
    const keys = { k: keyOf(key) };
    const rootFields = { _type: 'root', ...common, version: 1, consistent_snapshot: true };
    await put('1.root.json', { ...rootFields, keys, roles });
    if (other !== undefined) {
      const handed = { keyids: ['o'], threshold: 1 };
      const now = { root: role, timestamp: handed, snapshot: handed, targets: handed };
      await put('2.root.json', { ...rootFields, version: 2, keys: { ...keys, o: keyOf(other) }, roles: now });
    }
    const target = encodeUtf8('{}');
    files.set(`targets/${encodeHex(digest('sha256', target))}.trusted_root.json`, target);
    const targets = await put(`${version}.targets.json`, {
      _type: 'targets',
      ...common,
      targets: { 'trusted_root.json': about(target) },
    });
    const snapshot = await put(`${version}.snapshot.json`, {
      _type: 'snapshot',
      ...common,
      meta: { 'targets.json': { version, ...about(targets) } },
    });
    await put('timestamp.json', {
      _type: 'timestamp',
      ...common,
      meta: { 'snapshot.json': { version, ...about(snapshot) } },
    });
    return { files, key };
  }

  it('is believed from keys that were known before', async () => {
    const { files, key } = await repository();
    const root = files.get('1.root.json') ?? new Uint8Array(0);
    const pinned = { mirror: 'https://tuf.test', version: 1, threshold: 1, keys: [key.publicKey] };
    expect(await trustPinnedRoot(root, pinned)).toEqual({ root });
    const stranger = (await generateKeyPair('ec-p256')).publicKey;
    for (const wrong of [
      { keys: [stranger] },
      { threshold: 2, keys: [key.publicKey, stranger] },
      { version: 2 },
    ])
      await expect(trustPinnedRoot(root, { ...pinned, ...wrong })).rejects.toMatchObject({
        code: 'ERR_COSIGN_TUF',
      });
    expect(sigstorePublicRoot()).toMatchObject({ threshold: 3, keys: { length: 5 } });
  });

  it('is believed as far as its root goes, and until it expires', async () => {
    const { files } = await repository();
    const read = async (path: string): Promise<Uint8Array | undefined> => files.get(path);
    const trusted = { root: files.get('1.root.json') ?? new Uint8Array(0) };
    const now = new Date('2026-01-01T00:00:00Z');
    const verified = await updateTuf({ read }, trusted, { now });
    expect(verified.names).toEqual(['trusted_root.json']);
    expect(await verified.target('trusted_root.json')).toEqual(encodeUtf8('{}'));
    const late = { now: new Date('2031-01-01T00:00:00Z') };
    await expect(updateTuf({ read }, trusted, late)).rejects.toThrow('expired');
    for (const never of ['2030-02-30T00:00:00Z', '2030-01-01T24:00:00Z', '2030-01-01T00:00:00.5Z', '2030']) {
      const root = encodeUtf8(new TextDecoder().decode(trusted.root).replace('2030-01-01T00:00:00Z', never));
      await expect(updateTuf({ read }, { root }, { now })).rejects.toThrow('expected when it expires');
    }
    const aged = await updateTuf({ read }, verified.state, { ...late, dangerouslyIgnoreExpiry: true });
    expect(aged.expires.toISOString()).toBe('2030-01-01T00:00:00.000Z');
    const other = await repository();
    const foreign = { root: other.files.get('1.root.json') ?? new Uint8Array(0) };
    await expect(updateTuf({ read }, foreign, { now })).rejects.toThrow('0 of 1 keys');
    for (const [name, bytes] of files) {
      const broken = new Map(files).set(name, encodeUtf8(new TextDecoder().decode(bytes).replace('1', '2')));
      const run = async (): Promise<unknown> => {
        const found = await updateTuf(
          { read: async (path) => broken.get(path) },
          { root: broken.get('1.root.json') ?? bytes },
          { now },
        );
        return found.target('trusted_root.json');
      };
      if (new TextDecoder().decode(bytes).includes('1'))
        await expect(run()).rejects.toBeInstanceOf(CosignError);
    }
  });

  it('begins anew with new keys for timestamps and snapshots, and only then', async () => {
    const { files, key } = await repository(9);
    const now = new Date('2026-01-01T00:00:00Z');
    const root = files.get('1.root.json') ?? new Uint8Array(0);
    const { state } = await updateTuf({ read: async (path) => files.get(path) }, { root }, { now });
    const older = await repository(3, key);
    const back = updateTuf({ read: async (path) => older.files.get(path) }, state, { now });
    await expect(back).rejects.toThrow('goes back from version 9 to 3');
    const rotated = await repository(3, key, await generateKeyPair('ec-p256'));
    const anew = await updateTuf({ read: async (path) => rotated.files.get(path) }, state, { now });
    expect(anew.versions).toEqual({ root: 2, timestamp: 3, snapshot: 3, targets: 3 });
  });
});
