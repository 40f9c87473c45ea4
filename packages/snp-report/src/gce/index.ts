/**
 * Google Compute Engine's endorsement of the firmware that it launches guests with: golden measurements for SEV-SNP and TDX, signed.
 *
 * @packageDocumentation
 */
export { SnpReportError, type SnpReportErrorCode, type SnpReason } from '../errors.js';
export {
  type GceEndorsement,
  type GceSnpGolden,
  type GceTdxGolden,
  type GceTdxMeasurement,
  parseGceEndorsement,
} from './endorsement.js';
export {
  findGceMrTd,
  findGceSnpVcpus,
  GCE_FIRMWARE_FAMILY_ID,
  gceEndorsementUrl,
  gceFirmwareUrl,
} from './lookup.js';
export { type GceTrust, verifyGceEndorsement, type VerifiedGceEndorsement } from './verify.js';
