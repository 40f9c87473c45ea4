import { encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicPem, generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';
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
  appraiseClusterImagePolicies,
  appraiseContainersPolicy,
  appraiseKyvernoPolicy,
  type Authority,
  contentEvaluator,
  type ContentEvaluator,
  CosignError,
  encodeSignatureFile,
  imagesOf,
  keyAuthority,
  kyvernoImageName,
  lookasideFolder,
  lookasideFor,
  matchIdentity,
  matchImageGlob,
  matchWildcard,
  mergeLookasideConfigs,
  parseClusterImagePolicy,
  parseContainersPolicy,
  parseIdentity,
  parseKyvernoPolicy,
  parseLookasideConfig,
  parseSignatureFile,
  readSigstoreSignatures,
  scopeFor,
  type SigstoreSignature,
} from '../src/policy/index.js';
import { MemoryRegistry, pushImage } from './memory-registry.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const IMAGE = parseReference('reg.example/team/app:v1');
const policyFault = (pointer: string) => expect.objectContaining({ code: 'ERR_COSIGN_POLICY', pointer });
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
      '{"default":[{"type":"sigstoreSigned","keyPath":"/k","signedIdentity":{"type":"exactRepository","dockerRepository":"a.io/b:1"}}]}',
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

/** Signed by whoever's key or identity has `good` in it; what is attested names a builder. */
const authority: Authority = async ({ subject, predicateType }) => {
  const word =
    subject.kind === 'key' && 'kms' in subject.key
      ? subject.key.kms
      : JSON.stringify(subject.kind === 'keyless' ? subject.identities : subject);
  if (!word.includes('good')) throw new CosignError('ERR_COSIGN_NO_MATCH', 'no matching signatures');
  const predicate = { builder: { id: 'https://builder.example/1' } };
  const statement = predicateType === undefined ? undefined : { predicateType, predicate };
  return { by: word, signatures: [{ digest: 'sha256:ab', statement }] };
};

describe('Kyverno', () => {
  const keysEntry = (kms: string): JsonObject => ({ keys: { kms } });
  const policy = (entry: object, spec: object = {}): JsonValue => ({
    kind: 'ClusterPolicy',
    metadata: { name: 'p' },
    spec: {
      validationFailureAction: 'Enforce',
      ...spec,
      rules: [
        { name: 'r', match: {}, verifyImages: [{ imageReferences: ['reg.example/*'], ...entry }] },
        { name: 'other', validate: { anything: 'else' } },
      ],
    } as JsonObject,
  });
  const judge = (entry: object, image = 'reg.example/team/app:v1', spec: object = {}) =>
    appraiseKyvernoPolicy(parseKyvernoPolicy(policy(entry, spec)), image, authority);

  it('wants every set of attestors, and of each as many as it says', async () => {
    const set = (count: number | undefined, ...names: string[]) => ({
      ...(count === undefined ? {} : { count }),
      entries: names.map(keysEntry),
    });
    expect(await judge({ attestors: [set(undefined, 'good', 'good')] })).toMatchObject({
      allowed: true,
      matched: true,
    });
    expect(await judge({ attestors: [set(undefined, 'good', 'bad')] })).toMatchObject({ allowed: false });
    expect(await judge({ attestors: [set(1, 'bad', 'good')] })).toMatchObject({ allowed: true });
    const both = await judge({ attestors: [set(1, 'good'), set(1, 'bad')] });
    expect(both).toMatchObject({ allowed: false, decidedBy: 'p: r' });
    expect(both.checks.map(({ pointer, passed }) => [pointer, passed])).toEqual([
      ['/spec/rules/0/verifyImages/0/attestors/0', true],
      ['/spec/rules/0/verifyImages/0/attestors/1', false],
    ]);
    const nested = { entries: [{ attestor: set(1, 'bad', 'good') }] };
    expect(await judge({ attestors: [nested] })).toMatchObject({ allowed: true });
  });

  it('is about images whose name fits, and not those to skip', async () => {
    const entry = { attestors: [{ entries: [keysEntry('bad')] }], skipImageReferences: ['*:dev'] };
    expect(await judge(entry)).toMatchObject({ allowed: false, matched: true });
    expect(await judge(entry, 'reg.example/team/app:dev')).toMatchObject({ allowed: true, matched: false });
    expect(await judge(entry, 'other.example/team/app:v1')).toMatchObject({ allowed: true, matched: false });
    expect(kyvernoImageName('nginx')).toBe('docker.io/nginx:latest');
    expect(kyvernoImageName('library/nginx')).toBe('docker.io/library/nginx:latest');
    expect(kyvernoImageName('nginx:1', 'ghcr.io')).toBe('ghcr.io/nginx:1');
    expect(kyvernoImageName(`a.io/b:1@${DIGEST}`)).toBe(`a.io/b@${DIGEST}`);
  });

  it('wants attestations, by the attestors of the rule where they have none of their own', async () => {
    const good = { entries: [keysEntry('good')] };
    const bad = { entries: [keysEntry('bad')] };
    const type = 'https://slsa.dev/provenance/v1';
    expect(await judge({ attestations: [{ type, attestors: [good] }] })).toMatchObject({ allowed: true });
    expect(await judge({ attestations: [{ type, attestors: [bad] }] })).toMatchObject({ allowed: false });
    expect(await judge({ attestors: [good], attestations: [{ type }] })).toMatchObject({ allowed: true });
    expect(await judge({ attestations: [{ type }] })).toMatchObject({ allowed: false });
    const asks = (conditions: JsonValue) =>
      judge({ attestations: [{ type, attestors: [good], conditions }] });
    const condition = { key: '{{ builder.id }}', operator: 'Equals', value: 'https://builder.example/*' };
    expect(await asks([{ all: [] }])).toMatchObject({ allowed: true });
    expect(await asks([{ all: [condition] }])).toMatchObject({ allowed: true });
    const refused = await asks([{ all: [{ ...condition, value: 'other', message: 'built elsewhere' }] }]);
    expect(refused).toMatchObject({ allowed: false });
    expect(refused.checks.at(-1)).toMatchObject({
      pointer: '/spec/rules/0/verifyImages/0/attestations/0/conditions',
      passed: false,
      reason: 'built elsewhere',
    });
  });

  it('warns where failures only warn, and asks for digests', async () => {
    const entry = {
      attestors: [{ entries: [keysEntry('bad')] }],
      failureAction: 'Audit',
      mutateDigest: false,
    };
    const verdict = await judge({ ...entry, verifyDigest: false });
    expect(verdict).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('no matching signatures')],
    });
    const digest = { attestors: [{ entries: [keysEntry('good')] }], mutateDigest: false };
    expect((await judge(digest)).checks[0]?.reason).toBe('missing digest for reg.example/team/app:v1');
    expect(await judge(digest, `reg.example/team/app@${DIGEST}`)).toMatchObject({ allowed: true });
    const mutating = parseKyvernoPolicy(policy({ attestors: [{ entries: [keysEntry('good')] }] }));
    const resolved = (image: string) => appraiseKyvernoPolicy(mutating, image, authority, { digest: DIGEST });
    expect((await resolved('reg.example/app')).mutated).toBe(`reg.example/app:latest@${DIGEST}`);
    expect((await resolved('reg.example/app:v1')).mutated).toBe(`reg.example/app:v1@${DIGEST}`);
    expect((await resolved(`reg.example/app@${DIGEST}`)).mutated).toBeUndefined();
    expect(await judge({ type: 'Notary' })).toMatchObject({ allowed: false });
    expect(await judge({})).toMatchObject({ allowed: true, checks: [{ check: 'verifyImages' }] });
  });

  it('asks the public log where the policy forgets its address', () => {
    const rekor = { ignoreTlog: false };
    const keyless = { subject: 'https://github.com/*', issuer: 'https://issuer.example', rekor };
    const { rules } = parseKyvernoPolicy(policy({ attestors: [{ entries: [{ keyless }] }] }));
    expect(rules[0]?.attestors[0]?.entries[0]).toMatchObject({
      subject: { identities: [{ subject: { wildcard: 'https://github.com/*' } }] },
      log: { rekorUrl: 'https://rekor.sigstore.dev', ignoreLog: false },
    });
  });

  it('takes each key of a PEM, and Secrets', () => {
    const entries = [
      { keys: { publicKeys: `${pem}${pem}` } },
      { keys: { publicKeys: 'k8s://ns/name' } },
      { keys: { secret: { name: 'n', namespace: 's' }, rekor: { ignoreTlog: true } } },
      { certificates: { cert: 'x' } },
    ];
    const { rules } = parseKyvernoPolicy(policy({ attestors: [{ entries }] }));
    expect(rules[0]?.attestors[0]).toMatchObject({
      count: 5,
      entries: [{ subject: { key: { pem } } }, { subject: { key: { pem } } }, {}, {}, {}],
    });
  });

  const place = '/spec/rules/0/verifyImages/0';
  it('is about the objects that its rules match and do not exclude', async () => {
    const about = async (match: object, object: JsonObject, exclude: object = {}) => {
      const rule = { imageReferences: ['*'], attestors: [{ entries: [keysEntry('good')] }] };
      const rules = [{ name: 'r', match, exclude, verifyImages: [rule] }];
      const parsed = parseKyvernoPolicy({
        kind: 'Policy',
        spec: { validationFailureAction: 'enforce', rules } as unknown as JsonObject,
      });
      return (await appraiseKyvernoPolicy(parsed, 'a', authority, { object })).matched;
    };
    const metadata = { name: 'web-1', namespace: 'prod', labels: { app: 'web' }, annotations: { a: 'x' } };
    const pod: JsonObject = { apiVersion: 'v1', kind: 'Pod', metadata };
    const job: JsonObject = { ...pod, apiVersion: 'batch/v1', kind: 'Job' };
    const any = (resources: object, more = {}) => ({ any: [{ resources, ...more }] });
    for (const [match, object, expected] of [
      [{}, pod, true],
      [any({ kinds: ['Pod'] }), pod, true],
      [any({ kinds: ['Pod'] }), job, true],
      [any({ kinds: ['Job'] }), pod, false],
      [any({ kinds: ['v1/Pod'] }), pod, true],
      [any({ kinds: ['v2/Pod'] }), pod, false],
      [any({ kinds: ['batch/*/Job'] }), job, true],
      [any({ kinds: ['apps/v1/Job'] }), job, false],
      [any({ kinds: ['*'] }), job, true],
      [{ resources: { kinds: ['Pod'], namespaces: ['prod'] } }, pod, true],
      [any({ namespaces: ['test', 'pr*'] }), pod, true],
      [any({ namespaces: ['test'] }), pod, false],
      [any({ names: ['web-?'] }), pod, true],
      [any({ name: 'db-*' }), pod, false],
      [any({ selector: { matchLabels: { app: 'w*' } } }), pod, true],
      [any({ selector: { matchLabels: { app: 'db' } } }), pod, false],
      [any({ annotations: { a: 'x' } }), pod, true],
      [any({ annotations: { a: 'y' } }), pod, false],
      [any({ kinds: ['Pod'], operations: ['CREATE'] }, { subjects: [{ kind: 'User' }] }), pod, true],
      [{ all: [{ resources: { kinds: ['Pod'] } }, { resources: { names: ['x'] } }] }, pod, false],
    ] as const) {
      expect([match, await about(match, object)]).toEqual([match, expected]);
    }
    expect(await about(any({ kinds: ['Pod'] }), pod, any({ namespaces: ['prod'] }))).toBe(false);
    expect(await about(any({ kinds: ['Pod'] }), pod, any({ namespaces: ['test'] }))).toBe(true);
    expect(await about(any({ kinds: ['Pod'] }), pod, any({ kinds: ['Pod'] }, { roles: ['admin'] }))).toBe(
      true,
    );
    const odd = {
      kind: 'Policy',
      spec: { rules: [{ match: { any: [{ resource: {} }] }, verifyImages: [] }] },
    };
    expect(() => parseKyvernoPolicy(odd)).toThrow(CosignError);
  });

  it('lets nothing in by a rule that denies by more than it evaluates', async () => {
    const rule = { imageReferences: ['*'], attestors: [{ entries: [{ keys: { kms: 'good' } }] }] };
    const judged = async (more: object) =>
      appraiseKyvernoPolicy(parseKyvernoPolicy(policy({ ...rule, ...more })), 'a', authority);
    expect(await judged({})).toMatchObject({ allowed: true });
    expect(await judged({ validate: { deny: { conditions: [] } } })).toMatchObject({
      allowed: false,
      checks: [{ check: 'validate', passed: false }, { passed: true }],
    });
  });

  it('wants a timestamp where it names who stamps', () => {
    const entry = (ctlog: object) => ({ attestors: [{ entries: [{ keys: { kms: 'k', ctlog } }] }] });
    const asks = (ctlog: object) =>
      parseKyvernoPolicy(policy({ imageReferences: ['*'], ...entry(ctlog) })).rules[0]?.attestors[0]?.entries;
    expect(asks({ tsaCertChain: 'pem' })).toMatchObject([{ log: { wantsTimestamp: true } }]);
    expect(asks({ ignoreSCT: true })).toMatchObject([{ log: { wantsTimestamp: false } }]);
  });

  it('says that policies in CEL are not its own', () => {
    expect(() => parseKyvernoPolicy({ kind: 'ImageValidatingPolicy', spec: {} })).toThrow('in CEL');
  });

  it.each([
    [{ attestors: [{ entries: [{}] }] }, `${place}/attestors/0/entries/0`],
    [{ attestors: [{ entries: [] }] }, `${place}/attestors/0/entries`],
    [{ attestors: [{ count: 2, entries: [keysEntry('a')] }] }, `${place}/attestors/0/count`],
    [{ attestors: [{ count: 0, entries: [keysEntry('a')] }] }, `${place}/attestors/0/count`],
    [{ attestors: [{ entries: [{ ...keysEntry('a'), keyless: {} }] }] }, `${place}/attestors/0/entries/0`],
    [{ attestors: [{ entries: [{ keys: {} }] }] }, `${place}/attestors/0/entries/0/keys`],
    [
      { attestors: [{ entries: [{ keys: { kms: 'a', more: 1 } }] }] },
      `${place}/attestors/0/entries/0/keys/more`,
    ],
    [{ attestor: [] }, `${place}/attestor`],
    [{ imageReferences: [] }, `${place}/imageReferences`],
    [{ key: pem }, `${place}/key`],
    [{ failureAction: 'Audit' }, `${place}/mutateDigest`],
    [{ type: 'cosign' }, `${place}/type`],
    [{ attestations: [{}] }, `${place}/attestations/0/type`],
  ])('refuses %j', (entry, pointer) => {
    expect(() => parseKyvernoPolicy(policy(entry))).toThrow(policyFault(pointer));
  });
});

describe('ClusterImagePolicy', () => {
  const policy = (spec: object, name = 'p'): JsonValue => ({
    kind: 'ClusterImagePolicy',
    metadata: { name },
    spec: { images: [{ glob: 'reg.example/**' }], ...spec },
  });
  const judge = (specs: object[], image = 'reg.example/team/app:v1', options = {}) =>
    appraiseClusterImagePolicies(
      specs.map((spec, index) => parseClusterImagePolicy(policy(spec, `p${index}`))),
      image,
      authority,
      options,
    );
  const by = (kms: string) => ({ key: { kms } });

  it('wants one authority of every policy that is about the image', async () => {
    expect(await judge([{ authorities: [by('bad'), by('good')] }])).toMatchObject({
      allowed: true,
      matched: ['p0'],
    });
    expect(await judge([{ authorities: [by('good')] }, { authorities: [by('bad')] }])).toMatchObject({
      allowed: false,
    });
    expect(await judge([{ authorities: [] }])).toMatchObject({ allowed: false });
    const warns = await judge([{ mode: 'warn', authorities: [by('bad')] }]);
    expect(warns).toMatchObject({ allowed: true, warnings: ['failed policy: p0'] });
    const fixed = await judge([{ authorities: [{ static: { action: 'fail', message: 'never' } }] }]);
    expect(fixed).toMatchObject({ allowed: false, checks: [{ reason: 'never' }] });
    expect(await judge([{ authorities: [{ static: { action: 'pass' } }] }])).toMatchObject({ allowed: true });
  });

  it('keeps out what no policy is about, unless told otherwise', async () => {
    const none = [{ authorities: [by('good')] }];
    expect(await judge(none, 'other.io/a')).toMatchObject({ allowed: false, matched: [] });
    expect(await judge(none, 'other.io/a', { noMatch: 'allow' })).toMatchObject({ allowed: true });
    expect(await judge(none, 'other.io/a', { noMatch: 'warn' })).toMatchObject({
      allowed: true,
      warnings: ['no matching policies'],
    });
  });

  it('judges attestations and findings in other languages where somebody can', async () => {
    const rego = { type: 'rego', data: 'package x' };
    const attests = {
      ...by('good'),
      attestations: [{ name: 'a', predicateType: 'slsaprovenance', policy: rego }],
    };
    const authorities = [attests];
    expect(await judge([{ authorities }])).toMatchObject({ allowed: false });
    const seen: JsonObject[] = [];
    const evaluate = async (_: unknown, content: JsonObject) => void seen.push(content);
    expect(await judge([{ authorities, policy: rego }], undefined, { evaluate })).toMatchObject({
      allowed: true,
    });
    expect(seen).toMatchObject([
      { predicateType: 'https://slsa.dev/provenance/v0.2' },
      { authorityMatches: { 'authority-0': {} } },
    ]);
    expect(await judge([{ authorities: [by('good')], policy: rego }])).toMatchObject({ allowed: false });
  });

  it('is about the objects that it says, where the object is known', async () => {
    const pod = (labels: Record<string, string>): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { labels },
      spec: { hostNetwork: false },
    });
    const about = async (match: object, object: JsonObject) =>
      (await judge([{ authorities: [by('good')], match: [match] }], undefined, { object })).matched.length;
    expect(await about({ version: 'v1', resource: 'pods' }, pod({}))).toBe(1);
    expect(await about({ version: 'v1', resource: 'pods' }, { ...pod({}), kind: 'Job' })).toBe(0);
    expect(await about({ group: 'apps', version: 'v1', resource: 'pods' }, pod({}))).toBe(0);
    const apps = { apiVersion: 'apps/v1', kind: 'Deployment' };
    expect(await about({ group: 'apps', version: 'v1', resource: 'deployments' }, apps)).toBe(1);
    expect(await about({ group: 'apps', version: 'v2', resource: 'deployments' }, apps)).toBe(0);
    expect(await about({ selector: { matchLabels: { env: 'prod' } } }, pod({ env: 'prod' }))).toBe(1);
    expect(await about({ selector: { matchLabels: { env: 'prod' } } }, pod({ env: 'test' }))).toBe(0);
    for (const [operator, values, count] of [
      ['In', ['a', 'prod'], 1],
      ['NotIn', ['prod'], 0],
      ['Exists', [], 1],
      ['DoesNotExist', [], 0],
    ] as const) {
      const selector = { matchExpressions: [{ key: 'env', operator, values }] };
      expect(await about({ selector }, pod({ env: 'prod' }))).toBe(count);
    }
  });

  it('judges by Rego through an engine, and refuses what it does not have', async () => {
    const asked: unknown[] = [];
    const answers = (value: unknown) =>
      contentEvaluator({
        rego: (...args) => {
          asked.push(args);
          return value;
        },
        fetchPolicy: async () => encodeUtf8('package remote'),
      });
    const fulfilled = async (policy: object, evaluate: ContentEvaluator, more = {}) =>
      (await judge([{ authorities: [by('good')], policy }], undefined, { evaluate, ...more })).allowed;
    const rego = { type: 'rego', data: 'package sigstore' };
    expect(await fulfilled(rego, answers(true))).toBe(true);
    expect(asked).toEqual([
      [
        'package sigstore',
        'data.sigstore.isCompliant',
        { authorityMatches: { 'authority-0': { signatures: [{ id: 'sha256:ab' }] } } },
      ],
    ]);
    expect(await fulfilled(rego, answers([{ result: true, warning: 'w' }]))).toBe(true);
    for (const value of [false, undefined, null, 'true', [], [{ result: true }, { result: false }], {}]) {
      expect(await fulfilled(rego, answers(value))).toBe(false);
    }
    const sha256sum = encodeHex(digest('sha256', encodeUtf8('package remote')));
    const remote = { url: 'https://policies.example/p', sha256sum };
    expect(await fulfilled({ type: 'rego', remote }, answers(true))).toBe(true);
    const other = { ...remote, sha256sum: 'ab'.repeat(32) };
    expect(await fulfilled({ type: 'rego', remote: other }, answers(true))).toBe(false);
    expect(await fulfilled({ type: 'rego', configMapRef: { name: 'm' } }, answers(true))).toBe(true);
    expect(await fulfilled({ type: 'rego', remote }, contentEvaluator({ rego: () => true }))).toBe(false);
    expect(await fulfilled(rego, contentEvaluator({}))).toBe(false);
    const more = { ...rego, includeSpec: true, includeTypeMeta: true, includeObjectMeta: true };
    expect(await fulfilled(more, answers(true))).toBe(false);
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'n' }, spec: { a: 1 } };
    expect(await fulfilled(more, answers(true), { object })).toBe(true);
    expect(asked.at(-1)).toMatchObject(
      ['', '', { spec: { a: 1 }, metadata: { name: 'n' }, typemeta: { kind: 'Pod', apiVersion: 'v1' } }].map(
        (each) => (each === '' ? expect.anything() : each),
      ),
    );
    expect(await fulfilled({ ...rego, fetchConfigFile: true }, answers(true))).toBe(false);
    const configs = async () => ({ 'linux/amd64': { created: '2026-01-01T00:00:00Z' } });
    expect(await fulfilled({ ...rego, fetchConfigFile: true }, answers(true), { configs })).toBe(true);
  });

  it('reads who and where', () => {
    const named = { trustRootRef: 'ours' };
    const stamped = {
      keyless: { ...named, identities: [{ issuer: 'a', subject: 'b' }] },
      rfc3161timestamp: named,
    };
    expect(parseClusterImagePolicy(policy({ authorities: [stamped] })).authorities).toMatchObject([
      {
        subject: { trustRoot: 'ours' },
        log: { ignoreLog: true, wantsTimestamp: true, timestampTrustRoot: 'ours' },
      },
    ]);
    const identity = { issuer: 'https://i.example', subjectRegExp: '.*@example.com' };
    const keyless = { url: 'https://fulcio.example', identities: [identity], insecureIgnoreSCT: true };
    const source = [{ oci: 'reg.example/signatures', tagPrefix: 'x-' }];
    const read = parseClusterImagePolicy(
      policy({ authorities: [{ name: 'n', keyless, source, ctlog: { url: '' } }, by('a')] }),
    );
    expect(read.authorities).toMatchObject([
      {
        name: 'n',
        subject: {
          kind: 'keyless',
          identities: [{ issuer: { exact: 'https://i.example' }, subject: { regExp: '.*@example.com' } }],
        },
        log: { ignoreSct: true, ignoreLog: false, rekorUrl: 'https://rekor.sigstore.dev' },
        repository: 'reg.example/signatures',
        tagPrefix: 'x-',
      },
      { name: 'authority-1', log: { ignoreLog: true } },
    ]);
  });

  it.each([
    [{ images: [] }, '/spec/images'],
    [{ images: [{ glob: 'a b' }] }, '/spec/images/0/glob'],
    [{ more: 1 }, '/spec/more'],
    [{ mode: 'audit' }, '/spec/mode'],
    [{ authorities: [{}] }, '/spec/authorities/0'],
    [{ authorities: [{ key: {} }] }, '/spec/authorities/0/key'],
    [{ authorities: [{ keyless: {} }] }, '/spec/authorities/0/keyless/identities'],
    [
      { authorities: [{ keyless: { identities: [{ issuer: 'a' }] } }] },
      '/spec/authorities/0/keyless/identities/0',
    ],
    [{ authorities: [{ static: {} }] }, '/spec/authorities/0/static/action'],
    [{ authorities: [{ static: { action: 'pass' }, ctlog: {} }] }, '/spec/authorities/0/ctlog'],
    [{ authorities: [{ static: { action: 'pass' }, source: [] }] }, '/spec/authorities/0/source'],
    [
      { authorities: [{ keyless: { url: 'https://f', 'ca-cert': { data: 'c' } } }] },
      '/spec/authorities/0/keyless',
    ],
    [
      {
        authorities: [
          {
            key: { kms: 'k' },
            attestations: [
              {
                name: 'a',
                predicateType: 'vuln',
                policy: { type: 'rego', data: 'package a', includeSpec: true },
              },
            ],
          },
        ],
      },
      '/spec/authorities/0/attestations/0/policy',
    ],
    [{ policy: { type: 'cue', data: '' } }, '/spec/policy/data'],
    [{ policy: { type: 'rego' } }, '/spec/policy'],
    [{ policy: { type: 'rego', remote: { url: 'http://a' } } }, '/spec/policy/remote'],
    [{ policy: { type: 'rego', remote: { url: 'https://a', sha256sum: 'x' } } }, '/spec/policy/remote'],
    [{ policy: { type: 'rego', configMapRef: {} } }, '/spec/policy/configMapRef'],
    [
      { match: [{ selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }] },
      '/spec/match/0/selector/matchExpressions/0/values',
    ],
    [{ match: [{ kind: 'Pod' }] }, '/spec/match/0/kind'],
  ])('refuses %j', (spec, pointer) => {
    expect(() => parseClusterImagePolicy(policy(spec))).toThrow(policyFault(pointer));
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
