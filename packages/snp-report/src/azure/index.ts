/**
 * Evidence of Azure's confidential virtual machines, where a paravisor stands between the guest and the hardware: the report
 * that it keeps in a virtual TPM, and the quote of that TPM.
 *
 * @packageDocumentation
 */
export { encodeAzureEvidence, parseAzureEvidence, type AzureEvidence } from './evidence.js';
export { parseHclReport, parseHclVariableData, type HclReport, type HclVariableData } from './hcl-report.js';
export { mustQuotePcrs, parseTpmQuote, type PcrSelection, type TpmQuote } from './tpm-quote.js';
export {
  azureClaims,
  verifyAzureSnpEvidence,
  verifyAzureTdxBinding,
  type AzureBinding,
  type AzureExpectation,
  type AzureTrust,
  type VerifiedAzureSnp,
} from './verify.js';
export type { SnpCertificates } from '../chain.js';
export type { SnpFirmwareVersion, SnpReport } from '../parse.js';
export type { SnpProduct } from '../tcb.js';
export type { VerifiedSnpReport } from '../verify.js';
