import type { Subject } from '@sealwright/in-toto';
import type { ProvenanceView } from '../provenance/view.js';
import { pairing, type Pairing } from './builder-checks.js';
import { sharedFacts } from './certificate-facts.js';
import { allPass, type Check, check } from './check.js';
import type { ProvenancePolicy } from './expectations.js';
import { parameterChecks } from './parameter-checks.js';
import { GITHUB_ISSUER, type SignerIdentity } from './signer.js';
import { type SourceClaim, sourceClaims } from './source.js';
import { sourceChecks } from './source-checks.js';
import { subjectChecks } from './subject-checks.js';
import { tektonChecks } from './tekton-checks.js';
import type { BuildLevel } from './trust-rule.js';
import type { VerifiedProvenance } from './verified.js';

/** Whether provenance is good enough, and why. */
export interface ProvenanceVerdict {
  /** Whether no check failed. */
  readonly ok: boolean;
  /** The level of the artifact: what the pair of signer and builder is trusted with; 0 when this is about another artifact. */
  readonly level: BuildLevel;
  /** The subjects that are the artifact. */
  readonly matchedSubjects: readonly Subject[];
  /** The signer that the verdict is about: the one with the best. */
  readonly signer: SignerIdentity | undefined;
  /** What the provenance says. */
  readonly view: ProvenanceView;
  /** Every check, passed or not, in the order of the procedure. */
  readonly checks: readonly Check[];
}

/**
 * Decide whether provenance is good enough: is it about the artifact, is the pair of signer and builder trusted, and does it say
 * what is expected? Every check is in the verdict.
 *
 * @param provenance - from {@link provenanceOf}: what was not verified does not type-check
 * @param policy - whom to trust, and what to expect
 * @example
 * ```ts
 * const verdict = appraiseProvenance(provenanceOf(payload), {
 *   trust: tekton({ signer: { keys: [identity] }, builderId: 'https://example.com/builder' }),
 *   expect: { digest: `sha256:${'ab'.repeat(32)}`, minLevel: 2 },
 * });
 * console.log(verdict.ok, verdict.level); // true 2
 * ```
 */
export function appraiseProvenance(
  provenance: VerifiedProvenance,
  policy: ProvenancePolicy,
): ProvenanceVerdict {
  const { view, signers } = provenance;
  const verdicts = signers.map((signer) => appraiseSigner(provenance, signer, policy));
  const nobody: Pairing = {
    level: 1,
    checks: [check('SLSA_UNTRUSTED_BUILDER', false, { message: 'nobody signed' })],
  };
  return (
    bestOf(verdicts) ??
    verdictOf(provenance, undefined, nobody, policy, sourceChecks(sourceClaims(view), policy.expect))
  );
}

/**
 * The best of several verdicts about one artifact: one that holds before one that does not, then the higher level.
 *
 * @param verdicts - of different provenance, or of different signers
 */
export function bestOf(verdicts: readonly ProvenanceVerdict[]): ProvenanceVerdict | undefined {
  return verdicts.reduce<ProvenanceVerdict | undefined>((best, each) => {
    if (best === undefined || (each.ok && !best.ok)) return each;
    return each.ok === best.ok && each.level > best.level ? each : best;
  }, undefined);
}

function appraiseSigner(
  provenance: VerifiedProvenance,
  signer: SignerIdentity,
  policy: ProvenancePolicy,
): ProvenanceVerdict {
  const { view } = provenance;
  const pair = pairing(signer, view.builderId, view.pointers.builderId, policy);
  const source = sourceChecks(sourceClaims(view), policy.expect);
  return verdictOf(provenance, signer, pair, policy, source);
}

function verdictOf(
  { statement, view }: VerifiedProvenance,
  signer: SignerIdentity | undefined,
  pair: Pairing,
  { expect }: ProvenancePolicy,
  source: ReturnType<typeof sourceChecks>,
): ProvenanceVerdict {
  const digests = typeof expect.digest === 'string' ? [expect.digest] : expect.digest;
  const subjects = subjectChecks(statement, digests, { missing: 'SLSA_SUBJECT', bad: 'SLSA_SUBJECT' });
  const level: BuildLevel = allPass(subjects.checks) ? pair.level : 0;
  const checks = [
    check('SLSA_PREDICATE_TYPE', true, { actual: statement.predicateType, pointer: '/predicateType' }),
    ...subjects.checks,
    ...pair.checks,
    ...certificateChecks(view, signer, source.claim),
    buildTypeCheck(view, expect.buildType),
    ...source.checks,
    ...parameterChecks(view, expect.externalParameters),
    ...tektonChecks(view, expect.tekton),
    levelCheck(level, expect.minLevel),
  ];
  return { ok: allPass(checks), level, matchedSubjects: subjects.matched, signer, view, checks };
}

/** What certificate and predicate both say must be the same; what only one of them says is no contradiction. */
function certificateChecks(
  view: ProvenanceView,
  signer: SignerIdentity | undefined,
  source: SourceClaim | undefined,
): readonly Check[] {
  if (signer?.kind !== 'certificate' || signer.issuer !== GITHUB_ISSUER) return [];
  return sharedFacts(view, source, signer.claims).map(({ claim, certified, stated, pointer }) => {
    const message = `the certificate says otherwise: ${claim}`;
    const passed = certified === undefined ? undefined : certified === stated;
    return check('SLSA_CERT_CLAIM', passed, { expected: certified, actual: stated, pointer, message });
  });
}

function buildTypeCheck({ buildType, pointers }: ProvenanceView, expected: string | undefined): Check {
  const details = {
    expected,
    actual: buildType,
    pointer: pointers.buildType,
    message: 'another build type was expected',
  };
  return check('SLSA_BUILD_TYPE', expected === undefined ? undefined : buildType === expected, details);
}

function levelCheck(level: BuildLevel, least: BuildLevel | undefined): Check {
  const details = { expected: least, actual: level, message: 'the level is too low' };
  return check('SLSA_LEVEL', least === undefined ? undefined : level >= least, details);
}
