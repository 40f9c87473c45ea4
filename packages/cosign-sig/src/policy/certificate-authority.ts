/**
 * Signers with certificates of one's own: one certificate, or whoever an authority certified.
 *
 * @module
 */
import type { VerificationPolicy } from '../bundle/policy.js';
import { CosignError } from '../errors.js';
import type { SignedImageEvidence } from '../image/verify-signed-image.js';
import { type ChainCertificate, readCertificate, verifyChain } from '../x509/chain.js';
import { CODE_SIGNING } from '../x509/extensions.js';
import { SignatureMemo } from '../x509/signature-memo.js';
import { authoritiesOf, certificates } from './authorities.js';
import type { AuthoritySubject, LogRule } from './authority.js';
import { refuse } from './refuse.js';

type CertificateSubject = Extract<AuthoritySubject, { kind: 'certificate' }>;

/** What a signature must have: the key of the certificate, or a certificate under the chain. */
export function certificatePolicy(
  { certificate }: CertificateSubject,
  log: LogRule,
  { now }: { readonly now?: () => number },
): VerificationPolicy {
  if (certificate !== '') {
    const leaf = leafOf(certificate);
    return { keys: [leaf.key], keyCertificates: [leaf.certificate.raw] };
  }
  const withoutTime = log.ignoreLog && log.wantsTimestamp !== true;
  const moment = withoutTime && now !== undefined ? { times: 0, dangerouslyAssumeTime: new Date(now()) } : {};
  return { dangerouslyAcceptAnyIdentity: true, ...moment, ...(log.ignoreSct ? { scts: 0 } : {}) };
}

/** A certificate that is given with a chain must have been good when each signature was made; without one it stands for itself. */
export async function mustHaveBeenValid(
  { certificate, chain }: CertificateSubject,
  signatures: readonly SignedImageEvidence[],
  { now }: { readonly now?: () => number },
): Promise<void> {
  if (certificate === '' || chain === '') return;
  const leaf = leafOf(certificate);
  for (const { verdict } of signatures) {
    const times = verdict.times.map((time) => time.getTime());
    const moments = times.length === 0 && now !== undefined ? [now()] : times;
    if (moments.length === 0) throw refuse('nothing trusted says when the certificate was used');
    for (const at of moments) await mustChain(leaf, chain, at);
  }
}

async function mustChain(leaf: ChainCertificate, chain: string, at: number): Promise<void> {
  let refusal = refuse('the chain has no root');
  for (const { anchor, intermediates } of authoritiesOf(chain)) {
    const search = {
      anchors: [anchor],
      intermediates,
      at,
      purpose: CODE_SIGNING,
      memo: new SignatureMemo(0),
    };
    try {
      await verifyChain(leaf, search);
      return;
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

function leafOf(pem: string): ChainCertificate {
  const [der, ...more] = certificates(pem);
  if (der === undefined || more.length > 0) throw refuse('expected one certificate in PEM');
  return readCertificate(der);
}
