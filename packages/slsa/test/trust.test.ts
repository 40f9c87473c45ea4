import { describe, expect, it } from 'vitest';
import {
  cloudBuild,
  githubAttestations,
  githubGenerators,
  npm,
  parseTrustRules,
  tekton,
  type TrustRule,
} from '../src/trust/index.js';

const RULES: readonly TrustRule[] = [
  ...githubGenerators(),
  ...githubAttestations({
    repositories: ['https://github.com/a/b'],
    reusableWorkflows: ['https://github.com/a/b/.github/workflows/c.yml'],
  }),
  ...cloudBuild(['key']),
  ...npm({ repository: 'https://github.com/a/b', allowSelfHosted: true }),
  ...tekton({
    signer: {
      san: 'https://kubernetes.io/namespaces/tekton-chains/serviceaccounts/controller',
      issuer: 'https://k8s',
    },
  }),
  ...tekton({ signer: { keys: ['key'] }, builderId: 'https://b', maxLevel: 3 }),
];

describe('ready-made lists', () => {
  it('are plain data', () => expect(parseTrustRules(JSON.stringify(RULES))).toEqual(RULES));

  it('believe no workflow that signs for itself beyond level 2', () => {
    for (const { signer, maxLevel } of RULES) if ('repository' in signer) expect(maxLevel).toBeLessThan(3);
  });
});

describe('parseTrustRules', () => {
  const rule = { signer: { keys: ['k'] }, builder: { id: 'https://b' }, maxLevel: 2 };

  it.each([
    ['not JSON', '', '['],
    ['no list', '', rule],
    ['no object', '/0', [1]],
    ['an unknown member', '/0', [{ ...rule, minLevel: 1 }]],
    ['no signer', '/0/signer', [{ ...rule, signer: null }]],
    ['two kinds of signer', '/0/signer', [{ ...rule, signer: { keys: ['k'], san: 's', issuer: 'i' } }]],
    ['no kind of signer', '/0/signer', [{ ...rule, signer: { issuer: 'i' } }]],
    ['no keys', '/0/signer', [{ ...rule, signer: { keys: [] } }]],
    ['a key with an issuer', '/0/signer', [{ ...rule, signer: { keys: ['k'], issuer: 'i' } }]],
    ['an empty key', '/0/signer/keys/1', [{ ...rule, signer: { keys: ['k', ''] } }]],
    ['a workflow without an issuer', '/0/signer/issuer', [{ ...rule, signer: { workflow: 'w' } }]],
    ['no builder', '/0/builder', [{ ...rule, builder: 'anyone' }]],
    ['a bad builder id', '/0/builder/id', [{ ...rule, builder: { id: 'a@b@c' } }]],
    ['no level', '/0/maxLevel', [{ ...rule, maxLevel: 4 }]],
    ['a flag that is none', '/0/requireReleaseTag', [{ ...rule, requireReleaseTag: 'yes' }]],
  ])('refuses %s', (_, pointer, value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const found = pointer === '' ? { code: 'ERR_SLSA_TRUST' } : { code: 'ERR_SLSA_TRUST', pointer };
    expect(() => parseTrustRules(text)).toThrow(expect.objectContaining(found));
  });
});
