import type { PublicKey } from '@sealwright/crypto';
import type { SnpTcb } from './tcb.js';

/** Least security versions; a component left out is not checked. */
export type SnpMinimumTcb = Partial<SnpTcb>;

/** Demands on the guest policy that the guest was launched with. */
export interface SnpGuestPolicyRules {
  /** Least ABI version, `major.minor`. */
  readonly minAbi?: string;
  /** Whether debugging may be allowed; no unless said so. */
  readonly allowDebug?: boolean;
  /** Whether a migration agent may be allowed; no unless said so. */
  readonly allowMigrateMa?: boolean;
  /** `false` refuses guests that may run with SMT. */
  readonly allowSmt?: boolean;
  /** `false` refuses guests that may run with CXL memory. */
  readonly allowCxl?: boolean;
  /** The guest is bound to one socket. */
  readonly requireSingleSocket?: boolean;
  /** Memory is encrypted with AES-256-XTS. */
  readonly requireAes256Xts?: boolean;
  /** RAPL is off. */
  readonly requireRaplDisabled?: boolean;
  /** Ciphertext hiding is on. */
  readonly requireCiphertextHiding?: boolean;
  /** Page swap is off. */
  readonly requirePageSwapDisabled?: boolean;
}

/** Demands on the platform that the guest runs on. */
export interface SnpPlatformRules {
  /** `false` refuses platforms with SMT on. */
  readonly allowSmt?: boolean;
  /** `false` refuses platforms with TSME on. */
  readonly allowTsme?: boolean;
  /** `false` refuses platforms with trusted I/O on. */
  readonly allowTio?: boolean;
  /** Memory has ECC. */
  readonly requireEcc?: boolean;
  /** RAPL is off. */
  readonly requireRaplDisabled?: boolean;
  /** Ciphertext hiding is on. */
  readonly requireCiphertextHiding?: boolean;
  /** The check for aliased memory was completed. */
  readonly requireAliasCheck?: boolean;
  /** The IOMMU is write-safe. */
  readonly requireIommuWriteSafe?: boolean;
}

/** What a guest must be. A member left out is not checked, except where a default is given; hex is of exact length. */
export interface SnpPolicy {
  /** Guest policy. */
  readonly guestPolicy?: SnpGuestPolicyRules;
  /** Platform information. */
  readonly platformInfo?: SnpPlatformRules;
  /** 64 bytes in hex. */
  readonly reportData?: string;
  /** 32 bytes in hex. */
  readonly hostData?: string;
  /** 16 bytes in hex. */
  readonly familyId?: string;
  /** 16 bytes in hex. */
  readonly imageId?: string;
  /** 32 bytes in hex. */
  readonly reportId?: string;
  /** 32 bytes in hex. */
  readonly reportIdMa?: string;
  /** Any of these, 48 bytes in hex each; an empty list allows nothing. */
  readonly measurements?: readonly string[];
  /** Any of these, 64 bytes in hex each; an empty list allows nothing, and a masked chip is none of them. */
  readonly chipIds?: readonly string[];
  /** Least security version of the guest. */
  readonly minGuestSvn?: number;
  /** Least reported security versions. */
  readonly minReportedTcb?: SnpMinimumTcb;
  /** Least security versions at launch. */
  readonly minLaunchTcb?: SnpMinimumTcb;
  /** Least committed security versions. */
  readonly minCommittedTcb?: SnpMinimumTcb;
  /** Least current security versions. */
  readonly minCurrentTcb?: SnpMinimumTcb;
  /** Least current firmware build. */
  readonly minBuild?: number;
  /** Least current firmware version, `major.minor`. */
  readonly minVersion?: string;
  /** Whether committed firmware may be older than the current one; no unless said so. */
  readonly permitProvisionalFirmware?: boolean;
  /** Exact privilege level, 0 to 3. */
  readonly vmpl?: number;
  /** Whether a trusted ID key must have signed; implied by either list of digests and by `requireAuthorKey`. */
  readonly requireIdBlock?: boolean;
  /** Whether a trusted author must have vouched for the ID key. */
  readonly requireAuthorKey?: boolean;
  /** Digests of ID keys, 48 bytes in hex each. */
  readonly trustedIdKeyDigests?: readonly string[];
  /** Digests of author keys, 48 bytes in hex each. */
  readonly trustedAuthorKeyDigests?: readonly string[];
  /** ID keys themselves: on P-384, as keys or as certificates in DER or PEM. */
  readonly trustedIdKeys?: readonly (PublicKey | Uint8Array)[];
  /** Author keys themselves, in the same forms. */
  readonly trustedAuthorKeys?: readonly (PublicKey | Uint8Array)[];
  /** Kinds of key that may have signed. */
  readonly signers?: readonly ('VCEK' | 'VLEK')[];
  /** Providers that a VLEK may name, exactly; one that begins with `*` stands for all that end like it. */
  readonly cspIds?: readonly string[];
  /** Bits that the launch mitigation vector must have, in hex with `0x`; versions before 5 have none. */
  readonly minLaunchMitigations?: string;
  /** Bits that the current mitigation vector must have, in hex with `0x`; versions before 5 have none. */
  readonly minCurrentMitigations?: string;
}
