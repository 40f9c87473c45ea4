import type { JsonObject, JsonValue } from '@sealwright/json';
import { parseReference } from '@sealwright/oci';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  appraiseClusterImagePolicies,
  appraiseContainersPolicy,
  appraiseKyvernoPolicy,
  type Authority,
  contentEvaluator,
  CosignError,
  imagesOf,
  parseClusterImagePolicy,
  parseContainersPolicy,
  parseKyvernoPolicy,
  parseLookasideConfig,
  parseTrustRoot,
} from '../src/policy/index.js';

const PATIENCE = 60 * runs(10_000); // milliseconds for one property
const IMAGE = 'reg.example/team/app:v1';
const NOW = Date.UTC(2026, 0, 15, 12);
const authority: Authority = async ({ subject, predicateType = '' }) => {
  if (subject.kind === 'certificate') throw new CosignError('ERR_COSIGN_NO_MATCH', 'nobody');
  return {
    by: 'somebody',
    signatures: [
      { digest: 'sha256:0', statement: { predicateType, predicate: { builder: { id: 'b' }, list: ['x'] } } },
    ],
  };
};

const CONTAINERS = {
  default: [{ type: 'reject' }],
  transports: {
    docker: {
      'reg.example/team': [
        {
          type: 'signedBy',
          keyType: 'GPGKeys',
          keyPath: '/k',
          signedIdentity: { type: 'remapIdentity', prefix: 'a.io', signedPrefix: 'b.io' },
        },
        {
          type: 'sigstoreSigned',
          fulcio: { caPath: '/c', oidcIssuer: 'i', subjectEmail: 'e' },
          rekorPublicKeyData: 'AAAA',
        },
        { type: 'sigstoreSigned', keyDatas: ['AAAA'], signedIdentity: { type: 'matchRepository' } },
        { type: 'sigstoreSigned', pki: { caRootsPath: '/c', subjectHostname: 'h' } },
      ],
      '*.example': [{ type: 'insecureAcceptAnything' }],
      '': [
        {
          type: 'signedBaseLayer',
          baseLayerIdentity: { type: 'exactRepository', dockerRepository: 'a.io/b' },
        },
      ],
    },
    'docker-daemon': { '': [{ type: 'insecureAcceptAnything' }] },
  },
};
const KEYS = { keys: { kms: 'k', signatureAlgorithm: 'sha512', rekor: { url: '', ignoreTlog: true } } };
const KYVERNO = {
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'p' },
  spec: {
    validationFailureAction: 'Enforce',
    rules: [
      {
        name: 'r',
        match: { any: [{ resources: { kinds: ['Pod', 'v1/*'], selector: { matchLabels: { a: 'b' } } } }] },
        exclude: { all: [{ resources: { namespaces: ['kube-*'] }, subjects: [] }] },
        verifyImages: [
          {
            type: 'Cosign',
            imageReferences: ['reg.example/*', '*'],
            skipImageReferences: ['*:d?v'],
            failureAction: 'Enforce',
            attestors: [
              {
                count: 1,
                entries: [
                  KEYS,
                  { certificates: { cert: 'c', certChain: 'd', ctlog: { ignoreSCT: true } } },
                  {
                    keyless: {
                      issuer: 'i',
                      subjectRegExp: 's',
                      additionalExtensions: { a: 'b' },
                      roots: 'r',
                    },
                  },
                  { attestor: { entries: [KEYS] }, annotations: { a: 'b' }, repository: 'reg.example/sigs' },
                ],
              },
            ],
            validate: {
              message: 'has {{ length(a.list) }}',
              deny: {
                conditions: {
                  any: [{ key: '{{ a.list }}', operator: 'AllNotIn', value: ['x', '1-5'], message: 'n' }],
                  all: [{ key: '{{ a.builder.id }}', operator: 'NotEquals', value: 'b' }],
                },
              },
            },
            attestations: [
              {
                name: 'a',
                type: 'https://example.com/p',
                attestors: [{ entries: [KEYS] }],
                conditions: [
                  {
                    any: [
                      {
                        key: "{{ builder.{{ 'id' }} || list[?@ == 'x'] | [0] }}",
                        operator: 'In',
                        value: ['b', '*'],
                      },
                    ],
                    all: [
                      { key: '{{ length(list[*]) }}', operator: 'GreaterThan', value: '0' },
                      {
                        key: "{{ time_since('', '2026-01-15T00:00:00Z', '') }}",
                        operator: 'LessThan',
                        value: '24h',
                        message: 'm',
                      },
                    ],
                  },
                ],
              },
            ],
            mutateDigest: true,
            verifyDigest: true,
            required: true,
          },
        ],
      },
    ],
  },
};
const CONTENT = { type: 'rego', data: 'package sigstore', includeSpec: true };
const CLUSTER = {
  apiVersion: 'policy.sigstore.dev/v1beta1',
  kind: 'ClusterImagePolicy',
  metadata: { name: 'p' },
  spec: {
    mode: 'enforce',
    images: [{ glob: 'reg.example/**' }, { glob: '*' }],
    match: [
      {
        group: '',
        version: 'v1',
        resource: 'pods',
        selector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] },
      },
    ],
    authorities: [
      {
        name: 'k',
        key: { kms: 'k', hashAlgorithm: 'sha512' },
        source: [{ oci: 'reg.example/s', tagPrefix: 't' }],
      },
      {
        keyless: {
          'ca-cert': { data: 'c' },
          identities: [{ issuerRegExp: 'i', subject: 's' }],
          trustRootRef: 't',
          insecureIgnoreSCT: true,
        },
        ctlog: { url: 'https://log.example', trustRootRef: 't' },
        rfc3161timestamp: { trustRootRef: 't' },
        signatureFormat: 'bundle',
        attestations: [{ name: 'a', predicateType: 'slsaprovenance', policy: CONTENT }],
      },
      { static: { action: 'fail', message: 'no' } },
    ],
    policy: { type: 'rego', remote: { url: 'https://p.example', sha256sum: 'ab'.repeat(32) } },
  },
};
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ image: IMAGE }] },
};
const LIST = {
  kind: 'List',
  items: [POD, { kind: 'CronJob', spec: { jobTemplate: { spec: { template: POD } } } }],
};
const TRUST = {
  kind: 'TrustRoot',
  metadata: { name: 't' },
  spec: { sigstoreKeys: { certificateAuthorities: [], tLogs: [], ctLogs: [], timestampAuthorities: [] } },
};
const LOOKASIDE = {
  'default-docker': { lookaside: 'https://d' },
  docker: { 'a.io': { sigstore: 'file:///x' } },
};

/** Everything that is done with a policy: whatever it says, an answer or a refusal in our own words. */
const uses: Record<string, [object, (json: JsonValue) => Promise<unknown>]> = {
  'policy.json': [
    CONTAINERS,
    async (json) =>
      appraiseContainersPolicy(
        parseContainersPolicy(JSON.stringify(json)),
        parseReference(IMAGE),
        { digest: `sha256:${'ab'.repeat(32)}`, sigstoreSignatures: async () => [] },
        { resource: async () => Promise.reject(new Error('no such file')), now: NOW },
      ),
  ],
  Kyverno: [
    KYVERNO,
    async (json) =>
      appraiseKyvernoPolicy(parseKyvernoPolicy(json), IMAGE, authority, { now: NOW, object: POD }),
  ],
  ClusterImagePolicy: [
    CLUSTER,
    async (json) =>
      appraiseClusterImagePolicies([parseClusterImagePolicy(json)], IMAGE, authority, {
        evaluate: contentEvaluator({
          rego: () => [{ result: true }],
          cue: async () => ({ unifies: true, reason: '' }),
        }),
        object: POD,
      }),
  ],
  TrustRoot: [TRUST, async (json) => parseTrustRoot(json)],
  manifests: [LIST, async (json) => imagesOf(json)],
  lookaside: [LOOKASIDE, async (json) => parseLookasideConfig(json)],
};

const anything = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    '',
    '*',
    '{{',
    '{{ a }}',
    'sha256',
    'reject',
    'Audit',
    [],
    {},
  ),
  fc.constantFrom<JsonValue>(
    '{{ list[*].a }}',
    "{{ f('}}') }}",
    '**',
    '/',
    '\u{1f600}',
    'k8s://a/b',
    '-----BEGIN PUBLIC KEY-----',
    [[]],
    [null],
  ),
  fc.string({ maxLength: 12 }),
);
const change = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('set', 'drop', 'rename', 'repeat', 'swap'),
  value: anything,
});

/** Where errors keep how many calls they remember, in every runtime that the tests run in. */
const errors = Error as { stackTraceLimit?: number };

describe('policies that were changed', () => {
  const remembered = errors.stackTraceLimit ?? 10;
  beforeAll(() => (errors.stackTraceLimit = 0)); // a fifth of the time, for stacks that nobody reads
  afterAll(() => (errors.stackTraceLimit = remembered));

  it.each(Object.entries(uses))(
    'of the kind %s are judged by, or refused in our own words',
    async (_, [sample, use]) => {
      const outcomes = { accepted: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
          const json = copy(sample as JsonValue);
          for (const each of changes) apply(json, each);
          try {
            await use(json);
            outcomes.accepted += 1;
          } catch (error) {
            if (!(error instanceof CosignError)) throw error;
            outcomes.refused += 1;
          }
        }),
        { numRuns: runs(10_000), seed: 20_260_116 },
      );
      expect(outcomes.accepted).toBeGreaterThan(0);
      expect(outcomes.refused).toBeGreaterThan(0);
    },
    PATIENCE,
  );

  it(
    'in their text are policies or refusals',
    () => {
      const text = JSON.stringify(CONTAINERS);
      const letters = fc.constantFrom('', '"', '{', ']', 'null', '1', ',', ':', '\\u0000', '\u00e9');
      fc.assert(
        fc.property(fc.nat(), fc.nat(12), letters, (at, length, insert) => {
          const from = at % text.length;
          try {
            const parsed = parseContainersPolicy(text.slice(0, from) + insert + text.slice(from + length));
            expect(parsed.default.length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(CosignError);
          }
        }),
        { numRuns: runs(10_000), seed: 5 },
      );
    },
    PATIENCE,
  );

  it('are bounded: long lists, deep and many attestors, deep values and long expressions are refused', () => {
    const rule = (more: object): JsonValue => ({
      kind: 'ClusterPolicy',
      spec: { rules: [{ verifyImages: [{ imageReferences: ['*'], mutateDigest: false, ...more }] }] },
    });
    let attestor: object = { entries: [KEYS] };
    for (let depth = 0; depth < 5000; depth += 1) attestor = { entries: [{ attestor }] };
    let many: object = KEYS;
    for (let depth = 0; depth < 5; depth += 1)
      many = { attestor: { entries: Array.from({ length: 8 }, () => many) } };
    let deep: JsonValue = '{{ a }}';
    for (let depth = 0; depth < 5000; depth += 1) deep = [deep];
    const asks = (key: JsonValue) =>
      rule({ attestations: [{ type: 't', conditions: [{ all: [{ key, operator: 'Equals' }] }] }] });
    for (const policy of [
      rule({ attestors: [attestor] }),
      rule({ attestors: [{ entries: [many] }] }),
      rule({ imageReferences: Array.from({ length: 100_000 }, () => '*') }),
      asks(deep),
      asks(`{{ ${'('.repeat(10_000)} }}`),
      asks(`{{ a${'.a'.repeat(50_000)} }}`),
      asks('{{'.repeat(10_000)),
    ]) {
      expect(() => parseKyvernoPolicy(policy)).toThrow(CosignError);
    }
    const attestations = Array.from({ length: 500 }, () => ({ name: 'a', predicateType: 'vuln' }));
    const authorities = Array.from({ length: 50 }, () => ({ key: { kms: 'k' }, attestations }));
    expect(() =>
      parseClusterImagePolicy({
        kind: 'ClusterImagePolicy',
        spec: { images: [{ glob: '*' }], authorities },
      }),
    ).toThrow(CosignError);
  });
});

/** Change one place of a document. */
function apply(json: JsonValue, { at, how, value }: { at: number; how: string; value: JsonValue }): void {
  const count = placesIn(json);
  if (count === 0) return;
  const [holder, name] = placeAt(json, at % count);
  const [from, otherName] = placeAt(json, (at >>> 8) % count);
  if (how === 'set') holder[name] = value;
  else if (how === 'swap') holder[name] = copy(from[otherName] ?? null);
  else if (how === 'repeat')
    holder[name] = Array.from({ length: 3 }, (): JsonValue => copy(holder[name] ?? null));
  else if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else {
    const kept = holder[name] ?? null;
    delete holder[name];
    if (how === 'rename') holder[typeof value === 'string' ? value : 'more'] = kept;
  }
}

/** How many members and items a document has, at all depths. */
function placesIn(json: JsonValue): number {
  if (typeof json !== 'object' || json === null) return 0;
  let count = 0;
  for (const item of Object.values(json)) count += 1 + placesIn(item);
  return count;
}

/** What holds the place of a number, and its name there. A list has its items under their numbers. */
function placeAt(json: JsonValue, number: number): readonly [JsonObject, string] {
  let left = number;
  const visit = (each: JsonValue): readonly [JsonObject, string] | undefined => {
    if (typeof each !== 'object' || each === null) return undefined;
    for (const [name, item] of Object.entries(each)) {
      if (left === 0) return [each as JsonObject, name];
      left -= 1;
      const found = visit(item);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = visit(json);
  if (found === undefined) throw new RangeError(`there is no place ${number}`);
  return found;
}

function copy(json: JsonValue): JsonValue {
  if (Array.isArray(json)) return json.map(copy);
  if (typeof json !== 'object' || json === null) return json;
  const copied: JsonObject = {};
  for (const name of Object.keys(json)) copied[name] = copy(json[name] ?? null);
  return copied;
}

/** More on demand: `SEALWRIGHT_MUTATIONS=1000000`. */
function runs(usual: number): number {
  const asked = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[
    'SEALWRIGHT_MUTATIONS'
  ];
  return asked === undefined ? usual : Number(asked);
}
