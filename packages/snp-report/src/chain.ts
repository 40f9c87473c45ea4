/**
 * Root, intermediate, leaf and revocation list: whether AMD vouches for a leaf. What does not depend on a report or on the
 * time is checked once, and kept by the caller.
 *
 * @module
 */
import { type Bytes, decodeUtf8, equalBytes } from '@sealwright/bytes';
import { importSpki, type PublicKey, sha2, verify } from '@sealwright/crypto';
import {
  type Certificate,
  type CertificateList,
  decodePem,
  DerError,
  type DerErrorCode,
  isRevoked,
  mustBeAuthority,
  mustBeCurrent,
  mustBeValid,
  mustKnowCritical,
  mustSignLists,
  parseCertificate,
  parseCertificateList,
  type SignatureVerifier,
  type TrustAnchor,
  verifyIssued,
} from '@sealwright/der';
import { SnpReportError, type SnpReportErrorCode } from './errors.js';
import { ReportMemo } from './memo.js';
import { isAmdRoot } from './roots.js';
import { readSnpVek, type SnpVek } from './vek.js';

/** The certificates of one check, and whom to trust. */
export interface SnpCertificates {
  /** VCEK or VLEK, DER or PEM. */
  readonly leaf: Uint8Array;
  /** ASK, or ASVK for a VLEK; DER or PEM. */
  readonly intermediate: Uint8Array;
  /** ARK, DER or PEM; believed only when its name and key are among the `anchors`. */
  readonly root: Uint8Array;
  /** Trusted roots; AMD's own unless given. */
  readonly anchors?: readonly TrustAnchor[];
  /** Revocation list of the root, DER or PEM; always honoured when given. */
  readonly crl?: Uint8Array;
  /** Whether to refuse when there is no `crl`; not unless said so. */
  readonly requireCrl?: boolean;
}

/** How to prepare a chain. */
export interface SnpPrepareOptions {
  /**
   * How many genuine reports to remember, so that seeing one again costs a comparison of its bytes. Whoever sees it again is given
   * the report that was verified, and shares its memory. Default none.
   */
  readonly remember?: number;
  /** A time for which to check dates right away, each in its turn among the other checks. Default none: dates are checked on each use. */
  readonly at?: Date;
}

/** Leaf, intermediate, root. */
type Chain = readonly [leaf: Certificate, intermediate: Certificate, root: Certificate];

/** A chain whose every signature, name and extension was checked. Dates are checked on each use. Only {@link prepareSnpChain} makes one. */
export class SnpPreparedChain {
  /** What the leaf stands for. */
  readonly vek: SnpVek;
  /** Whether a revocation list was consulted. */
  readonly revocationChecked: boolean;
  /** First moment at which all three certificates are valid, milliseconds since 1970. */
  readonly notBefore: number;
  /** Last moment at which all three certificates are valid, milliseconds since 1970. */
  readonly notAfter: number;
  /**
   * The key of the leaf.
   *
   * @internal
   */
  readonly key: PublicKey;
  /**
   * Genuine reports.
   *
   * @internal
   */
  readonly memo: ReportMemo;
  readonly #certificates: Chain;
  readonly #list: CertificateList | undefined;
  #fingerprints: readonly [Bytes, Bytes, Bytes] | undefined;

  /**
   * Use {@link prepareSnpChain}.
   *
   * @param certificates - leaf, intermediate, root
   * @param list - the revocation list consulted
   * @param vek - what the leaf says
   * @param key - the key of the leaf
   * @param most - how many reports to remember
   * @internal
   */
  constructor(
    certificates: Chain,
    list: CertificateList | undefined,
    vek: SnpVek,
    key: PublicKey,
    most: number,
  ) {
    this.vek = vek;
    this.key = key;
    this.revocationChecked = list !== undefined;
    this.notBefore = Math.max(...certificates.map(({ notBefore }) => notBefore));
    this.notAfter = Math.min(...certificates.map(({ notAfter }) => notAfter));
    this.#certificates = certificates;
    this.#list = list;
    this.memo = new ReportMemo(most);
    Object.defineProperty(this, 'memo', { enumerable: false });
  }

  /** SHA-256 of the certificates used, as DER: leaf, intermediate, root. */
  get fingerprints(): readonly [leaf: Bytes, intermediate: Bytes, root: Bytes] {
    const [leaf, intermediate, root] = this.#certificates;
    this.#fingerprints ??= [fingerprint(leaf), fingerprint(intermediate), fingerprint(root)];
    return this.#fingerprints;
  }

  /**
   * Check the dates of the certificates and of the revocation list.
   *
   * @param at - the time for which to decide
   * @throws {@link SnpReportError} `ERR_SNP_CERT_NOT_YET_VALID`, `ERR_SNP_CERT_EXPIRED`, `ERR_SNP_CRL_NOT_YET_VALID` or `ERR_SNP_CRL_EXPIRED`.
   */
  mustBeValid(at: Date): void {
    checkDates(this.#certificates, at);
    if (this.#list !== undefined) checkListDates(this.#list, at);
  }
}

/**
 * Check all of a chain that depends neither on a report nor on the time.
 *
 * @param given - certificates, revocation list, and whom to trust
 * @param options - whether to remember reports
 * @throws {@link SnpReportError} with the first check that failed.
 *
 * @example
 * ```ts
 * const chain = await prepareSnpChain({ leaf, intermediate, root, crl });
 * const verified = await verifySnpReport(parseSnpReport(bytes), { chain, at: new Date() });
 * console.log(verified.product);
 * ```
 */
export async function prepareSnpChain(
  given: SnpCertificates,
  { remember = 0, at }: SnpPrepareOptions = {},
): Promise<SnpPreparedChain> {
  const { anchors, crl, requireCrl = false } = given;
  const leaf = readCertificate(given.leaf);
  const intermediate = readCertificate(given.intermediate);
  const root = readCertificate(given.root);
  const isTrusted =
    anchors === undefined
      ? isAmdRoot(root)
      : anchors.some(({ subject, spki }) => equalBytes(subject, root.subject) && equalBytes(spki, root.spki));
  if (!isTrusted) throw new SnpReportError('ERR_SNP_UNTRUSTED_ROOT', 'the root is none of the trusted ones');
  const verifier = amdVerifier();
  for (const [subject, issuer] of [
    [root, root],
    [intermediate, root],
    [leaf, intermediate],
  ] as const)
    await verifyIssued(subject, issuer, verifier).catch(refuse(CERTIFICATE_CODES));
  const certificates = [leaf, intermediate, root] as const;
  if (at !== undefined) checkDates(certificates, at);
  translated(CERTIFICATE_CODES, () => {
    mustKnowCritical(leaf.extensions, []);
    for (const { extensions } of [intermediate, root])
      mustKnowCritical(extensions, [BASIC_CONSTRAINTS, KEY_USAGE]);
    mustBeAuthority(intermediate, 0);
    mustBeAuthority(root, 1);
  });
  if (crl === undefined && requireCrl)
    throw new SnpReportError('ERR_SNP_CRL_MISSING', 'a revocation list is required and there is none');
  const list = crl === undefined ? undefined : await notRevoked(crl, certificates, verifier, at);
  const key = leafKey(leaf);
  const vek = readSnpVek(leaf);
  if (intermediate.commonName !== `${vek.kind === 'VLEK' ? 'SEV-VLEK' : 'SEV'}-${vek.product}`)
    throw new SnpReportError(
      'ERR_SNP_PRODUCT_MISMATCH',
      `the intermediate is not that of ${vek.product} for a ${vek.kind}`,
    );
  return new SnpPreparedChain(certificates, list, vek, key, remember);
}

async function notRevoked(
  crl: Uint8Array,
  [, intermediate, root]: Chain,
  verifier: SignatureVerifier,
  at: Date | undefined,
): Promise<CertificateList> {
  const list = readList(crl);
  await verifyIssued(list, root, verifier).catch(refuse(LIST_CODES));
  translated(LIST_CODES, () => {
    mustSignLists(root);
    mustKnowCritical(
      [...list.extensions, ...list.criticalInEntries.map((oid) => ({ oid, critical: true }))],
      [],
    );
  });
  if (list.nextUpdate === undefined)
    throw new SnpReportError('ERR_SNP_CRL_MALFORMED', 'a revocation list says when the next one is due');
  if (at !== undefined) checkListDates(list, at);
  if (isRevoked(list, intermediate.serial))
    throw new SnpReportError('ERR_SNP_ASK_REVOKED', 'the intermediate has been revoked');
  return list;
}

function checkDates([leaf, intermediate, root]: Chain, at: Date): void {
  for (const certificate of [root, intermediate, leaf])
    translated(CERTIFICATE_CODES, () => mustBeValid(certificate, at.getTime()));
}

function checkListDates(list: CertificateList, at: Date): void {
  translated(LIST_CODES, () => mustBeCurrent(list, at.getTime()));
}

/** RSASSA-PSS with SHA-384 and 48 bytes of salt under RSA-4096; nothing else. A key is imported once. */
function amdVerifier(): SignatureVerifier {
  const keys = new Map<Uint8Array, PublicKey | undefined>();
  return async ({ scheme, spki, data, signature }) => {
    const key = keys.has(spki) ? keys.get(spki) : rsaKey(spki);
    keys.set(spki, key);
    return (
      key !== undefined && scheme === 'rsa-pss-sha384' && (await verify(key, data, signature, { scheme }))
    );
  };
}

function rsaKey(spki: Uint8Array): PublicKey | undefined {
  try {
    const key = importSpki(spki);
    return key.kind === 'rsa' && key.bits === 4096 ? key : undefined;
  } catch {
    return undefined;
  }
}

function leafKey(leaf: Certificate): PublicKey {
  let key: PublicKey;
  try {
    key = importSpki(leaf.spki);
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_VEK_KEY_INVALID', 'the key of the leaf cannot be used', { cause });
  }
  if (key.kind !== 'ec-p384') throw new SnpReportError('ERR_SNP_VEK_KEY_INVALID', 'a leaf has a P-384 key');
  return key;
}

function readList(bytes: Uint8Array): CertificateList {
  try {
    return parseCertificateList(derOf(bytes, 'X509 CRL'));
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_CRL_MALFORMED', 'a revocation list cannot be read', { cause });
  }
}

/** Read a certificate, DER or PEM. */
export function readCertificate(bytes: Uint8Array): Certificate {
  try {
    return parseCertificate(derOf(bytes, 'CERTIFICATE'));
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_CERT_MALFORMED', 'a certificate cannot be read', { cause });
  }
}

/** PEM begins with a dash, DER with a SEQUENCE. */
function derOf(bytes: Uint8Array, label: string): Uint8Array {
  if (bytes[0] !== 0x2d) return bytes;
  const [block, ...more] = decodePem(decodeUtf8(bytes), { maxBytes: 0x200_0000 });
  if (block?.label !== label || more.length > 0) throw new TypeError(`expected one ${label}`);
  return block.bytes;
}

function fingerprint({ raw }: Certificate): Bytes {
  return sha2('sha256', raw);
}

type Codes = Partial<Record<DerErrorCode, SnpReportErrorCode>> & { readonly other: SnpReportErrorCode };

function translated(codes: Codes, work: () => void): void {
  try {
    work();
  } catch (cause) {
    refuse(codes)(cause);
  }
}

function refuse(codes: Codes): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof DerError)) throw cause;
    throw new SnpReportError(codes[cause.code] ?? codes.other, cause.message, { cause });
  };
}

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const CERTIFICATE_CODES: Codes = {
  ERR_DER_ISSUER: 'ERR_SNP_CHAIN_NAME_MISMATCH',
  ERR_DER_SIGNATURE: 'ERR_SNP_CHAIN_SIGNATURE_INVALID',
  ERR_DER_ALGORITHM: 'ERR_SNP_CHAIN_SIGNATURE_INVALID',
  ERR_DER_KEY: 'ERR_SNP_CHAIN_SIGNATURE_INVALID',
  ERR_DER_NOT_YET_VALID: 'ERR_SNP_CERT_NOT_YET_VALID',
  ERR_DER_EXPIRED: 'ERR_SNP_CERT_EXPIRED',
  ERR_DER_CRITICAL: 'ERR_SNP_CERT_UNKNOWN_CRITICAL_EXTENSION',
  other: 'ERR_SNP_CERT_MALFORMED',
};
const LIST_CODES: Codes = {
  ERR_DER_ISSUER: 'ERR_SNP_CRL_ISSUER_MISMATCH',
  ERR_DER_SIGNATURE: 'ERR_SNP_CRL_SIGNATURE_INVALID',
  ERR_DER_ALGORITHM: 'ERR_SNP_CRL_SIGNATURE_INVALID',
  ERR_DER_NOT_YET_VALID: 'ERR_SNP_CRL_NOT_YET_VALID',
  ERR_DER_EXPIRED: 'ERR_SNP_CRL_EXPIRED',
  other: 'ERR_SNP_CRL_MALFORMED',
};
