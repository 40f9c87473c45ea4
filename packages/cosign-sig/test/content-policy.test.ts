import { encodeUtf8 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import {
  appraiseClusterImagePolicies,
  type AppraiseClusterOptions,
  type Authority,
  type ClusterVerdict,
  contentEvaluator,
  type ContentEvaluator,
  type CueAnswer,
  type CueEngine,
  parseClusterImagePolicy,
} from '../src/policy/index.js';

const IMAGE = 'reg.example/app';
const signed: Authority = async () => ({ by: 'good', signatures: [{ digest: 'sha256:ab' }] });

const judge = async (
  spec: object,
  authority: Authority,
  options: AppraiseClusterOptions,
): Promise<ClusterVerdict> =>
  appraiseClusterImagePolicies(
    [parseClusterImagePolicy({ kind: 'ClusterImagePolicy', spec: { images: [{ glob: '**' }], ...spec } })],
    IMAGE,
    authority,
    options,
  );

describe('a policy over content', () => {
  it('judges by CUE through an engine, and refuses where there is none', async () => {
    const asked: unknown[] = [];
    const by = async (policy: object, answer: () => Promise<CueAnswer>, more: object = {}) => {
      const cue: CueEngine = async (...args) => {
        asked.push(args);
        return answer();
      };
      const evaluate = contentEvaluator({ cue, rego: () => true, ...more });
      return judge({ authorities: [good], policy }, signed, { evaluate });
    };
    const good = { name: 'who', key: { kms: 'good' } };
    const cue = { type: 'cue', data: 'authorityMatches: who: {...}' };
    const yes = async () => ({ unifies: true, reason: '' });
    expect(await by(cue, yes)).toMatchObject({ allowed: true });
    expect(asked).toEqual([
      ['authorityMatches: who: {...}', { authorityMatches: { who: { signatures: [{ id: 'sha256:ab' }] } } }],
    ]);
    const no = async () => ({ unifies: false, reason: 'conflicting values' });
    expect(await by(cue, no)).toMatchObject({
      allowed: false,
      checks: [
        {},
        { check: 'cue', passed: false, reason: 'the policy is not fulfilled: conflicting values' },
      ],
    });
    expect(await by(cue, async () => Promise.reject(new Error('no cue')))).toMatchObject({ allowed: false });
    const without = contentEvaluator({ rego: () => true });
    expect(await judge({ authorities: [good], policy: cue }, signed, { evaluate: without })).toMatchObject({
      allowed: false,
      checks: [{}, { reason: 'policies in CUE are not evaluated here: write it in Rego' }],
    });
    const fetched = { type: 'cue', configMapRef: { name: 'm', key: 'k' } };
    expect(await by(fetched, yes)).toMatchObject({ allowed: false });
    expect(await by(fetched, yes, { fetchPolicy: async () => encodeUtf8('{...}') })).toMatchObject({
      allowed: true,
    });
    expect(asked.at(-1)).toMatchObject(['{...}', {}]);
  });

  it('shows a policy who signed, and of attestations those that fulfil their own policy', async () => {
    const certificate = {
      names: [{ type: 'email' as const, value: 'ada@example.com' }],
      issuer: 'https://accounts.example.com',
      extensions: { githubWorkflowRepository: 'acme/shop', githubWorkflowRef: 'refs/heads/main' },
    };
    const attested = (digest: string, level: number) => ({ digest, certificate, statement: { level } });
    const answers: Authority = async ({ predicateType }) => ({
      by: 'ada',
      signatures:
        predicateType === undefined
          ? [{ digest: 'sha256:1', certificate }]
          : [attested('sha256:2', 2), attested('sha256:3', 3)],
    });
    const seen: JsonObject[] = [];
    const evaluate: ContentEvaluator = async (policy, content) => {
      if (policy.data === 'whole') seen.push(content);
      else if (content['level'] !== 3) throw new Error('another level');
    };
    const attestations = [
      { name: 'all', predicateType: 'vuln' },
      { name: 'some', predicateType: 'vuln', policy: { type: 'cue', data: 'level: 3' } },
    ];
    const authorities = [
      { name: 'signs', key: { kms: 'k' } },
      { name: 'attests', key: { kms: 'k' }, attestations },
      { name: 'passes', static: { action: 'pass' } },
    ];
    const policy = { type: 'cue', data: 'whole' };
    const verdict = await judge({ authorities, policy }, answers, { evaluate });
    expect(verdict.allowed).toBe(true);
    const who = {
      subject: 'ada@example.com',
      issuer: 'https://accounts.example.com',
      githubWorkflowRepo: 'acme/shop',
      githubWorkflowRef: 'refs/heads/main',
    };
    const found = (digest: string) => ({ id: digest, ...who, predicateType: 'vuln', digest });
    expect(seen).toEqual([
      {
        authorityMatches: {
          signs: { signatures: [{ id: 'sha256:1', ...who }] },
          attests: {
            attestations: { all: [found('sha256:2'), found('sha256:3')], some: [found('sha256:3')] },
          },
          passes: { static: true },
        },
      },
    ]);
  });
});
