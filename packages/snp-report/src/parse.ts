/**
 * The ATTESTATION_REPORT structure of AMD's SEV-SNP firmware ABI (publication 56860).
 *
 * @module
 */
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { SnpReportError } from './errors.js';
import { productFromCpuid, type SnpProduct } from './tcb.js';

/** Size of a report, in bytes. */
export const SNP_REPORT_BYTES = 0x4a0;

/** A firmware version as three bytes of the report. */
export interface SnpFirmwareVersion {
  /** Build number; restarts with each version. */
  readonly build: number;
  /** Minor version. */
  readonly minor: number;
  /** Major version. */
  readonly major: number;
}

/** A decoded report. Decoded is not verified: nothing here has been checked against a signature. */
export interface SnpReport {
  /** Layout version, 2 to 5. `VERSION`, u32 at 0x000. */
  readonly version: number;
  /** Security version of the guest, from its ID block. `GUEST_SVN`, u32 at 0x004. */
  readonly guestSvn: number;
  /** Guest policy bits, as launched. `POLICY`, u64 at 0x008. */
  readonly policy: bigint;
  /** 16 bytes from the ID block. `FAMILY_ID`, at 0x010. */
  readonly familyId: Bytes;
  /** 16 bytes from the ID block. `IMAGE_ID`, at 0x020. */
  readonly imageId: Bytes;
  /** Privilege level of the request, 0xffffffff when the host made it. `VMPL`, u32 at 0x030. */
  readonly vmpl: number;
  /** Always 1, ECDSA P-384 with SHA-384. `SIGNATURE_ALGO`, u32 at 0x034. */
  readonly signatureAlgo: number;
  /** `CURRENT_TCB`, u64 at 0x038; see `decodeSnpTcb`. */
  readonly currentTcb: bigint;
  /** Platform bits; unknown ones are kept. `PLATFORM_INFO`, u64 at 0x040. */
  readonly platformInfo: bigint;
  /** `KEY_INFO`, u32 at 0x048. */
  readonly keyInfo: number;
  /** Whether AUTHOR_KEY_DIGEST counts. Bit 0 of `KEY_INFO`. */
  readonly authorKeyEnabled: boolean;
  /** Whether the host had the signature left out. Bit 1 of `KEY_INFO`. */
  readonly chipKeyMasked: boolean;
  /** Which key signed. Bits 4 to 2 of `KEY_INFO`. */
  readonly signingKey: 'VCEK' | 'VLEK' | 'NONE';
  /** 64 bytes the guest chose. `REPORT_DATA`, at 0x050. */
  readonly reportData: Bytes;
  /** SHA-384 launch digest, 48 bytes. `MEASUREMENT`, at 0x090. */
  readonly measurement: Bytes;
  /** 32 bytes the host set at launch. `HOST_DATA`, at 0x0c0. */
  readonly hostData: Bytes;
  /** 48 bytes, zero without an ID block. `ID_KEY_DIGEST`, at 0x0e0. */
  readonly idKeyDigest: Bytes;
  /** 48 bytes. `AUTHOR_KEY_DIGEST`, at 0x110. */
  readonly authorKeyDigest: Bytes;
  /** 32 bytes that name the guest instance. `REPORT_ID`, at 0x140. */
  readonly reportId: Bytes;
  /** 32 bytes that name the migration agent, all ones without one. `REPORT_ID_MA`, at 0x160. */
  readonly reportIdMa: Bytes;
  /** What the signing key was derived for. `REPORTED_TCB`, u64 at 0x180. */
  readonly reportedTcb: bigint;
  /** `CPUID_FAM_ID`, u8 at 0x188; `undefined` in version 2. */
  readonly cpuidFamily: number | undefined;
  /** `CPUID_MOD_ID`, u8 at 0x189; `undefined` in version 2. */
  readonly cpuidModel: number | undefined;
  /** `CPUID_STEP`, u8 at 0x18a; `undefined` in version 2. */
  readonly cpuidStepping: number | undefined;
  /** Product line by CPUID; `undefined` in version 2 and for a processor without published roots. */
  readonly cpuidProduct: SnpProduct | undefined;
  /** 64 bytes, all zero when masked. `CHIP_ID`, at 0x1a0. */
  readonly chipId: Bytes;
  /** `COMMITTED_TCB`, u64 at 0x1e0. */
  readonly committedTcb: bigint;
  /** `CURRENT_BUILD`, `CURRENT_MINOR`, `CURRENT_MAJOR`, at 0x1e8. */
  readonly current: SnpFirmwareVersion;
  /** `COMMITTED_BUILD`, `COMMITTED_MINOR`, `COMMITTED_MAJOR`, at 0x1ec. */
  readonly committed: SnpFirmwareVersion;
  /** `LAUNCH_TCB`, u64 at 0x1f0. */
  readonly launchTcb: bigint;
  /** `LAUNCH_MIT_VECTOR`, u64 at 0x1f8; `undefined` before version 5. */
  readonly launchMitVector: bigint | undefined;
  /** `CURRENT_MIT_VECTOR`, u64 at 0x200; `undefined` before version 5. */
  readonly currentMitVector: bigint | undefined;
  /** 72 bytes, little-endian. `SIGNATURE.R`, at 0x2a0. */
  readonly signatureR: Bytes;
  /** 72 bytes, little-endian. `SIGNATURE.S`, at 0x2e8. */
  readonly signatureS: Bytes;
  /** The whole report exactly as received; its first 0x2a0 bytes are signed. */
  readonly raw: Bytes;
}

/**
 * Decode a report.
 *
 * @param bytes - exactly {@link SNP_REPORT_BYTES} bytes; the result shares no memory with them, and its fields are views of its `raw`
 * @throws {@link SnpReportError} for a wrong length, an unknown version, or bits that must be zero and are not.
 *
 * @example
 * ```ts
 * const { version, measurement } = parseSnpReport(bytes);
 * console.log(version, measurement);
 * ```
 */
export function parseSnpReport(bytes: Uint8Array): SnpReport {
  if (bytes.byteLength !== SNP_REPORT_BYTES) {
    const code =
      bytes.byteLength < SNP_REPORT_BYTES ? 'ERR_SNP_REPORT_TOO_SHORT' : 'ERR_SNP_REPORT_TRAILING_DATA';
    throw new SnpReportError(code, `a report is ${SNP_REPORT_BYTES} bytes, not ${bytes.byteLength}`);
  }
  const raw = copyBytes(bytes);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const u32 = (at: number): number => view.getUint32(at, true);
  const u64 = (at: number): bigint => view.getBigUint64(at, true);
  const slice = (from: number, to: number): Bytes => raw.subarray(from, to);
  const version = u32(0x000);
  const reserved = RESERVED.get(version);
  if (reserved === undefined)
    throw new SnpReportError('ERR_SNP_UNSUPPORTED_VERSION', `unknown report version ${version}`, {
      offset: 0x000,
    });
  for (const [from, to] of reserved) mustBeZero(raw, from, to);
  const policy = u64(0x008);
  if ((policy & 0x20000n) === 0n || policy >> 26n !== 0n)
    throw new SnpReportError('ERR_SNP_POLICY_INVALID', 'policy bit 17 is one, bits 26 and up are zero', {
      offset: 0x008,
    });
  const keyInfo = u32(0x048);
  const signingKey = SIGNING_KEYS.get((keyInfo >>> 2) & 7);
  if (keyInfo >>> 5 !== 0 || signingKey === undefined)
    throw new SnpReportError('ERR_SNP_SIGNER_INFO_INVALID', 'key info has bits without a meaning', {
      offset: 0x048,
    });
  if (u32(0x034) !== 1)
    throw new SnpReportError('ERR_SNP_UNSUPPORTED_SIGNATURE_ALGO', 'expected signature algorithm 1', {
      offset: 0x034,
    });
  const cpuid = version >= 3;
  const [family, model] = [view.getUint8(0x188), view.getUint8(0x189)];
  return {
    version,
    guestSvn: u32(0x004),
    policy,
    familyId: slice(0x010, 0x020),
    imageId: slice(0x020, 0x030),
    vmpl: u32(0x030),
    signatureAlgo: u32(0x034),
    currentTcb: u64(0x038),
    platformInfo: u64(0x040),
    keyInfo,
    authorKeyEnabled: (keyInfo & 1) !== 0,
    chipKeyMasked: (keyInfo & 2) !== 0,
    signingKey,
    reportData: slice(0x050, 0x090),
    measurement: slice(0x090, 0x0c0),
    hostData: slice(0x0c0, 0x0e0),
    idKeyDigest: slice(0x0e0, 0x110),
    authorKeyDigest: slice(0x110, 0x140),
    reportId: slice(0x140, 0x160),
    reportIdMa: slice(0x160, 0x180),
    reportedTcb: u64(0x180),
    cpuidFamily: cpuid ? family : undefined,
    cpuidModel: cpuid ? model : undefined,
    cpuidStepping: cpuid ? view.getUint8(0x18a) : undefined,
    cpuidProduct: cpuid ? productFromCpuid(family, model) : undefined,
    chipId: slice(0x1a0, 0x1e0),
    committedTcb: u64(0x1e0),
    current: readVersion(view, 0x1e8),
    committed: readVersion(view, 0x1ec),
    launchTcb: u64(0x1f0),
    launchMitVector: version >= 5 ? u64(0x1f8) : undefined,
    currentMitVector: version >= 5 ? u64(0x200) : undefined,
    signatureR: slice(0x2a0, 0x2e8),
    signatureS: slice(0x2e8, 0x330),
    raw,
  };
}

function readVersion(view: DataView, at: number): SnpFirmwareVersion {
  return Object.freeze({
    build: view.getUint8(at),
    minor: view.getUint8(at + 1),
    major: view.getUint8(at + 2),
  });
}

function mustBeZero(raw: Bytes, from: number, to: number): void {
  let seen = 0;
  for (let offset = from; offset < to; offset += 1) seen |= raw[offset] ?? 0;
  if (seen === 0) return;
  const offset = from + raw.subarray(from, to).findIndex((byte) => byte !== 0);
  throw new SnpReportError('ERR_SNP_MBZ_VIOLATION', 'a reserved byte is not zero', { offset });
}

const SIGNING_KEYS: ReadonlyMap<number, SnpReport['signingKey']> = new Map([
  [0, 'VCEK'],
  [1, 'VLEK'],
  [7, 'NONE'],
]);
type Ranges = readonly (readonly [from: number, to: number])[];
const ALWAYS: Ranges = [
  [0x04c, 0x050],
  [0x1eb, 0x1ec],
  [0x1ef, 0x1f0],
  [0x330, 0x4a0],
];
const V3: Ranges = [...ALWAYS, [0x18b, 0x1a0], [0x1f8, 0x2a0]];
/** What must be zero, by version: a new version is a new row. 0x330 and up is covered by no signature. */
const RESERVED: ReadonlyMap<number, Ranges> = new Map([
  [2, [...ALWAYS, [0x188, 0x1a0], [0x1f8, 0x2a0]]],
  [3, V3],
  [4, V3],
  [5, [...ALWAYS, [0x18b, 0x1a0], [0x208, 0x2a0]]],
]);
