import { decodeBase64 } from '@sealwright/bytes';
import { parseCosignPublicKey } from '@sealwright/cosign-sig';
import { parseReference } from '@sealwright/oci';
import { createRegistry, pushTestImage, type Registry } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

interface IndexEntry {
  readonly id: string;
  readonly mode: 'signature' | 'attestation';
  readonly verdict: 'accept' | 'reject' | 'any';
}

interface ImageCase {
  readonly image: string;
  readonly options: {
    readonly key?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly checkClaims?: boolean;
    readonly signatureDigestAlgorithm?: string;
    readonly ignoreTlog?: boolean;
    readonly offline?: boolean;
    readonly rekorPublicKeys?: readonly string[];
    readonly predicateType?: string;
  };
  readonly expect: { readonly verifiedCount?: number; readonly cosignExitCode?: number };
  readonly registry: {
    readonly tags: Readonly<Record<string, string>>;
    readonly manifests: Readonly<Record<string, { readonly mediaType: string; readonly base64: string }>>;
    readonly blobs: Readonly<Record<string, string>>;
    readonly referrersApi: unknown;
  };
}

interface KeyCase {
  readonly file: string;
  readonly password?: string;
  readonly expect: 'ok' | 'error';
  readonly spkiSha256: string;
}

const area = vectorArea('cosign-sig');
const rows = <T>(...path: string[]): T[] => (area.present ? area.json<T[]>(...path) : []);
const index = rows<IndexEntry>('oci', 'index.json').map((entry) => ({
  ...entry,
  sample: area.json<ImageCase>('oci', `${entry.id}.json`),
}));

describe.skipIf(!area.present)('images of the vectors', () => {
  it('are some', () => expect(index.length).toBeGreaterThan(0));

  it.each(index)('$id, which is to $verdict', async ({ mode, verdict, sample }) => {
    expect(['accept', 'reject', 'any']).toContain(verdict);
    const ran = await runIn(worldOf(sample), ...argsOf(mode, sample), '--json');
    if (verdict === 'accept') {
      expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
      const { verified } = JSON.parse(ran.stdout) as { verified: Record<string, unknown[]>[] };
      const found = verified[0]?.[mode === 'signature' ? 'payloads' : 'statements'];
      if (sample.expect.verifiedCount !== undefined) expect(found).toHaveLength(sample.expect.verifiedCount);
    } else if (verdict === 'reject') {
      expect(ran.exitCode).not.toBe(0);
      expect(ran.stdout).toBe('');
    }
    if (ran.exitCode === 0) return;
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: expect.stringMatching(/^ERR_/) } });
    if (sample.expect.cosignExitCode !== undefined) expect(ran.exitCode).toBe(sample.expect.cosignExitCode);
  });

  it.each(index.filter(({ sample }) => sample.options.ignoreTlog !== true))(
    '$id, which wants a transparency log, is never taken without one that is known',
    async ({ mode, sample }) => {
      const io = worldOf(sample);
      io.env['SIGSTORE_REKOR_PUBLIC_KEY'] = undefined;
      expect(await runIn(io, ...argsOf(mode, sample))).toMatchObject({ exitCode: 2, stdout: '' });
    },
  );
});

describe.skipIf(!area.present)('keys of the vectors', () => {
  it.each(rows<KeyCase>('keys', 'cases.json'))('$file signs, or is refused', async (sample) => {
    const registry = createRegistry();
    const { digest } = pushTestImage(registry, 'shop/checkout');
    const io = world(registry);
    io.files.set('key', { bytes: area.bytes(sample.file), mode: 0o600 });
    io.env['COSIGN_PASSWORD'] = sample.password;
    const image = `registry.example.com/shop/checkout@${digest}`;
    const ran = await runIn(io, 'sign', '--key', 'key', '--tlog-upload=false', image);
    expect(ran.exitCode).toBe(sample.expect === 'ok' ? 0 : 1);
    expect(registry.repository('shop/checkout').tags.size).toBe(sample.expect === 'ok' ? 2 : 1);
    if (sample.expect === 'error') expect(ran.stderr).toMatch(/^Error: key: [^\n]+\n$/);
  });

  it.each(rows<KeyCase>('import', 'cases.json'))('$file is imported, or refused', async (sample) => {
    const io = testIo();
    io.files.set('k.pem', { bytes: area.bytes(sample.file), mode: 0o600 });
    const ran = await runIn(io, 'import-key-pair', '--key', 'k.pem');
    expect(ran.exitCode).toBe(sample.expect === 'ok' ? 0 : 1);
    if (sample.expect === 'ok')
      expect(parseCosignPublicKey(textOf(io, 'import-cosign.pub')).fingerprint).toBe(sample.spkiSha256);
    else expect([...io.files.keys()]).toEqual(['k.pem']);
  });
});

function argsOf(mode: IndexEntry['mode'], { image, options }: ImageCase): string[] {
  const {
    annotations = {},
    checkClaims,
    signatureDigestAlgorithm,
    predicateType,
    ignoreTlog,
    key: _file,
    rekorPublicKeys: _variable,
    offline: _always,
    ...unknown
  } = options;
  expect(unknown).toEqual({});
  return [
    mode === 'signature' ? 'verify' : 'verify-attestation',
    '--key',
    'cosign.pub',
    ...Object.entries(annotations).flatMap(([name, value]) => ['-a', `${name}=${value}`]),
    ...(checkClaims === undefined ? [] : [`--check-claims=${checkClaims}`]),
    ...(signatureDigestAlgorithm === undefined
      ? []
      : ['--signature-digest-algorithm', signatureDigestAlgorithm]),
    ...(predicateType === undefined ? [] : ['--type', predicateType]),
    ...(ignoreTlog === true ? ['--insecure-ignore-tlog'] : []),
    image,
  ];
}

/** A world with the registry and the key of a case. */
function worldOf(sample: ImageCase): TestIo {
  const registry = createRegistry({ referrers: (sample.registry.referrersApi ?? undefined) !== undefined });
  const { blobs, manifests, tags } = registry.repository(parseReference(sample.image).repository);
  for (const [tag, digest] of Object.entries(sample.registry.tags)) tags.set(tag, digest);
  for (const [digest, { mediaType, base64 }] of Object.entries(sample.registry.manifests))
    manifests.set(digest, { bytes: decodeBase64(base64), mediaType });
  for (const [digest, base64] of Object.entries(sample.registry.blobs))
    blobs.set(digest, decodeBase64(base64));
  const io = world(registry);
  put(io, 'cosign.pub', sample.options.key ?? '');
  const { rekorPublicKeys = [] } = sample.options;
  if (rekorPublicKeys.length > 0) {
    put(io, 'rekor.pub', rekorPublicKeys.join('\n'));
    io.env['SIGSTORE_REKOR_PUBLIC_KEY'] = 'rekor.pub';
  }
  return io;
}

function world(registry: Registry): TestIo {
  return { ...testIo(), fetch: (request) => registry.fetch(request) };
}
