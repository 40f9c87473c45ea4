import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { JsonObject, JsonValue } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import {
  appraiseClusterImagePolicies,
  contentEvaluator,
  type ContentEvaluator,
  parseClusterImagePolicy,
} from '../src/policy/index.js';

import { authority, policyFault } from './good-authority.js';

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
    const pods = { version: '*', resource: 'pods' };
    expect(await about({ ...pods, selector: { matchLabels: { env: 'prod' } } }, pod({ env: 'prod' }))).toBe(
      1,
    );
    expect(await about({ ...pods, selector: { matchLabels: { env: 'prod' } } }, pod({ env: 'test' }))).toBe(
      0,
    );
    for (const [operator, values, count] of [
      ['In', ['a', 'prod'], 1],
      ['NotIn', ['prod'], 0],
      ['Exists', [], 1],
      ['DoesNotExist', [], 0],
    ] as const) {
      const selector = { matchExpressions: [{ key: 'env', operator, values }] };
      expect(await about({ ...pods, selector }, pod({ env: 'prod' }))).toBe(count);
    }
  });

  it('takes groups, versions and kinds as they are, and no empty one for any', async () => {
    const about = async (match: object, apiVersion: string, kind: string) => {
      const object = { apiVersion, kind, metadata: { labels: { env: 'x*' } } };
      const authorities = [by('good')];
      return (await judge([{ authorities, match: [match] }], undefined, { object })).matched.length;
    };
    const pods = { resource: 'pods', version: 'v1' };
    expect(await about(pods, 'v1', 'Pod')).toBe(1);
    expect(await about({ ...pods, version: '*' }, 'v1', 'Pod')).toBe(1);
    for (const match of [
      { resource: 'pods' },
      { version: 'v1' },
      { ...pods, resource: 'Pods' },
      { ...pods, resource: 'pod' },
      { ...pods, resource: '*' },
      { ...pods, group: '*' },
      { ...pods, selector: { matchLabels: { env: 'x' } } },
    ])
      expect(await about(match, 'v1', 'Pod')).toBe(0);
    for (const [resource, kind] of [
      ['ingresses', 'Ingress'],
      ['proxies', 'Proxy'],
      ['gatewaies', 'Gateway'],
      ['endpoints', 'Endpoints'],
      ['boxs', 'Box'],
    ] as const)
      expect(await about({ group: 'x.example', version: 'v1', resource }, 'x.example/v1', kind)).toBe(1);
  });

  it('refuses what is no regular expression, where somebody can tell', () => {
    const regExp = (pattern: string) => {
      const compiled = new RegExp(pattern, 'u');
      return { pattern, test: (text: string) => compiled.test(text) };
    };
    const keyless = (more: object) =>
      policy({ authorities: [{ keyless: { identities: [{ issuer: 'i', subject: 's' }, more] } }] });
    const good = keyless({ issuerRegExp: '^i$', subject: '(' });
    expect(parseClusterImagePolicy(good, { regExp })).toEqual(parseClusterImagePolicy(good));
    const identity = '/spec/authorities/0/keyless/identities/1';
    for (const bad of [
      keyless({ issuerRegExp: '(', subject: 's' }),
      keyless({ issuer: 'i', subjectRegExp: '[a' }),
    ]) {
      expect(() => parseClusterImagePolicy(bad, { regExp })).toThrow(policyFault(identity));
      expect(parseClusterImagePolicy(bad).authorities).toHaveLength(1);
    }
  });

  it('takes what Kubernetes writes for what is not said', () => {
    const namespace = 'cosign-system';
    const read = parseClusterImagePolicy(
      policy({
        mode: '',
        policy: { type: 'cue', configMapRef: { name: 'm', key: 'k', namespace } },
        authorities: [
          { static: { action: 'pass' }, attestations: [], source: [] },
          { key: { secretRef: { name: 's', namespace }, hashAlgorithm: ' SHA384 ' }, signatureFormat: '' },
          { key: { secretRef: { name: 's', namespace: '' } } },
        ],
      }),
    );
    expect(read).toMatchObject({
      warn: false,
      policy: { configMap: { name: 'm', key: 'k' } },
      authorities: [
        { subject: { pass: true } },
        { subject: { hash: 'sha384' }, format: 'tag' },
        { subject: { hash: 'sha256' } },
      ],
    });
  });

  it('takes a bare localhost for a path of Docker Hub, or as it is written', async () => {
    const matched = async (glob: string) =>
      (await judge([{ images: [{ glob }], authorities: [by('good')] }], 'localhost/app:v1')).matched.length;
    expect(await matched('index.docker.io/localhost/app:v1')).toBe(1);
    expect(await matched('localhost/app:v1')).toBe(1);
    expect(await matched('localhost/app')).toBe(0);
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
    expect(await fulfilled({ type: 'rego', configMapRef: { name: 'm', key: 'k' } }, answers(true))).toBe(
      true,
    );
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
    [{ authorities: [{ static: { action: 'pass' }, source: [{}] }] }, '/spec/authorities/0/source'],
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
    [{ match: [{ selector: { matchLabels: { a: 'b' } } }] }, '/spec/match/0/selector'],
    [{ match: [{ resource: 'pods', selector: { matchLabels: { a: 'b*' } } }] }, '/spec/match/0/selector'],
    [{ match: [{ resource: 'pods', selector: { matchLabels: { 'a b': 'b' } } }] }, '/spec/match/0/selector'],
    [
      { match: [{ resource: 'pods', selector: { matchLabels: { 'a/b/c': 'b' } } }] },
      '/spec/match/0/selector',
    ],
    [{ policy: { type: 'rego', configMapRef: { name: 'm' } } }, '/spec/policy/configMapRef'],
    [
      { policy: { type: 'rego', configMapRef: { name: 'm', key: 'k', namespace: 'other' } } },
      '/spec/policy/configMapRef/namespace',
    ],
    [{ authorities: [{ key: { data: 'no key' } }] }, '/spec/authorities/0/key/data'],
    [{ authorities: [{ key: { kms: 'k', hashAlgorithm: 'md5' } }] }, '/spec/authorities/0/key/hashAlgorithm'],
    [
      { authorities: [{ key: { secretRef: { name: 's', namespace: 'other' } } }] },
      '/spec/authorities/0/key/secretRef/namespace',
    ],
    [{ authorities: [{ keyless: { 'ca-cert': {} } }] }, '/spec/authorities/0/keyless/ca-cert/data'],
    [{ authorities: [{ keyless: { url: [] } }] }, '/spec/authorities/0/keyless/url'],
    [
      { authorities: [{ key: { kms: 'k' }, source: [{ oci: 'reg.example/*' }] }] },
      '/spec/authorities/0/source/0/oci',
    ],
    [
      { authorities: [{ key: { kms: 'k' }, source: [{ oci: 'reg.example/a:b' }] }] },
      '/spec/authorities/0/source/0/oci',
    ],
    [
      { authorities: [{ key: { kms: 'k' }, source: [{ signaturePullSecrets: [{}] }] }] },
      '/spec/authorities/0/source/0/signaturePullSecrets/0',
    ],
    [
      {
        authorities: [
          {
            key: { kms: 'k' },
            attestations: [
              { name: 'a', predicateType: 'vuln', policy: { type: 'cue', data: 'x', includeSpec: false } },
            ],
          },
        ],
      },
      '/spec/authorities/0/attestations/0/policy',
    ],
  ])('refuses %j', (spec, pointer) => {
    expect(() => parseClusterImagePolicy(policy(spec))).toThrow(policyFault(pointer));
  });
});
