import { normalizeSource } from '../git-source.js';
import { SlsaError } from '../errors.js';
import { matchVersionedTag } from '../versioned-tag.js';
import { type Check, check } from './check.js';
import type { ProvenanceExpectations } from './expectations.js';
import type { SourceClaim } from './source.js';

/** What came of looking at the source. */
export interface SourceVerdict {
  /** Repository, commit, refs. */
  readonly checks: readonly Check[];
  /** The claim they are about; `undefined` when there is none. */
  readonly claim: SourceClaim | undefined;
}

/** Compare each claim with what is expected, and take the one that fits best: all of it must hold for one and the same. */
export function sourceChecks(claims: readonly SourceClaim[], expect: ProvenanceExpectations): SourceVerdict {
  const verdicts = claims.map((claim) => ({ claim, checks: checksOf(claim, expect) }));
  const none = { claim: undefined, checks: checksOf(undefined, expect) };
  return verdicts.reduce<SourceVerdict>(
    (best, each) => (best.claim === undefined || failures(each) < failures(best) ? each : best),
    none,
  );
}

function failures({ checks }: SourceVerdict): number {
  return checks.filter(({ status }) => status === 'fail').length;
}

function checksOf(claim: SourceClaim | undefined, expect: ProvenanceExpectations): readonly Check[] {
  const { branch, tag, versionedTag, ref } = expect;
  return [
    repositoryCheck(claim, expect.source),
    commitCheck(claim, expect.commit),
    refCheck(claim, 'SLSA_BRANCH', branch === undefined ? undefined : `refs/heads/${branch}`),
    refCheck(claim, 'SLSA_TAG', tag === undefined ? undefined : `refs/tags/${tag}`),
    ...(versionedTag === undefined ? [] : [versionCheck(claim, versionedTag)]),
    ...(ref === undefined ? [] : [refCheck(claim, codeOf(ref), ref)]),
  ];
}

function repositoryCheck(claim: SourceClaim | undefined, expected: string | undefined): Check {
  const [actual, pointer] = [claim?.repository, claim?.pointer];
  if (expected === undefined) return check('SLSA_SOURCE', undefined, { actual, pointer });
  const wanted = normalizeSource(expected);
  const same = claim?.repository === wanted;
  const message = same
    ? 'the dependencies do not confirm this source, or contradict it'
    : 'another source was expected';
  return check('SLSA_SOURCE', same && claim.confirmed, { expected: wanted, actual, pointer, message });
}

function commitCheck(claim: SourceClaim | undefined, expected: string | undefined): Check {
  const details = {
    expected,
    actual: claim?.commit,
    pointer: claim?.pointer,
    message: 'another commit was expected',
  };
  return check('SLSA_COMMIT', expected === undefined ? undefined : claim?.commit === expected, details);
}

function codeOf(ref: string): 'SLSA_BRANCH' | 'SLSA_TAG' | 'SLSA_BAD_REF' {
  if (ref.startsWith('refs/heads/')) return 'SLSA_BRANCH';
  return ref.startsWith('refs/tags/') ? 'SLSA_TAG' : 'SLSA_BAD_REF';
}

function refCheck(
  claim: SourceClaim | undefined,
  code: 'SLSA_BRANCH' | 'SLSA_TAG' | 'SLSA_BAD_REF',
  expected: string | undefined,
): Check {
  const details = { expected, actual: claim?.ref, pointer: claim?.pointer };
  if (expected === undefined) return check(code, undefined, details);
  const found = claim?.ref ?? '';
  if (codeOf(found) !== code) {
    const message = found === '' ? 'the source has no ref' : 'the ref of the source is of another kind';
    return check('SLSA_BAD_REF', found === expected, { ...details, message });
  }
  return check(code, found === expected, { ...details, message: 'another ref was expected' });
}

function versionCheck(claim: SourceClaim | undefined, expected: string): Check {
  const details = { expected, actual: claim?.ref, pointer: claim?.pointer };
  try {
    const matches = matchVersionedTag(claim?.ref ?? '', expected);
    return check('SLSA_TAG', matches, { ...details, message: 'this tag is none of those versions' });
  } catch (error) {
    if (!(error instanceof SlsaError)) throw error;
    return check(error.code, false, { ...details, message: error.message });
  }
}
