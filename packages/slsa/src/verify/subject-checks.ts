import { matchSubjects, type Statement, type Subject } from '@sealwright/in-toto';
import type { SlsaErrorCode } from '../errors.js';
import { type Check, check } from './check.js';

/** Which subjects are the artifact. */
export interface SubjectVerdict {
  /** One for each digest that was expected. */
  readonly checks: readonly Check[];
  /** The subjects that have one of them, each once. */
  readonly matched: readonly Subject[];
}

/**
 * Look for digests among the subjects of a statement: every one must be there, names say nothing.
 *
 * @param statement - whose subjects
 * @param digests - `algorithm:value` each, split at the first colon
 * @param codes - what a digest that is missing, and one that is none, is called
 */
export function subjectChecks(
  statement: Pick<Statement, 'subject'>,
  digests: readonly string[],
  codes: { readonly missing: SlsaErrorCode; readonly bad: SlsaErrorCode },
): SubjectVerdict {
  const matched = new Set<Subject>();
  const pointer = '/subject';
  const checks = digests.map((digest) => {
    const colon = digest.indexOf(':');
    const [algorithm, value] = [digest.slice(0, colon), digest.slice(colon + 1)];
    if (colon < 1 || value === '')
      return check(codes.bad, false, { expected: digest, message: 'a digest is algorithm:value' });
    const found = matchSubjects(statement, { [algorithm]: value }, [algorithm]);
    for (const { subject } of found) matched.add(subject);
    const message = `none of ${statement.subject.length} subjects has this digest`;
    return check(codes.missing, found.length > 0, { expected: digest, pointer, message });
  });
  if (digests.length > 0) return { checks, matched: [...matched] };
  return { checks: [check(codes.bad, false, { message: 'no digest is expected' })], matched: [] };
}
