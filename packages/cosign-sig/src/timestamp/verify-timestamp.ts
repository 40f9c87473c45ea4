/**
 * Whether a trusted authority made a timestamp over some bytes.
 *
 * @module
 */
import { equalBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { Certificate } from '@sealwright/der';
import { CosignError } from '../errors.js';
import type { TrustedAuthority } from '../trust/trusted-root.js';
import { isWithin } from '../trust/validity.js';
import { schemeOf } from '../x509/algorithms.js';
import { type ChainCertificate, readCertificate, verifyChain } from '../x509/chain.js';
import { TIME_STAMPING } from '../x509/extensions.js';
import { type SignatureChecks, SignatureMemo } from '../x509/signature-memo.js';
import { parseTimestampResponse, type SigningCertificateId, type Timestamp } from './parse-timestamp.js';

/** What a timestamp must be beyond genuine. */
export interface TimestampOptions {
  /** The nonce that was sent, hexadecimal of the integer's contents. */
  readonly nonce?: string;
  /** The policy that is wanted, dotted. */
  readonly policy?: string;
  /** Common name of the authority that is wanted. */
  readonly commonName?: string;
  /** Signatures that held before. Default none. */
  readonly memo?: SignatureChecks;
}

/** A timestamp that holds. */
export interface VerifiedTimestamp {
  /** The moment. */
  readonly time: Date;
  /** The authority, of those that are trusted. */
  readonly authority: TrustedAuthority;
  /** Common name of the certificate that signed. */
  readonly commonName: string | undefined;
  /** The authority's policy, dotted. */
  readonly policy: string;
}

/**
 * Check a timestamp.
 *
 * @param response - TimeStampResp, DER
 * @param stamped - the bytes that must be stamped
 * @param authorities - whom to believe
 * @param options - what else must hold
 * @throws {@link CosignError} `ERR_COSIGN_TIMESTAMP`.
 */
export async function verifyTimestamp(
  response: Uint8Array,
  stamped: Uint8Array,
  authorities: readonly TrustedAuthority[],
  options: TimestampOptions = {},
): Promise<VerifiedTimestamp> {
  const timestamp = parseTimestampResponse(response);
  if (!equalBytes(timestamp.imprint, digest(timestamp.hash, stamped)))
    throw fault('other bytes were stamped');
  if (options.nonce !== undefined && timestamp.nonce !== options.nonce)
    throw fault('the nonce is another one');
  if (options.policy !== undefined && timestamp.policy !== options.policy)
    throw fault('the policy is another one');
  const { signer, content } = timestamp;
  if (!equalBytes(signer.contentDigest, digest(signer.hash, content)))
    throw fault('the signed attributes are about other content');
  const memo = options.memo ?? new SignatureMemo(0);
  let reason = 'no trusted authority made it';
  for (const authority of authorities) {
    try {
      const leaf = await verifySigner(timestamp, authority, memo);
      const { commonName } = leaf.certificate;
      if (options.commonName !== undefined && commonName !== options.commonName)
        throw fault('the authority has another name');
      return { time: new Date(timestamp.time), authority, commonName, policy: timestamp.policy };
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      reason = error.message;
    }
  }
  throw fault(reason);
}

async function verifySigner(
  timestamp: Timestamp,
  authority: TrustedAuthority,
  memo: SignatureChecks,
): Promise<ChainCertificate> {
  const { signer, time } = timestamp;
  const leaf = leafOf(timestamp, authority);
  const { uses, key, certificate } = leaf;
  if (uses.purposes?.length !== 1 || !uses.purposes.includes(TIME_STAMPING) || !uses.purposesCritical)
    throw fault('the certificate is for more than time stamping, or not for that');
  if (signer.certificateId !== undefined && !isIdOf(signer.certificateId, certificate))
    throw fault('the signed attributes name another certificate');
  const scheme = schemeOf(signer.algorithm, key, signer.hash);
  if (scheme === undefined || !(await memo.verify(key, signer.signed, signer.signature, scheme)))
    throw fault('the signature of the timestamp does not hold');
  if (!isWithin(authority.validFor, time)) throw fault('the authority was not to be trusted at that time');
  await verifyChain(leaf, {
    anchors: [authority.anchor],
    intermediates:
      authority.intermediates.length > 0 ? authority.intermediates : embeddedAuthorities(timestamp),
    at: time,
    purpose: TIME_STAMPING,
    memo,
  });
  return leaf;
}

function isIdOf({ hash, value, issuerSerial }: SigningCertificateId, certificate: Certificate): boolean {
  if (!equalBytes(value, digest(hash, certificate.raw))) return false;
  if (issuerSerial === undefined) return true;
  const { issuers, serial } = issuerSerial;
  return (
    equalBytes(serial, certificate.serial) && issuers.some((issuer) => equalBytes(issuer, certificate.issuer))
  );
}

/** The certificate that the authority is known by, else the one that came along. Where both are there, they are the same. */
function leafOf({ signer, certificates }: Timestamp, authority: TrustedAuthority): ChainCertificate {
  const { leaf } = authority;
  const { certificate: name } = signer;
  if (leaf === undefined && name === undefined) throw fault('the signer is not named by its certificate');
  if (leaf !== undefined && name !== undefined && !isNamed(leaf, name))
    throw fault('another certificate than the one of the authority signed');
  const others = certificates.filter((der) => leaf === undefined || !equalBytes(der, leaf.certificate.raw));
  const found =
    name === undefined ? undefined : others.map(readOrSkip).find((other) => isSigner(other, name));
  if (leaf !== undefined && found !== undefined)
    throw fault('another certificate of the same name and number came along');
  const chosen = leaf ?? found;
  if (chosen !== undefined) return chosen;
  throw fault('the certificate that signed is not there');
}

/** Authorities do not sign timestamps themselves. */
function isSigner(other: ChainCertificate | undefined, name: SignerName): other is ChainCertificate {
  return other !== undefined && !other.uses.authority && isNamed(other, name);
}

function isNamed({ certificate }: ChainCertificate, name: SignerName): boolean {
  return equalBytes(certificate.issuer, name.issuer) && equalBytes(certificate.serial, name.serial);
}

function embeddedAuthorities({ certificates }: Timestamp): ChainCertificate[] {
  return certificates.map(readOrSkip).filter((found) => found?.uses.authority === true) as ChainCertificate[];
}

/** What came along and cannot be used does not matter. */
function readOrSkip(der: Uint8Array): ChainCertificate | undefined {
  try {
    return readCertificate(der);
  } catch (error) {
    if (!(error instanceof CosignError)) throw error;
    return undefined;
  }
}

type SignerName = NonNullable<Timestamp['signer']['certificate']>;

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_TIMESTAMP', message);
}
