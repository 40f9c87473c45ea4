import type { JsonObject, JsonValue } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import {
  appraiseKyvernoPolicy,
  CosignError,
  kyvernoImageName,
  parseKyvernoPolicy,
} from '../src/policy/index.js';

import { authority, policyFault } from './good-authority.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const pem = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n';

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
    expect(kyvernoImageName('index.docker.io/nginx')).toBe('index.docker.io/nginx:latest');
    expect(kyvernoImageName('docker.io/library/nginx')).toBe('docker.io/library/nginx:latest');
    expect(kyvernoImageName('a.io:80/b')).toBe('a.io:80/b:latest');
    expect(kyvernoImageName('team/library/app:1')).toBe('docker.io/team/library/app:1');
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
    [{ key: 'pem' }, `${place}/key`],
    [{ failureAction: 'Audit' }, `${place}/mutateDigest`],
    [{ type: 'cosign' }, `${place}/type`],
    [{ attestations: [{}] }, `${place}/attestations/0/type`],
  ])('refuses %j', (entry, pointer) => {
    expect(() => parseKyvernoPolicy(policy(entry))).toThrow(policyFault(pointer));
  });
});
