/**
 * From a leaf to a trusted authority, at a given time.
 *
 * @module
 */
import { equalBytes } from '@sealwright/bytes';
import { CryptoError, importSpki, type PublicKey } from '@sealwright/crypto';
import { type Certificate, DerError, parseCertificate } from '@sealwright/der';
import { CosignError } from '../errors.js';
import { schemeOf } from './algorithms.js';
import { type CertificateUses, usesOf } from './extensions.js';
import type { SignatureChecks } from './signature-memo.js';

/** A certificate with what deciding about it takes. */
export interface ChainCertificate {
  /** The certificate. */
  readonly certificate: Certificate;
  /** Its key. */
  readonly key: PublicKey;
  /** What its extensions allow. */
  readonly uses: CertificateUses;
}

/** What to look for. */
export interface ChainSearch {
  /** Authorities whose name and key are trusted as they are, self-signed or not. */
  readonly anchors: readonly ChainCertificate[];
  /** Authorities that may stand between; none of them is trusted by being here. */
  readonly intermediates: readonly ChainCertificate[];
  /** The moment at which everything must be valid, milliseconds since 1970. */
  readonly at: number;
  /** What the leaf must be for; an intermediate that names purposes must name it too. */
  readonly purpose: string;
  readonly memo: SignatureChecks;
}

/**
 * Decode a certificate and everything about it. Nothing is verified.
 *
 * @param der - the certificate
 * @throws {@link CosignError} `ERR_COSIGN_CERTIFICATE`.
 */
export function readCertificate(der: Uint8Array): ChainCertificate {
  try {
    const certificate = parseCertificate(der);
    return { certificate, key: importSpki(certificate.spki), uses: usesOf(certificate) };
  } catch (cause) {
    if (!(cause instanceof DerError) && !(cause instanceof CryptoError)) throw cause;
    throw new CosignError('ERR_COSIGN_CERTIFICATE', `this certificate is not taken: ${cause.message}`, {
      cause,
    });
  }
}

/**
 * Find a way to an anchor.
 *
 * @returns leaf first, anchor last
 * @throws CosignError `ERR_COSIGN_CERTIFICATE`.
 */
export async function verifyChain(leaf: ChainCertificate, search: ChainSearch): Promise<ChainCertificate[]> {
  const { uses } = leaf;
  mustBeValidAt(leaf.certificate, search.at);
  if (uses.authority) refuse('an authority does not sign artifacts itself');
  if (!uses.signs) refuse('the key usage does not allow signatures');
  if (uses.purposes?.includes(search.purpose) !== true) refuse(`it is not for the purpose ${search.purpose}`);
  const reasons: string[] = [];
  const rest = await climb(leaf, search, [leaf], reasons, { left: MAX_STEPS });
  if (rest !== undefined) return rest;
  const [first = 'no trusted authority has the name of its issuer'] = reasons;
  return refuse(first);
}

async function climb(
  subject: ChainCertificate,
  search: ChainSearch,
  path: readonly ChainCertificate[],
  reasons: string[],
  steps: { left: number },
): Promise<ChainCertificate[] | undefined> {
  const below = path.length - 1;
  for (const [trusted, list] of [
    [true, search.anchors],
    [false, search.intermediates],
  ] as const) {
    if (!trusted && path.length > MAX_INTERMEDIATES) continue;
    for (const issuer of list) {
      if (!equalBytes(issuer.certificate.subject, subject.certificate.issuer)) continue;
      if (path.includes(issuer)) continue;
      steps.left -= 1;
      if (steps.left < 0) refuse('there are too many authorities of the same names');
      const reason = await whyNotIssuer(issuer, subject, below, search);
      if (reason !== undefined) {
        reasons.push(reason);
        continue;
      }
      const longer = [...path, issuer];
      if (trusted) return longer;
      const found = await climb(issuer, search, longer, reasons, steps);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

async function whyNotIssuer(
  issuer: ChainCertificate,
  subject: ChainCertificate,
  below: number,
  search: ChainSearch,
): Promise<string | undefined> {
  const { uses, certificate } = issuer;
  if (!uses.authority) return 'an issuer is not an authority';
  if (uses.pathLength !== undefined && below > uses.pathLength)
    return 'the chain is longer than an authority allows';
  if (
    uses.purposes !== undefined &&
    !uses.purposes.includes(search.purpose) &&
    !uses.purposes.includes(ANY_PURPOSE)
  )
    return 'an authority is for another purpose';
  if (search.at < certificate.notBefore || search.at > certificate.notAfter)
    return `an authority is not valid at ${new Date(search.at).toISOString()}`;
  const scheme = schemeOf(subject.certificate.signatureAlgorithm, issuer.key);
  if (scheme === undefined) return 'a certificate is signed in a way that does not fit the key of its issuer';
  const { signed, signature } = subject.certificate;
  return (await search.memo.verify(issuer.key, signed, signature, scheme))
    ? undefined
    : 'the signature of a certificate does not hold';
}

function mustBeValidAt({ notBefore, notAfter }: Certificate, at: number): void {
  if (at >= notBefore && at <= notAfter) return;
  const [from, to, now] = [notBefore, notAfter, at].map((time) => new Date(time).toISOString());
  refuse(`it is valid from ${from} to ${to}, not at ${now}`);
}

function refuse(message: string): never {
  throw new CosignError('ERR_COSIGN_CERTIFICATE', `the certificate: ${message}`);
}

/** The cap of Kyverno, and far more than any authority uses. */
const MAX_INTERMEDIATES = 10;
/** Authorities that sign each other must not make the search endless. */
const MAX_STEPS = 64;
const ANY_PURPOSE = '2.5.29.37.0';
