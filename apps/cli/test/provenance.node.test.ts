import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runIn, testIo } from './test-io.js';

const ID = ['--builder-id', 'https://ci.example.com/', '--build-type', 'https://ci.example.com/t'];
const RUN = ['--invocation-id', 'run-7', '--started-on', '2026-01-01T10:00:00Z'];
const MAKE = ['provenance', 'make', ...ID, ...RUN];
const COMMIT = '3b18e512dba79e4c8300dd08aeb37f8e728b8dad';
const v02 = {
  _type: 'https://in-toto.io/Statement/v0.1',
  subject: [{ name: 'app.tgz', digest: { sha256: 'ab'.repeat(32) } }],
  predicateType: 'https://slsa.dev/provenance/v0.2',
  predicate: {
    builder: { id: 'https://ci.example.com/' },
    buildType: 'https://ci.example.com/old',
    invocation: {
      configSource: { uri: 'git+https://git.example.com/shop', digest: { sha1: COMMIT }, entryPoint: 'make' },
      parameters: { target: 'release' },
    },
    buildConfig: { steps: [1] },
    materials: [{ uri: 'git+https://git.example.com/shop', digest: { sha1: COMMIT } }],
  },
};
const taskRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { name: 'build', uid: '6f9619ff-8b86-4011-b42d-00c04fc964ff' },
  status: {
    results: [
      { name: 'IMAGE_URL', value: 'registry.example.com/shop' },
      { name: 'IMAGE_DIGEST', value: `sha256:${'ab'.repeat(32)}` },
    ],
  },
};

describe('provenance make', () => {
  it('says what was built, how, and from what', async () => {
    const io = testIo({ 'out/app.tgz': 'app', 'more.json': '{"debug":false}', 'in.json': '{"runner":"a"}' });
    const flags = [
      '--parameter',
      'target=release=1',
      '--parameters',
      'more.json',
      '--internal-parameters',
      'in.json',
    ];
    const dependency = `git+https://git.example.com/shop@refs/tags/v1#gitCommit:${COMMIT}`;
    const subject = ['--subject', `b.tgz=sha512:${'cd'.repeat(64)}`, 'out/app.tgz'];
    const ran = await runIn(io, ...MAKE, ...flags, '--dependency', dependency, ...subject);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    const sha256 = createHash('sha256').update('app').digest('hex');
    expect(JSON.parse(ran.stdout)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        { name: 'b.tgz', digest: { sha512: 'cd'.repeat(64) } },
        { name: 'app.tgz', digest: { sha256 } },
      ],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'https://ci.example.com/t',
          externalParameters: { debug: false, target: 'release=1' },
          internalParameters: { runner: 'a' },
          resolvedDependencies: [
            { uri: 'git+https://git.example.com/shop@refs/tags/v1', digest: { gitCommit: COMMIT } },
          ],
        },
        runDetails: {
          builder: { id: 'https://ci.example.com/' },
          metadata: {
            invocationId: 'run-7',
            startedOn: '2026-01-01T10:00:00Z',
            finishedOn: '2027-01-15T08:00:00Z',
          },
        },
      },
    });
  });

  it('signs it with a cosign key, for verify-blob-attestation', async () => {
    const io = testIo({ 'app.tgz': 'app' });
    const made = await runIn(io, 'keygen', '--json');
    expect(made.exitCode).toBe(0);
    const ran = await runIn(io, ...MAKE, '--key', 'cosign.key', '--output', 'app.att', 'app.tgz');
    expect(ran).toEqual({ exitCode: 0, stdout: 'written to app.att\n', stderr: '' });
    const flags = ['--key', 'cosign.pub', '--signature', 'app.att', '--type', 'slsaprovenance1'];
    const verified = await runIn(
      io,
      'verify-blob-attestation',
      ...flags,
      '--insecure-ignore-tlog',
      'app.tgz',
    );
    expect(verified).toMatchObject({ exitCode: 0, stderr: 'Verified OK\n' });
    const inspected = await runIn(io, 'provenance', 'inspect', 'app.att');
    expect(inspected.stdout).toContain('1, not verified');
  });

  it.each(['slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4'])('makes %s of a Tekton run', async (format) => {
    const io = testIo({ run: JSON.stringify(taskRun) });
    const flags = ['--tekton-run', 'run', '--builder-id', 'https://tekton.example.com/', '--format', format];
    const ran = await runIn(io, 'provenance', 'make', ...flags);
    expect(ran.exitCode).toBe(0);
    expect(JSON.parse(ran.stdout).subject).toEqual([
      { name: 'registry.example.com/shop', digest: { sha256: 'ab'.repeat(32) } },
    ]);
    expect(ran.stdout).toContain('"id":"https://tekton.example.com/"');
  });

  it.each([
    [['provenance', 'make', 'app.tgz'], 2, '--builder-id is needed'],
    [MAKE, 2, 'give the files'],
    [[...MAKE, '--subject', 'a'], 2, '--subject is name=algorithm:hex'],
    [[...MAKE, '--subject', 'a=sha256:xyz'], 1, '/subject/0'],
    [[...MAKE, '--dependency', 'uri#', 'app.tgz'], 2, '--dependency is uri#algorithm:hex'],
    [[...MAKE, '--parameter', '=b', 'app.tgz'], 2, '--parameter is name=value'],
    [[...MAKE, '--parameters', 'list', 'app.tgz'], 1, 'list: parameters are a JSON object'],
    [[...MAKE, '--started-on', 'today', 'app.tgz'], 1, 'timestamp'],
    [[...MAKE, 'none'], 1, 'none: there is no such file'],
    [['provenance', 'make', '--tekton-run', 'list'], 2, '--builder-id is needed'],
    [['provenance', 'make', '--builder-id', 'x', '--tekton-run', 'list'], 1, 'list: '],
    [['provenance', 'make', '--builder-id', 'x', '--tekton-run', 'list', 'app.tgz'], 2, 'not both'],
    [['provenance', 'make', '--format', 'x'], 2, 'Allowed choices are'],
  ])('refuses %j', async (args, exitCode, message) => {
    const ran = await runIn(testIo({ 'app.tgz': 'app', list: '[]' }), ...args);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('provenance inspect', () => {
  it('shows any version alike', async () => {
    const io = testIo({ old: JSON.stringify(v02) });
    const { stdout } = await runIn(io, 'provenance', 'inspect', 'old');
    expect(stdout).toMatch(/^builder +https:\/\/ci\.example\.com\/$/m);
    expect(stdout).toMatch(/^external target +release$/m);
    expect(stdout).toContain(`sha1:${COMMIT}`);
    const json = await runIn(io, 'provenance', 'inspect', 'old', '--json');
    expect(JSON.parse(json.stdout).statements).toMatchObject([
      { form: 'statement', signatures: 0, provenance: { version: 'v0.2', external: { target: 'release' } } },
    ]);
  });

  it('tells how much it leaves out', async () => {
    const subject = Array.from({ length: 21 }, (_, index) => ({
      name: `s${index}`,
      digest: { sha256: 'ab'.repeat(32) },
    }));
    const predicate = { ...v02.predicate, invocation: { parameters: { long: 'x'.repeat(500) } } };
    const io = testIo({ f: JSON.stringify({ ...v02, subject, predicate }) });
    const { stdout } = await runIn(io, 'provenance', 'inspect', 'f');
    expect(stdout).toContain('and 1 more: --json has them');
    expect(stdout).toContain('(500 characters: --json has them)');
    expect(stdout).not.toContain('x'.repeat(201));
  });

  it.each([
    [JSON.stringify({ ...v02, predicateType: 'https://example.com/other' }), '/predicateType'],
    [JSON.stringify({ ...v02, predicate: {} }), 'builder'],
    ['{}', 'neither'],
  ])('refuses %j', async (content, message) => {
    const ran = await runIn(testIo({ f: content }), 'provenance', 'inspect', 'f');
    expect(ran).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('provenance convert', () => {
  const BUILD_TYPE = ['--build-type', 'https://ci.example.com/new'];

  it('writes version 1 and tells what is lost', async () => {
    const io = testIo({ old: JSON.stringify(v02) });
    const ran = await runIn(io, 'provenance', 'convert', ...BUILD_TYPE, 'old');
    expect(ran).toMatchObject({ exitCode: 0, stderr: 'lost: /buildConfig\n' });
    const statement = JSON.parse(ran.stdout);
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: v02.subject,
      predicateType: 'https://slsa.dev/provenance/v1',
    });
    expect(statement.predicate.buildDefinition).toMatchObject({
      buildType: 'https://ci.example.com/new',
      externalParameters: {
        target: 'release',
        entryPoint: 'make',
        source: 'git+https://git.example.com/shop',
      },
    });
    const names = ['--source-parameter', 'repository', '--entry-point-parameter', 'goal', '--json'];
    const json = JSON.parse(
      (await runIn(io, 'provenance', 'convert', ...BUILD_TYPE, ...names, 'old')).stdout,
    );
    expect(json.lost).toEqual(['/buildConfig']);
    expect(Object.keys(json.statement.predicate.buildDefinition.externalParameters)).toEqual(
      expect.arrayContaining(['repository', 'goal']),
    );
  });

  it('goes from 0.1 to 0.2 and to 1', async () => {
    const predicate = { builder: v02.predicate.builder, recipe: { type: 'https://ci.example.com/older' } };
    const io = testIo({
      older: JSON.stringify({ ...v02, predicateType: 'https://slsa.dev/provenance/v0.1', predicate }),
    });
    const one = JSON.parse((await runIn(io, 'provenance', 'convert', '--to', 'v0.2', 'older')).stdout);
    expect(one).toMatchObject({
      predicateType: 'https://slsa.dev/provenance/v0.2',
      predicate: { buildType: 'https://ci.example.com/older' },
    });
    const two = JSON.parse((await runIn(io, 'provenance', 'convert', ...BUILD_TYPE, 'older')).stdout);
    expect(two.predicateType).toBe('https://slsa.dev/provenance/v1');
  });

  it.each([
    [['old'], 2, '--build-type is needed'],
    [['--to', 'v0.2', 'old'], 1, 'version 0.2 already'],
    [[...BUILD_TYPE, 'two'], 1, 'two: give one statement'],
    [[...BUILD_TYPE, 'new'], 1, 'predicate type'],
    [[...BUILD_TYPE, 'clash'], 1, 'parameter'],
  ])('refuses %j', async (args, exitCode, message) => {
    const { invocation } = v02.predicate;
    const clash = { ...v02.predicate, invocation: { ...invocation, parameters: { source: 'mine' } } };
    const io = testIo({
      old: JSON.stringify(v02),
      two: `${JSON.stringify(v02)}\n${JSON.stringify(v02)}\n`,
      new: JSON.stringify({ ...v02, predicateType: 'https://slsa.dev/provenance/v1' }),
      clash: JSON.stringify({ ...v02, predicate: clash }),
    });
    const ran = await runIn(io, 'provenance', 'convert', ...args);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  });
});
