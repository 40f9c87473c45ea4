import { matchDigests, type Subject } from '@sealwright/in-toto';
import { parseLevel, satisfies } from '../levels.js';
import { allPass, type Check, check } from '../verify/check.js';
import { subjectChecks } from '../verify/subject-checks.js';
import { matchSigner, type SignerPattern } from '../verify/trust-rule.js';
import type { Summary, VerifiedSummary } from './summary.js';

/** A pair of signer and verifier: only together are they believed. Plain data. */
export interface VerifierRule {
  /** Who signs. */
  readonly signer: SignerPattern;
  /** The `verifier.id` that it stands for. */
  readonly id: string;
}

/** Whom to trust, and what to expect. */
export interface SummaryPolicy {
  /** Verifiers. */
  readonly trust: readonly VerifierRule[];
  /** What the summary must say. */
  readonly expect: SummaryExpectations;
  /** The time, for `maxAgeSeconds`. */
  readonly now?: Date;
}

/** What a summary must say. */
export interface SummaryExpectations {
  /** Digests of the artifact, each `algorithm:value`: every one must be there. At least one. */
  readonly subjectDigests: readonly string[];
  /** Who verified. */
  readonly verifierId: string;
  /** Where the artifact is fetched from; exact. */
  readonly resourceUri: string;
  /** Results that must be there, as {@link satisfies} has it; empty leaves the decision to the verifier. */
  readonly verifiedLevels: readonly string[];
  /** The policy it was verified by. */
  readonly policyUri?: string;
  /** Digests of that policy, of which one must be there. */
  readonly policyDigest?: Readonly<Record<string, string>>;
  /** How old it may be. */
  readonly maxAgeSeconds?: number;
  /** Full refs that must have pointed to the revision, for summaries about source. */
  readonly sourceRefs?: readonly string[];
}

/** Whether a summary is good enough, and why. */
export interface SummaryVerdict {
  /** Whether no check failed. */
  readonly ok: boolean;
  /** The results it gives; empty when it does not hold. */
  readonly levels: readonly string[];
  /** The subjects that are the artifact. */
  readonly matchedSubjects: readonly Subject[];
  /** Every check, passed or not. */
  readonly checks: readonly Check[];
}

/**
 * Decide whether a verification summary is good enough.
 *
 * @param summary - from {@link summaryOf}: what was not verified does not type-check
 * @param policy - whom to trust, and what to expect
 * @example
 * ```ts
 * const verdict = appraiseSummary(summaryOf(summary), {
 *   trust: [{ signer: { keys: [identity] }, id: 'https://example.com/verifier' }],
 *   expect: {
 *     subjectDigests: [`sha256:${'ab'.repeat(32)}`],
 *     verifierId: 'https://example.com/verifier',
 *     resourceUri: 'https://example.com/app.tgz',
 *     verifiedLevels: ['SLSA_BUILD_LEVEL_1'],
 *   },
 * });
 * console.log(verdict.ok, verdict.levels[0]); // true SLSA_BUILD_LEVEL_2
 * ```
 */
export function appraiseSummary(summary: VerifiedSummary, policy: SummaryPolicy): SummaryVerdict {
  const { statement } = summary;
  const { predicate } = statement;
  const { expect } = policy;
  const subjects = subjectChecks(statement, expect.subjectDigests, {
    missing: 'VSA_SUBJECT',
    bad: 'VSA_BAD_EXPECTATION',
  });
  const checks = [
    check('VSA_PREDICATE_TYPE', true, { actual: statement.predicateType, pointer: '/predicateType' }),
    ...subjects.checks,
    ...verifierChecks(summary, policy),
    exact('VSA_RESOURCE', predicate.resourceUri, expect.resourceUri, '/predicate/resourceUri'),
    ...resultChecks(statement),
    ...levelChecks(predicate.verifiedLevels, expect.verifiedLevels),
    ...policyChecks(statement, expect),
    ageCheck(predicate.timeVerified, expect.maxAgeSeconds, policy.now),
    ...refChecks(statement, subjects.matched, expect.sourceRefs),
  ];
  const ok = allPass(checks);
  return { ok, levels: ok ? predicate.verifiedLevels : [], matchedSubjects: subjects.matched, checks };
}

function exact(
  code: 'VSA_RESOURCE' | 'VSA_VERIFIER' | 'VSA_POLICY',
  actual: string,
  expected: string,
  pointer: string,
): Check {
  const details = { expected, actual, pointer, message: 'it is not the one that was expected' };
  return check(code, actual === expected, details);
}

function verifierChecks(
  { statement, signers }: VerifiedSummary,
  { trust, expect }: SummaryPolicy,
): readonly Check[] {
  const { id } = statement.predicate.verifier;
  const pointer = '/predicate/verifier/id';
  const trusted = trust.some(
    (rule) => rule.id === id && signers.some((signer) => matchSigner(signer, rule.signer)),
  );
  return [
    check('VSA_VERIFIER', trusted, {
      actual: id,
      pointer,
      message: 'the signer does not stand for this verifier',
    }),
    exact('VSA_VERIFIER', id, expect.verifierId, pointer),
  ];
}

/** A result that passed and a level that failed contradict each other. */
function resultChecks({ predicate }: Summary): readonly Check[] {
  const { verificationResult: actual, verifiedLevels } = predicate;
  const failed = verifiedLevels.findIndex((level) => parseLevel(level).kind === 'failed');
  const passed = check('VSA_NOT_PASSED', actual === 'PASSED', {
    expected: 'PASSED',
    actual,
    pointer: '/predicate/verificationResult',
    message: 'the verification failed',
  });
  if (failed === -1 || actual !== 'PASSED') return [passed];
  const pointer = `/predicate/verifiedLevels/${failed}`;
  return [
    passed,
    check('VSA_NOT_PASSED', false, { actual: 'FAILED', pointer, message: 'the result says otherwise' }),
  ];
}

function levelChecks(have: readonly string[], wanted: readonly string[]): readonly Check[] {
  const pointer = '/predicate/verifiedLevels';
  if (wanted.length === 0) return [check('VSA_LEVEL', undefined, { actual: [...have], pointer })];
  return wanted.map((want) => {
    const details = { expected: want, actual: [...have], pointer, message: 'this level was not reached' };
    return check('VSA_LEVEL', satisfies(have, want), details);
  });
}

function policyChecks(
  { predicate }: Summary,
  { policyUri, policyDigest }: SummaryExpectations,
): readonly Check[] {
  const { uri, digest = {} } = predicate.policy;
  const byUri =
    policyUri === undefined
      ? check('VSA_POLICY', undefined, { actual: uri })
      : exact('VSA_POLICY', uri, policyUri, '/predicate/policy/uri');
  if (policyDigest === undefined) return [byUri];
  const same = matchDigests(digest, policyDigest, {
    accept: Object.keys(policyDigest),
    conflictPolicy: 'reject',
  });
  const pointer = '/predicate/policy/digest';
  const details = {
    expected: { ...policyDigest },
    actual: { ...digest },
    pointer,
    message: 'another policy was expected',
  };
  return [byUri, check('VSA_POLICY', same !== undefined, details)];
}

function ageCheck(time: string | undefined, maxAge: number | undefined, now: Date | undefined): Check {
  const pointer = '/predicate/timeVerified';
  if (maxAge === undefined) return check('VSA_TOO_OLD', undefined, { actual: time, pointer });
  if (now === undefined || Number.isNaN(now.getTime()) || !(maxAge >= 0))
    return check('VSA_BAD_EXPECTATION', false, { message: 'an age needs the time of today' });
  const details = { expected: maxAge, actual: time, pointer };
  const made = time === undefined ? Number.NaN : millisecondsOf(time);
  const age = (now.getTime() - made) / 1000;
  const message = Number.isNaN(age) ? 'it has no time' : age < 0 ? 'it is from the future' : 'it is too old';
  return check('VSA_TOO_OLD', age <= maxAge && age >= -CLOCK_SKEW_SECONDS, { ...details, message });
}

/** RFC 3339 with whatever digits behind the second; `Date` promises to read three of them. */
function millisecondsOf(time: string): number {
  return Date.parse(time.replace(/(\.\d{3})\d{1,64}/, '$1'));
}

function refChecks(
  { subject }: Summary,
  matched: readonly Subject[],
  expected: readonly string[] | undefined,
): readonly Check[] {
  if (expected === undefined) return [check('VSA_SOURCE_REF', undefined)];
  return matched.flatMap((each) => {
    const refs = each.annotations?.['sourceRefs'];
    const pointer = `/subject/${subject.indexOf(each)}/annotations/sourceRefs`;
    return expected.map((ref) => {
      const details = { expected: ref, actual: refs, pointer, message: 'this ref did not point here' };
      return check('VSA_SOURCE_REF', Array.isArray(refs) && refs.includes(ref), details);
    });
  });
}

const CLOCK_SKEW_SECONDS = 300;
