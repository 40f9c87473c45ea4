import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { exportPublicPem, generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';
import { encodeEnvelope, encodeStatement, signEnvelope } from '@sealwright/in-toto';
import type { JsonObject, JsonValue } from '@sealwright/json';
import { parseReference } from '@sealwright/oci';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  parseBundle,
  type SigstoreBundle,
  signImage,
  simpleSigningPayload,
  SIMPLE_SIGNING_MEDIA_TYPE,
  SIGNATURE_ANNOTATION,
  cosignSigner,
} from '../src/index.js';
import {
  appraiseContainersPolicy,
  CosignError,
  encodeSignatureFile,
  imagesOf,
  keyAuthority,
  lookasideFolder,
  lookasideFor,
  matchIdentity,
  matchImageGlob,
  matchWildcard,
  mergeLookasideConfigs,
  parseContainersPolicy,
  parseIdentity,
  parseLookasideConfig,
  parseSignatureFile,
  readSigstoreSignatures,
  scopeFor,
  type SigstoreSignature,
} from '../src/policy/index.js';
import { policyFault } from './good-authority.js';
import { MemoryRegistry, pushImage } from './memory-registry.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const IMAGE = parseReference('reg.example/team/app:v1');
let key: PrivateKey;
let pem: string;

beforeAll(async () => {
  key = await generateKeyPair('ec-p256');
  pem = exportPublicPem(key.publicKey);
});

async function signature(reference: string, digest = DIGEST): Promise<SigstoreSignature> {
  const payload = simpleSigningPayload({ reference, digest });
  const bytes = await sign(key, payload);
  return {
    mediaType: SIMPLE_SIGNING_MEDIA_TYPE,
    payload,
    annotations: { [SIGNATURE_ANNOTATION]: encodeBase64(bytes) },
  };
}

const appraise = (policy: JsonObject, signatures: SigstoreSignature[], more: object = {}) =>
  appraiseContainersPolicy(
    parseContainersPolicy(JSON.stringify(policy)),
    IMAGE,
    { digest: DIGEST, sigstoreSignatures: async () => signatures },
    {
      resource: async (path) => {
        if (path === '/key') return encodeUtf8(pem);
        throw new Error('no such file');
      },
      now: 0,
      ...more,
    },
  );

describe('the policy file of containers/image', () => {
  const requires = (members: object) =>
    ({ default: [{ type: 'sigstoreSigned', ...members }] }) as unknown as JsonObject;

  it('lets in what is signed, and says by whom', async () => {
    const good = await signature('reg.example/team/app');
    const verdict = await appraise(requires({ keyPath: '/key' }), [good]);
    expect(verdict).toMatchObject({ allowed: true, decidedBy: 'default for reg.example/team/app:v1' });
    expect(verdict.checks[0]?.reason).toContain(key.publicKey.fingerprint);
    for (const source of [{ keyData: pem }, { keyDatas: [btoa(pem)] }, { keyPaths: ['/key'] }]) {
      expect(await appraise(requires(source), [good])).toMatchObject({ allowed: true });
    }
  });

  it('keeps out what is signed for another name, image or by another key, and what cannot be checked', async () => {
    const good = await signature('reg.example/team/app');
    const other = exportPublicPem((await generateKeyPair('ec-p256')).publicKey);
    const identity = { keyPath: '/key', signedIdentity: { type: 'matchRepository' } };
    const bare: SigstoreSignature = { ...good, annotations: {} };
    for (const [members, signatures] of [
      [{ keyPath: '/key' }, []],
      [{ keyPath: '/key' }, [bare]],
      [{ keyPath: '/key' }, [{ ...good, mediaType: 'text/plain' }]],
      [{ keyPath: '/key' }, [await signature('reg.example/team/app', `sha256:${'cd'.repeat(32)}`)]],
      [{ keyPath: '/missing' }, [good]],
      [{ keyData: other }, [good]],
      [{ keyData: btoa('no key') }, [good]],
      [{ keyPaths: ['/key', '/missing'] }, [good]],
      [{ keyPath: '/key', rekorPublicKeyData: btoa(pem) }, [good]],
      [identity, [await signature('evil.example/x')]],
    ] as const) {
      const verdict = await appraise(requires(members), [...signatures]);
      expect([verdict.allowed, verdict.checks.length]).toEqual([false, 1]);
      expect(verdict.checks[0]?.reason).not.toBe('');
    }
    expect(await appraise(requires({ keyPath: '/key' }), [await signature('evil.example/x')])).toMatchObject({
      allowed: true,
    });
    const strict = { sigstoreIdentity: 'matchRepoDigestOrExact' };
    expect(await appraise(requires({ keyPath: '/key' }), [good], strict)).toMatchObject({ allowed: false });
  });

  it('judges by every requirement of the narrowest scope alone', async () => {
    const accept = [{ type: 'insecureAcceptAnything' }];
    const both = [...accept, { type: 'reject' }];
    const docker = { 'reg.example/team': both, 'reg.example': accept };
    const verdict = await appraise({ default: accept, transports: { docker } }, []);
    expect(verdict.checks.map(({ check, passed }) => [check, passed])).toEqual([
      ['insecureAcceptAnything', true],
      ['reject', false],
    ]);
    expect(verdict.decidedBy).toContain('scope "reg.example/team"');
    const base = { type: 'signedBaseLayer', baseLayerIdentity: { type: 'matchExact' } };
    expect(await appraise({ default: [base] }, [])).toMatchObject({ allowed: false });
    const odd = { type: 'signedBy', keyType: 'X509Certificates', keyPath: '/key' };
    expect(await appraise({ default: [odd] }, [])).toMatchObject({ allowed: false });
  });

  it.each([
    ['docker.io/library', 'mirror.example/busybox:1', 'busybox:1', true],
    ['docker.io', 'mirror.example/library/busybox:1', 'busybox:1', true],
    ['docker.io', 'mirror.example/busybox:1', 'busybox:1', false],
    ['vendor', 'mirror.example/a:1', 'vendor/a:1', false],
    ['vendor.example', 'mirror.example/a:1', 'vendor.example/a:1', true],
    ['vendor.example', 'mirror.example/a:1', 'vendor.example/a:2', false],
    ['vendor.example', 'mirror.examples/a:1', 'vendor.example/a:1', false],
  ])('maps mirror.example to %s: %s signed as %s is %s', (signedPrefix, image, signed, match) => {
    const rule = parseIdentity({ type: 'remapIdentity', prefix: 'mirror.example', signedPrefix }, '');
    expect(matchIdentity(rule, parseReference(image, { defaultTag: 'none' }), signed)).toBe(match);
  });

  it('does not take what is left of a repository for a short name', () => {
    const rule = (signedPrefix: string) =>
      parseIdentity({ type: 'remapIdentity', prefix: 'mirror.example/team/app', signedPrefix }, '');
    const image = parseReference('mirror.example/team/app:1');
    expect(matchIdentity(rule('vendor.example/app'), image, 'vendor.example/app:1')).toBe(true);
    expect(matchIdentity(rule('vendor.example'), image, 'vendor.example:1')).toBe(false);
    expect(matchIdentity(rule('vendor'), image, 'vendor:1')).toBe(false);
  });

  it('looks for a reference with tag and digest by each of them', () => {
    const scopes = (...names: string[]) =>
      parseContainersPolicy(
        JSON.stringify({
          default: [{ type: 'reject' }],
          transports: { docker: Object.fromEntries(names.map((name) => [name, [{ type: 'reject' }]])) },
        }),
      );
    const [tag, digested] = ['reg.example/a:v1', `reg.example/a@${DIGEST}`];
    const image = parseReference(`${tag}@${DIGEST}`);
    expect(scopeFor(scopes('reg.example/a', tag), image).scope).toBe(tag);
    expect(scopeFor(scopes('reg.example/a', tag, digested), image).scope).toBe(digested);
    expect(scopeFor(scopes(tag), parseReference(digested)).scope).toBeUndefined();
  });

  it.each([
    ['', undefined],
    ['[]', ''],
    ['{}', ''],
    ['{"default":[]}', '/default'],
    ['{"default":[{"type":"reject"}],"more":1}', '/more'],
    ['{"default":[{"type":"reject","keyPath":"/k"}]}', '/default/0/keyPath'],
    [
      '{"default":[{"type":"reject"}],"transports":{"docker":{"a":[{"type":"x"}]}}}',
      '/transports/docker/a/0/type',
    ],
    ['{"default":[{"type":"signedBy","keyType":"x","keyPath":"/k"}]}', '/default/0/keyType'],
    ['{"default":[{"type":"signedBy","keyType":"GPGKeys"}]}', '/default/0'],
    ['{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/k","keyData":"AAAA"}]}', '/default/0'],
    ['{"default":[{"type":"signedBy","keyType":"GPGKeys","keyData":"%"}]}', '/default/0/keyData'],
    ['{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":[]}]}', '/default/0/keyPaths'],
    ['{"default":[{"type":"sigstoreSigned"}]}', '/default/0'],
    ['{"default":[{"type":"sigstoreSigned","keyPath":"/k","fulcio":{}}]}', '/default/0'],
    [
      '{"default":[{"type":"sigstoreSigned","fulcio":{"caPath":"/c","oidcIssuer":"i","subjectEmail":"e"}}]}',
      '/default/0',
    ],
    ['{"default":[{"type":"sigstoreSigned","pki":{"caRootsPath":"/c"}}]}', '/default/0/pki'],
    [
      '{"default":[{"type":"sigstoreSigned","keyPath":"/k","signedIdentity":{"type":"exactReference","dockerReference":"a.io/b"}}]}',
      '/default/0/signedIdentity/dockerReference',
    ],
    [
      '{"default":[{"type":"sigstoreSigned","keyPath":"/k","signedIdentity":{"type":"exactRepository","dockerRepository":"a.io/B"}}]}',
      '/default/0/signedIdentity/dockerRepository',
    ],
    [
      '{"default":[{"type":"sigstoreSigned","keyPath":"/k","signedIdentity":{"type":"remapIdentity","prefix":"a//b","signedPrefix":"c"}}]}',
      '/default/0/signedIdentity/prefix',
    ],
  ])('refuses %j', (text, pointer) => {
    expect(() => parseContainersPolicy(text)).toThrow(
      pointer === undefined ? expect.objectContaining({ code: 'ERR_COSIGN_POLICY' }) : policyFault(pointer),
    );
  });

  it('takes bundles as cosign 3 makes them, unless a name is asked for, which they do not have', async () => {
    const bundleOf = async (predicateType: string, digest = DIGEST) => {
      const payload = encodeStatement({
        version: 'v1',
        subject: [{ digest: { sha256: digest.slice(7) } }],
        predicateType,
        predicate: {},
      });
      const dsseEnvelope: unknown = JSON.parse(
        encodeEnvelope(await signEnvelope({ payload, signers: [cosignSigner(key)] })),
      );
      const verificationMaterial = { publicKey: { hint: '' }, tlogEntries: [] };
      const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
      return parseBundle(JSON.stringify({ mediaType, verificationMaterial, dsseEnvelope }));
    };
    const judge = async (members: object, bundle: SigstoreBundle, indexDigest?: string) => {
      const policy = parseContainersPolicy(JSON.stringify(requires(members)));
      const evidence = { digest: DIGEST, indexDigest, sigstoreBundles: async () => [bundle] };
      const resource = async () => encodeUtf8(pem);
      return appraiseContainersPolicy(policy, IMAGE, evidence, { resource, now: 0 });
    };
    const sign1 = 'https://sigstore.dev/cosign/sign/v1';
    const good = await bundleOf(sign1);
    const other = `sha256:${'cd'.repeat(32)}`;
    const allowed = await judge({ keyPath: '/key' }, good);
    expect([allowed.allowed, allowed.checks[0]?.reason]).toEqual([
      true,
      expect.stringContaining('bundle 1 by the key'),
    ]);
    expect(await judge({ keyPath: '/key' }, await bundleOf(sign1, other), other)).toMatchObject({
      allowed: true,
    });
    const stranger = exportPublicPem((await generateKeyPair('ec-p256')).publicKey);
    for (const [members, bundle] of [
      [{ keyPath: '/key', signedIdentity: { type: 'matchRepository' } }, good],
      [{ keyPath: '/key' }, await bundleOf('https://slsa.dev/provenance/v1')],
      [{ keyPath: '/key' }, await bundleOf(sign1, other)],
      [{ keyData: stranger }, good],
      [{ keyPath: '/key', rekorPublicKeyPath: '/key' }, good],
    ] as const) {
      expect(await judge(members, bundle)).toMatchObject({ allowed: false });
    }
  });

  it('reads signatures of a registry, of the index and of the manifest, and passes over damaged blobs', async () => {
    const registry = new MemoryRegistry();
    const tagged = await pushImage(registry);
    const image = { ...tagged, digest: (await registry.getManifest(tagged)).digest };
    await signImage(registry, image, { signer: cosignSigner(key) });
    const { digest } = image;
    const found = await readSigstoreSignatures(registry, image, [digest, digest, DIGEST]);
    expect(found).toHaveLength(1);
    const policy = parseContainersPolicy(JSON.stringify(requires({ keyData: pem })));
    const verdict = await appraiseContainersPolicy(
      policy,
      image,
      { digest: DIGEST, indexDigest: digest, sigstoreSignatures: async () => found },
      { resource: async () => new Uint8Array(), now: 0 },
    );
    expect(verdict.allowed).toBe(true);
  });
});

describe('signature files', () => {
  it('travel with payload and annotations', async () => {
    const made = await signature('a.io/b');
    expect(parseSignatureFile(encodeSignatureFile(made))).toEqual(made);
    expect(parseSignatureFile(Uint8Array.of(0xa3, 1))).toBeUndefined();
    for (const text of [
      '\0other\n{}',
      '\0sigstore-json\n[]',
      '\0sigstore-json\n',
      '\0sigstore-json\n{"mimeType":"a","payload":"?"}',
    ]) {
      expect(() => parseSignatureFile(encodeUtf8(text))).toThrow(CosignError);
    }
  });
});

describe('lookaside configurations', () => {
  it('take the new names and the old, and one entry for an image', () => {
    const config = parseLookasideConfig({
      'default-docker': { lookaside: 'https://d.example/', sigstore: 'https://old.example' },
      docker: { 'reg.example/team': { sigstore: 'file:///t', 'use-sigstore-attachments': true } },
    });
    expect(lookasideFor(config, IMAGE)).toMatchObject({ lookaside: 'file:///t', sigstoreAttachments: true });
    expect(lookasideFor(config, parseReference('a'))?.lookaside).toBe('https://d.example/');
    expect(lookasideFolder('https://d.example/', IMAGE, DIGEST)).toBe(
      `https://d.example/team/app@sha256=${'ab'.repeat(32)}`,
    );
    expect(() => lookasideFolder('x', IMAGE, '../../etc')).toThrow(CosignError);
    expect(parseLookasideConfig(null)).toEqual({ default: undefined, docker: new Map() });
  });

  it('must agree', () => {
    const at = (url: string) => parseLookasideConfig({ docker: { a: { lookaside: url } } });
    expect(mergeLookasideConfigs([at('file:///x'), at('file:///x')])).toEqual(at('file:///x'));
    expect(() => mergeLookasideConfigs([at('file:///x'), at('file:///y')])).toThrow(policyFault('/docker/a'));
    expect(() => parseLookasideConfig({ docker: { a: { lookaside: 'x' } } })).toThrow(
      policyFault('/docker/a/lookaside'),
    );
    expect(() => parseLookasideConfig({ dockers: {} })).toThrow(policyFault('/dockers'));
    expect(() => parseLookasideConfig({ docker: [] })).toThrow(policyFault('/docker'));
  });
});

describe('keyAuthority', () => {
  it('answers for keys, and refuses what it does not check', async () => {
    const registry = new MemoryRegistry();
    const tagged = await pushImage(registry);
    const image = { ...tagged, digest: (await registry.getManifest(tagged)).digest };
    await signImage(registry, image, { signer: cosignSigner(key), annotations: { env: 'prod' } });
    const log = {
      ignoreLog: true,
      ignoreSct: true,
      rekorUrl: '',
      rekorKey: undefined,
      ctLogKey: undefined,
      timestampChain: undefined,
    };
    const request = {
      image,
      subject: { kind: 'key', key: { pem }, hash: 'sha256' },
      log,
      annotations: { env: 'prod' },
      repository: undefined,
      tagPrefix: '',
      format: 'tag',
      predicateType: undefined,
    } as const;
    const ask = keyAuthority(registry, { secret: async () => pem, kms: async () => key.publicKey });
    expect((await ask(request)).by).toContain(key.publicKey.fingerprint);
    const secret = { kind: 'key', key: { secret: { name: 'a', namespace: 'b' } }, hash: undefined } as const;
    expect((await ask({ ...request, subject: secret })).by).toContain('the key');
    expect((await ask({ ...request, subject: { ...secret, key: { kms: 'k' } } })).by).toContain('the key');
    for (const change of [
      { log: { ...log, ignoreLog: false } },
      { annotations: { env: 'test' } },
      { format: 'bundle' as const },
      { subject: { kind: 'certificate', certificate: '', chain: '' } as const },
      { subject: { ...secret, key: { pem: 'x' } } },
      { predicateType: 'https://example.com/p' },
      { repository: 'reg.example/elsewhere' },
    ]) {
      await expect(ask({ ...request, ...change })).rejects.toThrow(CosignError);
    }
    await expect(keyAuthority(registry)({ ...request, subject: secret })).rejects.toThrow(
      'cannot be had here',
    );
  });
});

describe('imagesOf', () => {
  it('finds the images of all kinds of containers and of volumes', () => {
    const spec = {
      initContainers: [{ name: 'i', image: 'a' }],
      containers: [{ name: 'c', image: 'b' }, { name: 'none' }],
      ephemeralContainers: [{ name: 'e', image: 'c' }],
      volumes: [
        { name: 'v', image: { reference: 'd' } },
        { name: 'w', emptyDir: {} },
      ],
    };
    const names = (manifest: JsonValue) => imagesOf(manifest).map(({ image }) => image);
    expect(names({ kind: 'Pod', spec })).toEqual(['a', 'b', 'c', 'd']);
    const deployment = { kind: 'Deployment', spec: { template: { spec } } };
    expect(imagesOf(deployment)[1]).toEqual({
      object: deployment,
      pointer: '/spec/template/spec/containers/0/image',
      container: 'c',
      image: 'b',
    });
    expect(names({ kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec } } } } })).toHaveLength(
      4,
    );
    expect(
      names({
        kind: 'List',
        items: [
          { kind: 'Pod', spec },
          { kind: 'Service', spec },
        ],
      }),
    ).toHaveLength(4);
    expect(names({ kind: 'PodTemplate', template: { spec } })).toHaveLength(4);
    expect(imagesOf({ kind: 'PodList', items: [{ spec }] })[0]?.pointer).toBe(
      '/items/0/spec/initContainers/0/image',
    );
    for (const kind of ['ReplicaSet', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Job']) {
      expect(names({ kind, spec: { template: { spec } } })).toHaveLength(4);
    }
    let nested: JsonValue = { kind: 'List', items: [] };
    for (let depth = 0; depth < 20; depth += 1) nested = { kind: 'List', items: [nested] };
    expect(() => imagesOf(nested)).toThrow(CosignError);
    expect(() => imagesOf({ kind: 'Pod', spec: { containers: [{ image: 1 }] } })).toThrow(
      policyFault('/spec/containers/0/image'),
    );
  });
});

describe('patterns', () => {
  it('take time that grows with the product of the lengths at worst', () => {
    const pattern = `${'*a'.repeat(500)}b`;
    expect(matchWildcard(pattern, 'a'.repeat(4000))).toBe(false);
    expect(matchImageGlob('**'.repeat(200) + 'z', 'a'.repeat(200))).toBe(false);
    expect(() => matchWildcard('*', 'a'.repeat(5000))).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_LIMIT' }),
    );
  });
});
