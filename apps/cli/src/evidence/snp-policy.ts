import type { SnpPolicy } from '@sealwright/snp-report';
import { type Kind, readPolicy } from './policy-document.js';

/**
 * Read a policy for reports of SEV-SNP: JSON with the members of `SnpPolicy`.
 *
 * @param bytes - of a file
 * @throws `CommandError`
 */
export function readSnpPolicy(bytes: Uint8Array): SnpPolicy {
  // Every member has been held to its type.
  return readPolicy(bytes, POLICY) as SnpPolicy;
}

const TCB: Kind = { fmc: 'number', bootloader: 'number', tee: 'number', snp: 'number', microcode: 'number' };
const POLICY: { readonly [Name in keyof SnpPolicy]?: Kind } & Kind = {
  guestPolicy: {
    minAbi: 'text',
    allowDebug: 'boolean',
    allowMigrateMa: 'boolean',
    allowSmt: 'boolean',
    allowCxl: 'boolean',
    requireSingleSocket: 'boolean',
    requireAes256Xts: 'boolean',
    requireRaplDisabled: 'boolean',
    requireCiphertextHiding: 'boolean',
    requirePageSwapDisabled: 'boolean',
  },
  platformInfo: {
    allowSmt: 'boolean',
    allowTsme: 'boolean',
    allowTio: 'boolean',
    requireEcc: 'boolean',
    requireRaplDisabled: 'boolean',
    requireCiphertextHiding: 'boolean',
    requireAliasCheck: 'boolean',
    requireIommuWriteSafe: 'boolean',
  },
  reportData: 'text',
  hostData: 'text',
  familyId: 'text',
  imageId: 'text',
  reportId: 'text',
  reportIdMa: 'text',
  measurements: 'texts',
  chipIds: 'texts',
  minGuestSvn: 'number',
  minReportedTcb: TCB,
  minLaunchTcb: TCB,
  minCommittedTcb: TCB,
  minCurrentTcb: TCB,
  minBuild: 'number',
  minVersion: 'text',
  permitProvisionalFirmware: 'boolean',
  vmpl: 'number',
  requireIdBlock: 'boolean',
  requireAuthorKey: 'boolean',
  trustedIdKeyDigests: 'texts',
  trustedAuthorKeyDigests: 'texts',
  signers: 'texts',
  cspIds: 'texts',
  minLaunchMitigations: 'text',
  minCurrentMitigations: 'text',
};
