import { importPublicKey } from '@sealwright/crypto';
import { digestBytes } from '@sealwright/in-toto/digests';
import {
  InTotoError,
  parseStatement,
  type VerifiedPayload,
  verifierFromKey,
  verifyEnvelope,
} from '@sealwright/in-toto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  appraiseNpm,
  NPM_PUBLISH_V01,
  npmPurl,
  provenanceOf,
  SlsaError,
  type VerifiedProvenance,
} from '../src/index.js';
import { npm } from '../src/trust/index.js';
import { type Attestation, readAttestations } from './attestation-files.ts';
import { readCertificate } from './certificates.ts';

const area = vectorArea('slsa/npm');
const slsa = vectorArea('slsa');

interface Described {
  readonly declaredPredicateType?: string;
  readonly verifyWith: string;
  readonly signatureValid: boolean;
  readonly statementType?: string;
  readonly predicateType?: string;
  readonly payloadIsJson?: boolean;
  readonly subject?: readonly { name: string; digest: Readonly<Record<string, string>> }[] | null;
  readonly subjectIsSha512Of?: string;
}

interface File {
  readonly file: string;
  readonly attestations: readonly Described[];
  readonly expect: { readonly ok: boolean; readonly error?: string };
}

const files = area.present ? area.json<{ files: File[] }>('expected.json').files : [];

/** Verify by the key of the registry, or by the key in the certificate; that the certificate is good is taken as a fact. */
async function verify(
  { text }: Attestation,
  described: Described,
  pem: string | undefined,
): Promise<VerifiedPayload> {
  const key = described.verifyWith.endsWith('.pem')
    ? importPublicKey(area.text(described.verifyWith))
    : readCertificate(pem ?? '').key;
  return verifyEnvelope(text, { verifiers: [verifierFromKey(key)], mode: 'tolerant' });
}

async function codeOf(run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof SlsaError || error instanceof InTotoError) return error.code;
    throw error;
  }
}

describe.skipIf(!area.present)('packages of npm', () => {
  it('has a case for every file', () => {
    const found = area.list().filter((name) => name.endsWith('.json') && name !== 'expected.json');
    expect(files.map(({ file }) => file).sort()).toEqual(found);
  });

  it.each(files)('$file', async ({ file, attestations, expect: expected }) => {
    const read = readAttestations(area.bytes(file));
    expect(read.length).toBe(attestations.length);
    const codes: (string | undefined)[] = [];
    let [publish, provenance]: [VerifiedPayload?, VerifiedProvenance?] = [];
    for (const [index, described] of attestations.entries()) {
      const attestation = read[index] ?? expect.unreachable();
      const { certificate } = attestation;
      expect(attestation.declaredPredicateType).toBe(described.declaredPredicateType);
      const signed = await codeOf(() => verify(attestation, described, certificate));
      expect(signed).toBe(described.signatureValid ? undefined : 'DSSE_NO_VALID_SIGNATURE');
      codes.push(signed, await codeOf(async () => parseStatement(attestation.envelope.payload)));
      if (described.subject !== null && described.predicateType !== undefined && codes.at(-1) === undefined) {
        const statement = parseStatement(attestation.envelope.payload);
        expect(`https://in-toto.io/Statement/${statement.version}`).toBe(described.statementType);
        expect(statement.predicateType).toBe(described.predicateType);
        expect(statement.subject).toEqual(described.subject);
        if (statement.predicateType !== (described.declaredPredicateType ?? statement.predicateType))
          codes.push('SLSA_PREDICATE_TYPE');
      }
      if (codes.some((code) => code !== undefined)) continue;
      const payload = await verify(attestation, described, certificate);
      if (described.predicateType === NPM_PUBLISH_V01) publish = payload;
      else if (certificate !== undefined)
        provenance = provenanceOf(payload, { signers: [readCertificate(certificate).identity] });
    }
    if (provenance !== undefined) {
      const [, name = '', version = ''] =
        /^pkg:npm\/(.+)@([^@]+)$/.exec(provenance.statement.subject[0]?.name ?? '') ?? [];
      const decoded = decodeURIComponent(name);
      expect(npmPurl(decoded, version)).toBe(provenance.statement.subject[0]?.name);
      const artifact = attestations.find(
        ({ subjectIsSha512Of }) => subjectIsSha512Of !== undefined,
      )?.subjectIsSha512Of;
      const digest =
        artifact === undefined
          ? (provenance.statement.subject[0]?.digest['sha512'] ?? '')
          : digestBytes(slsa.bytes(...artifact.split('/')), ['sha512']).sha512;
      const [signer] = provenance.signers;
      const repository = signer?.kind === 'certificate' ? (signer.claims.sourceRepository ?? '') : '';
      const [accepted] = publish?.accepted ?? [];
      const policy = {
        name: decoded,
        version,
        digest: `sha512:${digest}`,
        trust: npm({ repository }),
        ...(accepted === undefined ? {} : { registry: { keys: [accepted.identity] } }),
      };
      const verdict = appraiseNpm({ provenance, ...(publish === undefined ? {} : { publish }) }, policy);
      const failed = verdict.checks.filter(({ status }) => status === 'fail');
      // for signers with a mail address, and for builders before npm 9.6, no list has a rule: what is said of the package counts
      const rules = npm({ repository, allowSelfHosted: true });
      const known = rules.some(
        ({ builder }) => typeof builder === 'object' && builder.id === provenance?.view.builderId,
      );
      const all = failed.map(({ code }) => code);
      codes.push(...(known ? all : all.filter((code) => /^SLSA_(?:PACKAGE|SUBJECT|PREDICATE)/.test(code))));
    }
    const found = codes.filter((code) => code !== undefined);
    if (expected.error === undefined) expect(found).toEqual([]);
    else expect(found).toContain(expected.error);
    expect(found.length === 0).toBe(expected.ok);
  });
});
