/**
 * The evidence of Confidential Containers: JSON with the fields of a report and its certificates, both ways, and the claims that
 * its policies read (confidential-containers/trustee deps/verifier/src/snp, virtee/sev's serialised structures).
 *
 * @packageDocumentation
 */
export { encodeSnpEvidence, parseSnpEvidence, type SnpEvidence } from './evidence.js';
export { azureSnpClaims, snpClaims, type SnpClaims } from './claims.js';
export type { SnpTableEntry } from '../certificate-table.js';
export type { SnpFirmwareVersion, SnpReport } from '../parse.js';
export type { SnpProduct } from '../tcb.js';
export type { VerifiedSnpReport } from '../verify.js';
