import { describe, expect, it } from 'vitest';
import { certificateIdentity, parseWorkflowIdentity, SlsaError, sourceClaims } from '../src/index.js';
import { GITHUB_ISSUER } from '../src/trust/index.js';
import { certificate, COMMIT, OWN, REPOSITORY, signed, V1 } from './github-build.ts';

describe('sources of build types', () => {
  const claims = async (predicate: object, type?: string) =>
    sourceClaims((await signed(predicate, [], type)).view);
  const git = (repository: string, ref: string, commit: string | undefined = COMMIT) =>
    expect.objectContaining({ repository: `git+https://${repository}`, ref, commit, confirmed: true });

  it('are parameters where the type says so', async () => {
    expect(await claims(V1)).toEqual([git('github.com/shop/checkout', 'refs/tags/v1.2.3')]);
    const definition = (buildType: string, externalParameters: object, dependency: object) => ({
      ...V1,
      buildDefinition: { buildType, externalParameters, resolvedDependencies: [dependency] },
    });
    const source = { uri: 'git+https://e.com/a@refs/tags/v1', digest: { sha1: COMMIT } };
    expect(
      await claims(definition('https://slsa.dev/container-based-build/v0.1?draft', { source }, source)),
    ).toEqual([git('e.com/a', 'refs/tags/v1')]);
    const config = { repository: 'git+https://e.com/a', ref: 'refs/heads/main', path: 'cloudbuild.yaml' };
    const dependency = { uri: 'git+https://e.com/a@refs/heads/main', digest: { gitCommit: COMMIT } };
    const type = 'https://cloud.google.com/build/gcb-buildtypes/google-worker/v1';
    expect(await claims(definition(type, { buildConfigSource: config }, dependency))).toEqual([
      git('e.com/a', 'refs/heads/main'),
    ]);
    expect(await claims(definition(type, {}, dependency))).toHaveLength(1);
  });

  it('are config sources and materials in old versions', async () => {
    const material = { uri: 'git+https://e.com/a@refs/heads/b', digest: { sha1: COMMIT } };
    const v02 = {
      builder: { id: 'https://b' },
      buildType: 'https://t',
      materials: [material, { uri: 'https://e.com/x' }],
    };
    const type = 'https://slsa.dev/provenance/v0.2';
    expect(await claims(v02, type)).toEqual([git('e.com/a', 'refs/heads/b')]);
    expect(await claims({ ...v02, invocation: { configSource: material } }, type)).toEqual([
      git('e.com/a', 'refs/heads/b'),
    ]);
    expect(await claims({ builder: v02.builder, buildType: 'https://t' }, type)).toEqual([]);
  });

  it('are substitutions in old Cloud Build', async () => {
    const type = 'https://slsa.dev/provenance/v0.1';
    const cloud = (uri: string, substitutions: object, digest?: object) => ({
      builder: { id: 'https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3' },
      recipe: { type: 'https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1', arguments: { substitutions } },
      materials: [{ uri, digest }],
    });
    expect(
      await claims(cloud('git+https://e.com/a', { BRANCH_NAME: 'main' }, { sha1: COMMIT }), type),
    ).toEqual([git('e.com/a', 'refs/heads/main')]);
    expect(await claims(cloud(`https://e.com/a/commit/${COMMIT}`, { TAG_NAME: 'v1' }), type)).toEqual([
      git('e.com/a', 'refs/tags/v1'),
    ]);
    expect(await claims(cloud('https://e.com/a/commit/../x', {}), type)).toEqual([]);
  });
});

describe('identities', () => {
  it('refuse certificates that contradict themselves', () => {
    expect(() => certificate(OWN, { issuer: 'https://other' })).toThrow(
      expect.objectContaining({ code: 'SLSA_CERT_CLAIM' }),
    );
    expect(() => certificate(OWN, { githubWorkflowSha: 'ee' })).toThrow(SlsaError);
  });

  it('read old certificates', () =>
    expect(
      certificateIdentity(OWN, { issuer: GITHUB_ISSUER, githubWorkflowRepository: 'shop/checkout' }).claims,
    ).toEqual({
      sourceRepository: REPOSITORY,
    }));

  it.each([
    '',
    'https://github.com/a/b',
    `${OWN}x/../y`.replace('@', '/'),
    OWN.slice(0, OWN.indexOf('@') + 1),
    'https://github.com/a/b/c/workflows/d@e',
    OWN.replace('https:', 'http:'),
  ])('are no workflow: %j', (san) => expect(parseWorkflowIdentity(san)).toBeUndefined());

  it.each([
    ['a.yml@refs/heads/main', 'a.yml', 'refs/heads/main'],
    ['a@b.yml@refs/heads/main', 'a@b.yml', 'refs/heads/main'],
    ['a.yml@refs/heads/to@refs/x', 'a.yml', 'refs/heads/to@refs/x'],
    [`a@b.yml@${COMMIT}`, 'a@b.yml', COMMIT],
  ])('of %s are told from what they ran at', (end, file, ref) => {
    expect(parseWorkflowIdentity(`${REPOSITORY}/.github/workflows/${end}`)).toEqual({
      repository: REPOSITORY,
      path: `.github/workflows/${file}`,
      ref,
    });
  });
});
