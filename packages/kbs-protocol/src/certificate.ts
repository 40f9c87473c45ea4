/**
 * As much of X.509 as the header of a token needs: a leaf certificate, intermediates in any order, trusted ends.
 *
 * @module
 */
import { type Bytes, equalBytes } from '@sealwright/bytes';
import {
  CryptoError,
  importPublicKey,
  type PublicKey,
  type SignatureScheme,
  verify,
} from '@sealwright/crypto';
import {
  decodePem,
  DerError,
  mustKnowCritical,
  parseCertificate as parseX509,
  readBasicConstraints,
  readKeyUsage,
  readSignatureScheme,
} from '@sealwright/der';
import { KbsProtocolError } from './errors.js';

/** A certificate as far as the header of a token needs it. Decoded is not verified. */
export interface TokenCertificate {
  /** The signed part, exactly as received. */
  readonly signed: Bytes;
  /** The signature. */
  readonly signature: Bytes;
  /** How the signature was made. */
  readonly scheme: SignatureScheme;
  /** The issuer's name, in DER. */
  readonly issuer: Bytes;
  /** The subject's name, in DER. */
  readonly subject: Bytes;
  /** The first instant of its validity, in milliseconds since 1970. */
  readonly notBefore: number;
  /** The last instant of its validity, in milliseconds since 1970. */
  readonly notAfter: number;
  /** The subject's key. */
  readonly publicKey: PublicKey;
  /** Whether it may issue certificates: basicConstraints says so, and keyUsage, where it is there, does not deny it. */
  readonly mayIssue: boolean;
  /** How many intermediates may follow it; undefined for any number. */
  readonly pathLength: number | undefined;
}

/**
 * Read a certificate.
 *
 * @param der - the certificate, 64 KiB at most
 * @throws {@link KbsProtocolError} `ERR_KBS_CERTIFICATE`
 */
export function parseCertificate(der: Uint8Array): TokenCertificate {
  try {
    const certificate = parseX509(der);
    mustKnowCritical(certificate.extensions, KNOWN_EXTENSIONS);
    const { signed, signature, issuer, subject, notBefore, notAfter } = certificate;
    const constraints = readBasicConstraints(certificate);
    const mayCertify = readKeyUsage(certificate)?.has('keyCertSign') ?? true;
    return {
      signed,
      signature,
      scheme: readSignatureScheme(certificate.signatureAlgorithm),
      issuer,
      subject,
      notBefore,
      notAfter,
      publicKey: importPublicKey(certificate.spki),
      mayIssue: constraints?.isAuthority === true && mayCertify,
      pathLength: constraints?.pathLength,
    };
  } catch (cause) {
    if (!(cause instanceof DerError) && !(cause instanceof CryptoError)) throw cause;
    throw new KbsProtocolError('ERR_KBS_CERTIFICATE', `the certificate is not taken: ${cause.message}`, {
      cause,
    });
  }
}

/**
 * Read the certificates of a PEM bundle.
 *
 * @param pem - one or more `CERTIFICATE` blocks
 * @throws {@link KbsProtocolError} `ERR_KBS_CERTIFICATE`
 */
export function parseCertificates(pem: string): TokenCertificate[] {
  let blocks: { label: string; bytes: Uint8Array }[];
  try {
    blocks = decodePem(pem);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'expected PEM', { cause });
  }
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE');
  if (certificates.length === 0)
    throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'expected a certificate in PEM');
  return certificates.map(({ bytes }) => parseCertificate(bytes));
}

/**
 * Check that a leaf chains to a trusted certificate, which may itself be an intermediate or the leaf.
 *
 * @param leaf - the certificate of the token's key
 * @param intermediates - untrusted helpers, in any order
 * @param trusted - where the chain may end
 * @param now - milliseconds since 1970
 * @throws {@link KbsProtocolError} `ERR_KBS_CERTIFICATE`
 */
export async function verifyChain(
  leaf: TokenCertificate,
  intermediates: readonly TokenCertificate[],
  trusted: readonly TokenCertificate[],
  now: number,
): Promise<void> {
  let current = leaf;
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    if (now < current.notBefore || now > current.notAfter) {
      throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'a certificate of the chain is not valid now');
    }
    if (trusted.some((end) => equalBytes(end.signed, current.signed))) return;
    const end = await issuerAmong(trusted, current, depth, now);
    if (end !== undefined) return;
    const next = await issuerAmong(intermediates, current, depth, now);
    if (next === undefined) break;
    current = next;
  }
  throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'no path to a trusted certificate');
}

/** The first valid candidate that issued a certificate; `below` intermediates stand between it and the leaf. */
async function issuerAmong(
  candidates: readonly TokenCertificate[],
  subject: TokenCertificate,
  below: number,
  now: number,
): Promise<TokenCertificate | undefined> {
  for (const issuer of candidates) {
    const fits =
      issuer.mayIssue && (issuer.pathLength ?? below) >= below && equalBytes(issuer.subject, subject.issuer);
    if (!fits || now < issuer.notBefore || now > issuer.notAfter) continue;
    if (await signedBy(subject, issuer.publicKey)) return issuer;
  }
  return undefined;
}

async function signedBy(certificate: TokenCertificate, key: PublicKey): Promise<boolean> {
  const family = certificate.scheme.split('-', 1)[0];
  if (key.kind.split('-', 1)[0] !== (family === 'ecdsa' ? 'ec' : family)) return false;
  try {
    return await verify(key, certificate.signed, certificate.signature, { scheme: certificate.scheme });
  } catch {
    // A scheme that the key does not go with, such as SHA-384 over a P-256 key where the platform refuses it.
    return false;
  }
}

/** Extensions that may be critical: those that are read, and key usages and subject names, which say nothing against the use here. */
const KNOWN_EXTENSIONS = ['2.5.29.19', '2.5.29.15', '2.5.29.37', '2.5.29.17'] as const;

const MAX_DEPTH = 8;
