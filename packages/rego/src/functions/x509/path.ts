import { equalBytes } from '@sealwright/bytes';
import {
  type Certificate,
  DerError,
  findExtension,
  mustBeAuthority,
  mustBePermitted,
  mustBeValid,
  mustKnowCritical,
  signatureCheck,
} from '@sealwright/der';
import { certificateSignatureHolds } from '../token-keys.js';
import { isFirstVersion, KNOWN_EXTENSIONS, purposesOf } from './certificates.js';
import { namesHost } from './host-names.js';

/** What a path is held to. */
export interface PathOptions {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The host that the leaf must be for; empty for any. */
  readonly host: string;
  /** Purposes, by their numbers in Go, of which one must be allowed by the whole path. 0 stands for any. */
  readonly purposes: readonly number[];
  /** Told before each signature that is checked. */
  readonly spend: () => void;
}

/**
 * A path of RFC 5280, section 6, from a leaf to a root.
 *
 * @param root - whom to trust
 * @param between - authorities that may stand between, in any order
 * @param leaf - whose path it is
 * @param options - time, host and purposes
 * @returns leaf first; `undefined` where there is none
 */
export function findPath(
  root: Certificate,
  between: readonly Certificate[],
  leaf: Certificate,
  options: PathOptions,
): readonly Certificate[] | undefined {
  if (!isUsable(leaf, options.at) || (options.host !== '' && !namesHost(leaf, options.host)))
    return undefined;
  const budget = { checks: MAX_CHECKS };
  const isGood = (path: readonly Certificate[]): boolean =>
    allowsPurpose(path, options.purposes) && path.every((each) => !hasPolicyConstraints(each));
  if (equalBytes(leaf.raw, root.raw)) return isGood([leaf]) ? [leaf] : undefined;
  const search = (path: readonly Certificate[]): readonly Certificate[] | undefined => {
    const last = path.at(-1) ?? leaf;
    for (const authority of [root, ...between]) {
      if (!equalBytes(authority.subject, last.issuer)) continue;
      budget.checks -= 1;
      if (budget.checks < 0) return undefined;
      if (path.some((each) => isSame(each, authority))) continue;
      options.spend();
      if (!mayIssue(authority, path, options.at) || !isSignedBy(last, authority)) continue;
      const longer = [...path, authority];
      const found = authority === root ? (isGood(longer) ? longer : undefined) : search(longer);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search([leaf]);
}

/** Dates and critical extensions. */
function isUsable(certificate: Certificate, at: number): boolean {
  return holds(() => {
    mustBeValid(certificate, at);
    mustKnowCritical(certificate.extensions, KNOWN_EXTENSIONS);
  });
}

/** Whether an authority may stand above a path. */
function mayIssue(authority: Certificate, path: readonly Certificate[], at: number): boolean {
  if (!isUsable(authority, at)) return false;
  return holds(() => {
    if (!isFirstVersion(authority)) mustBeAuthority(authority, path.length - 1);
    for (const certificate of path) mustBePermitted(authority, certificate);
  });
}

function isSignedBy(subject: Certificate, authority: Certificate): boolean {
  return holds(() => certificateSignatureHolds(signatureCheck(subject, authority.spki)));
}

function isSame(a: Certificate, b: Certificate): boolean {
  const [namesOfA, namesOfB] = [a, b].map((each) => findExtension(each, ALTERNATIVE_NAMES));
  return (
    equalBytes(a.subject, b.subject) &&
    equalBytes(a.spki, b.spki) &&
    equalBytes(namesOfA ?? new Uint8Array(), namesOfB ?? new Uint8Array())
  );
}

/** Whether a purpose is left that every certificate of a path allows. One without purposes allows all. */
function allowsPurpose(path: readonly Certificate[], wanted: readonly number[]): boolean {
  if (wanted.includes(ANY_PURPOSE)) return true;
  const left = path.reduce<readonly number[]>((purposes, certificate) => {
    const { known, unknown } = purposesOf(findExtension(certificate, EXTENDED_KEY_USAGE));
    const isFree = known.length + unknown.length === 0 || known.includes(ANY_PURPOSE);
    return isFree ? purposes : purposes.filter((each) => known.includes(each));
  }, wanted);
  return left.length > 0;
}

/** Policies of certificates are not looked at: what demands that is refused. */
function hasPolicyConstraints(certificate: Certificate): boolean {
  return POLICY_CONSTRAINTS.some((oid) => findExtension(certificate, oid) !== undefined);
}

/** Nothing that is malformed holds. */
function holds(work: () => unknown): boolean {
  try {
    return work() !== false;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** Signatures that are checked for one path. */
const MAX_CHECKS = 100;
const ANY_PURPOSE = 0;
const ALTERNATIVE_NAMES = '2.5.29.17';
const EXTENDED_KEY_USAGE = '2.5.29.37';
/** policyConstraints and inhibitAnyPolicy. */
const POLICY_CONSTRAINTS = ['2.5.29.36', '2.5.29.54'];
