import { encodeHex } from '@sealwright/bytes';
import { snpKeyDigest } from './key-digest.js';
import type { SnpPolicy } from './policy.js';
import { oneOf, rule, type Rule } from './rules.js';
import { isZero } from './signature.js';
import type { VerifiedSnpReport } from './verify.js';

/** Demands on the keys behind an ID block: a trusted author vouches for any ID key, else the ID key has to be trusted itself. */
export function keyRules(policy: SnpPolicy): Rule[] {
  const ids = digests(policy.trustedIdKeyDigests, policy.trustedIdKeys);
  const authors = digests(policy.trustedAuthorKeyDigests, policy.trustedAuthorKeys);
  const { requireIdBlock = false, requireAuthorKey = false } = policy;
  const trustedId = oneOf('idKey', ids ?? [], 48, (report) => report.idKeyDigest, true);
  const trustedAuthor = oneOf('authorKey', authors ?? [], 48, (report) => report.authorKeyDigest, true);
  if (!requireIdBlock && !requireAuthorKey && ids === undefined && authors === undefined) return [];
  const hasAuthor = (report: VerifiedSnpReport): boolean =>
    report.authorKeyEnabled && !isZero(report.idKeyDigest) && trustedAuthor.met(report);
  const idKey = rule(
    'idKey',
    `${trustedId.expected}, or the author ${trustedAuthor.expected}`,
    (report) => report,
    (report) => hasAuthor(report) || trustedId.met(report),
    ({ idKeyDigest }) => encodeHex(idKeyDigest),
  );
  return requireAuthorKey ? [{ ...trustedAuthor, met: hasAuthor }, idKey] : [idKey];
}

function digests(
  given: SnpPolicy['trustedIdKeyDigests'],
  keys: SnpPolicy['trustedIdKeys'],
): readonly string[] | undefined {
  if (given === undefined && keys === undefined) return undefined;
  return [...(given ?? []), ...(keys ?? []).map((key) => encodeHex(snpKeyDigest(key)))];
}
