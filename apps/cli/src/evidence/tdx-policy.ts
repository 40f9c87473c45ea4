import type { TdxPolicy } from '@sealwright/tdx-quote';
import { type Kind, readPolicy } from './policy-document.js';

/**
 * Read a policy for quotes of TDX: JSON with the members of `TdxPolicy`, but for the time, which is that of the command.
 *
 * @param bytes - of a file
 * @throws `CommandError`
 */
export function readTdxPolicy(bytes: Uint8Array): TdxPolicy {
  // Every member has been held to its type.
  return readPolicy(bytes, POLICY) as TdxPolicy;
}

const POLICY: { readonly [Name in keyof TdxPolicy]?: Kind } & Kind = {
  acceptedTcbStatuses: 'texts',
  tcbGraceSeconds: 'number',
  collateralGraceSeconds: 'number',
  allowedAdvisoryIds: 'texts',
  minTcbEvaluationDataNumber: 'number',
  minTcbDate: 'text',
  fmspcs: 'texts',
  allowSmt: 'boolean',
  allowCachedKeys: 'boolean',
  allowDynamicPlatform: 'boolean',
  allowDebug: 'boolean',
  requireSeptVeDisable: 'boolean',
  allowProtectionKeys: 'boolean',
  allowKeyLocker: 'boolean',
  allowPerfmon: 'boolean',
  tdAttributes: 'text',
  xfam: 'text',
  xfamAllowed: 'text',
  mrTds: 'texts',
  mrSeams: 'texts',
  mrConfigIds: 'texts',
  mrOwners: 'texts',
  mrOwnerConfigs: 'texts',
  rtmr0s: 'texts',
  rtmr1s: 'texts',
  rtmr2s: 'texts',
  rtmr3s: 'texts',
  mrServiceTds: 'texts',
  reportData: 'text',
  minTeeTcbSvn: 'text',
  minQeSvn: 'number',
  minPceSvn: 'number',
};
