import { encodeBase64, encodeHex } from '@sealwright/bytes';
import { decodeSnpGuestPolicy, decodeSnpPlatformInfo } from '../flags.js';
import { decodeSnpTcb } from '../tcb.js';
import type { VerifiedSnpReport } from '../verify.js';

/** What a report says, under the names that policies of Confidential Containers read. */
export interface SnpClaims {
  /** Least major version of the ABI that the guest policy demands. */
  readonly policy_abi_major: number;
  /** Least minor version of the ABI that the guest policy demands. */
  readonly policy_abi_minor: number;
  /** Whether the guest policy allows SMT. */
  readonly policy_smt_allowed: boolean;
  /** Whether the guest policy allows a migration agent. */
  readonly policy_migrate_ma: boolean;
  /** Whether the guest policy allows debugging. */
  readonly policy_debug_allowed: boolean;
  /** Whether the guest policy demands a single socket. */
  readonly policy_single_socket: boolean;
  /** Reported security version of the boot loader. */
  readonly reported_tcb_bootloader: number;
  /** Reported security version of the secure operating system. */
  readonly reported_tcb_tee: number;
  /** Reported security version of the SNP firmware. */
  readonly reported_tcb_snp: number;
  /** Reported security version of the microcode. */
  readonly reported_tcb_microcode: number;
  /** Whether TSME is on. */
  readonly platform_tsme_enabled: boolean;
  /** Whether SMT is on. */
  readonly platform_smt_enabled: boolean;
  /** Launch digest, hex. */
  readonly measurement: string;
  /** REPORT_DATA, hex. */
  readonly report_data: string;
  /** HOST_DATA, hex: the digest of the init-data. */
  readonly init_data: string;
  /** CHIP_ID, hex. */
  readonly chip_id: string;
}

/**
 * State the claims of a report.
 *
 * @param report - verified
 */
export function snpClaims(report: VerifiedSnpReport): SnpClaims {
  const policy = decodeSnpGuestPolicy(report.policy);
  const platform = decodeSnpPlatformInfo(report.platformInfo);
  const tcb = decodeSnpTcb(report.reportedTcb, report.product);
  return {
    policy_abi_major: policy.abiMajor,
    policy_abi_minor: policy.abiMinor,
    policy_smt_allowed: policy.smt,
    policy_migrate_ma: policy.migrateMa,
    policy_debug_allowed: policy.debug,
    policy_single_socket: policy.singleSocket,
    reported_tcb_bootloader: tcb.bootloader,
    reported_tcb_tee: tcb.tee,
    reported_tcb_snp: tcb.snp,
    reported_tcb_microcode: tcb.microcode,
    platform_tsme_enabled: platform.tsmeEnabled,
    platform_smt_enabled: platform.smtEnabled,
    measurement: encodeHex(report.measurement),
    report_data: encodeHex(report.reportData),
    init_data: encodeHex(report.hostData),
    chip_id: encodeHex(report.chipId),
  };
}

/**
 * State the claims of a report from an Azure virtual machine: numbers and booleans as text, bytes in base64, no chip. What the
 * vTPM says then takes the place of `report_data` and `init_data`; see `azureClaims` of the `azure` entry point.
 *
 * @param report - verified
 */
export function azureSnpClaims(report: VerifiedSnpReport): Readonly<Record<string, string>> {
  const { chip_id: _, ...claims } = snpClaims(report);
  const texts = Object.entries(claims).map(([name, value]) => [name, String(value)]);
  return {
    ...(Object.fromEntries(texts) as Record<string, string>),
    measurement: encodeBase64(report.measurement),
    report_data: encodeBase64(report.reportData),
    init_data: encodeBase64(report.hostData),
  };
}
