import { encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicPem, generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';
import { encodePem } from '@sealwright/der';
import type { JsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import {
  canonicalBody,
  consistencyFromTiles,
  CosignError,
  createRekorClient,
  environmentToken,
  fileToken,
  firstToken,
  generateCosignKeyPair,
  githubToken,
  inclusionFromTiles,
  keyPairSecret,
  leafHash,
  nodeHash,
  parseEntryBody,
  parseLegacyBundle,
  parseSecretReference,
  parseSigningConfig,
  parseTrustedRoot,
  proposeHashedRekord,
  proposeIntoto,
  readTokenClaims,
  type RekorClient,
  rootFromTiles,
  selectServices,
  spiffeToken,
  type TileSource,
  treeRoot,
  type TrustedRoot,
  SIGSTORE_PUBLIC_ROOT,
  sigstorePublicRoot,
  trustPinnedRoot,
  updateTuf,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.js';

describe('identity tokens', () => {
  it('come from the first place that has one', async () => {
    const asked: string[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      asked.push(`${request.url} ${request.headers.get('authorization')}`);
      return Response.json({ value: 'from GitHub' });
    };
    const job = {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://ci.example/t?a=b',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
    };
    const empty = [
      spiffeToken(async () => undefined),
      githubToken({}, { fetch }),
      fileToken(async () => undefined),
    ];
    expect(
      await firstToken([...empty, githubToken(job, { fetch }), environmentToken({ SIGSTORE_ID_TOKEN: 'x' })]),
    ).toBe('from GitHub');
    expect(asked).toEqual(['https://ci.example/t?a=b&audience=sigstore bearer secret']);
    expect(await firstToken([fileToken(async () => encodeUtf8('from a file\n'))])).toBe('from a file');
    expect(await firstToken([environmentToken({ SIGSTORE_ID_TOKEN: 'set\n' })])).toBe('set');
    await expect(firstToken(empty)).rejects.toThrow('spiffe, github-actions, filesystem');
  });

  it('say who they are about, and only a verified address', () => {
    const token = (claims: object): string => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.x`;
    const claims = { iss: 'https://issuer.example', sub: 'id', email: 'a@example.com' };
    expect(readTokenClaims(token(claims)).email).toBeUndefined();
    expect(readTokenClaims(token({ ...claims, email_verified: true })).email).toBe('a@example.com');
    for (const bad of ['', 'a.b.c', token({}), `${token(claims)}.x`])
      expect(() => readTokenClaims(bad)).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_IDENTITY' }));
  });
});

describe('entries that are proposed', () => {
  const hashed = { algorithm: 'sha256', value: digest('sha256', encodeUtf8('app')) } as const;

  it('spell keys and certificates as the log keeps them, however their files do', async () => {
    const pem = exportPublicPem((await generateKeyPair('ec-p256')).publicKey);
    const windows = `key of a friend\r\n${pem.replaceAll('\n', '\r\n')}`;
    const [signature, plain] = [Uint8Array.of(1), proposeHashedRekord(Uint8Array.of(1), hashed, pem)];
    expect(plain.spec).toMatchObject({ signature: { publicKey: { content: btoa(pem) } } });
    expect(proposeHashedRekord(signature, hashed, windows)).toEqual(plain);
    expect(proposeHashedRekord(signature, hashed, 'no key').spec).toMatchObject({
      signature: { publicKey: { content: btoa('no key') } },
    });
  });

  it('hold the hash of an envelope as it is stored, not as we would write it', () => {
    const signature = { keyid: '', sig: 'AQ==' };
    const text = JSON.stringify(
      { payloadType: 'text/plain', payload: 'YQ==', signatures: [signature] },
      null,
      2,
    );
    const { spec } = proposeIntoto(text, 'no key');
    const value = encodeHex(digest('sha256', encodeUtf8(text)));
    expect(spec).toMatchObject({ content: { hash: { algorithm: 'sha256', value } } });
  });
});

describe('the Secret of a key pair', () => {
  it('holds the three members and keeps others', async () => {
    const pair = await generateCosignKeyPair({ password: 'pass' });
    const place = parseSecretReference('k8s://tekton-chains/signing-secrets');
    const secret = keyPairSecret(place, pair, 'pass', { other: 'AA==' });
    expect(secret).toMatchObject({
      metadata: { namespace: 'tekton-chains', name: 'signing-secrets' },
      type: 'Opaque',
      immutable: true,
      data: { other: 'AA==', 'cosign.pub': btoa(pair.publicPem), 'cosign.password': btoa('pass') },
    });
  });

  it.each(['k8s://a', 'k8s://a/b/c', 'k8s:///b', 'env://A', 'k8s://A/b'])('%s names none', (reference) => {
    expect(() => parseSecretReference(reference)).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_KEY_REFERENCE' }),
    );
  });
});

describe('trees', () => {
  const leaves = Array.from({ length: 600 }, (_, index) => leafHash(encodeUtf8(String(index))));
  const source: TileSource = {
    hashTile: async (level, index) => {
      const size = 256 ** level;
      const count = Math.floor(leaves.length / size);
      const hashes = Array.from({ length: Math.min(256, count - index * 256) }, (_, at) =>
        treeRoot(leaves.slice((index * 256 + at) * size, (index * 256 + at + 1) * size)),
      );
      const bytes = new Uint8Array(hashes.length * 32);
      for (const [at, hash] of hashes.entries()) bytes.set(hash, at * 32);
      return bytes;
    },
  };

  it('prove from tiles what is in them, and nothing else', async () => {
    const root = await rootFromTiles(source, 600);
    expect(encodeHex(root)).toBe(encodeHex(treeRoot(leaves)));
    for (const index of [0, 1, 255, 256, 511, 512, 599]) {
      const hashes = await inclusionFromTiles(source, index, 600);
      const leaf = leaves[index] ?? root;
      verifyInclusion({ index, size: 600, leafHash: leaf, hashes, root });
      for (const wrong of [
        { index: index ^ 1, size: 600, leafHash: leaf, hashes, root },
        { index, size: 600, leafHash: nodeHash(leaf, leaf), hashes, root },
        { index, size: 600, leafHash: leaf, hashes: hashes.slice(1), root },
        { index, size: 600, leafHash: leaf, hashes: [...hashes, root], root },
        { index: 600, size: 600, leafHash: leaf, hashes, root },
      ])
        expect(() => verifyInclusion(wrong)).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_PROOF' }));
    }
    for (const size1 of [1, 2, 255, 256, 257, 512, 599, 600]) {
      const hashes = await consistencyFromTiles(source, size1, 600);
      const root1 = treeRoot(leaves.slice(0, size1));
      verifyConsistency({ size1, size2: 600, root1, root2: root, hashes });
      const other = nodeHash(root1, root1);
      expect(() => verifyConsistency({ size1, size2: 600, root1: other, root2: root, hashes })).toThrow(
        CosignError,
      );
    }
  });

  it('of more than 2^31 leaves are no harder', () => {
    const [index, size] = [2 ** 40 + 5, 2 ** 41];
    const leaf = leafHash(encodeUtf8('far out'));
    const hashes = Array.from({ length: 41 }, (_, at) => leafHash(encodeUtf8(String(at))));
    const root = hashes.reduce(
      (hash, sibling, at) =>
        Math.floor(index / 2 ** at) % 2 === 1 ? nodeHash(sibling, hash) : nodeHash(hash, sibling),
      leaf,
    );
    verifyInclusion({ index, size, leafHash: leaf, hashes, root });
    expect(() => verifyInclusion({ index: 5, size, leafHash: leaf, hashes, root })).toThrow(CosignError);
  });
});

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
    expect(sigstorePublicRoot().keys).toHaveLength(5);
    expect(SIGSTORE_PUBLIC_ROOT.threshold).toBe(3);
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

describe('the client of Rekor v1', () => {
  const clientOf = (answer: string | object): RekorClient => {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return createRekorClient({
      url: 'https://rekor.example',
      fetch: async () => new Response(body),
      retries: 0,
    });
  };
  const body = encodeUtf8('{"apiVersion":"0.0.1","kind":"rekord","spec":{}}');
  const entryId = encodeHex(leafHash(body));
  const entry = { [entryId]: { body: encodeBase64(body), logIndex: 7, logID: 'ab', integratedTime: 1 } };

  it('takes from a retrieval what was asked for, and nothing else', async () => {
    expect(await clientOf([entry]).retrieve({ logIndexes: [7] })).toMatchObject([{ entryId }]);
    expect(await clientOf([entry]).retrieve({ entryIds: [`${'0'.repeat(16)}${entryId}`] })).toHaveLength(1);
    for (const query of [{ logIndexes: [8] }, { entryIds: ['a'.repeat(64)] }, {}])
      await expect(clientOf([entry]).retrieve(query)).rejects.toThrow('nobody asked for');
  });

  it('takes what a log says about a shard only where the log signed it', async () => {
    const root = digest('sha256', encodeUtf8('root'));
    const note = (origin: string, size: number): string =>
      `${origin}\n${size}\n${encodeBase64(root)}\n\n— log.example ${encodeBase64(new Uint8Array(8))}\n`;
    const shard = {
      rootHash: encodeHex(root),
      treeSize: 5,
      treeID: '12',
      signedTreeHead: note('a.b - 12', 5),
    };
    expect(await clientOf(shard).logInfo()).toMatchObject({ treeId: '12', treeSize: 5, inactiveShards: [] });
    for (const wrong of [
      { treeID: '2' },
      { treeID: '13' },
      { treeSize: 6 },
      { rootHash: '0'.repeat(64) },
      { signedTreeHead: note('a.b - 13', 5) },
    ]) {
      const lie = { ...shard, ...wrong };
      for (const info of [lie, { ...shard, inactiveShards: [lie] }])
        await expect(clientOf(info).logInfo()).rejects.toMatchObject({ code: 'ERR_COSIGN_CHECKPOINT' });
    }
  });

  it.each(['', 'no key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'])(
    'refuses %j for a key',
    async (text) => {
      await expect(clientOf(text).publicKey()).rejects.toMatchObject({ code: 'ERR_COSIGN_SERVICE' });
    },
  );
});

describe('entries of the kind intoto', () => {
  it('say the hash of their payload, whether the request did or not', async () => {
    const envelope = JSON.stringify({
      payloadType: 'application/vnd.in-toto+json',
      payload: encodeBase64(encodeUtf8('{}')),
      signatures: [{ sig: 'AAAA' }],
    });
    const proposed = proposeIntoto(envelope, 'PEM');
    const { payloadHash: _said, ...content } = proposed.spec['content'] as JsonObject;
    const silent = { ...proposed, spec: { content } };
    expect(await canonicalBody(silent)).toEqual(await canonicalBody(proposed));
    const without = { ...proposed, spec: { content: { ...content, envelope: { signatures: [] } } } };
    await expect(canonicalBody(without)).rejects.toMatchObject({ code: 'ERR_COSIGN_LOG_ENTRY' });
  });

  it('keep signatures in the alphabet that the envelope had', () => {
    const pem = encodeBase64(encodeUtf8(encodePem('CERTIFICATE', Uint8Array.of(0x30, 0))));
    const sigOf = (sig: string): unknown => {
      const signatures = [{ sig: encodeBase64(encodeUtf8(sig)), publicKey: pem }];
      const payloadHash = { algorithm: 'sha256', value: 'ab'.repeat(32) };
      const spec = { content: { envelope: { signatures }, payloadHash } };
      const text = JSON.stringify({ apiVersion: '0.0.2', kind: 'intoto', spec });
      return parseEntryBody({ body: encodeUtf8(text), kind: 'intoto', version: '0.0.2' }).signatures[0]
        ?.signature;
    };
    for (const sig of ['+/8=', '-_8=', '-_8']) expect(sigOf(sig)).toEqual(Uint8Array.of(0xfb, 0xff));
    expect(() => sigOf('+_8=')).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_LOG_ENTRY' }));
  });
});

describe('trusted roots and signing configs', () => {
  const mediaType = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';

  it.each([
    [{ mediaType: 'application/json' }, '/mediaType'],
    [{ mediaType, tlogs: [{ hashAlgorithm: 'SHA2_512' }] }, '/tlogs/0/hashAlgorithm'],
    [
      { mediaType, tlogs: [{ hashAlgorithm: 'SHA2_256', publicKey: { keyDetails: 'x' } }] },
      '/tlogs/0/publicKey/validFor',
    ],
    [
      { mediaType, certificateAuthorities: [{ certChain: { certificates: [] } }] },
      '/certificateAuthorities/0/certChain',
    ],
    [{ mediaType, ctlogs: {} }, '/ctlogs'],
  ])('%j is refused', (json, pointer) => {
    expect(() => parseTrustedRoot(JSON.stringify(json))).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_TRUSTED_ROOT', pointer }),
    );
  });

  it.each([
    ['2026-01-15T12:00:00Z', true],
    ['2024-02-29T23:59:59.123456789Z', true],
    ['2026-01-15T12:00:00+02:30', true],
    ['2026-02-29T00:00:00Z', false],
    ['2026-04-31T00:00:00+01:00', false],
    ['2026-01-15T24:00:00Z', false],
    ['2026-01-15T12:00:60Z', false],
    ['2026-01-15T12:00:00', false],
    ['2026-01-15 12:00:00Z', false],
    ['2026-01-15T12:00:00+25:00', false],
  ])('begin at %s: %s', (start, exists) => {
    const text = JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [{ url: 'https://ca.example', majorApiVersion: 1, validFor: { start } }],
    });
    if (exists) expect(parseSigningConfig(text).caUrls[0]?.validFor.start).toBe(Date.parse(start));
    else
      expect(() => parseSigningConfig(text)).toThrow(
        expect.objectContaining({ code: 'ERR_COSIGN_SIGNING_CONFIG', pointer: '/caUrls/0/validFor/start' }),
      );
  });

  it('say which services to ask', () => {
    const service = (url: string, start: string, operator: string, majorApiVersion = 1): object => ({
      url,
      majorApiVersion,
      validFor: { start },
      operator,
    });
    const config = parseSigningConfig(
      JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
        rekorTlogUrls: [
          service('https://a.example', '2024-01-01T00:00:00Z', 'x'),
          service('https://b.example', '2025-01-01T00:00:00Z', 'x'),
          service('https://c.example', '2025-01-01T00:00:00Z', 'y'),
          service('https://d.example', '2099-01-01T00:00:00Z', 'z'),
        ],
        rekorTlogConfig: { selector: 'EXACT', count: 2 },
      }),
    );
    const options = { now: new Date('2026-01-01T00:00:00Z'), versions: [1] };
    const urls = (chosen: readonly { url: string }[]): string[] => chosen.map(({ url }) => url);
    expect(urls(selectServices(config.rekorTlogUrls, options))).toEqual(['https://b.example']);
    const exact = selectServices(config.rekorTlogUrls, { ...options, selection: config.rekorTlogConfig });
    expect(urls(exact)).toEqual(['https://b.example', 'https://c.example']);
    expect(() => selectServices(config.rekorTlogUrls, { ...options, versions: [2] })).toThrow(CosignError);
    expect(() =>
      selectServices(config.rekorTlogUrls, { ...options, selection: { selector: 'EXACT', count: 3 } }),
    ).toThrow('expected 3 services, found 2');
  });

  it.each([undefined, {}, { selector: 'SERVICE_SELECTOR_UNDEFINED' }, { selector: 'SOME' }, { selector: 4 }])(
    'with %j for a selector choose nothing, and nothing else is lost',
    (rekorTlogConfig) => {
      const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
      const rekorTlogUrls = [{ url: 'https://a.example', majorApiVersion: 1, operator: 'x' }];
      const config = parseSigningConfig(
        JSON.stringify({ mediaType, rekorTlogUrls, caUrls: rekorTlogUrls, rekorTlogConfig }),
      );
      const options = { now: new Date('2026-01-01T00:00:00Z'), versions: [1] };
      expect(() =>
        selectServices(config.rekorTlogUrls, { ...options, selection: config.rekorTlogConfig }),
      ).toThrow('does not say how many');
      expect(selectServices(config.caUrls, options)).toHaveLength(1);
    },
  );

  it('name the kind of key that a log has', async () => {
    const [p256, p384] = [await generateKeyPair('ec-p256'), await generateKeyPair('ec-p384')];
    const rootWith = (key: PrivateKey): TrustedRoot => {
      const rawBytes = encodeBase64(key.publicKey.spki);
      const validFor = { start: '2020-01-01T00:00:00Z' };
      const publicKey = { rawBytes, keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor };
      const log = { hash_algorithm: 1, public_key: publicKey, log_id: { key_id: 'AAAA' } };
      return parseTrustedRoot(JSON.stringify({ mediaType, ctlogs: [log] }));
    };
    expect(rootWith(p256).ctlogs[0]?.scheme).toBe('ecdsa-sha256');
    expect(() => rootWith(p384)).toThrow(
      expect.objectContaining({ pointer: '/ctlogs/0/publicKey/rawBytes' }),
    );
  });
});

describe('bundles of old', () => {
  it('are read, or refused with a place', () => {
    expect(parseLegacyBundle('{"base64Signature":"AA==","cert":""}')).toMatchObject({
      version: 'none',
      material: { kind: 'publicKey' },
    });
    const wrapped = parseLegacyBundle('{"base64Signature":"AA\\r\\n==\\n"}').content;
    expect(wrapped).toMatchObject({ signature: new Uint8Array(1) });
    for (const [text, pointer] of [
      ['{}', '/base64Signature'],
      ['{"base64Signature":"!"}', '/base64Signature'],
      ['{"base64Signature":"AA==","cert":"AA=="}', '/cert'],
      ['{"base64Signature":"AA==","cert":1}', '/cert'],
      ['{"base64Signature":"AA==","rekorBundle":"{}"}', '/rekorBundle'],
    ] as const)
      expect(() => parseLegacyBundle(text)).toThrow(
        expect.objectContaining({ code: 'ERR_COSIGN_BUNDLE', pointer }),
      );
  });
});
