import { decodeUtf8, equalBytes } from '@sealwright/bytes';
import { importSpki, verify, verifySignature } from '@sealwright/crypto';
import {
  type Certificate,
  decodePem,
  DerError,
  mustBeAuthority,
  mustBeValid,
  mustKnowCritical,
  parseCertificate,
  signatureCheck,
  type TrustAnchor,
  verifyIssued,
} from '@sealwright/der';
import { SnpReportError } from '../errors.js';
import type { GceEndorsement } from './endorsement.js';

declare const verified: unique symbol;

/** What an endorsement is held to. */
export interface GceTrust {
  /** Trusted roots. Google publishes its own at `https://pki.goog/cloud_integrity/GCE-cc-tcb-root_1.crt`; none is pinned here. */
  readonly anchors: readonly TrustAnchor[];
  /** The time for which to decide. */
  readonly at: Date;
}

/** An endorsement whose signature and chain were checked. Only {@link verifyGceEndorsement} makes one. */
export interface VerifiedGceEndorsement extends GceEndorsement {
  /** Marks the type; there is no such property at run time. */
  readonly [verified]: true;
}

/**
 * Verify an endorsement: RSASSA-PSS with SHA-256 over the golden measurement as received, by the signer in it, whom a root vouches for.
 *
 * @param endorsement - decoded
 * @param trust - roots and time
 * @throws `SnpReportError` `ERR_SNP_GCE_SIGNER_UNTRUSTED` or `ERR_SNP_GCE_SIGNATURE_INVALID`.
 *
 * @example
 * ```ts
 * const endorsement = await verifyGceEndorsement(parseGceEndorsement(bytes), { anchors: [parseCertificate(root)], at: new Date() });
 * console.log(findGceSnpVcpus(endorsement, measurement));
 * ```
 */
export async function verifyGceEndorsement(
  endorsement: GceEndorsement,
  { anchors, at }: GceTrust,
): Promise<VerifiedGceEndorsement> {
  const { signed, signature } = endorsement;
  let genuine: boolean;
  try {
    const signer = parseCertificate(endorsement.certificate);
    await mustBeTrusted(signer, endorsement.caBundle, anchors, at.getTime());
    genuine = await verify(importSpki(signer.spki), signed, signature, { scheme: 'rsa-pss-sha256' });
  } catch (cause) {
    if (cause instanceof TypeError) throw cause;
    throw new SnpReportError('ERR_SNP_GCE_SIGNER_UNTRUSTED', 'no trusted root vouches for the signer', {
      cause,
    });
  }
  if (!genuine)
    throw new SnpReportError(
      'ERR_SNP_GCE_SIGNATURE_INVALID',
      'the golden measurement is not signed by its signer',
    );
  // The brand exists in types only; this is the one place that puts it on.
  return Object.freeze({ ...endorsement }) as VerifiedGceEndorsement;
}

/** Follow issuers up to an anchor, by their names; the bundle may be in any order. */
async function mustBeTrusted(
  signer: Certificate,
  bundle: Uint8Array,
  anchors: readonly TrustAnchor[],
  at: number,
): Promise<void> {
  const others = decodePem(decodeUtf8(bundle))
    .slice(0, MAX_CHAIN)
    .map(({ bytes }) => parseCertificate(bytes));
  let subject: Certificate | undefined = signer;
  for (let depth = 0; subject !== undefined && depth < MAX_CHAIN; depth += 1) {
    const { issuer }: Certificate = subject;
    mustBeValid(subject, at);
    mustKnowCritical(subject.extensions, KNOWN);
    if (depth > 0) mustBeAuthority(subject, depth - 1);
    for (const anchor of anchors)
      if (equalBytes(anchor.subject, issuer) && (await verifySignature(signatureCheck(subject, anchor.spki))))
        return;
    const above: Certificate | undefined = others.find((each) => equalBytes(each.subject, issuer));
    if (above !== undefined) await verifyIssued(subject, above, verifySignature);
    subject = above;
  }
  throw new DerError('ERR_DER_UNTRUSTED', 'the chain ends at none of the trust anchors');
}

const MAX_CHAIN = 8;
/** Extensions that may be critical: basicConstraints, keyUsage. */
const KNOWN = ['2.5.29.19', '2.5.29.15'];
