/**
 * What to demand of a verified quote about a trust domain. What is left out is not looked at, unless a default is named.
 *
 * @module
 */
import type { TcbStatus } from './tcb-status.js';

/** Demands on a trust domain and its platform. All hex is of either case and of exactly the size named. */
export interface TdxPolicy {
  /** Which statuses will do. Default `['UpToDate']`. */
  readonly acceptedTcbStatuses?: readonly TcbStatus[];
  /**
   * How long `OutOfDate` and `OutOfDateConfigurationNeeded` will do besides, in seconds after the older of the dates of the platform's
   * and the module's level. Needs `at`.
   */
  readonly tcbGraceSeconds?: number;
  /** How long expired collateral will do, in seconds after the first of it expired; needs `at`, and a verification that let it pass. */
  readonly collateralGraceSeconds?: number;
  /** The time for which to decide; for the two periods of grace only. */
  readonly at?: Date;
  /** Advisories that may apply; any other refuses. */
  readonly allowedAdvisoryIds?: readonly string[];
  /** The least round of evaluation of the TCB info. */
  readonly minTcbEvaluationDataNumber?: number;
  /** The oldest date of the platform's and the module's level, RFC 3339 in UTC. */
  readonly minTcbDate?: string;
  /** Kinds of platform, 6 bytes in hex. */
  readonly fmspcs?: readonly string[];
  /** `false` refuses hyper-threading, and platforms that do not say. */
  readonly allowSmt?: boolean;
  /** `false` refuses platform keys kept by the registration service, and platforms that do not say. */
  readonly allowCachedKeys?: boolean;
  /** `false` refuses platforms to which packages may be added, and platforms that do not say. */
  readonly allowDynamicPlatform?: boolean;
  /** Whether a TD under debug will do: any of the eight bits of the group. Default `false`. */
  readonly allowDebug?: boolean;
  /** Whether SEPT_VE_DISABLE must be set. Some clouds do not. */
  readonly requireSeptVeDisable?: boolean;
  /** `false` refuses supervisor protection keys. */
  readonly allowProtectionKeys?: boolean;
  /** `false` refuses key locker. */
  readonly allowKeyLocker?: boolean;
  /** `false` refuses performance monitoring. */
  readonly allowPerfmon?: boolean;
  /** The TD attributes exactly, 8 bytes in memory order. */
  readonly tdAttributes?: string;
  /** XFAM exactly, 8 bytes in memory order. */
  readonly xfam?: string;
  /** Which features XFAM may have at most, 8 bytes in memory order. */
  readonly xfamAllowed?: string;
  /** Firmware measurements, 48 bytes each. An empty list allows nothing; so do those below. */
  readonly mrTds?: readonly string[];
  /** Measurements of the TDX module, 48 bytes each. */
  readonly mrSeams?: readonly string[];
  /** Values of MRCONFIGID, 48 bytes each. */
  readonly mrConfigIds?: readonly string[];
  /** Values of MROWNER, 48 bytes each. */
  readonly mrOwners?: readonly string[];
  /** Values of MROWNERCONFIG, 48 bytes each. */
  readonly mrOwnerConfigs?: readonly string[];
  /** Values of RTMR0, 48 bytes each. */
  readonly rtmr0s?: readonly string[];
  /** Values of RTMR1, 48 bytes each. */
  readonly rtmr1s?: readonly string[];
  /** Values of RTMR2, 48 bytes each. */
  readonly rtmr2s?: readonly string[];
  /** Values of RTMR3, 48 bytes each. */
  readonly rtmr3s?: readonly string[];
  /** Values of MRSERVICETD, 48 bytes each, for quotes that have one. Default: zero only, so that no service TD is bound. */
  readonly mrServiceTds?: readonly string[];
  /** Report data exactly, 64 bytes. */
  readonly reportData?: string;
  /** Least security versions, 16 bytes, compared byte by byte. */
  readonly minTeeTcbSvn?: string;
  /** Least security version of the quoting enclave. */
  readonly minQeSvn?: number;
  /** Least security version of the provisioning certification enclave, as the PCK certificate has it. */
  readonly minPceSvn?: number;
}
