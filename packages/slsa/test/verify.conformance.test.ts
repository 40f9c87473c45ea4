import { verifierFromKey, verifyEnvelope } from '@sealwright/in-toto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  appraiseProvenance,
  buildLevel,
  type BuildLevel,
  type Check,
  parseProvenance,
  type ProvenanceExpectations,
  provenanceOf,
  SlsaError,
  type SignerIdentity,
  type TrustRule,
  type VerifiedProvenance,
} from '../src/index.js';
import { githubGenerators } from '../src/trust/index.js';
import { parseStatement, createStatement } from '@sealwright/in-toto';
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
      const { provenance, trust } = await read(file);
      const verdict = appraiseProvenance(provenance, { trust, expect: expectations });
      const failed = verdict.checks.filter(({ status }) => status === 'fail');
      if (expected.error === undefined) expect(failed).toEqual([]);
      else expect(failed.map(({ code }) => code)).toContain(expected.error);
      expect(verdict.ok).toBe(expected.ok);
      if (expected.pointer !== undefined)
        expect(failed).toContainEqual(
          expect.objectContaining({ code: expected.error, pointer: expected.pointer }),
        );
      if (expected.level !== undefined) expect(verdict.level).toBe(expected.level);
      expect(everyKind(verdict.checks)).toBe(true);
    },
  );
});

/** A failed check says why. */
function everyKind(checks: readonly Check[]): boolean {
  return checks.every(({ status, message }) => status !== 'fail' || (message ?? '') !== '');
}

/**
 * The signature is verified by the key in the certificate; that the certificate is good is taken as a fact of the vectors.
 * Statements without any signature are signed here, by a key that is trusted for the builder they name.
 */
async function read(file: string): Promise<{ provenance: VerifiedProvenance; trust: readonly TrustRule[] }> {
  const bytes = area.bytes(...file.split('/'));
  if (file.endsWith('.statement.json')) {
    const provenance = provenanceOf(await signedBy('tekton', bytes));
    const id = provenance.view.builderId;
    return {
      provenance,
      trust: [{ signer: { keys: [await identityOf('tekton')] }, builder: { id }, maxLevel: 2 }],
    };
  }
  const [attestation] = readAttestations(bytes);
  const { key, identity } = readCertificate(attestation?.certificate ?? '');
  const verified = await verifyEnvelope(attestation?.text ?? '', { verifiers: [verifierFromKey(key)] });
  return { provenance: provenanceOf(verified, { signers: [identity] }), trust: githubGenerators() };
}

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
