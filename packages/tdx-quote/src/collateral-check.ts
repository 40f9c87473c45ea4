/**
 * Whether collateral is genuine, current, and about the platform of a quote.
 *
 * @module
 */
import { equalBytes } from '@sealwright/bytes';
import { type Certificate, type CertificateList, isRevoked } from '@sealwright/der';
import { checkDates } from './certificates.js';
import { isExpired } from './dates.js';
import { TdxQuoteError } from './errors.js';
import { type CollateralFacts, collateralFacts } from './collateral-facts.js';
import {
  type DocumentKind,
  type DocumentOf,
  DOCUMENTS,
  type PckChain,
  type PckIssuer,
  type Proofs,
  type Signer,
} from './proofs.js';
import type { QeIdentity } from './qe-identity.js';
import type { TdxTrustAnchor } from './roots.js';
import type { TcbInfo } from './tcb-info.js';

/** A time for each kind of document. */
export interface TdxTimes {
  /** For the PCK chain. */
  readonly chain: Date;
  /** For the revocation list of the root. */
  readonly rootCrl: Date;
  /** For the revocation list of the PCK's authority. */
  readonly pckCrl: Date;
  /** For the TCB info and its signer. */
  readonly tcbInfo: Date;
  /** For the QE identity and its signer. */
  readonly qeIdentity: Date;
}

/** When to decide, and what to let pass. */
export interface DateRules extends Readonly<Record<keyof TdxTimes, number>> {
  readonly allowExpired: boolean;
  readonly skipRevocation: boolean;
}

/** Genuine, current collateral that fits. */
export interface CheckedCollateral {
  readonly tcbInfo: TcbInfo;
  readonly qeIdentity: QeIdentity;
  readonly facts: CollateralFacts;
}

/** Check collateral for one platform. */
export async function checkCollateral(
  proofs: Proofs,
  chain: PckChain,
  tee: 'tdx' | 'sgx',
  rules: DateRules,
): Promise<CheckedCollateral> {
  const lists = rules.skipRevocation ? undefined : await checkLists(proofs, chain, rules);
  if (lists !== undefined && !proofs.facts.has(chain)) checkRevocation(lists, chain);
  const documents = await checkDocuments(proofs, chain.anchor, lists?.root, rules);
  const { tcbInfo, qeIdentity } = documents;
  const [tcbName, qeName] = tee === 'tdx' ? ['TDX', 'TD_QE'] : ['SGX', 'QE'];
  for (const [fits, what, pointer, whose] of [
    [tcbInfo.id === tcbName, 'TCB_INFO', '/id', tcbName],
    [qeIdentity.id === qeName, 'QE_IDENTITY', '/id', qeName],
    [equalBytes(tcbInfo.fmspc, chain.facts.fmspc), 'FMSPC', '/fmspc', 'this kind of platform'],
    [equalBytes(tcbInfo.pceId, chain.facts.pceId), 'PCEID', '/pceId', 'this PCE'],
  ] as const)
    if (!fits)
      throw new TdxQuoteError(`ERR_TDX_${what}_MISMATCH`, `a document is not for ${whose}`, { pointer });
  const expired = documents.expired || lists?.expired === true;
  const known = lists === undefined ? undefined : proofs.facts.get(chain);
  const facts = known ?? collateralFacts(chain, lists, documents);
  if (lists !== undefined) proofs.facts.set(chain, facts);
  return { tcbInfo, qeIdentity, facts: { ...facts, expired } };
}

function checkRevocation(lists: Lists, chain: PckChain): void {
  if (isRevoked(lists.root, chain.intermediate.serial))
    throw new TdxQuoteError(
      'ERR_TDX_INTERMEDIATE_REVOKED',
      'the authority of the PCK certificate was revoked',
    );
  if (isRevoked(lists.pck, chain.leaf.serial))
    throw new TdxQuoteError('ERR_TDX_PCK_REVOKED', 'the PCK certificate was revoked');
}

/** A genuine revocation list. */
export interface CheckedList {
  readonly list: CertificateList;
  readonly expired: boolean;
}

/** Check the root's revocation list. */
export async function checkRootList(
  proofs: Proofs,
  anchor: TdxTrustAnchor,
  rules: DateRules,
): Promise<CheckedList> {
  return checkList(await proofs.rootCrl(anchor), 'root', rules.rootCrl, rules);
}

/** Check the revocation list of the authority that issued a PCK certificate. */
export async function checkPckList(
  proofs: Proofs,
  issuer: PckIssuer,
  rules: DateRules,
): Promise<CheckedList> {
  return checkList(await proofs.pckCrl(issuer), 'pck', rules.pckCrl, rules);
}

/** Both lists. */
export interface Lists {
  readonly root: CertificateList;
  readonly pck: CertificateList;
  readonly expired: boolean;
}

async function checkLists(proofs: Proofs, issuer: PckIssuer, rules: DateRules): Promise<Lists> {
  const root = await checkRootList(proofs, issuer.anchor, rules);
  const pck = await checkPckList(proofs, issuer, rules);
  return { root: root.list, pck: pck.list, expired: root.expired || pck.expired };
}

/** The two documents and who signed them. */
export interface Documents {
  readonly tcbInfo: TcbInfo;
  readonly qeIdentity: QeIdentity;
  readonly certificates: readonly Certificate[];
  readonly expired: boolean;
}

/** Check the documents. */
export async function checkDocuments(
  proofs: Proofs,
  anchor: TdxTrustAnchor,
  rootCrl: CertificateList | undefined,
  rules: DateRules,
): Promise<Documents> {
  const tcb = await checkDocument('tcbInfo', proofs, anchor, rootCrl, rules);
  const qe = await checkDocument('qeIdentity', proofs, anchor, rootCrl, rules);
  return {
    tcbInfo: tcb.document,
    qeIdentity: qe.document,
    certificates: [...tcb.certificates, ...qe.certificates],
    expired: tcb.expired || qe.expired,
  };
}

async function checkDocument<Kind extends DocumentKind>(
  kind: Kind,
  proofs: Proofs,
  anchor: TdxTrustAnchor,
  rootCrl: CertificateList | undefined,
  { [kind]: at, allowExpired }: DateRules,
): Promise<{ document: DocumentOf<Kind>; certificates: readonly Certificate[]; expired: boolean }> {
  const signer = await proofs.signer(kind, anchor);
  const signerExpired = checkSigner(signer, rootCrl, at, allowExpired);
  const document = await proofs.document(kind, signer);
  const { notBefore, notAfter } = document;
  const expired = isExpired(DOCUMENTS[kind][0], notBefore, notAfter, at, allowExpired);
  return { document, certificates: [signer.certificate, signer.root], expired: signerExpired || expired };
}

function checkList(
  list: CertificateList,
  which: 'root' | 'pck',
  at: number,
  { allowExpired }: DateRules,
): CheckedList {
  // A list without an end never was one to rely on.
  const { thisUpdate, nextUpdate = thisUpdate - 1 } = list;
  return { list, expired: isExpired('CRL', thisUpdate, nextUpdate, at, allowExpired, which) };
}

/** Check the signer of a document: dates, name, revocation. */
export function checkSigner(
  { certificate, root }: Signer,
  rootCrl: CertificateList | undefined,
  at: number,
  allowExpired: boolean,
): boolean {
  const expired = checkDates([certificate, root], at, allowExpired);
  if (certificate.commonName !== SIGNER_NAME)
    throw new TdxQuoteError('ERR_TDX_SIGNING_CERT_WRONG_CN', `the signer is not named ${SIGNER_NAME}`);
  if (rootCrl !== undefined && isRevoked(rootCrl, certificate.serial))
    throw new TdxQuoteError('ERR_TDX_SIGNING_CERT_REVOKED', 'the signer of a document was revoked');
  return expired;
}

const SIGNER_NAME = 'Intel SGX TCB Signing';
