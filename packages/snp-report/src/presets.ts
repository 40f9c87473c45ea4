import { encodeHex } from '@sealwright/bytes';
import type { SnpPolicy } from './policy.js';

/** A policy with a name. */
export type SnpPreset = 'strict' | 'azure' | 'aws-vlek' | 'coco';

/**
 * Take a policy with a name, and add to it. Each of them refuses debugging and migration; none of them knows which guest is
 * yours: add `measurements` and `reportData`.
 *
 * - `strict`: VMPL 0; no SMT, CXL or TSME; ECC and the check for aliased memory; no provisional firmware
 * - `azure`: VMPL 0, where the paravisor asks for the report; provisional firmware
 * - `aws-vlek`: signed by a VLEK of AWS; provisional firmware. Guests there may be at another VMPL than 0: demand yours
 * - `coco`: VMPL 0; provisional firmware, as in Confidential Containers; see {@link cocoSnpPolicy}
 *
 * @param name - which one
 * @param more - its members win; of `guestPolicy` and `platformInfo` each member does
 */
export function snpPreset(name: SnpPreset, more: SnpPolicy = {}): SnpPolicy {
  const { guestPolicy, platformInfo, ...rest } = PRESETS[name];
  return {
    ...rest,
    ...more,
    guestPolicy: { ...guestPolicy, ...more.guestPolicy },
    platformInfo: { ...platformInfo, ...more.platformInfo },
  };
}

/**
 * What the verifier of Confidential Containers demands.
 *
 * @param reportData - at most 64 bytes; zeros are added at the end
 * @param initDataDigest - of the init-data; brought to the 32 bytes of HOST_DATA by cutting it or by zeros at its end
 * @throws `TypeError` for report data of more than 64 bytes.
 */
export function cocoSnpPolicy(reportData: Uint8Array, initDataDigest?: Uint8Array): SnpPolicy {
  if (reportData.byteLength > 64) throw new TypeError('report data has at most 64 bytes');
  const hostData = initDataDigest && encodeHex(initDataDigest.subarray(0, 32)).padEnd(64, '0');
  return snpPreset('coco', {
    reportData: encodeHex(reportData).padEnd(128, '0'),
    ...(hostData !== undefined && { hostData }),
  });
}

const PRESETS: Readonly<Record<SnpPreset, SnpPolicy>> = {
  strict: {
    vmpl: 0,
    guestPolicy: { allowSmt: false, allowCxl: false },
    platformInfo: { allowSmt: false, allowTsme: false, requireEcc: true, requireAliasCheck: true },
  },
  azure: { vmpl: 0, permitProvisionalFirmware: true },
  'aws-vlek': { signers: ['VLEK'], cspIds: ['*.amazonaws.com'], permitProvisionalFirmware: true },
  coco: { vmpl: 0, permitProvisionalFirmware: true },
};
