/**
 * Root, intermediate, leaf and revocation list: whether AMD vouches for a leaf at a given time.
 *
 * @module
 */
import { decodeUtf8, encodeHex, equalBytes } from '@sealwright/bytes';
import { importPublicKey, verify } from '@sealwright/crypto';
import {
  type Certificate,
  type CertificateList,
  decodePem,
  DerReader,
  parseCertificate,
  parseCertificateList,
} from '@sealwright/der';
import { SnpReportError, type SnpReportErrorCode } from './errors.js';
import { amdTrustAnchors, type SnpTrustAnchor } from './roots.js';

/** The certificates and the time of one check. */
export interface SnpChain {
  /** VCEK or VLEK, DER or PEM. */
  readonly leaf: Uint8Array;
  /** ASK, or ASVK for a VLEK; DER or PEM. */
  readonly intermediate: Uint8Array;
  /** ARK, DER or PEM; believed only when its name and key are among the `anchors`. */
  readonly root: Uint8Array;
  /** Trusted roots; AMD's own unless given. */
  readonly anchors?: readonly SnpTrustAnchor[];
  /** Revocation list of the root, DER; always honoured when given. */
  readonly crl?: Uint8Array;
  /** Whether to refuse when there is no `crl`; not unless said so. */
  readonly requireCrl?: boolean;
  /** The time for which to decide. */
  readonly at: Date;
}

/** Check a chain and give its three certificates. */
export async function verifyChain(
  chain: SnpChain,
): Promise<{ leaf: Certificate; intermediate: Certificate; root: Certificate }> {
  const at = chain.at.getTime();
  if (Number.isNaN(at)) throw new TypeError('the time of a check is a valid date');
  const [leaf, intermediate, root] = [chain.leaf, chain.intermediate, chain.root].map(readCertificate) as [
    Certificate,
    Certificate,
    Certificate,
  ];
  const anchors = chain.anchors ?? amdTrustAnchors();
  if (!anchors.some(({ subject, spki }) => equalBytes(subject, root.subject) && equalBytes(spki, root.spki)))
    throw new SnpReportError('ERR_SNP_UNTRUSTED_ROOT', 'the root is none of the trusted ones');
  await mustBeSigned(root, root, 'ERR_SNP_CHAIN_SIGNATURE_INVALID');
  for (const [issuer, subject] of [
    [root, intermediate],
    [intermediate, leaf],
  ] as const) {
    if (!equalBytes(issuer.subject, subject.issuer))
      throw new SnpReportError('ERR_SNP_CHAIN_NAME_MISMATCH', 'an issuer is not the subject above it');
    await mustBeSigned(subject, issuer, 'ERR_SNP_CHAIN_SIGNATURE_INVALID');
  }
  for (const { notBefore, notAfter } of [root, intermediate, leaf]) {
    if (at < notBefore)
      throw new SnpReportError('ERR_SNP_CERT_NOT_YET_VALID', 'a certificate is not valid yet');
    if (at > notAfter)
      throw new SnpReportError('ERR_SNP_CERT_EXPIRED', 'a certificate is not valid any more');
  }
  mustKnowCritical(leaf.extensions, []);
  for (const authority of [intermediate, root]) {
    mustKnowCritical(authority.extensions, [BASIC_CONSTRAINTS, KEY_USAGE]);
    mustBeAuthority(authority);
  }
  await mustNotBeRevoked(chain, intermediate, root, at);
  return { leaf, intermediate, root };
}

async function mustNotBeRevoked(
  chain: SnpChain,
  intermediate: Certificate,
  root: Certificate,
  at: number,
): Promise<void> {
  if (chain.crl === undefined) {
    if (chain.requireCrl === true)
      throw new SnpReportError('ERR_SNP_CRL_MISSING', 'a revocation list is required and there is none');
    return;
  }
  const list = readList(chain.crl);
  if (!equalBytes(list.issuer, root.subject))
    throw new SnpReportError('ERR_SNP_CRL_ISSUER_MISMATCH', 'the revocation list is not of this root');
  await mustBeSigned(list, root, 'ERR_SNP_CRL_SIGNATURE_INVALID');
  if (list.nextUpdate === undefined || list.extensions.some(({ critical }) => critical))
    throw new SnpReportError('ERR_SNP_CRL_MALFORMED', 'a list has an end and no critical extensions');
  if (at < list.thisUpdate)
    throw new SnpReportError('ERR_SNP_CRL_NOT_YET_VALID', 'the revocation list is not valid yet');
  if (at > list.nextUpdate)
    throw new SnpReportError('ERR_SNP_CRL_EXPIRED', 'the revocation list is not valid any more');
  if (list.revoked.some((serial) => equalBytes(serial, intermediate.serial)))
    throw new SnpReportError('ERR_SNP_ASK_REVOKED', 'the intermediate has been revoked');
}

/** RSASSA-PSS with SHA-384, MGF1 with SHA-384, 48 bytes of salt, RSA-4096; nothing else. */
async function mustBeSigned(
  subject: Pick<Certificate, 'signed' | 'signature' | 'signatureAlgorithm'>,
  issuer: Certificate,
  code: SnpReportErrorCode,
): Promise<void> {
  const fail = (message: string, cause?: unknown): never => {
    throw new SnpReportError(code, message, { cause });
  };
  if (!ALGORITHMS.has(encodeHex(subject.signatureAlgorithm))) fail('expected RSASSA-PSS, SHA-384, salt 48');
  let genuine = false;
  try {
    const key = importPublicKey(issuer.spki);
    if (key.kind !== 'rsa' || key.bits !== 4096) fail('an issuer has an RSA key of 4096 bits');
    genuine = await verify(key, subject.signed, subject.signature, { scheme: 'rsa-pss-sha384' });
  } catch (cause) {
    fail('the key of an issuer cannot be used', cause);
  }
  if (!genuine) fail('a signature does not verify');
}

function readCertificate(bytes: Uint8Array): Certificate {
  try {
    return parseCertificate(fromPem(bytes));
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_CERT_MALFORMED', 'a certificate cannot be read', { cause });
  }
}

function readList(bytes: Uint8Array): CertificateList {
  try {
    return parseCertificateList(bytes);
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_CRL_MALFORMED', 'a revocation list cannot be read', { cause });
  }
}

/** PEM begins with a dash, DER with a SEQUENCE. */
function fromPem(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x2d) return bytes;
  const [block, ...more] = decodePem(decodeUtf8(bytes), { maxBytes: 0x2_0000 });
  if (block?.label !== 'CERTIFICATE' || more.length > 0) throw new TypeError('expected one certificate');
  return block.bytes;
}

function mustKnowCritical(extensions: Certificate['extensions'], known: readonly string[]): void {
  if (extensions.some(({ oid, critical }) => critical && !known.includes(oid)))
    throw new SnpReportError('ERR_SNP_CERT_UNKNOWN_CRITICAL_EXTENSION', 'a critical extension is not known');
}

function mustBeAuthority({ extensions }: Certificate): void {
  const value = extensions.find(({ oid }) => oid === BASIC_CONSTRAINTS)?.value;
  try {
    if (value === undefined) throw new TypeError('no basic constraints');
    const flag = new DerReader(value).enter().element(0x01).contents;
    if (flag.byteLength !== 1 || flag[0] !== 0xff) throw new TypeError('not an authority');
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_CERT_MALFORMED', 'an issuer is no certificate authority', { cause });
  }
}

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const SHA384 = '300d06096086480165030402020500';
const PARAMETERS = `06092a864886f70d01010a30HHa00f${SHA384}a11c301a06092a864886f70d010108${SHA384}a203020130`;
/** The one AlgorithmIdentifier, with the default trailer left out and written out. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  `3041${PARAMETERS.replace('HH', '34')}`,
  `3046${PARAMETERS.replace('HH', '39')}a303020101`,
]);
