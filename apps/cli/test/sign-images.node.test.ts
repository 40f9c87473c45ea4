import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest as digestOf } from '@sealwright/crypto';
import {
  createRegistry,
  createSigstore,
  type FakeSigstore,
  pushTestImage,
  type Registry,
} from '@sealwright/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

const NOW = 1_800_000_000_000;
const TRUST = ['--trusted-root', 'root.json'];
const WHO = [
  '--certificate-identity',
  'me@example.com',
  '--certificate-oidc-issuer',
  'https://issuer.example',
];
const OTHER = ['--certificate-identity', 'you@example.com', ...WHO.slice(2)];
const REPOSITORY = 'registry.example.com/shop/checkout';
const TAGS = [
  '--new-bundle-format=false',
  '--use-signing-config=false',
  '--rekor-url',
  'https://rekor.test',
  '--fulcio-url',
  'https://fulcio.test',
  ...TRUST,
];

let sigstore: FakeSigstore;
let keys: TestIo;
let registry: Registry;
let io: TestIo;
let digest: string;
let image: string;

beforeAll(async () => {
  sigstore = await createSigstore(() => NOW);
  keys = testIo();
  await runIn(keys, 'keygen');
  await runIn(keys, 'keygen', '--kind', 'ed25519', '--output-key-prefix', 'ed');
  await runIn(keys, 'keygen', '--kind', 'ec-p384', '--output-key-prefix', 'p384');
});

beforeEach(() => {
  registry = createRegistry();
  io = world();
  ({ digest } = pushTestImage(registry, 'shop/checkout'));
  image = `${REPOSITORY}@${digest}`;
});

function world(): TestIo {
  const files = {
    'root.json': sigstore.trustedRoot,
    'config1.json': sigstore.signingConfig(1),
    'config2.json': sigstore.signingConfig(2),
    'predicate.json': '{"a":1}',
    token: `${token()}\n`,
  };
  const made = testIo(files);
  for (const [path, file] of keys.files) made.files.set(path, file);
  const send = (request: Request): Promise<Response> =>
    new URL(request.url).host === 'registry.example.com' ? registry.fetch(request) : sigstore.fetch(request);
  return Object.assign(made, { fetch: send });
}

const token = (): string => sigstore.token({ subject: 'me@example.com', issuer: 'https://issuer.example' });
const tags = (): string[] => [...registry.repository('shop/checkout').tags.keys()].sort();
const manifestOf = (reference: string): Record<string, unknown> => {
  const { manifests, tags: named } = registry.repository('shop/checkout');
  const bytes = manifests.get(named.get(reference) ?? reference)?.bytes ?? new Uint8Array();
  return JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
};

/** An index of two images. */
function pushIndex(): { index: string; children: string[] } {
  const held = registry.repository('shop/checkout');
  const children = ['amd64', 'arm64'].map(
    (content) => pushTestImage(registry, 'shop/checkout', { tag: content, content }).digest,
  );
  const manifests = children.map((child) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: child,
    size: held.manifests.get(child)?.bytes.byteLength,
  }));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const bytes = encodeUtf8(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  const index = `sha256:${encodeHex(digestOf('sha256', bytes))}`;
  held.manifests.set(index, { bytes, mediaType });
  held.tags.set('multi', index);
  return { index, children };
}

describe('sign', () => {
  it.each(['config1.json', 'config2.json'])(
    'without a key writes a bundle that refers to the image: %s',
    async (config) => {
      const made = ['sign', '--identity-token', 'token', '--signing-config', config, ...TRUST, '-y'];
      const signed = await runIn(io, ...made, '-a', 'env=prod', '--bundle', 'out.json', image);
      expect(signed).toMatchObject({
        exitCode: 0,
        stdout: '',
        stderr: expect.stringContaining(`which refers to ${digest}`),
      });
      expect(signed.stderr).toMatch(/^tlog entry created with index: \d+\n/);
      expect(tags()).toEqual(['latest']);
      expect(JSON.parse(textOf(io, 'out.json'))).toMatchObject({ dsseEnvelope: {} });
      const verify = ['verify', ...TRUST, '-a', 'env=prod'];
      const good = await runIn(io, ...verify, ...WHO, image);
      expect(good).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('me@example.com') });
      expect((await runIn(io, ...verify, ...OTHER, image)).exitCode).toBe(12);
      expect((await runIn(io, 'verify', ...TRUST, '-a', 'env=test', ...WHO, image)).exitCode).toBe(12);
    },
  );

  it('writes manifests of bundles as cosign 3 does', async () => {
    const flags = ['--tlog-upload=false', '--use-signing-config=false'];
    const signed = await runIn(io, 'sign', '--key', 'cosign.key', ...flags, '--json', image);
    const { referrer } = JSON.parse(signed.stdout) as { referrer: string };
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    expect(manifestOf(referrer)).toMatchObject({
      config: { mediaType: 'application/vnd.oci.empty.v1+json', size: 2, artifactType: type },
      layers: [{ mediaType: type }],
      subject: { digest },
      artifactType: type,
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
        'org.opencontainers.image.created': '2027-01-15T08:00:00Z',
      },
    });
    expect((await runIn(io, 'verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', image)).exitCode).toBe(
      0,
    );
  });

  it.each([[], ['--timestamp-server-url', 'https://tsa.test']])(
    'without a key writes under a tag what cosign 2 does: %j',
    async (...stamp) => {
      const made = ['sign', '--identity-token', token(), ...TAGS, ...stamp.flat()];
      expect((await runIn(io, ...made, image)).exitCode).toBe(0);
      const tag = `${digest.replace(':', '-')}.sig`;
      expect(tags()).toEqual(['latest', tag]);
      const [layer] = manifestOf(tag)['layers'] as { annotations: Record<string, string> }[];
      const { annotations = {} } = layer ?? {};
      expect(annotations['dev.sigstore.cosign/certificate']).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
      expect(annotations['dev.sigstore.cosign/chain']).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
      expect(JSON.parse(annotations['dev.sigstore.cosign/bundle'] ?? '')).toMatchObject({
        Payload: { integratedTime: NOW / 1000 },
      });
      expect('dev.sigstore.cosign/rfc3161timestamp' in annotations).toBe(stamp.length > 0);
      const use = stamp.length === 0 ? [] : ['--use-signed-timestamps'];
      const good = await runIn(io, 'verify', ...WHO, ...TRUST, ...use, image);
      expect(good.exitCode).toBe(0);
      const [{ optional }] = JSON.parse(good.stdout) as [{ optional: Record<string, unknown> }];
      const bundle: unknown = JSON.parse(annotations['dev.sigstore.cosign/bundle'] ?? '');
      expect(optional).toMatchObject({
        Bundle: bundle,
        Subject: 'me@example.com',
        Issuer: expect.any(String),
      });
      const names = ['1.3.6.1.4.1.57264.1.1', 'Bundle', 'Issuer', 'RFC3161Timestamp', 'Subject'];
      expect(Object.keys(optional)).toEqual(
        names.filter((name) => stamp.length > 0 || name !== 'RFC3161Timestamp'),
      );
      expect((await runIn(io, 'verify', ...OTHER, ...TRUST, ...use, image)).exitCode).toBe(12);
      if (stamp.length === 0)
        expect((await runIn(io, 'verify', ...WHO, ...TRUST, '--use-signed-timestamps', image)).exitCode).toBe(
          12,
        );
    },
  );

  it.each([
    ['cosign', [...TAGS, '--rekor-url', 'https://rekor.test']],
    ['p384', TAGS],
    ['cosign', ['--signing-config', 'config1.json', ...TRUST]],
    ['p384', ['--signing-config', 'config2.json', ...TRUST]],
    ['ed', ['--signing-config', 'config1.json', ...TRUST]],
  ])('with the key %s has a log vouch for it: %j', async (key, flags) => {
    const signed = await runIn(io, 'sign', '--key', `${key}.key`, ...flags, image);
    expect(signed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('tlog entry created') });
    expect((await runIn(io, 'verify', '--key', `${key}.pub`, ...TRUST, image)).exitCode).toBe(0);
  });

  it('signs every image of an index, and says who the images are', async () => {
    const { index, children } = pushIndex();
    const flags = ['--key', 'cosign.key', '--tlog-upload=false'];
    const signed = await runIn(io, 'sign', ...flags, '-r', '--json', `${REPOSITORY}:multi`);
    expect(JSON.parse(signed.stdout)).toMatchObject({
      signed: [index, ...children].map((each) => ({ digest: each, written: true })),
    });
    const verify = ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', '--json'];
    for (const each of [index, ...children])
      expect((await runIn(io, ...verify, `${REPOSITORY}@${each}`)).exitCode).toBe(0);
    const names = ['--sign-container-identity', 'a.example/x:1', '--sign-container-identity', 'b.example/y'];
    expect((await runIn(io, 'sign', ...flags, ...names, image)).exitCode).toBe(0);
    const { verified } = JSON.parse((await runIn(io, ...verify, image)).stdout) as {
      verified: { payloads: { critical: { identity: object } }[] }[];
    };
    expect(verified[0]?.payloads.map(({ critical }) => critical.identity)).toEqual([
      { 'docker-reference': 'a.example/x:1' },
      { 'docker-reference': 'b.example/y' },
    ]);
  });

  it('goes where COSIGN_REPOSITORY says, in both layouts', async () => {
    io.env['COSIGN_REPOSITORY'] = 'registry.example.com/signatures';
    for (const flags of [['--tlog-upload=false'], ['--tlog-upload=false', '--use-signing-config=false']]) {
      const verify = ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', image];
      expect((await runIn(io, 'sign', '--key', 'cosign.key', ...flags, image)).exitCode).toBe(0);
      expect((await runIn(io, ...verify)).exitCode).toBe(0);
    }
    expect(tags()).toEqual(['latest']);
    expect(registry.repository('signatures').tags.size).toBe(1);
  });

  it('writes nothing but files when it is not to upload', async () => {
    const flags = ['--key', 'cosign.key', '--tlog-upload=false', '--upload=false'];
    const out = ['--output-signature', 'sig', '--output-payload', 'payload'];
    expect((await runIn(io, 'sign', ...flags, ...out, image)).exitCode).toBe(0);
    expect(tags()).toEqual(['latest']);
    expect(textOf(io, 'payload')).toContain(digest);
    expect(textOf(io, 'sig')).toMatch(/^[A-Za-z0-9+/]+=*$/);
    const bundle = ['--new-bundle-format', '--bundle', 'b.json'];
    expect((await runIn(io, 'sign', ...flags, ...bundle, image)).exitCode).toBe(0);
    expect(registry.repository('shop/checkout').manifests.size).toBe(1);
    expect(textOf(io, 'b.json')).toContain('dsseEnvelope');
  });

  it('signs and attests in folders, too', async () => {
    await runIn(io, 'save', '--dir', 'saved', image);
    const key = ['--key', 'cosign.key', '--tlog-upload=false', '--local-image'];
    expect(await runIn(io, 'sign', ...key, 'saved')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--sign-container-identity is needed'),
    });
    expect(
      (await runIn(io, 'sign', ...key, '--sign-container-identity', 'a.example/x', 'saved')).exitCode,
    ).toBe(0);
    const verify = ['--key', 'cosign.pub', '--insecure-ignore-tlog', '--local-image', 'saved'];
    expect((await runIn(io, 'verify', ...verify)).stdout).toContain('a.example/x');
    expect((await runIn(io, 'sign', ...key, '--new-bundle-format', 'saved')).exitCode).toBe(0);
    expect((await runIn(io, 'verify', ...verify)).stdout).toContain('cosign/sign/v1');
    expect(
      (await runIn(io, 'attest', ...key, '--new-bundle-format', '--predicate', 'predicate.json', 'saved'))
        .exitCode,
    ).toBe(0);
    expect((await runIn(io, 'verify-attestation', ...verify)).exitCode).toBe(0);
    expect((await runIn(io, 'verify', ...verify.slice(0, 3), image)).exitCode).toBe(10);
    expect((await runIn(io, 'sign', ...key, '--new-bundle-format', 'nothing')).exitCode).toBe(1);
  });

  it('is looked up in a log where that is wanted', async () => {
    const out = ['--upload=false', '--output-signature', 'sig', '--output-payload', 'payload'];
    const signed = await runIn(io, 'sign', '--key', 'cosign.key', ...TAGS, ...out, image);
    expect(signed.exitCode).toBe(0);
    await runIn(io, 'attach', 'signature', '--payload', 'payload', '--signature', 'sig', image);
    const verify = ['verify', '--key', 'cosign.pub', ...TRUST];
    expect((await runIn(io, ...verify, image)).exitCode).toBe(12);
    const found = await runIn(io, ...verify, '--rekor-url', 'https://rekor.test', image);
    expect(found).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('present in the transparency log'),
    });
    expect(
      (await runIn(io, ...verify, '--rekor-url', 'https://rekor.test', '--offline', image)).exitCode,
    ).toBe(12);
    expect((await runIn(io, ...verify, '--rekor-url', 'https://elsewhere.test', image)).exitCode).toBe(2);
  });

  it('believes no service that is not trusted, and writes nothing then', async () => {
    const other = await createSigstore(() => NOW);
    put(io, 'other.json', other.trustedRoot);
    const flags = ['--identity-token', token(), '--signing-config', 'config1.json'];
    const signed = await runIn(io, 'sign', ...flags, '--trusted-root', 'other.json', image);
    expect(signed.exitCode).not.toBe(0);
    expect(registry.repository('shop/checkout').manifests.size).toBe(1);
  });

  it.each([
    [['--key', 'cosign.key'], 2, '--signing-config and --trusted-root are needed'],
    [['--key', 'cosign.key', '--signing-config', 'config1.json'], 2, '--trusted-root is needed'],
    [['--key', 'cosign.key', '--signing-config', 'none', ...TRUST], 1, 'none: there is no such file'],
    [
      ['--key', 'cosign.key', '--signing-config', 'root.json', ...TRUST],
      1,
      'root.json: expected a signing config',
    ],
    [
      ['--key', 'cosign.key', '--signing-config', 'config1.json', '--tlog-upload=false'],
      2,
      '--use-signing-config=false',
    ],
    [
      ['--signing-config', 'config1.json', '--rekor-url', 'https://rekor.test'],
      2,
      'leave out the --…-url flags',
    ],
    [['--signing-config', 'config1.json', '--use-signing-config=false'], 2, 'not both'],
    [['--key', 'cosign.key', '--identity-token', 'token'], 2, 'not both'],
    [['--certificate', 'x'], 2, '--certificate goes with --key'],
    [['--key', 'cosign.key', '--certificate-chain', 'x'], 2, 'goes with --certificate'],
    [['--rekor-url', 'rekor.test', ...TRUST], 2, 'is no URL'],
    [['--rekor-url', 'https://elsewhere.test', '--key', 'cosign.key', ...TRUST], 1, 'does not list the log'],
    [['--rekor-url', 'https://rekor.test', ...TRUST], 1, '--identity-token'],
    [['--tlog-upload=false', '--identity-token', 'token', ...TRUST], 2, 'needs a log or a timestamp'],
    [['--signing-config', 'config1.json', ...TRUST], 1, 'give --identity-token or --key, or log in'],
    [
      ['--signing-config', 'config1.json', ...TRUST, '--identity-token', 'none'],
      1,
      'none: there is no such file',
    ],
    [['--key', 'ed.key', ...TAGS], 2, 'cannot be logged'],
    [
      ['--new-bundle-format=false', '--key', 'cosign.key', '--signing-config', 'config2.json', ...TRUST],
      2,
      'log of version 2',
    ],
    [
      ['--new-bundle-format', '--key', 'cosign.key', '--tlog-upload=false', '--sign-container-identity', 'x'],
      2,
      'tags of cosign 2',
    ],
    [['--key', 'cosign.key', '--tlog-upload=false', '--bundle', 'x'], 2, '--new-bundle-format'],
    [['--key', 'cosign.key', '--tlog-upload=false', '-r', '--output-payload', 'x'], 2, 'goes with one image'],
    [['--key', 'cosign.key', '--tlog-upload=false', '--k8s-keychain'], 2, '--k8s-keychain is not supported'],
  ])('makes no sense of %j', async (flags, exitCode, words) => {
    const ran = await runIn(io, 'sign', ...flags, image);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
    expect(registry.repository('shop/checkout').manifests.size).toBe(1);
  });
});

describe('attest', () => {
  const check = (...args: string[]) => runIn(io, 'verify-attestation', ...TRUST, ...args, image);

  it.each([
    ['a bundle', ['--signing-config', 'config2.json', ...TRUST]],
    ['a tag', TAGS],
  ])('without a key is verified by identity: %s', async (_where, flags) => {
    const what = ['--type', 'slsaprovenance1', '--predicate', 'predicate.json'];
    const made = await runIn(io, 'attest', '--identity-token', token(), ...flags, ...what, image);
    expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('tlog entry created') });
    expect((await check(...WHO, '--type', 'slsaprovenance1')).exitCode).toBe(0);
    expect((await check(...WHO, '--type', 'https://slsa.dev/provenance/v1')).exitCode).toBe(0);
    expect((await check(...OTHER, '--type', 'slsaprovenance1')).exitCode).toBe(12);
    expect((await check(...WHO, '--type', 'cyclonedx')).exitCode).toBe(12);
  });

  it('signs text and whole statements', async () => {
    const key = ['--key', 'cosign.key', '--tlog-upload=false'];
    put(io, 'sbom.spdx', 'SPDXVersion: SPDX-2.3\n');
    expect(
      (await runIn(io, 'attest', ...key, '--type', 'spdx', '--predicate', 'sbom.spdx', image)).exitCode,
    ).toBe(0);
    const spdx = await runIn(
      io,
      'verify-attestation',
      '--key',
      'cosign.pub',
      '--insecure-ignore-tlog',
      '--type',
      'spdx',
      image,
    );
    expect(spdx.exitCode).toBe(0);
    const { payload } = JSON.parse(spdx.stdout) as { payload: string };
    expect(JSON.parse(atob(payload))).toMatchObject({ predicate: 'SPDXVersion: SPDX-2.3\n' });
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'x', digest: { sha256: digest.slice(7) } }],
      predicateType: 'https://example.com/p',
      predicate: { b: 2 },
    };
    put(io, 'statement.json', JSON.stringify(statement));
    const made = await runIn(
      io,
      'attest',
      ...key,
      '--new-bundle-format',
      '--statement',
      'statement.json',
      image,
    );
    expect(made.exitCode).toBe(0);
    const found = await runIn(
      io,
      'verify-attestation',
      '--key',
      'cosign.pub',
      '--insecure-ignore-tlog',
      '--type',
      'https://example.com/p',
      image,
    );
    expect(found.exitCode).toBe(0);
  });

  it('is held to policies, and to families of types', async () => {
    const type = ['--type', 'https://spdx.dev/Document/v2.3', '--predicate', 'predicate.json'];
    expect(
      (await runIn(io, 'attest', '--key', 'cosign.key', '--tlog-upload=false', ...type, image)).exitCode,
    ).toBe(0);
    const verify = [
      'verify-attestation',
      '--key',
      'cosign.pub',
      '--insecure-ignore-tlog',
      '--type',
      'spdxjson',
    ];
    expect((await runIn(io, ...verify, image)).exitCode).toBe(12);
    expect((await runIn(io, ...verify, '--type-family', image)).exitCode).toBe(0);
    put(io, 'yes.rego', 'package signature\nallow { input.predicate.a == 1 }\n');
    put(io, 'no.rego', 'package signature\nallow { input.predicate.a == 2 }\n');
    expect((await runIn(io, ...verify, '--type-family', '--policy', 'yes.rego', image)).exitCode).toBe(0);
    const refused = await runIn(io, ...verify, '--type-family', '--policy', 'no.rego', image);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('no.rego') });
  });

  it('prints what it does not upload', async () => {
    const flags = [
      '--key',
      'cosign.key',
      '--tlog-upload=false',
      '--no-upload',
      '--predicate',
      'predicate.json',
    ];
    const envelope = await runIn(io, 'attest', ...flags, image);
    expect(JSON.parse(envelope.stdout)).toMatchObject({ payloadType: 'application/vnd.in-toto+json' });
    const bundle = await runIn(io, 'attest', ...flags, '--new-bundle-format', image);
    expect(JSON.parse(bundle.stdout)).toMatchObject({ dsseEnvelope: {} });
    expect(registry.repository('shop/checkout').manifests.size).toBe(1);
  });

  it.each([
    [[], 2, 'give --predicate or --statement'],
    [['--predicate', 'predicate.json', '--statement', 'x'], 2, 'give --predicate or --statement'],
    [['--statement', 'predicate.json'], 1, 'predicate.json: '],
    [['--predicate', 'predicate.json', '--type', 'nonsense'], 1, 'a predicate type is a URI'],
    [['--predicate', 'predicate.json', '--new-bundle-format', '--replace'], 2, 'tags of cosign 2'],
  ])('makes no sense of %j', async (flags, exitCode, words) => {
    const ran = await runIn(io, 'attest', '--key', 'cosign.key', '--tlog-upload=false', ...flags, image);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
  });
});
