/**
 * Who says so: a quote, bound by its attestation key to a quoting enclave, by that to a platform and by that to Intel, and judged by
 * what Intel has published about that platform.
 *
 * @module
 */
import { concatBytes, encodeHex, equalBytes } from '@sealwright/bytes';
import { type PublicKey, sha2, verifyEcdsa } from '@sealwright/crypto';
import { Anchors, checkDates, importKey, readPem } from './certificates.js';
import type { Collateral } from './collateral.js';
import { checkCollateral, type DateRules, type TdxTimes } from './collateral-check.js';
import type { CollateralFacts } from './collateral-facts.js';
import { TdxQuoteError } from './errors.js';
import type { PckFacts } from './pck.js';
import { PreparedCollateral } from './prepared.js';
import { type PckChain, Proofs, provePckChain } from './proofs.js';
import { checkQe } from './qe-identity.js';
import { parseQuote, type Quote } from './quote.js';
import { intelTrustAnchor, type TdxTrustAnchor } from './roots.js';
import { evaluateTcb, type QuoteTcb } from './tcb-evaluation.js';
import { checkTdxModule } from './tdx-module.js';

declare const verified: unique symbol;

/** What a verdict rests on. */
export interface TdxTrust {
  /** What Intel has published: as received, or prepared once for many quotes. */
  readonly collateral: Collateral | PreparedCollateral;
  /** Trusted roots; Intel's own unless given. Prepared collateral brings its own. */
  readonly anchors?: readonly TdxTrustAnchor[];
  /** The time for which to decide; or one for each kind of document, for archived evidence. */
  readonly at: Date | TdxTimes;
  /** Whether to go on, with `collateral.expired` set, when lists, documents or their signers have expired. The default is to fail. */
  readonly dangerouslyAllowExpiredCollateral?: boolean;
  /** Whether to ignore both revocation lists. The default is to demand them. */
  readonly dangerouslySkipRevocation?: boolean;
}

/** What verification found out. */
export interface QuoteVerification {
  /** Marks the type; there is no such property at run time. */
  readonly [verified]: true;
  /** How up to date the platform is. A status of `Revoked` is a finding, not a failure to verify. */
  readonly tcb: QuoteTcb;
  /** The platform. */
  readonly pck: PckFacts;
  /** The collateral that this rests on. */
  readonly collateral: CollateralFacts;
}

/** A quote that was verified. Only {@link verifyQuote} makes one. */
export type VerifiedQuote<Kind extends Quote = Quote> = Kind & QuoteVerification;

/**
 * Verify a quote. It says who signed and how up to date the platform is, not whether the guest is one to trust: that is for an appraisal.
 *
 * @param quote - decoded; its `raw` bytes are decoded again, so nothing else in it is believed
 * @param trust - collateral, roots and time
 * @returns a new, frozen quote that shares no memory with the one given
 * @throws {@link TdxQuoteError} with the first check that failed, in the order of the reference verifier.
 *
 * @example
 * ```ts
 * const verified = await verifyQuote(parseQuote(bytes), { collateral: parseCollateral(json), at: new Date() });
 * console.log(verified.tcb.status);
 * ```
 */
export async function verifyQuote<Kind extends Quote>(
  quote: Kind,
  trust: TdxTrust,
): Promise<VerifiedQuote<Kind>> {
  const own = parseQuote(quote.raw);
  const proofs = proofsOf(trust);
  const rules = dateRules(trust);
  const attestationKey = importAttestationKey(own);
  const pem = pckPem(own) ?? proofs.collateral.pckCertificateChain;
  if (pem === undefined)
    throw new TdxQuoteError('ERR_TDX_PCK_CHAIN_MISSING', 'neither quote nor collateral has the PCK chain');
  const chain = await proofs.pckChain(pem);
  checkPck(chain, rules.chain);
  const { tcbInfo, qeIdentity, facts } = await checkCollateral(proofs, chain, own.tee, rules);
  const body = own.tee === 'tdx' ? own.body : undefined;
  const module = body === undefined ? undefined : checkTdxModule(body, tcbInfo);
  await checkQeReport(own, chain.key);
  const qe = checkQe(own.qeReport, qeIdentity);
  await checkQuoteSignature(own, attestationKey);
  const enclave = { qe, qeLevels: qeIdentity.levels, qeSvn: own.qeReport.isvSvn };
  const tcb = evaluateTcb({ pck: chain.facts, body, module, ...enclave }, tcbInfo);
  // The brand exists in types only; this is the one place that puts it on.
  return Object.freeze({
    ...own,
    tcb,
    pck: chain.facts,
    collateral: facts,
  }) as unknown as VerifiedQuote<Kind>;
}

/**
 * Check a quote's signatures and nothing that needs collateral: no revocation, no judgement of the platform. For looking at evidence,
 * not for trusting it.
 *
 * @param quote - decoded; only its `raw` bytes are looked at
 * @param trust - roots, time, and a PCK chain in PEM for quotes that do not bring one
 * @returns the platform that its PCK certificate names
 * @throws {@link TdxQuoteError} with the first check that failed.
 */
export async function dangerouslyVerifyWithoutCollateral(
  quote: Quote,
  trust: {
    readonly at: Date;
    readonly anchors?: readonly TdxTrustAnchor[];
    readonly pckCertificateChain?: string;
  },
): Promise<PckFacts> {
  const own = parseQuote(quote.raw);
  const attestationKey = importAttestationKey(own);
  const pem = pckPem(own) ?? trust.pckCertificateChain;
  if (pem === undefined)
    throw new TdxQuoteError('ERR_TDX_PCK_CHAIN_MISSING', 'the quote does not bring its PCK chain');
  const chain = await provePckChain(pem, new Anchors(trust.anchors ?? [intelTrustAnchor()]));
  checkPck(chain, millisecondsAt(trust.at));
  await checkQeReport(own, chain.key);
  await checkQuoteSignature(own, attestationKey);
  return chain.facts;
}

function proofsOf({ collateral, anchors }: TdxTrust): Proofs {
  if (!(collateral instanceof PreparedCollateral))
    return new Proofs(collateral, new Anchors(anchors ?? [intelTrustAnchor()]));
  if (anchors !== undefined) throw new TypeError('prepared collateral brings its own anchors');
  return collateral.proofs;
}

function dateRules({ at, ...trust }: TdxTrust): DateRules {
  const when = (kind: keyof TdxTimes): number => millisecondsAt(at instanceof Date ? at : at[kind]);
  return {
    chain: when('chain'),
    rootCrl: when('rootCrl'),
    pckCrl: when('pckCrl'),
    tcbInfo: when('tcbInfo'),
    qeIdentity: when('qeIdentity'),
    allowExpired: trust.dangerouslyAllowExpiredCollateral === true,
    skipRevocation: trust.dangerouslySkipRevocation === true,
  };
}

function millisecondsAt(date: Date): number {
  const at = date.getTime();
  if (Number.isNaN(at)) throw new TypeError('the time of a check is a valid date');
  return at;
}

function importAttestationKey({ attestationKey }: Quote): PublicKey {
  return importKey(attestationKey, 'ERR_TDX_ATTESTATION_KEY_INVALID');
}

/** The chain that a quote brings along. A leaf alone needs the rest from elsewhere, which then has the leaf too. */
function pckPem({ certification }: Quote): string | undefined {
  return certification.type === 5 ? readPem(certification.pem) : undefined;
}

function checkPck({ leaf, intermediate, root }: PckChain, at: number): void {
  checkDates([leaf, intermediate, root], at, false);
  if (leaf.commonName?.includes(PCK_NAME) !== true)
    throw new TdxQuoteError('ERR_TDX_PCK_CERT_WRONG_CN', `the leaf is not named ${PCK_NAME}`);
}

async function checkQeReport(quote: Quote, key: PublicKey): Promise<void> {
  if (!(await verifyEcdsa(key, 'sha256', quote.qeReport.raw, quote.qeReportSignature, 'raw')))
    throw new TdxQuoteError(
      'ERR_TDX_QE_REPORT_SIGNATURE_INVALID',
      'the report of the quoting enclave is not signed by the platform',
    );
  const bound = sha2('sha256', concatBytes(quote.attestationKey, quote.qeAuthData));
  if (!equalBytes(quote.qeReport.reportData, concatBytes(bound, new Uint8Array(32))))
    throw new TdxQuoteError(
      'ERR_TDX_QE_REPORT_DATA_MISMATCH',
      `the quoting enclave does not vouch for the attestation key: expected ${encodeHex(bound)}`,
    );
}

async function checkQuoteSignature(quote: Quote, key: PublicKey): Promise<void> {
  if (!(await verifyEcdsa(key, 'sha256', quote.signed, quote.quoteSignature, 'raw')))
    throw new TdxQuoteError(
      'ERR_TDX_QUOTE_SIGNATURE_INVALID',
      'the quote is not signed by its attestation key',
      {
        offset: quote.signed.byteLength + 4,
      },
    );
}

const PCK_NAME = 'SGX PCK Certificate';
