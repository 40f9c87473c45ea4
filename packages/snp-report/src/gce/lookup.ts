import { encodeHex, equalBytes } from '@sealwright/bytes';
import type { GceTdxMeasurement } from './endorsement.js';
import type { VerifiedGceEndorsement } from './verify.js';

/** Family id of Google's firmware in ID blocks, as text of a GUID. */
export const GCE_FIRMWARE_FAMILY_ID = 'f73a6949-e8f3-473b-9553-e40e056fa3a2';

/**
 * How many virtual processors a guest on SEV-SNP was launched with, if its firmware is endorsed.
 *
 * @param endorsement - from `verifyGceEndorsement`
 * @param measurement - of a verified report
 * @returns `undefined` when no golden measurement is this one
 */
export function findGceSnpVcpus(
  { snp }: VerifiedGceEndorsement,
  measurement: Uint8Array,
): number | undefined {
  return [...(snp?.measurements ?? [])].find(([, golden]) => equalBytes(golden, measurement))?.[0];
}

/**
 * With what a trust domain was launched, if its firmware is endorsed.
 *
 * @param endorsement - from `verifyGceEndorsement`
 * @param mrTd - of a verified quote
 * @returns `undefined` when no golden measurement is this one
 */
export function findGceMrTd(
  { tdx }: VerifiedGceEndorsement,
  mrTd: Uint8Array,
): GceTdxMeasurement | undefined {
  return tdx?.measurements.find((golden) => equalBytes(golden.mrTd, mrTd));
}

/**
 * Where Google publishes the endorsement of a guest's firmware.
 *
 * @param tee - which of the two
 * @param measurement - launch measurement or MRTD, 48 bytes
 */
export function gceEndorsementUrl(tee: 'sevsnp' | 'tdx', measurement: Uint8Array): string {
  return `${BASE}/${tee}/${digestOf(measurement)}.binarypb`;
}

/**
 * Where Google publishes a firmware image.
 *
 * @param digest - SHA-384 of the image, as endorsed
 */
export function gceFirmwareUrl(digest: Uint8Array): string {
  return `${BASE}/${digestOf(digest)}.fd`;
}

function digestOf(bytes: Uint8Array): string {
  if (bytes.byteLength !== 48) throw new TypeError('expected 48 bytes');
  return encodeHex(bytes);
}

const BASE = 'https://storage.googleapis.com/gce_tcb_integrity/ovmf_x64_csm';
