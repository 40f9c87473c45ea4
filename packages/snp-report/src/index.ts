/**
 * AMD SEV-SNP attestation reports: `parse` says what a report states, `verify` who says so,
 * `appraise` whether that is good enough.
 *
 * @packageDocumentation
 */
export {
  appraiseSnpReport,
  appraiseSnpTable,
  type SnpCheck,
  type SnpTableHook,
  type SnpVerdict,
} from './appraise.js';
export {
  encodeSnpCertificateTable,
  findSnpTableEntry,
  parseSnpCertificateTable,
  SNP_TABLE,
  snpTableCertificates,
  snpTableProduct,
  type SnpTableEntry,
} from './certificate-table.js';
export { encodeSnpReport, type SnpReportFields } from './encode.js';
export { SnpReportError, type SnpReason, type SnpReportErrorCode } from './errors.js';
export {
  decodeSnpGuestPolicy,
  decodeSnpPlatformInfo,
  type SnpGuestPolicy,
  type SnpPlatformInfo,
} from './flags.js';
export { parseSnpReport, SNP_REPORT_BYTES, type SnpFirmwareVersion, type SnpReport } from './parse.js';
export type { SnpGuestPolicyRules, SnpMinimumTcb, SnpPlatformRules, SnpPolicy } from './policy.js';
export { cocoSnpPolicy, snpPreset, type SnpPreset } from './presets.js';
export { amdTrustAnchors } from './roots.js';
export { decodeSnpTcb, encodeSnpTcb, productFromCpuid, type SnpProduct, type SnpTcb } from './tcb.js';
export { prepareSnpChain, SnpPreparedChain, type SnpCertificates, type SnpPrepareOptions } from './chain.js';
export type { TrustAnchor } from '@sealwright/der';
export { readSnpVek, type SnpVek } from './vek.js';
export { verifySnpReport, type SnpCircumstances, type SnpTrust, type VerifiedSnpReport } from './verify.js';
