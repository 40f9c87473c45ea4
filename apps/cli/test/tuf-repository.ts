import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicPem, generateKeyPair, keySigner, type PrivateKey } from '@sealwright/crypto';
import { canonicalJson, type JsonObject } from '@sealwright/json';

/** Files of a small repository of The Update Framework, by path. */
export type TufFiles = Map<string, Uint8Array>;

/** Make a repository with one key for all roles. */
export async function tufRepository(
  targets: Readonly<Record<string, string>>,
  options: { readonly key?: PrivateKey; readonly version?: number; readonly expires?: string } = {},
): Promise<{ readonly files: TufFiles; readonly key: PrivateKey }> {
  const key = options.key ?? (await generateKeyPair('ec-p256'));
  const { version = 1, expires = '2030-01-01T00:00:00Z' } = options;
  const files: TufFiles = new Map();
  const sign = async (signed: JsonObject): Promise<Uint8Array> => {
    const text = canonicalJson(signed).replaceAll(String.raw`\n`, '\n'); // in this canonical form, line ends are as they are
    const sig = encodeHex(await keySigner(key).sign(encodeUtf8(text)));
    return encodeUtf8(JSON.stringify({ signatures: [{ keyid: 'k', sig }], signed }));
  };
  const common = { spec_version: '1.0.31', expires };
  const described = (bytes: Uint8Array): JsonObject => ({
    length: bytes.byteLength,
    hashes: { sha256: encodeHex(digest('sha256', bytes)) },
  });
  const role = { keyids: ['k'], threshold: 1 };
  const keyval = { public: exportPublicPem(key.publicKey) };
  const root = await sign({
    ...common,
    _type: 'root',
    version: 1,
    consistent_snapshot: true,
    keys: { k: { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval } },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  });
  const named = Object.entries(targets).map(([name, text]) => [name, encodeUtf8(text)] as const);
  for (const [name, bytes] of named)
    files.set(`targets/${encodeHex(digest('sha256', bytes))}.${name}`, bytes);
  const list = await sign({
    ...common,
    _type: 'targets',
    version,
    targets: Object.fromEntries(named.map(([name, bytes]) => [name, described(bytes)])),
  });
  const snapshot = await sign({
    ...common,
    _type: 'snapshot',
    version,
    meta: { 'targets.json': { version } },
  });
  const meta = { 'snapshot.json': { version, ...described(snapshot) } };
  files.set('1.root.json', root);
  files.set(`${version}.targets.json`, list);
  files.set(`${version}.snapshot.json`, snapshot);
  files.set('timestamp.json', await sign({ ...common, _type: 'timestamp', version, meta }));
  return { files, key };
}
