import type { Subject } from './descriptor.js';
import { DEFAULT_ALGORITHMS, digestMatcher, type DigestSet, type MatchOptions } from './digest-set.js';
import type { Statement } from './statement.js';

/** A subject that is the artifact. */
export interface SubjectMatch {
  /** The subject. */
  readonly subject: Subject;
  /** Which subject of the statement it is, from 0. */
  readonly index: number;
  /** The algorithm whose digests are equal. */
  readonly algorithm: string;
}

/**
 * Find the subjects of a statement that are an artifact: by digest alone, names say nothing.
 *
 * @param statement - read from a verified payload
 * @param artifact - digests of the artifact that the caller computed
 * @param options - which digests count: a list of algorithms, or {@link MatchOptions}. Default: {@link DEFAULT_ALGORITHMS}
 * @returns none when the statement is about something else
 *
 * @example
 * ```ts
 * const [match] = matchSubjects(statement, { sha256: 'ab'.repeat(32) });
 * console.log(match?.subject.name); // app.tgz
 * ```
 */
export function matchSubjects(
  statement: Pick<Statement, 'subject'>,
  artifact: DigestSet,
  options: readonly string[] | MatchOptions = DEFAULT_ALGORITHMS,
): readonly SubjectMatch[] {
  const match: MatchOptions = isList(options) ? { accept: options } : options;
  const matches = digestMatcher(artifact, match);
  return statement.subject.flatMap((subject, index) => {
    const algorithm = matches(subject.digest);
    return algorithm === undefined ? [] : [{ subject, index, algorithm }];
  });
}

function isList(options: readonly string[] | MatchOptions): options is readonly string[] {
  return Array.isArray(options);
}
