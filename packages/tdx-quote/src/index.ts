/**
 * Intel TDX and SGX quotes: `parse` says what a quote states, `verify` who says so and how up to date that platform is,
 * `appraise` whether that is good enough.
 *
 * @packageDocumentation
 */
export { appraiseQuote, type TdxCheck, type TdxVerdict } from './appraise.js';
export {
  type SgxAttributes,
  sgxAttributes,
  type TdAttributes,
  tdAttributes,
  xfamFeatures,
} from './attributes.js';
export type {
  Certification,
  ManifestCertification,
  PemCertification,
  PpidCertification,
} from './certification.js';
export { type Collateral, encodeCollateral, parseCollateral } from './collateral.js';
export type { TdxTimes } from './collateral-check.js';
export type { CollateralFacts } from './collateral-facts.js';
export { TdxQuoteError, type TdxQuoteErrorCode } from './errors.js';
export { type PckFacts, readPckFacts } from './pck.js';
export type { TdxPolicy } from './policy.js';
export { prepareCollateral, PreparedCollateral } from './prepared.js';
export {
  encodeQuote,
  MAX_QUOTE_BYTES,
  parseQuote,
  type Quote,
  type QuoteHeader,
  type QuoteParts,
  type SgxQuote,
  type TdQuote,
} from './quote.js';
export { intelTrustAnchor, type TdxTrustAnchor, trustAnchorOf } from './roots.js';
export type { SgxReportBody } from './sgx-report-body.js';
export type { QuoteTcb, TcbShortfall } from './tcb-evaluation.js';
export type { IsvLevel, TcbStanding } from './tcb-info.js';
export { mergeTcbStatus, type TcbStatus } from './tcb-status.js';
export {
  checkTdReportHashes,
  parseTdReport,
  TD_REPORT_BYTES,
  type TdReport,
  type TdReportHashes,
} from './td-report.js';
export type { TdRegisters, TdReportBody } from './td-report-body.js';
export {
  dangerouslyVerifyWithoutCollateral,
  type QuoteVerification,
  type TdxTrust,
  type VerifiedQuote,
  verifyQuote,
} from './verify.js';
