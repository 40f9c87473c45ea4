import { beforeAll, describe, expect, it } from 'vitest';
import { runIn, type TestIo, testIo, textOf } from './test-io.js';

const COMMIT = '3b18e512dba79e4c8300dd08aeb37f8e728b8dad';
const BUILDER = 'https://ci.example.com/';
const files: Record<string, string> = { 'app.tgz': 'app', 'other.tgz': 'other', policy: '{}' };

/** A world with keys, provenance that a key signed, and a summary. */
let world: Record<string, string>;
beforeAll(async () => {
  const io = testIo(files);
  await runIn(io, 'keygen');
  await runIn(io, 'keygen', '--output-key-prefix', 'other');
  const source = `git+https://github.com/example/shop@refs/tags/v1.2.0#gitCommit:${COMMIT}`;
  const flags = ['--builder-id', BUILDER, '--build-type', 'https://ci.example.com/t', '--invocation-id', '7'];
  const says = [
    '--started-on',
    '2026-01-01T10:00:00Z',
    '--parameter',
    'target=release',
    '--dependency',
    source,
  ];
  const key = ['--key', 'cosign.key'];
  await runIn(io, 'provenance', 'make', ...flags, ...says, ...key, '--output', 'app.att', 'app.tgz');
  await runIn(io, 'provenance', 'make', ...flags, ...says, '--output', 'bare.json', 'app.tgz');
  const summary = [
    '--verifier-id',
    'https://v.example.com/',
    '--resource-uri',
    'pkg:oci/shop',
    '--policy-uri',
    'https://p.example.com/',
  ];
  const level = [
    '--level',
    'SLSA_BUILD_LEVEL_2',
    '--policy',
    'policy',
    '--input',
    'app.att',
    '--artifact',
    'app.tgz',
  ];
  await runIn(io, 'vsa', 'make', ...summary, ...level, ...key, '--output', 'app.vsa');
  await runIn(
    io,
    'vsa',
    'make',
    ...summary,
    '--failed',
    '--artifact',
    'app.tgz',
    ...key,
    '--output',
    'failed.vsa',
  );
  world = Object.fromEntries([...io.files.keys()].map((name) => [name, textOf(io, name)]));
});

const open = (more: Record<string, string> = {}): TestIo => testIo({ ...world, ...more });

describe('provenance verify', () => {
  const KEY = ['--key', 'cosign.pub', '--builder-id', BUILDER];
  const verify = (...args: readonly string[]) => runIn(open(), 'provenance', 'verify', ...args);

  it('accepts what a key signed that speaks for the builder', async () => {
    const ran = await verify(...KEY, '--artifact', 'app.tgz', 'app.att');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^accepted: SLSA build level 2\n/);
    expect(ran.stdout).toContain('subject  app.tgz');
  });

  it('tells every check as JSON', async () => {
    const expects = [
      '--parameter',
      'target=release',
      '--build-type',
      'https://ci.example.com/t',
      '--min-level',
      '2',
    ];
    const ran = await verify(...KEY, ...expects, '--artifact', 'app.tgz', '--json', 'app.att');
    const verdict = JSON.parse(ran.stdout);
    expect(verdict).toMatchObject({ ok: true, level: 2, builderId: BUILDER, signer: { kind: 'key' } });
    expect(verdict.checks).toContainEqual(expect.objectContaining({ code: 'SLSA_LEVEL', status: 'pass' }));
  });

  it('takes rules of a file', async () => {
    const identity = JSON.parse((await verify(...KEY, '--artifact', 'app.tgz', '--json', 'app.att')).stdout)
      .signer.identity;
    const rules = JSON.stringify([{ signer: { keys: [identity] }, builder: { id: BUILDER }, maxLevel: 3 }]);
    const args = [
      '--key',
      'cosign.pub',
      '--trust',
      'rules',
      '--min-level',
      '3',
      '--artifact',
      'app.tgz',
      'app.att',
    ];
    expect((await runIn(open({ rules }), 'provenance', 'verify', ...args)).exitCode).toBe(0);
  });

  it.each([
    ['another artifact', [...KEY, '--artifact', 'other.tgz'], 'SLSA_SUBJECT'],
    [
      'a builder that the key does not speak for',
      ['--key', 'cosign.pub', '--builder-id', 'https://x.example.com/', '--artifact', 'app.tgz'],
      'SLSA_',
    ],
    [
      'a key that speaks for nobody',
      ['--key', 'cosign.pub', '--artifact', 'app.tgz'],
      'SLSA_UNTRUSTED_BUILDER; with --key',
    ],
    [
      'another source',
      [...KEY, '--source', 'github.com/example/other', '--artifact', 'app.tgz'],
      'SLSA_SOURCE',
    ],
    [
      'another build type',
      [...KEY, '--build-type', 'https://x.example.com/', '--artifact', 'app.tgz'],
      'SLSA_BUILD_TYPE',
    ],
    [
      'another parameter',
      [...KEY, '--parameter', 'target=debug', '--artifact', 'app.tgz'],
      'SLSA_EXTERNAL_PARAMETER',
    ],
    [
      'a parameter that is not named',
      [...KEY, '--allow-parameter', 'x', '--artifact', 'app.tgz'],
      'SLSA_EXTERNAL_PARAMETER',
    ],
    ['a level that is not reached', [...KEY, '--min-level', '3', '--artifact', 'app.tgz'], 'SLSA_LEVEL'],
    [
      'a level that is not believed',
      [...KEY, '--max-level', '1', '--min-level', '2', '--artifact', 'app.tgz'],
      'SLSA_LEVEL',
    ],
  ])('does not accept %s', async (_name, args, code) => {
    const ran = await verify(...args, 'app.att');
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(code) });
    expect(ran.stdout).toContain('not accepted');
    expect(ran.stdout).toContain('  fail  SLSA_');
  });

  it.each([
    [['app.att'], 2, '--artifact or --digest'],
    [['--artifact', 'app.tgz', 'app.att'], 2, 'give --key'],
    [['--digest', 'sha256', 'app.att'], 2, '--digest is algorithm:hex'],
    [[...KEY, '--trusted-root', 'x', '--artifact', 'app.tgz', 'app.att'], 2, 'give --key'],
    [[...KEY, '--artifact', 'app.tgz', 'bare.json'], 1, 'not signed by anybody'],
    [['--key', 'other.pub', '--builder-id', BUILDER, '--artifact', 'app.tgz', 'app.att'], 1, 'app.att: '],
    [['--trusted-root', 'policy', '--artifact', 'app.tgz', 'app.att'], 1, 'policy: '],
    [[...KEY, '--trust', 'policy', '--artifact', 'app.tgz', 'app.att'], 1, 'policy: a trust list is a list'],
    [
      [...KEY, '--tekton-pipeline-path', 'x', '--artifact', 'app.tgz', 'app.att'],
      2,
      '--tekton-pipeline is needed',
    ],
    [[...KEY, '--artifact', 'app.tgz', 'app.vsa'], 1, 'predicate type'],
    [[...KEY, '--min-level', '4', 'app.att'], 2, 'Allowed choices'],
  ])('refuses %j', async (args, exitCode, message) => {
    const ran = await verify(...args);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('provenance verify-npm', () => {
  const NPM = [
    '--repository',
    'https://github.com/example/shop',
    '--tarball',
    'app.tgz',
    '--trusted-root',
    'root',
  ];
  const root = JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' });
  const answer = (predicateType: string): string =>
    JSON.stringify({ attestations: [{ predicateType, bundle: { mediaType: 'x' } }] });

  it.each([
    [['--package', 'shop', 'policy'], 2, '--package is name@version'],
    [['--package', '@1', 'policy'], 2, '--package is name@version'],
    [['--package', 'shop@1', 'policy'], 1, 'policy: expected what the registry answers'],
    [['--package', 'shop@1', 'publish'], 1, 'publish: there is no provenance'],
    [['--package', 'shop@1', 'other'], 1, 'other: '],
    [['policy'], 2, '--package'],
  ])('refuses %j', async (args, exitCode, message) => {
    const publish = answer('https://github.com/npm/attestation/tree/main/specs/publish/v0.1');
    const io = open({ root, publish, other: answer('https://slsa.dev/provenance/v1') });
    const ran = await runIn(io, 'provenance', 'verify-npm', ...NPM, ...args);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('vsa', () => {
  const ASK = ['--verifier-id', 'https://v.example.com/', '--resource-uri', 'pkg:oci/shop'];
  const BY = ['--key', 'cosign.pub', ...ASK];
  const verify = (...args: readonly string[]) => runIn(open(), 'vsa', 'verify', ...args);

  it('verify accepts what make made', async () => {
    const more = [
      '--level',
      'SLSA_BUILD_LEVEL_1',
      '--policy-uri',
      'https://p.example.com/',
      '--policy',
      'policy',
      '--max-age',
      '1h',
    ];
    const ran = await verify(...BY, ...more, '--artifact', 'app.tgz', 'app.vsa');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^accepted: SLSA_BUILD_LEVEL_2\n/);
    const json = await verify(...BY, '--artifact', 'app.tgz', '--json', 'app.vsa');
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, levels: ['SLSA_BUILD_LEVEL_2'] });
  });

  it.each([
    ['another artifact', [...BY, '--artifact', 'other.tgz', 'app.vsa'], 'VSA_SUBJECT'],
    [
      'another verifier',
      [
        '--key',
        'cosign.pub',
        '--verifier-id',
        'https://x.example.com/',
        '--resource-uri',
        'pkg:oci/shop',
        '--artifact',
        'app.tgz',
        'app.vsa',
      ],
      'VSA_VERIFIER',
    ],
    [
      'another place',
      [
        '--key',
        'cosign.pub',
        '--verifier-id',
        'https://v.example.com/',
        '--resource-uri',
        'pkg:oci/sho',
        '--artifact',
        'app.tgz',
        'app.vsa',
      ],
      'VSA_RESOURCE',
    ],
    [
      'a level too low',
      [...BY, '--level', 'SLSA_BUILD_LEVEL_3', '--artifact', 'app.tgz', 'app.vsa'],
      'VSA_LEVEL',
    ],
    ['another policy', [...BY, '--policy', 'app.tgz', '--artifact', 'app.tgz', 'app.vsa'], 'VSA_POLICY'],
    ['a failure', [...BY, '--artifact', 'app.tgz', 'failed.vsa'], 'VSA_NOT_PASSED'],
    [
      'a ref that is not named',
      [...BY, '--source-ref', 'refs/heads/main', '--artifact', 'app.tgz', 'app.vsa'],
      'VSA_SOURCE_REF',
    ],
  ])('verify does not accept %s', async (_name, args, code) => {
    const ran = await verify(...args);
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(code) });
    expect(ran.stdout).toContain(`  fail  ${code}`);
  });

  it.each([
    [['verify', ...ASK, '--artifact', 'app.tgz', 'app.vsa'], 2, 'give --key'],
    [['verify', ...BY, 'app.vsa'], 2, '--artifact or --digest'],
    [
      ['verify', ...BY, '--max-age', 'long', '--artifact', 'app.tgz', 'app.vsa'],
      2,
      '--max-age is a duration',
    ],
    [['verify', ...BY, '--artifact', 'app.tgz', 'app.att'], 1, 'app.att: '],
    [['verify', '--artifact', 'app.tgz', 'app.vsa'], 2, '--verifier-id'],
    [['make', ...ASK, '--policy-uri', 'https://p.example.com/', '--artifact', 'app.tgz'], 2, '--failed'],
    [
      [
        'make',
        ...ASK,
        '--policy-uri',
        'https://p.example.com/',
        '--level',
        'FAILED',
        '--artifact',
        'app.tgz',
      ],
      1,
      'failed level',
    ],
    [
      [
        'make',
        ...ASK,
        '--policy-uri',
        'https://p.example.com/',
        '--level',
        'SLSA_X',
        '--artifact',
        'app.tgz',
      ],
      1,
      '/predicate/verifiedLevels/0',
    ],
  ])('refuses %j', async (args, exitCode, message) => {
    const ran = await runIn(open(), 'vsa', ...args);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  });
});
