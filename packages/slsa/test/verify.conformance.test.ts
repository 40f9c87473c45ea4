import {
  createStatement,
  InTotoError,
  parseStatement,
  verifierFromKey,
  verifyEnvelope,
} from '@sealwright/in-toto';
import { isJsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  appraiseProvenance,
  buildLevel,
  type BuildLevel,
  normalizeSource,
  parseProvenance,
  type ProvenanceExpectations,
  provenanceOf,
  SlsaError,
  type SignerIdentity,
  type TrustRule,
  type VerifiedProvenance,
} from '../src/index.js';
import { githubGenerators, npm } from '../src/trust/index.js';
import { readAttestations } from './attestation-files.ts';
import { readCertificate } from './certificates.ts';
import { identityOf, signedBy } from './signed.ts';

const area = vectorArea('slsa');

interface CertificateFacts {
  readonly file: string;
  readonly san: string;
  readonly fulcioExtensions: Readonly<Record<string, string>>;
}

describe.skipIf(!area.present)('certificates of the vectors', () => {
  it.each(area.present ? area.json<CertificateFacts[]>('bundles', 'certificates.json') : [])(
    '$file',
    (facts) => {
      const attestations = readAttestations(area.bytes(...facts.file.split('/')));
      const pem = attestations.find(({ certificate }) => certificate !== undefined)?.certificate ?? '';
      const { san, extensions } = readCertificate(pem);
      expect(san).toBe(facts.san);
      expect(extensions).toMatchObject(facts.fulcioExtensions);
    },
  );
});

interface VerifyCase {
  readonly name: string;
  readonly file: string;
  readonly expectations: ProvenanceExpectations;
  readonly expect: {
    readonly ok: boolean;
    readonly error?: string;
    readonly pointer?: string;
    readonly level?: number;
  };
}

describe.skipIf(!area.present)('provenance against expectations', () => {
  it.each(area.present ? area.json<{ cases: VerifyCase[] }>('verify-cases.json').cases : [])(
    '$name',
    async ({ file, expectations, expect: expected }) => {
      const { failed, ok, level } = await outcome(file, expectations);
      if (expected.error === undefined) expect(failed).toEqual([]);
      else expect(failed.map(({ code }) => code)).toContain(expected.error);
      expect(ok).toBe(expected.ok);
      if (expected.pointer !== undefined)
        expect(failed).toContainEqual(
          expect.objectContaining({ code: expected.error, pointer: expected.pointer }),
        );
      if (expected.level !== undefined) expect(level).toBe(expected.level);
    },
  );
});

/** A package of npm is signed by a workflow of the repository that it is expected from: the exception of the specification. */
function packagesOf(source: string | undefined): readonly TrustRule[] {
  return source === undefined ? [] : npm({ repository: normalizeSource(source).slice('git+'.length) });
}

interface Outcome {
  readonly failed: readonly { readonly code: string; readonly pointer?: string | undefined }[];
  readonly ok: boolean;
  readonly level: number;
}

async function outcome(file: string, expectations: ProvenanceExpectations): Promise<Outcome> {
  try {
    const { provenance, trust } = await read(file);
    const policy = { trust: [...trust, ...packagesOf(expectations.source)], expect: expectations };
    const { checks, ok, level } = appraiseProvenance(provenance, policy);
    const failed = checks.filter(({ status }) => status === 'fail');
    expect(failed.every(({ message = '' }) => message !== '')).toBe(true);
    return { failed, ok, level };
  } catch (error) {
    if (!(error instanceof SlsaError) && !(error instanceof InTotoError)) throw error;
    return { failed: [error], ok: false, level: 0 };
  }
}

/**
 * The signature is verified by the key in the certificate; that the certificate is good is taken as a fact of the vectors.
 * What has no certificate is signed here, by a key that is trusted for the builder it names.
 */
async function read(file: string): Promise<{ provenance: VerifiedProvenance; trust: readonly TrustRule[] }> {
  const bytes = area.bytes(...file.split('/'));
  const attestation = file.endsWith('.statement.json')
    ? undefined
    : readAttestations(bytes).find(
        ({ certificate }, index, all) => certificate !== undefined || index === all.length - 1,
      );
  if (attestation?.certificate === undefined) {
    const provenance = provenanceOf(await signedBy('tekton', attestation?.envelope.payload ?? bytes));
    const id = provenance.view.builderId;
    return {
      provenance,
      trust: [{ signer: { keys: [await identityOf('tekton')] }, builder: { id }, maxLevel: 2 }],
    };
  }
  const { key, identity } = readCertificate(attestation.certificate);
  const verified = await verifyEnvelope(attestation.text, {
    verifiers: [verifierFromKey(key)],
    mode: 'tolerant',
  });
  return { provenance: provenanceOf(verified, { signers: [identity] }), trust: githubGenerators() };
}

/**
 * Where this package is stricter than slsa-verifier, on its own files. For a build of a tag slsa-verifier takes the branch out of
 * the event that started the build (`base_ref`), which is whatever branch the tag was pushed from and says nothing of the commit:
 * here a branch is expected of a build of that branch, and a build of a tag has none.
 */
describe.skipIf(!area.present)('stricter than slsa-verifier', () => {
  const files = area.list('bundles').filter((name) => !/^(?:facts|certificates)\.json$/.test(name));

  it.each(files)('%s has no branch where it was built of a tag', async (name) => {
    const { provenance, trust } = (await readOrNone(`bundles/${name}`)) ?? {};
    const event = Object.entries(provenance?.view.internal ?? {}).find(([key]) =>
      /^github_event_payload$/i.test(key),
    )?.[1];
    const base = isJsonObject(event) ? event['base_ref'] : undefined;
    if (provenance === undefined || trust === undefined || typeof base !== 'string') return;
    const { algorithm, value } = firstDigest(provenance);
    const branch = base.replace('refs/heads/', '');
    const expectations = { digest: `${algorithm}:${value}`, branch, builderId: provenance.view.builderId };
    const verdict = appraiseProvenance(provenance, { trust, expect: expectations });
    const failed = verdict.checks.filter(({ status }) => status === 'fail').map(({ code }) => code);
    expect(failed).toEqual(['SLSA_BAD_REF']);
  });

  it.each(files)(
    '%s says nothing that its own certificate contradicts, if its builder signed it',
    async (name) => {
      const { provenance, trust = [] } = (await readOrNone(`bundles/${name}`)) ?? {};
      const [signer] = provenance?.signers ?? [];
      if (provenance === undefined || signer?.kind !== 'certificate') return;
      const { algorithm, value } = firstDigest(provenance);
      const { checks } = appraiseProvenance(provenance, {
        trust,
        expect: { digest: `${algorithm}:${value}` },
      });
      const facts = checks.filter(({ code }) => code === 'SLSA_CERT_CLAIM');
      expect(facts.length).toBeGreaterThan(0);
      const contradicted = facts.some(({ status }) => status === 'fail');
      if (signer.san === provenance.view.builderId) expect(contradicted).toBe(false);
    },
  );
});

/** Files without a certificate, such as the oldest, cannot be verified by themselves, and drafts are no provenance. */
async function readOrNone(file: string): Promise<Awaited<ReturnType<typeof read>> | undefined> {
  try {
    return await read(file);
  } catch {
    return undefined;
  }
}

function firstDigest({ statement }: VerifiedProvenance): { algorithm: string; value: string } {
  const [[algorithm, value] = ['', '']] = Object.entries(statement.subject[0]?.digest ?? {});
  return { algorithm, value };
}

/** Tekton's own: two statements without an envelope, and one envelope whose key was never published. */
describe.skipIf(!area.present)('provenance of Tekton', () => {
  it.each(area.list('tekton'))('%s reads', (name) => {
    const bytes = area.bytes('tekton', name);
    const payload = name.endsWith('.envelope.json') ? readAttestations(bytes)[0]?.envelope.payload : bytes;
    const statement = parseStatement(payload ?? expect.unreachable());
    const view = parseProvenance(statement);
    expect(view.builderId).not.toBe('');
    const odd = view.warnings.filter(({ code }) => code === 'INTOTO_BAD_URI').map(({ pointer }) => pointer);
    expect(odd.includes('/predicate/buildType')).toBe(view.buildType?.startsWith('tekton.dev/'));
  });
});

/** The DSSE signature alone, by the key in the certificate; bundles as wholes are verified where their logs and roots are. */
describe.skipIf(!area.present)('signatures of the bundles', () => {
  it.each(
    area.present
      ? area
          .json<{ file: string }[]>('bundles', 'certificates.json')
          .filter(({ file }) => file.startsWith('bundles/'))
      : [],
  )('$file is signed by its certificate', async ({ file }) => {
    const [attestation] = readAttestations(area.bytes(...file.split('/')));
    const { key } = readCertificate(attestation?.certificate ?? '');
    const options = { verifiers: [verifierFromKey(key)], mode: 'tolerant' } as const;
    const { payload } = await verifyEnvelope(attestation?.text ?? '', options);
    expect(payload).toEqual(attestation?.envelope.payload);
  });
});

interface LevelCase {
  readonly provenance: string;
  readonly level: number;
}

describe.skipIf(!area.present)('the rule of levels', () => {
  const cases = area.present ? area.json<{ cases: LevelCase[] }>('levels.json').cases : [];

  it.each(cases)('$provenance: $level', ({ provenance, level }) => expect(levelOf(provenance)).toBe(level));
});

/** The cases are sentences: what they say about signer, builder and form of the provenance is read out of them. */
function levelOf(sentence: string): BuildLevel {
  const says = (pattern: RegExp): boolean => pattern.test(sentence);
  const builder = 'https://example.com/builder';
  const mapped = /mapped to (\d)/.exec(sentence)?.[1] ?? '3';
  const other = says(/another builder/) || says(/builder\.id not in/) ? 'https://example.com/other' : builder;
  const key = says(/key not in/) ? 'stranger' : 'right';
  const signers: readonly SignerIdentity[] = says(/unsigned/) ? [] : [{ kind: 'key', identity: key }];
  const maxLevel = ([0, 1, 2, 3] as const).find((each) => String(each) === mapped) ?? 0;
  const trust: readonly TrustRule[] = [{ signer: { keys: ['right'] }, builder: { id: other }, maxLevel }];
  return buildLevel(builderOf(sentence, builder), signers, trust);
}

function builderOf(sentence: string, id: string): string | undefined {
  if (sentence === 'none') return undefined;
  const lacking = /lacks (\w+)/.exec(sentence)?.[1];
  const v1 = {
    buildDefinition: { buildType: 'https://example.com/t', externalParameters: {} },
    runDetails: { builder: { id } },
  };
  const predicate = JSON.parse(JSON.stringify(v1), (name: string, value: unknown) =>
    name === lacking ? undefined : value,
  ) as object;
  const old = sentence.includes('v0.2');
  const statement = createStatement({
    subject: [{ digest: { sha256: 'ab'.repeat(32) } }],
    predicateType: `https://slsa.dev/provenance/${old ? 'v0.2' : 'v1'}`,
    predicate: old ? { builder: { id }, buildType: 'https://example.com/t' } : predicate,
  });
  try {
    return parseProvenance(parseStatement(statement.bytes)).builderId;
  } catch (error) {
    if (error instanceof SlsaError) return undefined;
    throw error;
  }
}
