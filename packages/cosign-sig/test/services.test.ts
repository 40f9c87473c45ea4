import { encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicPem, generateKeyPair } from '@sealwright/crypto';
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
  proposeHashedRekord,
  proposeIntoto,
  readTokenClaims,
  type RekorClient,
  rootFromTiles,
  spiffeToken,
  type TileSource,
  treeRoot,
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
