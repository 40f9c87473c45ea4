import type { Statement, VerifiedPayload } from '@sealwright/in-toto';
import { appraiseProvenance, type ProvenanceVerdict } from '../verify/appraise.js';
import { allPass, type Check, check } from '../verify/check.js';
import type { ProvenanceExpectations, ProvenancePolicy } from '../verify/expectations.js';
import { keyIdentities } from '../verify/signer.js';
import { unconfirmedChecks } from './unconfirmed.js';
import { subjectChecks } from '../verify/subject-checks.js';
import { matchSigner, type SignerPattern } from '../verify/trust-rule.js';
import { statementFrom, type VerifiedProvenance } from '../verify/verified.js';
import { npmPurl } from './purl.js';

/** Predicate type of what the registry of npm says about a package that it published. */
export const NPM_PUBLISH_V01 = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';

/** Whom to trust for a package of npm, and what to expect. */
export interface NpmPolicy {
  /** Who may speak for the runners: `npm` of `@sealwright/slsa/trust`. */
  readonly trust: ProvenancePolicy['trust'];
  /** The key of the registry, by its identity; without it the attestation of the registry is not asked for. */
  readonly registry?: SignerPattern;
  /** The name of the package. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Of its tarball: `sha512:` and hexadecimal. */
  readonly digest: string;
  /** What else its provenance must say. */
  readonly expect?: Omit<ProvenanceExpectations, 'digest'>;
}

/** The attestations of a package. */
export interface NpmAttestations {
  /** Of the registry: from `verifyEnvelope`, by the key of the registry. */
  readonly publish?: VerifiedPayload;
  /** Of the workflow that published it. */
  readonly provenance: VerifiedProvenance;
}

/** Whether a package of npm is good enough, and why. */
export interface NpmVerdict {
  /** Whether no check failed. */
  readonly ok: boolean;
  /** The verdict about its provenance alone. */
  readonly provenance: ProvenanceVerdict;
  /** Every check, passed or not, those of the provenance too. */
  readonly checks: readonly Check[];
}

/**
 * Decide whether a package of npm is good enough: both attestations are about it, and the workflow says nothing that its
 * certificate does not confirm.
 *
 * @param attestations - verified
 * @param policy - whom to trust, and what to expect
 * @throws {@link SlsaError} where the attestation of the registry is no statement
 */
export function appraiseNpm(attestations: NpmAttestations, policy: NpmPolicy): NpmVerdict {
  const { provenance, publish } = attestations;
  const expect: ProvenanceExpectations = { ...policy.expect, digest: policy.digest };
  const verdict = appraiseProvenance(provenance, { trust: policy.trust, expect });
  const checks = [
    ...packageChecks(provenance.statement, policy),
    ...verdict.checks,
    ...(isDelegator(verdict, policy) ? [] : unconfirmedChecks(provenance.view, verdict.signer)),
    ...publishChecks(publish, policy),
  ];
  return { ok: allPass(checks), provenance: verdict, checks };
}

/** A delegator is trusted to say what the certificate of a workflow would have to confirm. */
function isDelegator({ signer }: ProvenanceVerdict, { trust }: NpmPolicy): boolean {
  return trust.some(
    ({ builder, signer: pattern }) =>
      builder === 'delegated' && signer !== undefined && matchSigner(signer, pattern),
  );
}

/** One subject, which is the package. */
function packageChecks({ subject }: Statement, { name, version }: NpmPolicy): readonly Check[] {
  const actual = subject[0]?.name;
  const [wanted, pointer] = [npmPurl(name, version), '/subject/0/name'];
  const sameName = actual?.slice(0, actual.lastIndexOf('@')) === wanted.slice(0, wanted.lastIndexOf('@'));
  const details = { expected: wanted, actual, pointer };
  return [
    check('SLSA_PACKAGE_SUBJECT_COUNT', subject.length === 1, {
      expected: 1,
      actual: subject.length,
      pointer: '/subject',
      message: 'provenance of a package is about one package',
    }),
    check('SLSA_PACKAGE_NAME', sameName, { ...details, message: 'another package was expected' }),
    check('SLSA_PACKAGE_VERSION', sameName ? actual === wanted : undefined, {
      ...details,
      message: 'another version was expected',
    }),
  ];
}

/** What the registry says. */
function publishChecks(publish: VerifiedPayload | undefined, policy: NpmPolicy): readonly Check[] {
  const { registry, name, version, digest } = policy;
  if (registry === undefined) return [];
  const message = 'the registry does not attest that it published this';
  if (publish === undefined) return [check('SLSA_UNTRUSTED_BUILDER', false, { message })];
  const statement = statementFrom(publish);
  const { predicate, predicateType } = statement;
  const signed = keyIdentities(publish).some((key) => matchSigner(key, registry));
  return [
    check('SLSA_UNTRUSTED_BUILDER', signed, { message: 'the registry did not sign its attestation' }),
    check('SLSA_PREDICATE_TYPE', predicateType === NPM_PUBLISH_V01, {
      expected: NPM_PUBLISH_V01,
      actual: predicateType,
      pointer: '/predicateType',
      message: 'not an attestation of the registry',
    }),
    ...packageChecks(statement, policy),
    ...subjectChecks(statement, [digest], { missing: 'SLSA_SUBJECT', bad: 'SLSA_SUBJECT' }).checks,
    check('SLSA_PACKAGE_NAME', predicate['name'] === name, {
      expected: name,
      actual: predicate['name'],
      pointer: '/predicate/name',
      message: 'another package was expected',
    }),
    check('SLSA_PACKAGE_VERSION', predicate['version'] === version, {
      expected: version,
      actual: predicate['version'],
      pointer: '/predicate/version',
      message: 'another version was expected',
    }),
  ];
}
