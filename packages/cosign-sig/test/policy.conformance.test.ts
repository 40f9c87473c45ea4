import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { JsonObject, JsonValue } from '@sealwright/json';
import { OciError, parseReference } from '@sealwright/oci';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { vectorArea } from '../../../tools/vectors.ts';
import { type ReferrersRegistry, signatureTag } from '../src/index.js';
import {
  appraiseContainersPolicy,
  type AuthorityRequest,
  CosignError,
  type ImageEvidence,
  lookasideFor,
  type LogRule,
  type LookasideConfig,
  matchIdentity,
  matchImageGlob,
  matchWildcard,
  mergeLookasideConfigs,
  openPgpVerifier,
  parseContainersPolicy,
  parseIdentity,
  parseLookasideConfig,
  parseSignatureFile,
  scopeAmong,
  scopeFor,
  sigstoreAuthority,
  type SigstoreSignature,
  type TextRule,
} from '../src/policy/index.js';
import { MemoryRegistry } from './memory-registry.js';

const images = vectorArea('images');
const cosign = vectorArea('cosign-sig');
const sha256 = (bytes: Uint8Array): string => `sha256:${encodeHex(digest('sha256', bytes))}`;
const now = Date.now();

describe.skipIf(!images.present)(`policies of vectors of ${images.name}`, () => {
  interface PolicyCase {
    id: string;
    reference: string;
    signatures: string[];
    policy: JsonObject;
    expect: 'allow' | 'deny' | 'invalid';
  }
  interface Policies {
    manifest_digest: string;
    resources: Record<string, string>;
    cases: PolicyCase[];
  }
  const policies = (): Policies => images.json<Policies>('policy.json');

  it.each(images.present ? policies().cases : [])('policy $id', async (row) => {
    const { resources, manifest_digest } = policies();
    const read = () => parseContainersPolicy(JSON.stringify(row.policy));
    if (row.expect === 'invalid') {
      expect(read).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_POLICY' }));
      return;
    }
    const verdict = await appraiseContainersPolicy(
      read(),
      parseReference(row.reference),
      {
        digest: manifest_digest,
        openPgpSignatures: async () => row.signatures.map((file) => images.bytes('simple-signing', file)),
      },
      { resource: async (uri) => images.bytes(resources[uri] ?? ''), now },
    );
    expect([verdict.allowed, verdict.checks]).toEqual([row.expect === 'allow', expect.anything()]);
  });

  interface CosignCase {
    id: string;
    reference: string;
    manifest_digest: string;
    manifest_list_digest?: string;
    requirement: JsonObject;
    signature_tag: string;
    layers: { payload: string; digest?: string; mediaType: string; annotations: Record<string, string> }[];
    expect: 'allow' | 'deny';
  }
  interface CosignCases {
    resources: Record<string, string>;
    cases: CosignCase[];
  }
  const cosignCases = (): CosignCases => images.json<CosignCases>('cosign', 'cases.json');

  it.each(images.present ? cosignCases().cases : [])('cosign $id', async (row) => {
    const { resources } = cosignCases();
    const digests = [row.manifest_digest, row.manifest_list_digest ?? row.manifest_digest];
    expect(digests.map((digest) => signatureTag(digest))).toContain(row.signature_tag);
    const policy = parseContainersPolicy(JSON.stringify({ default: [row.requirement] }));
    const verdict = await appraiseContainersPolicy(
      policy,
      parseReference(row.reference),
      {
        digest: row.manifest_digest,
        indexDigest: row.manifest_list_digest,
        sigstoreSignatures: async () =>
          row.layers.filter(isWhole).map(({ payload, mediaType, annotations }) => ({
            payload: encodeUtf8(payload),
            mediaType,
            annotations,
          })),
      },
      { resource: async (uri) => images.bytes('cosign', resources[uri] ?? ''), now },
    );
    expect([verdict.allowed, verdict.checks]).toEqual([row.expect === 'allow', expect.anything()]);
  });

  const lookaside = (...path: string[]): LookasideConfig =>
    parseLookasideConfig(parseYaml(images.text(...path)) as JsonValue);
  const groups = new Map<string, string[]>();
  for (const file of images.list('sigstore-config')) {
    const [group = ''] = file.split('-');
    groups.set(group, [...(groups.get(group) ?? []), file]);
  }

  it.each([...groups])('lookaside configurations of %s', (_, files) => {
    const parts = files
      .filter((file) => !file.includes('merged'))
      .map((file) => lookaside('sigstore-config', file));
    const merged = files.find((file) => file.includes('merged'));
    if (merged === undefined) expect(() => mergeLookasideConfigs(parts)).toThrow(CosignError);
    else expect(mergeLookasideConfigs(parts)).toEqual(lookaside('sigstore-config', merged));
  });

  it.each(images.list('simple-signing-upstream').filter((file) => file.includes('.signature')))(
    'the signature %s with the ring of its name, and no other',
    async (file) => {
      const rings = images.list('simple-signing-upstream').filter((name) => name.endsWith('.gpg'));
      const open = openPgpVerifier({ dangerouslyAllowSha1: true }).open;
      const message = images.bytes('simple-signing-upstream', file);
      const accepted: string[] = [];
      for (const ring of rings) {
        const opened = await open(message, [images.bytes('simple-signing-upstream', ring)], now).catch(
          () => undefined,
        );
        if (opened !== undefined) accepted.push(ring);
      }
      expect(accepted).toHaveLength(1);
      const named = rings.find((ring) => ring.split('.')[0] === file.split('.')[0]);
      if (named !== undefined) expect(accepted).toEqual([named]);
    },
  );
});

describe.skipIf(!cosign.present)(`policies of vectors of ${cosign.name}`, () => {
  it.each(cosign.list('policy').filter((file) => file.endsWith('olicy.json')))('parses %s', (file) => {
    expect(parseContainersPolicy(cosign.bytes('policy', file)).default.length).toBeGreaterThan(0);
  });

  interface MatchCase {
    rule: JsonObject;
    image: string;
    signed: string;
    match: boolean;
  }
  it.each(cosign.present ? cosign.json<MatchCase[]>('policy', 'reference-match.json') : [])(
    '$rule.type of $image, signed as $signed',
    (row) => {
      const match = () =>
        matchIdentity(
          parseIdentity(row.rule, ''),
          parseReference(row.image, { defaultTag: 'none' }),
          row.signed,
        );
      expect(refusalOf(match) === undefined && match()).toBe(row.match);
    },
  );

  interface Scopes {
    scopes: Record<string, string[]>;
    cases: { transport: string; image: string; scope: string }[];
  }
  const scopes = cosign.present
    ? cosign.json<Scopes>('policy', 'scope-lookup.json')
    : { scopes: {}, cases: [] };
  it.each(scopes.cases)('scope of $image in $transport', ({ transport, image, scope }) => {
    const accept = [{ type: 'insecureAcceptAnything' }];
    const transports = Object.fromEntries(
      Object.entries(scopes.scopes).map(([name, list]) => [
        name,
        Object.fromEntries(list.map((each) => [each, accept])),
      ]),
    );
    const policy = parseContainersPolicy(JSON.stringify({ default: accept, transports }));
    const found =
      transport === 'docker'
        ? scopeFor(policy, parseReference(image))
        : scopeAmong(policy, transport, [image]);
    expect(found.scope ?? 'default').toBe(scope);
  });

  interface GlobCase {
    image: string;
    glob: string;
    match: boolean;
    error: boolean;
  }
  it.each(cosign.present ? cosign.json<GlobCase[]>('policy', 'policy-controller-glob.json') : [])(
    'glob $glob of $image',
    (row) => {
      const match = () => matchImageGlob(row.glob, row.image);
      if (row.error) expect(refusalOf(match)).toBeDefined();
      else expect(match()).toBe(row.match);
    },
  );

  interface WildcardCase {
    pattern: string;
    text: string;
    match: boolean;
  }
  it.each(cosign.present ? cosign.json<WildcardCase[]>('policy', 'kyverno-wildcard.json') : [])(
    'wildcard $pattern of $text',
    ({ pattern, text, match }) => expect(matchWildcard(pattern, text)).toBe(match),
  );

  const lookaside = (...path: string[]): LookasideConfig =>
    parseLookasideConfig(parseYaml(cosign.text('policy', ...path)) as JsonValue);
  const folder = 'sigstore_config';
  const groups = cosign.list('policy', folder).filter((name) => /^test_case_\d+$/.test(name));
  it.each(groups)('lookaside configurations of %s', (group) => {
    const parts = cosign.list('policy', folder, group).map((file) => lookaside(folder, group, file));
    const merged = `res${group.slice('test_case_'.length)}.yaml`;
    expect(mergeLookasideConfigs(parts)).toEqual(lookaside(folder, 'merged_result', merged));
  });

  it.runIf(cosign.list('policy', folder, 'get_base_url').length > 0)('finds the base of an image', () => {
    const config = lookaside(folder, 'get_base_url', 'res.yaml');
    const base = (name: string) => lookasideFor(config, parseReference(name))?.lookaside;
    expect(base('example1.com/mylib/busybox:latest')).toBe(config.docker.get('example1.com')?.lookaside);
    expect(base('example3.com/mylib/busybox:latest')).toBe(config.default?.lookaside);
  });

  it.each(cosign.list('policy').filter((file) => file.endsWith('.yaml')))('reads %s', (file) => {
    expect(lookaside(file).docker.size).toBeGreaterThan(0);
  });

  const blobs = cosign.list('gpg').filter((file) => file.includes('.signature'));
  const rings = cosign.list('gpg').filter((file) => file.endsWith('.gpg'));
  it.each(blobs)('OpenPGP %s', async (file) => {
    const accepted: string[] = [];
    for (const ring of rings) {
      const policy = parseContainersPolicy(
        JSON.stringify({
          default: [
            {
              type: 'signedBy',
              keyType: 'GPGKeys',
              keyPath: ring,
              signedIdentity: { type: 'matchRepository' },
            },
          ],
        }),
      );
      const evidence = {
        digest: sha256(cosign.bytes('gpg', 'image.manifest.json')),
        openPgpSignatures: async () => [cosign.bytes('gpg', file)],
      };
      const { allowed } = await appraiseContainersPolicy(
        policy,
        parseReference('testing/manifest:latest'),
        evidence,
        {
          resource: async (path) => cosign.bytes('gpg', path),
          now,
        },
      );
      if (allowed) accepted.push(ring);
    }
    if (BAD.some((word) => file.startsWith(word))) expect(accepted).toEqual([]);
    else if (file.endsWith('-v3')) expect(accepted.length).toBeLessThan(2);
    else if (file.startsWith('subkey')) expect(accepted).toEqual(['public-key-with-subkey.gpg']);
    else expect(accepted).toEqual(['public-key.gpg']);
  });

  it.each(cosign.list('gpg', 'guest-components', 'signatures'))('OpenPGP over SHA-1: %s', async (file) => {
    const ring = cosign.bytes('gpg', 'guest-components', 'pubring.gpg');
    const message = cosign.bytes('gpg', 'guest-components', 'signatures', file);
    await expect(openPgpVerifier().open(message, [ring], now)).rejects.toMatchObject({
      code: 'ERR_COSIGN_OPENPGP',
    });
    const opened = await openPgpVerifier({ dangerouslyAllowSha1: true }).open(message, [ring], now);
    expect(opened.content.byteLength).toBeGreaterThan(0);
  });

  interface LegacyCase {
    dir: string;
    image: string;
    policy: JsonObject;
    verdict: 'accept' | 'reject';
    why: string;
  }
  it.each(cosign.present ? cosign.json<LegacyCase[]>('legacy-image', 'cases.json') : [])(
    '$dir as $image: $verdict $why',
    async (row) => {
      const files = cosign.list(row.dir);
      const signatures = files
        .filter((file) => file.startsWith('signature-'))
        .map((file) => cosign.bytes(row.dir, file));
      const manifest = files.includes('manifest.json')
        ? cosign.bytes(row.dir, 'manifest.json')
        : new Uint8Array();
      const evidence: ImageEvidence = {
        digest: sha256(manifest),
        openPgpSignatures: async () => signatures.filter((bytes) => parseSignatureFile(bytes) === undefined),
        sigstoreSignatures: async () =>
          signatures
            .map((bytes) => parseSignatureFile(bytes))
            .filter((each): each is SigstoreSignature => each !== undefined),
      };
      const policy = parseContainersPolicy(JSON.stringify({ default: [row.policy] }));
      const verdict = await appraiseContainersPolicy(policy, parseReference(row.image), evidence, {
        resource: async (path) => cosign.bytes(path),
        now,
      });
      expect([verdict.allowed, verdict.checks]).toEqual([row.verdict === 'accept', expect.anything()]);
    },
  );
});

describe.skipIf(!cosign.present)('the authority over keyless signatures of vectors', () => {
  const image = parseReference('192.168.64.2:5000/cosign-signed/fulcio-rekor-1');
  const text = (...path: string[]): string => cosign.text('legacy-image', ...path);

  async function ask(change: Partial<AuthorityRequest> = {}, log: Partial<LogRule> = {}) {
    const registry = new MemoryRegistry();
    const manifest = cosign.bytes('legacy-image', 'dir-img-cosign-fulcio-rekor-valid', 'manifest.json');
    const file = cosign.bytes('legacy-image', 'dir-img-cosign-fulcio-rekor-valid', 'signature-1');
    const signature = parseSignatureFile(file);
    if (signature === undefined) throw new Error('expected a cosign signature');
    const digest = await registry.putManifest(image, manifest, 'application/vnd.oci.image.manifest.v1+json');
    const payload = await registry.putBlob(image, signature.payload);
    const layer = { mediaType: signature.mediaType, size: signature.payload.byteLength, digest: payload };
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', size: 2, digest: payload };
    const layers = [{ ...layer, annotations: signature.annotations }];
    const signatures = encodeUtf8(JSON.stringify({ schemaVersion: 2, config, layers }));
    await registry.putManifest({ ...image, tag: signatureTag(digest) }, signatures, 'application/json');
    const trustedRoot = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
    return sigstoreAuthority(withoutReferrers(registry), { trustedRoot })({
      image,
      subject: {
        kind: 'keyless',
        identities: [
          { issuer: { exact: 'https://github.com/login/oauth' }, subject: { wildcard: 'm?tr@redhat.*' } },
        ],
        roots: text('fulcio_v1.crt.pem'),
        extensions: {},
      },
      annotations: {},
      repository: undefined,
      tagPrefix: '',
      format: 'tag',
      predicateType: undefined,
      ...change,
      log: {
        ignoreLog: false,
        ignoreSct: true,
        rekorUrl: '',
        rekorKey: text('rekor.pub'),
        ctLogKey: undefined,
        timestampChain: undefined,
        ...log,
      },
    });
  }

  const keyless = (subject: TextRule | undefined, roots = text('fulcio_v1.crt.pem'), extensions = {}) => ({
    subject: { kind: 'keyless', identities: [{ issuer: undefined, subject }], roots, extensions } as const,
  });

  it('accepts the signer that it names', async () => {
    expect((await ask()).by).toContain('mitr@redhat.com, vouched for by https://github.com/login/oauth');
    expect((await ask(keyless({ exact: 'mitr@redhat.com' }))).by).toContain('mitr@redhat.com');
  });

  it('accepts nobody else, and nothing that is not vouched for', async () => {
    const tries = [
      () => ask(keyless({ exact: 'other@redhat.com' })),
      () => ask(keyless({ wildcard: '*@example.com' })),
      () => ask(keyless({ regExp: '.*' })),
      () => ask(keyless(undefined)),
      () => ask(keyless({ exact: 'mitr@redhat.com' }, undefined, { githubWorkflowName: 'build' })),
      () => ask(keyless({ exact: 'mitr@redhat.com' }, undefined, { nothing: 'x' })),
      () => ask(keyless({ exact: 'mitr@redhat.com' }, text('rekor.pub'))),
      () => ask({}, { rekorKey: undefined }),
      () => ask({}, { rekorKey: text('cosign.pub') }),
      () => ask({}, { rekorKey: 'no key' }),
      () => ask({}, { ignoreSct: false }),
      () => ask({}, { ignoreLog: true, rekorKey: undefined }),
      () => ask({ format: 'bundle' }),
      () => ask({ annotations: { env: 'prod' } }),
      () => ask({ subject: { kind: 'certificate', certificate: '', chain: '' } }),
      () => ask({ subject: { kind: 'key', key: { pem: text('cosign.pub') }, hash: undefined } }),
    ];
    for (const [index, each] of tries.entries()) {
      const outcome = await each().then(
        () => `${index} was accepted`,
        (error: unknown) => error,
      );
      expect(outcome).toBeInstanceOf(CosignError);
    }
  });
});

/** A registry that nobody attached anything to. */
function withoutReferrers(registry: MemoryRegistry): ReferrersRegistry {
  return {
    getManifest: (reference) => registry.getManifest(reference),
    putManifest: (reference, bytes, mediaType) => registry.putManifest(reference, bytes, mediaType),
    getBlob: (reference, digest) => registry.getBlob(reference, digest),
    putBlob: (reference, bytes) => registry.putBlob(reference, bytes),
    listReferrers: async () => [],
    attachReferrer: async () => Promise.reject(new Error('nothing is attached here')),
  };
}

/** Why something that a person wrote is refused: a policy, or the name of an image. */
function refusalOf(act: () => unknown): CosignError | OciError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof CosignError || error instanceof OciError) return error;
    throw error;
  }
}

/** As a registry would have it: a blob that is not the one that its layer names is not given. */
function isWhole({ payload, digest: named }: { payload: string; digest?: string }): boolean {
  return named === undefined || named === sha256(encodeUtf8(payload));
}

/** How the files of signatures that nothing may take are called. */
const BAD = ['corrupt', 'expired', 'invalid', 'unknown', 'unsigned'];
