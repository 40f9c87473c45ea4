/**
 * The named bits of a report: guest policy and platform information (firmware ABI, publication 56860, sections 4.3 and 7.3).
 *
 * @module
 */

/** What the owner of a guest demanded when it was launched. */
export interface SnpGuestPolicy {
  /** All bits, as launched. */
  readonly raw: bigint;
  /** Least minor version of the ABI. Bits 7 to 0. */
  readonly abiMinor: number;
  /** Least major version of the ABI. Bits 15 to 8. */
  readonly abiMajor: number;
  /** Whether the host may run with SMT. Bit 16. */
  readonly smt: boolean;
  /** Whether a migration agent may be associated. Bit 18. */
  readonly migrateMa: boolean;
  /** Whether the host may read and change the guest's memory. Bit 19. */
  readonly debug: boolean;
  /** Whether the guest stays on one socket. Bit 20. */
  readonly singleSocket: boolean;
  /** Whether CXL devices or memory may be present. Bit 21. */
  readonly cxlAllow: boolean;
  /** Whether memory must be encrypted with AES-256-XTS. Bit 22. */
  readonly memAes256Xts: boolean;
  /** Whether RAPL must be off. Bit 23. */
  readonly raplDis: boolean;
  /** Whether ciphertext hiding must be on. Bit 24. */
  readonly ciphertextHidingDram: boolean;
  /** Whether pages must not be swapped. Bit 25. */
  readonly pageSwapDisable: boolean;
}

/** What the platform was set to when the report was made. */
export interface SnpPlatformInfo {
  /** All bits, those without a name too. */
  readonly raw: bigint;
  /** SMT is on. Bit 0. */
  readonly smtEnabled: boolean;
  /** TSME is on. Bit 1. */
  readonly tsmeEnabled: boolean;
  /** Memory has ECC. Bit 2. */
  readonly eccEnabled: boolean;
  /** RAPL is off. Bit 3. */
  readonly raplDisabled: boolean;
  /** Ciphertext hiding is on. Bit 4. */
  readonly ciphertextHidingDramEnabled: boolean;
  /** The check for aliased memory has been completed since the last reset. Bit 5. */
  readonly aliasCheckComplete: boolean;
  /** The IOMMU is write-safe. Bit 6. */
  readonly iommuWriteSafe: boolean;
  /** Trusted I/O is on. Bit 7. */
  readonly tioEnabled: boolean;
}

/**
 * Name the bits of a guest policy.
 *
 * @param raw - `policy` of a report
 */
export function decodeSnpGuestPolicy(raw: bigint): SnpGuestPolicy {
  return {
    raw,
    abiMinor: Number(raw & 0xffn),
    abiMajor: Number((raw >> 8n) & 0xffn),
    smt: isSet(raw, 16n),
    migrateMa: isSet(raw, 18n),
    debug: isSet(raw, 19n),
    singleSocket: isSet(raw, 20n),
    cxlAllow: isSet(raw, 21n),
    memAes256Xts: isSet(raw, 22n),
    raplDis: isSet(raw, 23n),
    ciphertextHidingDram: isSet(raw, 24n),
    pageSwapDisable: isSet(raw, 25n),
  };
}

/**
 * Name the bits of platform information. Those without a name are in `raw` and no reason to refuse: firmware adds them faster
 * than verifiers are released.
 *
 * @param raw - `platformInfo` of a report
 */
export function decodeSnpPlatformInfo(raw: bigint): SnpPlatformInfo {
  return {
    raw,
    smtEnabled: isSet(raw, 0n),
    tsmeEnabled: isSet(raw, 1n),
    eccEnabled: isSet(raw, 2n),
    raplDisabled: isSet(raw, 3n),
    ciphertextHidingDramEnabled: isSet(raw, 4n),
    aliasCheckComplete: isSet(raw, 5n),
    iommuWriteSafe: isSet(raw, 6n),
    tioEnabled: isSet(raw, 7n),
  };
}

function isSet(raw: bigint, bit: bigint): boolean {
  return ((raw >> bit) & 1n) === 1n;
}
