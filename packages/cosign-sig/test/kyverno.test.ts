import type { JsonObject, JsonValue } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import {
  appraiseKyvernoPolicy,
  type AppraiseKyvernoOptions,
  type Authority,
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
      [any({ name: 'web-1', names: ['db-*'] }), pod, false],
      [any({ kinds: ['apps/v1/*'] }), job, false],
      [any({ kinds: ['batch/v1/*'] }), job, true],
      [any({ kinds: ['batch/v*/J?b'] }), job, true],
      [any({ kinds: ['*/*'] }), job, true],
      [any({ kinds: ['*/Job'] }), job, true],
      [any({ kinds: ['*/*/Job'] }), job, false],
      [any({ kinds: ['v1beta1/Job'] }), job, false],
      [any({ kinds: ['batch/Job'] }), job, false],
      [any({ kinds: ['*/status'] }), job, false],
      [any({ kinds: ['Job/status'] }), job, false],
      [any({ kinds: ['v1/Job/status'] }), job, false],
      [any({ kinds: ['v1/Job/*'] }), job, true],
      [any({ kinds: ['Pod.status'] }), pod, false],
      [any({ kinds: ['batch/v1/Job/status/more'] }), job, false],
      [any({ name: 'db-*' }), pod, false],
      [any({ selector: { matchLabels: { app: 'w*' } } }), pod, true],
      [any({ selector: { matchLabels: { app: 'db' } } }), pod, false],
      [any({ annotations: { a: 'x' } }), pod, true],
      [any({ annotations: { a: 'y' } }), pod, false],
      [any({ annotations: { '?': 'x*' } }), pod, true],
      [any({ annotations: { 'b*': 'x' } }), pod, false],
      [any({ selector: { matchLabels: { 'a*': 'web' } } }), pod, true],
      [any({ selector: { matchLabels: { 'b*': '*' } } }), pod, false],
      [
        any({ selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] } }),
        pod,
        false,
      ],
      [
        any({ selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] } }),
        pod,
        true,
      ],
      [any({ kinds: ['Pod'], operations: ['CREATE'] }, { subjects: [{ kind: 'User' }] }), pod, true],
      [{ all: [{ resources: { kinds: ['Pod'] } }, { resources: { names: ['x'] } }] }, pod, false],
    ] as const) {
      expect([match, await about(match, object)]).toEqual([match, expected]);
    }
    expect(await about(any({ kinds: ['Pod'] }), pod, any({ namespaces: ['prod'] }))).toBe(false);
    expect(await about(any({ kinds: ['Pod'] }), pod, any({ namespaces: ['test'] }))).toBe(true);
    for (const nothing of [{}, { name: '' }, { names: [], annotations: {} }])
      expect(await about(any({ kinds: ['Pod'] }), pod, any(nothing))).toBe(true);
    const pattern = { matchExpressions: [{ key: 'app', operator: 'In', values: ['w*'] }] };
    await expect(about(any({ selector: pattern }), pod)).rejects.toThrow(CosignError);
    expect(await about(any({ kinds: ['Pod'] }), pod, any({ kinds: ['Pod'] }, { roles: ['admin'] }))).toBe(
      true,
    );
    const odd = {
      kind: 'Policy',
      spec: { rules: [{ match: { any: [{ resource: {} }] }, verifyImages: [] }] },
    };
    expect(() => parseKyvernoPolicy(odd)).toThrow(CosignError);
  });

  describe('that denies by what was verified', () => {
    const type = 'https://example.com/scan';
    const attestors = [{ entries: [keysEntry('good')] }];
    const scans: Authority = async ({ subject, predicateType }) => {
      const [who] = subject.kind === 'key' && 'kms' in subject.key ? [subject.key.kms] : [''];
      const predicate = { by: who, found: { critical: who === 'one' ? 1 : 2 }, text: '{{ scan.by }}' };
      const statement = predicateType === undefined ? undefined : { predicateType, predicate };
      return { by: who, signatures: [{ digest: DIGEST, statement }] };
    };
    const judged = async (validate: object, more: object = {}, options: AppraiseKyvernoOptions = {}) => {
      const rule = {
        imageReferences: ['*'],
        attestations: [{ name: 'scan', type, attestors }],
        ...more,
        validate,
      };
      const { allowed, checks } = await appraiseKyvernoPolicy(
        parseKyvernoPolicy(policy(rule)),
        'a',
        scans,
        options,
      );
      return [allowed, checks.find(({ check }) => check === 'validate')?.reason];
    };
    const critical = (value: number, more: object = {}) => ({
      key: '{{ scan.found.critical }}',
      operator: 'GreaterThan',
      value,
      ...more,
    });
    const passes = [true, 'nothing that was verified denies it'];

    it.each<[object, readonly unknown[]]>([
      [{ message: 'm' }, [true, undefined]],
      [{ deny: { conditions: { any: [critical(2)] } } }, passes],
      [{ deny: { conditions: { any: [critical(2), critical(1)] } } }, [false, 'denied by what was verified']],
      [{ deny: { conditions: { all: [critical(2), critical(1)] } } }, passes],
      [{ deny: { conditions: { any: [critical(1)], all: [critical(2)] } } }, passes],
      [{ deny: { conditions: [critical(1), critical(0)] } }, [false, 'denied by what was verified']],
      [{ deny: { conditions: [critical(1), critical(2)] } }, passes],
      [{ deny: { conditions: { any: [] } } }, passes],
      [{ deny: { conditions: { all: [] } } }, [false, 'denied by what was verified']],
      [{ deny: { conditions: {} } }, [false, 'denied by what was verified']],
      [{ deny: { conditions: [] } }, [false, 'denied by what was verified']],
      [{ deny: {} }, [false, 'denied by what was verified']],
      [
        {
          message: '{{ scan.found.critical }} found',
          deny: { conditions: { all: [critical(1, { message: 'by {{ scan.by }}' })] } },
        },
        [false, '2 found; by good'],
      ],
      [
        { message: '{{ other }}', deny: { conditions: [critical(1, { message: 'too many' })] } },
        [false, 'too many'],
      ],
      [
        { message: '{{ scan.found }}', deny: { conditions: [critical(1)] } },
        [false, 'denied by what was verified'],
      ],
      [{ message: '{{ scan.text }}', deny: { conditions: [critical(1)] } }, [false, '{{ scan.by }}']],
      [
        { deny: { conditions: [{ key: 2, operator: 'NotEquals', value: 1.5 }] } },
        [false, 'denied by what was verified'],
      ],
    ])('%j', async (validate, verdict) => {
      expect(await judged(validate)).toEqual(verdict);
    });

    it('is denied where it cannot be told', async () => {
      const unknown = { key: '{{ other.found }}', operator: 'Equals', value: 1 };
      const [allowed, reason] = await judged({ deny: { conditions: { any: [unknown, critical(1)] } } });
      expect([allowed, reason]).toEqual([false, expect.stringContaining('names nothing that is there')]);
      expect(await judged({ deny: { conditions: { any: [critical(1), unknown] } } })).toEqual([
        false,
        'denied by what was verified',
      ]);
      const unnamed = { attestations: [{ type, attestors }] };
      expect((await judged({ deny: { conditions: { any: [critical(5)] } } }, unnamed))[0]).toBe(false);
    });

    it('sees what each that counts attested, and the manifest', async () => {
      const two = (count: number) => ({
        attestations: [
          { name: 'scan', type, attestors: [{ count, entries: [keysEntry('good'), keysEntry('one')] }] },
        ],
      });
      const deny = { deny: { conditions: { any: [critical(1)] } } };
      expect((await judged(deny, two(1)))[0]).toBe(false);
      expect((await judged(deny, two(2)))[0]).toBe(true);
      const object = { kind: 'Pod', metadata: { name: 'n', labels: { tier: 'test' } } };
      const tier = { key: '{{ request.object.metadata.labels.tier }}', operator: 'Equals', value: 'test' };
      expect((await judged({ deny: { conditions: { any: [tier] } } }, {}, { object }))[0]).toBe(false);
    });

    it('is not asked where nothing was verified', async () => {
      const verdict = await judge({
        imageReferences: ['*'],
        attestations: [{ name: 'scan', type, attestors: [{ entries: [keysEntry('bad')] }] }],
        validate: { deny: {} },
      });
      expect(verdict.checks.map(({ check }) => check)).toEqual([type]);
    });

    it.each([
      [{ more: 1 }, '/more'],
      [{ deny: { cel: {} } }, '/deny/cel'],
      [{ deny: { conditions: 'all' } }, '/deny/conditions'],
      [{ deny: { conditions: { none: [] } } }, '/deny/conditions/none'],
      [{ deny: { conditions: [{ key: 'a', operator: 'Like' }] } }, '/deny/conditions/0/operator'],
    ])('refuses %j', (validate, below) => {
      expect(() => parseKyvernoPolicy(policy({ validate }))).toThrow(
        policyFault(`/spec/rules/0/verifyImages/0/validate${below}`),
      );
    });
  });

  it('takes each key of one entry, and SHA-256 where no hash is named', () => {
    const keys = { publicKeys: pem + pem, signatureAlgorithm: '' };
    const { rules } = parseKyvernoPolicy(
      policy({ attestors: [{ entries: [{ keys }] }, { count: 1, entries: [{ keys }] }] }),
    );
    expect(rules[0]?.attestors).toMatchObject([
      { count: 2, entries: [{ subject: { hash: 'sha256' } }, { subject: { hash: 'sha256' } }] },
      { count: 1, entries: [{}, {}] },
    ]);
  });

  it('counts an attestor if all that it attested fulfils the conditions', async () => {
    const type = 'https://example.com/scan';
    const says: Authority = async ({ subject }) => {
      const who = subject.kind === 'key' && 'kms' in subject.key ? subject.key.kms : '';
      return {
        by: who,
        signatures: [{ digest: DIGEST, statement: { predicateType: type, predicate: { who } } }],
      };
    };
    const allowed = async (count: number) => {
      const conditions = [{ all: [{ key: '{{ who }}', operator: 'Equals', value: 'b' }] }];
      const attestors = [{ count, entries: [keysEntry('a'), keysEntry('b')] }];
      const rule = parseKyvernoPolicy(policy({ attestations: [{ type, attestors, conditions }] }));
      return (await appraiseKyvernoPolicy(rule, 'reg.example/app', says)).allowed;
    };
    expect([await allowed(1), await allowed(2)]).toEqual([true, false]);
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
    [{ useCache: [] }, `${place}/useCache`],
    [
      { attestors: [{ count: 2, entries: [{ keys: { publicKeys: pem + pem } }] }] },
      `${place}/attestors/0/count`,
    ],
    [
      { attestors: [{ entries: [{ keyless: { issuer: [], issuerRegExp: 'i' } }] }] },
      `${place}/attestors/0/entries/0/keyless/issuer`,
    ],
    [
      { attestors: [{ entries: [{ keys: { kms: 'k', signatureAlgorithm: 'sha1' } }] }] },
      `${place}/attestors/0/entries/0/keys/signatureAlgorithm`,
    ],
    [{ type: 'cosign' }, `${place}/type`],
    [{ attestations: [{}] }, `${place}/attestations/0/type`],
  ])('refuses %j', (entry, pointer) => {
    expect(() => parseKyvernoPolicy(policy(entry))).toThrow(policyFault(pointer));
  });
});
