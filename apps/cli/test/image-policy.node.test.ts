import { listen } from '@sealwright/service';
import { createRegistry, pushTestImage, type Registry } from '@sealwright/testing';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

let keys: TestIo;
let io: TestIo;
let registry: Registry;
let host: string;
let image: string;

beforeAll(async () => {
  keys = testIo();
  await runIn(keys, 'keygen');
});

beforeEach(async () => {
  io = testIo();
  for (const [path, file] of keys.files) io.files.set(path, file);
  registry = createRegistry();
  const server = await listen((request) => registry.fetch(request), { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  ({ host } = new URL(server.url));
  const { digest } = pushTestImage(registry, 'shop/checkout');
  registry.repository('shop/checkout').tags.set('v1', digest);
  image = `${host}/shop/checkout:v1`;
  put(
    io,
    'policy.json',
    JSON.stringify({
      default: [{ type: 'reject' }],
      transports: {
        docker: { [`${host}/shop`]: [{ type: 'sigstoreSigned', keyPath: 'kbs:///default/cosign/key' }] },
      },
    }),
  );
});

const sign = () => runIn(io, 'sign', '--key', 'cosign.key', '--tlog-upload=false', '-y', image);
const RESOURCE = ['--resource', 'kbs:///default/cosign/key=cosign.pub'];

describe('image-policy test', () => {
  it('judges by a policy file, and says why', async () => {
    const refused = await runIn(
      io,
      'image-policy',
      'test',
      '--policy',
      'policy.json',
      ...RESOURCE,
      '--image',
      image,
    );
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain(`refused  ${image}`);
    expect(refused.stdout).toContain('a signature was required, but no signature exists');
    expect((await sign()).exitCode).toBe(0);
    const allowed = await runIn(
      io,
      'image-policy',
      'test',
      '--policy',
      'policy.json',
      ...RESOURCE,
      '--image',
      image,
    );
    expect([allowed.exitCode, allowed.stdout.split('\n')[0]]).toEqual([0, `allowed  ${image}`]);
    const other = await runIn(io, 'image-policy', 'test', '--policy', 'policy.json', '--image', image);
    expect(other.stdout).toContain('has to be given: --resource kbs:///default/cosign/key=<file>');
  });

  it('judges every image of manifests by Kyverno and policy-controller', async () => {
    await sign();
    const pem = textOf(io, 'cosign.pub');
    const indented = pem
      .split('\n')
      .map((line) => `              ${line}`)
      .join('\n');
    put(
      io,
      'kyverno.yaml',
      `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed}
spec:
  validationFailureAction: Enforce
  rules:
  - name: checkout
    verifyImages:
    - imageReferences: ['${host}/shop/*']
      attestors:
      - entries:
        - keys:
            rekor: {ignoreTlog: true}
            publicKeys: |
${indented}
`,
    );
    put(
      io,
      'cip.yaml',
      JSON.stringify({
        apiVersion: 'policy.sigstore.dev/v1beta1',
        kind: 'ClusterImagePolicy',
        metadata: { name: 'keyed' },
        spec: { images: [{ glob: `${host.split(':')[0]}**` }], authorities: [{ key: { data: pem } }] },
      }),
    );
    put(
      io,
      'pods.yaml',
      `
kind: Pod
spec:
  containers: [{name: a, image: '${image}'}]
---
kind: Deployment
spec: {template: {spec: {initContainers: [{name: b, image: '${host}/shop/checkout:v2'}]}}}
`,
    );
    const { digest } = pushTestImage(registry, 'shop/checkout', { content: 'unsigned' });
    registry.repository('shop/checkout').tags.set('v2', digest);
    const ran = await runIn(
      io,
      'image-policy',
      'test',
      '--policy',
      'kyverno.yaml',
      '--policy',
      'cip.yaml',
      '--json',
      'pods.yaml',
    );
    const { judged } = JSON.parse(ran.stdout) as {
      judged: { image: string; policy: string; allowed: boolean; from: string }[];
    };
    expect([ran.exitCode, judged.map((each) => [each.image, each.policy, each.allowed])]).toEqual([
      1,
      [
        [image, 'kyverno.yaml', true],
        [image, 'cip.yaml', true],
        [`${host}/shop/checkout:v2`, 'kyverno.yaml', false],
        [`${host}/shop/checkout:v2`, 'cip.yaml', false],
      ],
    ]);
    expect(judged[2]?.from).toBe('pods.yaml /spec/template/spec/initContainers/0/image');
  });

  it('judges what attestations say, by the conditions of Kyverno and the Rego of policy-controller', async () => {
    put(io, 'scan.json', JSON.stringify({ builder: { id: 'https://ci.example/1' }, findings: ['LOW'] }));
    const attested = [
      '--key',
      'cosign.key',
      '--tlog-upload=false',
      '-y',
      '--type',
      'https://example.com/scan',
    ];
    expect((await runIn(io, 'attest', ...attested, '--predicate', 'scan.json', image)).exitCode).toBe(0);
    const key = { publicKeys: textOf(io, 'cosign.pub'), rekor: { ignoreTlog: true } };
    const kyverno = (value: string) => ({
      kind: 'ClusterPolicy',
      metadata: { name: 'scanned' },
      spec: {
        validationFailureAction: 'Enforce',
        rules: [
          {
            name: 'scan',
            verifyImages: [
              {
                imageReferences: ['*'],
                attestations: [
                  {
                    type: 'https://example.com/scan',
                    attestors: [{ entries: [{ keys: key }] }],
                    conditions: [
                      {
                        all: [
                          {
                            key: "{{ regex_match('^https://ci', builder.id) }}",
                            operator: 'Equals',
                            value: true,
                          },
                          { key: '{{ findings }}', operator: 'AllNotIn', value: [value] },
                        ],
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    });
    const cluster = (finding: string) => ({
      kind: 'ClusterImagePolicy',
      metadata: { name: 'scanned' },
      spec: {
        images: [{ glob: '**' }],
        match: [{ version: 'v1', group: 'batch', resource: 'cronjobs' }],
        authorities: [
          {
            name: 'scanner',
            key: { data: textOf(io, 'cosign.pub') },
            attestations: [
              {
                name: 'scan',
                predicateType: 'https://example.com/scan',
                policy: {
                  type: 'rego',
                  data: `package sigstore\nisCompliant { not has }\nhas { input.predicate.findings[_] == "${finding}" }`,
                },
              },
            ],
          },
        ],
        policy: {
          type: 'rego',
          includeObjectMeta: true,
          configMapRef: { name: 'all', key: 'policy' },
        },
      },
    });
    put(
      io,
      'all.rego',
      'package sigstore\nisCompliant { count(input.authorityMatches.scanner.attestations.scan) == 1; input.metadata.name == "nightly" }',
    );
    put(
      io,
      'jobs.yaml',
      `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: '${image}'}]}}}}}
`,
    );
    const judge = async (policy: object) => {
      put(io, 'policy.yaml', JSON.stringify(policy));
      const given = ['--policy', 'policy.yaml', '--resource', 'configmap/all=all.rego'];
      return runIn(io, 'image-policy', 'test', ...given, 'jobs.yaml');
    };
    for (const policy of [kyverno, cluster]) {
      expect(await judge(policy('CRITICAL'))).toMatchObject({ exitCode: 0 });
      expect(await judge(policy('LOW'))).toMatchObject({ exitCode: 1 });
    }
    const inCue = cluster('CRITICAL');
    inCue.spec.policy = {
      type: 'cue',
      includeObjectMeta: true,
      configMapRef: { name: 'all', key: 'policy' },
    };
    expect((await judge(inCue)).stdout).toContain('need the program cue');
    const documents: string[] = [];
    const run: typeof io.run = async ({ args, files }) => {
      if (files['document.json'] !== undefined) documents.push(files['document.json']);
      const stdout = args[0] === 'version' ? 'CUE language version v0.16.0\n' : 'true\n';
      return { ended: 'itself', status: 0, stdout, stderr: '' };
    };
    put(io, 'policy.yaml', JSON.stringify(inCue));
    const given = ['--policy', 'policy.yaml', '--resource', 'configmap/all=all.rego'];
    expect(await runIn({ ...io, run }, 'image-policy', 'test', ...given, 'jobs.yaml')).toMatchObject({
      exitCode: 0,
    });
    expect(documents.map((document): unknown => JSON.parse(document))).toMatchObject([
      { authorityMatches: { scanner: { attestations: { scan: [{}] } } }, metadata: { name: 'nightly' } },
    ]);
    const elsewhere = cluster('CRITICAL');
    elsewhere.spec.match = [{ version: 'v1', group: 'batch', resource: 'jobs' }];
    expect((await judge(elsewhere)).stdout).toContain('no policy is about');
    expect((await judge({ kind: 'ImageValidatingPolicy', spec: {} })).stderr).toContain('in CEL');
    const rule = { issuer: 'https://issuer.example', subjectRegExp: '@example' };
    const keyless = { keyless: { trustRootRef: 'ours', identities: [rule] } };
    const named = { ...cluster('LOW'), spec: { images: [{ glob: '**' }], authorities: [keyless] } };
    expect((await judge(named)).stdout).toContain('--trust-root ours=<file>');
  });

  it.each([
    [['--image', 'a'], 'no policy to judge by'],
    [['--policy', 'policy.json'], 'no image to judge'],
    [['--policy', 'missing', '--image', 'a'], 'there is no such file'],
    [['--policy', 'cosign.pub', '--image', 'a'], 'cosign.pub'],
    [['--policy', 'policy.json', '--image', 'A'], 'A: '],
  ])('tells what is wrong with %j', async (args, words) => {
    const ran = await runIn(io, 'image-policy', 'test', ...args);
    expect(ran.exitCode).not.toBe(0);
    expect(ran.stderr).toContain(words);
  });
});

describe('image-policy explain', () => {
  it('tells what is asked, and asks nobody', async () => {
    const ran = await runIn(
      io,
      'image-policy',
      'explain',
      '--policy',
      'policy.json',
      '--image',
      image,
      '--image',
      'busybox',
    );
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toBe(
      `${image}\n  policy.json: scope "${host}/shop" asks for sigstoreSigned\nbusybox\n  policy.json: default asks for reject\n`,
    );
    expect(registry.requests).toEqual([]);
  });
});
