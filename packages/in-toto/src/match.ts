import type { DigestSet, ResourceDescriptor, Statement } from './statement.js';

/** A subject that is the artifact. */
export interface SubjectMatch {
  /** The subject. */
  readonly subject: ResourceDescriptor;
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
 * @param algorithms - which digests count. Default: SHA-256, SHA-384 and SHA-512
 * @returns none when the statement is about something else
 */
export function matchSubjects(
  statement: Statement,
  artifact: DigestSet,
  algorithms: readonly string[] = ['sha256', 'sha384', 'sha512'],
): readonly SubjectMatch[] {
  return statement.subject.flatMap((subject, index) => {
    const algorithm = algorithms.find((name) => sameDigest(subject.digest, artifact, name));
    return algorithm === undefined ? [] : [{ subject, index, algorithm }];
  });
}

function sameDigest(a: DigestSet, b: DigestSet, algorithm: string): boolean {
  const [left, right] = [a, b].map((set) => (Object.hasOwn(set, algorithm) ? set[algorithm] : undefined));
  return left !== undefined && right !== undefined && left.toLowerCase() === right.toLowerCase();
}
