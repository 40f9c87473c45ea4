/**
 * From a leaf to a trust anchor, at a given time (RFC 5280 section 6), and the lists of what was revoked (section 6.3).
 * What a signature check needs is worked out here; who makes it is an argument.
 *
 * @module
 */
import { type Bytes, equalBytes } from '@sealwright/bytes';
import type { Certificate } from './certificate.js';
import type { CertificateList } from './certificate-list.js';
import { DerError, type DerErrorCode } from './errors.js';
import {
  BASIC_CONSTRAINTS,
  CRL_SIGN,
  excludesUse,
  KEY_CERT_SIGN,
  KEY_USAGE,
  readBasicConstraints,
} from './extension.js';
import { mustBePermitted, NAME_CONSTRAINTS } from './name-constraints.js';
import { type CertificateSignatureScheme, readSignatureScheme } from './signature-scheme.js';
import type { CertificateExtension, SignedStructure } from './signed.js';

/** Someone to trust: a name and a key. The certificate that carries them may come from anywhere. */
export interface TrustAnchor {
  /** The subject's name, as encoded. */
  readonly subject: Bytes;
  /** The SubjectPublicKeyInfo, as encoded. */
  readonly spki: Bytes;
}

/** One signature to check. */
export interface SignatureCheck {
  /** How it was made. An ECDSA signature is in the form of DER. */
  readonly scheme: CertificateSignatureScheme;
  /** Whose it must be: a SubjectPublicKeyInfo, as encoded. */
  readonly spki: Bytes;
  /** What was signed. */
  readonly data: Bytes;
  /** The signature. */
  readonly signature: Bytes;
}

/** Makes a check: whether the signature is genuine. `verifySignature` of `@sealwright/crypto` is one. */
export type SignatureVerifier = (check: SignatureCheck) => Promise<boolean>;

/** What to hold a chain to. */
export interface ChainOptions {
  /** Whom to trust. */
  readonly anchors: readonly TrustAnchor[];
  /** The time for which to decide, milliseconds since 1970. */
  readonly at: number;
  /** Who checks signatures. */
  readonly verify: SignatureVerifier;
  /** Identifiers of critical extensions that the caller looks at, besides basicConstraints and keyUsage. */
  readonly known?: readonly string[];
}

/** What to hold a revocation list to. */
export interface CertificateListCheck {
  /** The time for which to decide, milliseconds since 1970. */
  readonly at: number;
  /** Who checks signatures. */
  readonly verify: SignatureVerifier;
}

/**
 * Check a chain: trust, names, signatures, validity, critical extensions, authority, path lengths and name constraints, in this order.
 *
 * @param chain - leaf first, each issued by the next; the last is issued by an anchor or is itself one
 * @param options - whom to trust, the time, and who checks signatures
 * @throws {@link DerError} with the first check that failed.
 *
 * @example
 * ```ts
 * // leaf, intermediate: parsed; root: what is trusted; verify: `verifySignature` of `@sealwright/crypto`
 * await verifyCertificateChain([leaf, intermediate], { anchors: [root], at: Date.UTC(2026, 0, 15), verify });
 * console.log(leaf.commonName); // leaf
 * ```
 */
export async function verifyCertificateChain(
  chain: readonly Certificate[],
  { anchors, at, verify, known = [] }: ChainOptions,
): Promise<void> {
  const last = chain.at(-1);
  if (last === undefined) throw new TypeError('a chain has a certificate');
  const own = anchors.some((anchor) => isAnchor(last, anchor));
  const isRoot = !isNotSelfIssued(last);
  const above = isRoot ? [] : anchors.filter(({ subject }) => equalBytes(subject, last.issuer));
  if (!own && above.length === 0)
    throw new DerError('ERR_DER_UNTRUSTED', 'the chain ends at none of the trust anchors');
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer !== undefined) await verifyIssued(certificate, issuer, verify);
  }
  if (!own) await verifyByAny(last, above, verify);
  else if (isRoot) await verifyIssued(last, last, verify);
  for (const certificate of chain) mustBeValid(certificate, at);
  for (const certificate of chain)
    mustKnowCritical(certificate.extensions, [BASIC_CONSTRAINTS, KEY_USAGE, NAME_CONSTRAINTS, ...known]);
  for (const [index, authority] of chain.entries()) {
    if (index === 0) continue;
    mustBeAuthority(authority, chain.slice(1, index).filter(isNotSelfIssued).length);
    for (const [depth, certificate] of chain.slice(0, index).entries())
      if (depth === 0 || isNotSelfIssued(certificate)) mustBePermitted(authority, certificate);
  }
}

/**
 * Check that one certificate, or one list, was issued by another: name and signature, nothing else.
 *
 * @param subject - what was issued
 * @param issuer - by whom
 * @param verify - who checks signatures
 * @throws {@link DerError} `ERR_DER_ISSUER`, `ERR_DER_ALGORITHM` or `ERR_DER_SIGNATURE`.
 */
export async function verifyIssued(
  subject: SignedStructure,
  issuer: TrustAnchor,
  verify: SignatureVerifier,
): Promise<void> {
  if (!equalBytes(issuer.subject, subject.issuer))
    throw new DerError('ERR_DER_ISSUER', 'an issuer is not the subject above it');
  if (!(await verify(signatureCheck(subject, issuer.spki))))
    throw new DerError('ERR_DER_SIGNATURE', 'a signature does not verify');
}

/**
 * Check a revocation list: issuer, signature, dates, critical extensions. Then it can be asked, by `findRevoked`.
 *
 * @param list - decoded
 * @param issuer - who must have issued it; a certificate must also be allowed to sign lists
 * @param options - the time, and who checks signatures
 * @throws {@link DerError} with the first check that failed.
 */
export async function verifyCertificateList(
  list: CertificateList,
  issuer: Certificate | TrustAnchor,
  { at, verify }: CertificateListCheck,
): Promise<void> {
  if ('extensions' in issuer) mustSignLists(issuer);
  await verifyIssued(list, issuer, verify);
  mustBeCurrent(list, at);
  mustKnowCritical(
    [...list.extensions, ...list.criticalInEntries.map((oid) => ({ oid, critical: true }))],
    [],
  );
}

/**
 * Work out what to check about the signature of a certificate or a list.
 *
 * @param subject - what was signed
 * @param spki - the key of its issuer, as encoded
 * @throws {@link DerError} `ERR_DER_ALGORITHM`.
 */
export function signatureCheck(subject: SignedStructure, spki: Bytes): SignatureCheck {
  const scheme = readSignatureScheme(subject.signatureAlgorithm);
  return { scheme, spki, data: subject.signed, signature: subject.signature };
}

/**
 * Check the dates of a certificate. Both are inclusive.
 *
 * @param certificate - a parsed certificate
 * @param at - the time, milliseconds since 1970
 * @throws {@link DerError} `ERR_DER_NOT_YET_VALID` or `ERR_DER_EXPIRED`.
 */
export function mustBeValid({ notBefore, notAfter }: Certificate, at: number): void {
  mustBeWithin('a certificate', notBefore, at, notAfter);
}

/**
 * Check the dates of a revocation list. Both are inclusive, and there must be a last one.
 *
 * @param list - a parsed list
 * @param at - the time, milliseconds since 1970
 * @throws {@link DerError} `ERR_DER_NOT_YET_VALID` or `ERR_DER_EXPIRED`.
 */
export function mustBeCurrent({ thisUpdate, nextUpdate }: CertificateList, at: number): void {
  mustBeWithin('a revocation list', thisUpdate, at, nextUpdate ?? Number.NEGATIVE_INFINITY);
}

/**
 * Check that a certificate may issue others.
 *
 * @param certificate - the issuer
 * @param below - how many authorities stand between it and the leaf
 * @throws {@link DerError} `ERR_DER_AUTHORITY` or `ERR_DER_PATH_LENGTH`.
 */
export function mustBeAuthority(certificate: Certificate, below: number): void {
  const constraints = readBasicConstraints(certificate);
  if (constraints?.isAuthority !== true)
    throw new DerError('ERR_DER_AUTHORITY', 'an issuer is no certificate authority');
  if (excludesUse(certificate, KEY_CERT_SIGN))
    throw new DerError('ERR_DER_AUTHORITY', 'an issuer may not sign certificates');
  if (below > (constraints.pathLength ?? Number.POSITIVE_INFINITY))
    throw new DerError('ERR_DER_PATH_LENGTH', `more than ${constraints.pathLength} authorities below one`);
}

/**
 * Check that a certificate may issue revocation lists.
 *
 * @param certificate - the issuer
 * @throws {@link DerError} `ERR_DER_AUTHORITY`.
 */
export function mustSignLists(certificate: Certificate): void {
  if (excludesUse(certificate, CRL_SIGN))
    throw new DerError('ERR_DER_AUTHORITY', 'the issuer of a list may not sign lists');
}

/**
 * Refuse critical extensions that nobody looks at.
 *
 * @param extensions - of a certificate or a list
 * @param known - identifiers of those that the caller looks at
 * @throws {@link DerError} `ERR_DER_CRITICAL`.
 */
export function mustKnowCritical(
  extensions: readonly Pick<CertificateExtension, 'oid' | 'critical'>[],
  known: readonly string[],
): void {
  const strange = extensions.find(({ oid, critical }) => critical && !known.includes(oid));
  if (strange !== undefined)
    throw new DerError('ERR_DER_CRITICAL', `the critical extension ${strange.oid} is not known`);
}

function isAnchor({ subject, spki }: Certificate, anchor: TrustAnchor): boolean {
  return equalBytes(anchor.subject, subject) && equalBytes(anchor.spki, spki);
}

function isNotSelfIssued({ subject, issuer }: Certificate): boolean {
  return !equalBytes(subject, issuer);
}

/** Anchors may share a name; a certificate needs only one that signed it. */
async function verifyByAny(
  subject: Certificate,
  issuers: readonly TrustAnchor[],
  verify: SignatureVerifier,
): Promise<void> {
  let failure: unknown;
  for (const issuer of issuers) {
    try {
      return await verifyIssued(subject, issuer, verify);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function mustBeWithin(what: string, from: number, at: number, to: number): void {
  if (!Number.isFinite(at)) throw new TypeError('the time of a check is a number of milliseconds');
  const fail = (code: DerErrorCode, message: string): never => {
    throw new DerError(code, `${what} ${message}`);
  };
  if (at < from) fail('ERR_DER_NOT_YET_VALID', 'is not valid yet');
  if (at > to) fail('ERR_DER_EXPIRED', 'is not valid any more');
}
