import { statSync } from 'node:fs';
import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  type ArtifactInput,
  CosignError,
  createBundleVerifier,
  parseBundle,
  parseCosignPublicKey,
  parseTrustedAuthority,
  parseTrustedRoot,
  type VerificationPolicy,
} from '../src/index.js';

interface BundleCase {
  bundle: string;
  artifact: string | null;
  trustedRoot: string;
  keyPem?: string;
  certificateIdentity?: string | null;
  certificateOidcIssuer?: string | null;
  requireTlogEntries?: number;
  addTimestampAuthority?: string;
  verdict: 'accept' | 'reject' | 'any';
  what?: string;
  why?: string;
}

interface ClientCase {
  dir: string;
  verdict: 'accept' | 'reject';
  artifact: string;
  artifactSha256?: string;
  trustedRoot: string;
  key?: string;
  certificateIdentity?: string;
  certificateOidcIssuer?: string;
}

const area = vectorArea('bundle');
const clientCases = area.present
  ? [...area.json<ClientCase[]>('conformance', 'cases.json'), ...unlisted()]
  : [];
const cases = area.present
  ? [
      ...area.json<BundleCase[]>('upstream-cases.json'),
      ...area.json<BundleCase[]>('constructed', 'cases.json'),
    ]
  : [];

describe.skipIf(!area.present)('bundles of the client conformance suite', () => {
  it.each(clientCases)('$dir, the artifact as a file', async (sample) => {
    await expectVerdict(sample.verdict, () => client(sample, { bytes: area.bytes(sample.artifact) }));
  });

  it.each(clientCases)('$dir, the artifact as a digest', async (sample) => {
    const sha256 = sample.artifactSha256 ?? encodeHex(digest('sha256', area.bytes(sample.artifact)));
    await expectVerdict(sample.verdict, () => client(sample, { sha256 }));
  });
});

describe.skipIf(!area.present)('further bundles', () => {
  it.each(cases)('$bundle: $what $why', async (sample) => {
    const policy = policyOf(sample);
    const artifact = sample.artifact === null ? undefined : { bytes: area.bytes(sample.artifact) };
    await expectVerdict(sample.verdict, () =>
      verify(sample.bundle, sample.trustedRoot, artifact, policy, sample),
    );
  });

  it('are verified from digests alone as well', async () => {
    for (const sample of cases) {
      if (sample.artifact === null) continue;
      const bytes = area.bytes(sample.artifact);
      const digests = Object.fromEntries(
        (['sha256', 'sha384', 'sha512'] as const).map((name) => [name, encodeHex(digest(name, bytes))]),
      );
      const run = (): Promise<unknown> =>
        verify(sample.bundle, sample.trustedRoot, digests, policyOf(sample), sample);
      await expectVerdict(sample.verdict, run, sample.bundle);
    }
  });
});

function client(sample: ClientCase, artifact: ArtifactInput): Promise<unknown> {
  const policy: VerificationPolicy =
    sample.key === undefined
      ? {
          identities: [
            { issuer: sample.certificateOidcIssuer ?? '', subject: sample.certificateIdentity ?? '' },
          ],
        }
      : { keys: [parseCosignPublicKey(area.text(sample.key))] };
  return verify(`${sample.dir}/bundle.sigstore.json`, sample.trustedRoot, artifact, policy);
}

/** What a case may say; one that says more is not understood here. */
const MEMBERS = new Set(
  'bundle artifact trustedRoot keyPem certificateIdentity certificateOidcIssuer requireTlogEntries addTimestampAuthority verdict what why source note'.split(
    ' ',
  ),
);

function policyOf(sample: BundleCase): VerificationPolicy {
  expect(Object.keys(sample).filter((name) => !MEMBERS.has(name))).toEqual([]);
  const { keyPem, certificateIdentity: subject, certificateOidcIssuer: issuer } = sample;
  const skip = sample.artifact === null ? { dangerouslySkipArtifact: true } : {};
  if (keyPem !== undefined)
    return { keys: [parseCosignPublicKey(keyPem)], logEntries: sample.requireTlogEntries ?? 0, ...skip };
  if (typeof subject !== 'string' || typeof issuer !== 'string')
    return { dangerouslyAcceptAnyIdentity: true, ...skip };
  return { identities: [{ issuer, subject }], ...skip };
}

async function verify(
  bundle: string,
  trustedRoot: string,
  artifact: ArtifactInput | undefined,
  policy: VerificationPolicy,
  sample?: BundleCase,
): Promise<unknown> {
  const root = parseTrustedRoot(area.bytes(trustedRoot));
  const more =
    sample?.addTimestampAuthority === undefined
      ? []
      : [parseTrustedAuthority(area.bytes(sample.addTimestampAuthority), 'timestamps')];
  const timestampAuthorities = [...root.timestampAuthorities, ...more];
  return createBundleVerifier({ ...root, timestampAuthorities }).verify(
    parseBundle(area.bytes(bundle)),
    artifact,
    policy,
  );
}

async function expectVerdict(
  verdict: BundleCase['verdict'],
  act: () => Promise<unknown>,
  name = '',
): Promise<void> {
  const error: unknown = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined && !(error instanceof CosignError)) throw error;
  expect(['accept', 'reject', 'any']).toContain(verdict);
  if (verdict === 'accept') expect(`${name}${error?.message ?? ''}`).toBe(name);
  if (verdict === 'reject') expect(error).toBeInstanceOf(CosignError);
}

/** Directories that no list names: what their names say is the verdict. */
function unlisted(): ClientCase[] {
  const listed = new Set(area.json<ClientCase[]>('conformance', 'cases.json').map(({ dir }) => dir));
  return area.list('conformance').flatMap((name) => {
    const dir = `conformance/${name}`;
    if (listed.has(dir) || !statSync(area.path('conformance', name)).isDirectory()) return [];
    const files = area.list('conformance', name);
    if (!files.includes('bundle.sigstore.json')) return [];
    const text = (file: string): string | undefined =>
      files.includes(file) ? area.text(dir, file).trim() : undefined;
    return [
      {
        dir,
        verdict: name.endsWith('_fail') ? ('reject' as const) : ('accept' as const),
        artifact: files.includes('artifact') ? `${dir}/artifact` : 'conformance/a.txt',
        trustedRoot: files.includes('trusted_root.json')
          ? `${dir}/trusted_root.json`
          : 'conformance/public-good-trusted_root.json',
        ...(files.includes('key.pub') ? { key: `${dir}/key.pub` } : {}),
        certificateIdentity: text('identity') ?? DEFAULT_IDENTITY,
        certificateOidcIssuer: text('issuer') ?? 'https://token.actions.githubusercontent.com',
      },
    ];
  });
}

const DEFAULT_IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
