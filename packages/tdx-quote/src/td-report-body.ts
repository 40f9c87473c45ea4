/**
 * The TD report body, versions 1.0 and 1.5 of the TDX module's interface.
 *
 * @module
 */
import { type Bytes, ByteWriter } from '@sealwright/bytes';

/** Size of a body of TD 1.0, in bytes. */
export const TD10_BODY_BYTES = 584;
/** Size of a body of TD 1.5, in bytes. */
export const TD15_BODY_BYTES = 648;

/** Attributes and registers of a TD. Offsets are inside a TD report body; in a TDREPORT all of them are 392 bytes further on. */
export interface TdRegisters {
  /** See `tdAttributes`. `TDATTRIBUTES`, u64 at 120. */
  readonly tdAttributes: bigint;
  /** Extended features that the TD may use; see `xfamFeatures`. `XFAM`, u64 at 128. */
  readonly xfam: bigint;
  /** 48 bytes, the measurement of the firmware. `MRTD`, at 136. */
  readonly mrTd: Bytes;
  /** 48 bytes set by the host, such as an initdata digest. `MRCONFIGID`, at 184. */
  readonly mrConfigId: Bytes;
  /** 48 bytes. `MROWNER`, at 232. */
  readonly mrOwner: Bytes;
  /** 48 bytes. `MROWNERCONFIG`, at 280. */
  readonly mrOwnerConfig: Bytes;
  /** 48 bytes, measured by the firmware. `RTMR0`, at 328. */
  readonly rtmr0: Bytes;
  /** 48 bytes, measured by the firmware. `RTMR1`, at 376. */
  readonly rtmr1: Bytes;
  /** 48 bytes, measured by the boot loader and kernel. `RTMR2`, at 424. */
  readonly rtmr2: Bytes;
  /** 48 bytes, measured at run time. `RTMR3`, at 472. */
  readonly rtmr3: Bytes;
}

/** A decoded TD report body. Offsets are inside the body. */
export interface TdReportBody extends TdRegisters {
  /**
   * 16 security versions at the launch of the TD: byte 0 of the TDX module, byte 1 its major version, byte 2 of the SEAM
   * loader. `TEE_TCB_SVN`, at 0.
   */
  readonly teeTcbSvn: Bytes;
  /** 48 bytes, SHA-384 of the TDX module. `MRSEAM`, at 16. */
  readonly mrSeam: Bytes;
  /** 48 bytes, zero for Intel's module. `MRSIGNERSEAM`, at 64. */
  readonly mrSignerSeam: Bytes;
  /** Zero. `SEAMATTRIBUTES`, u64 at 112. */
  readonly seamAttributes: bigint;
  /** 64 bytes the guest chose, usually a digest over a nonce and a key. `REPORTDATA`, at 520. */
  readonly reportData: Bytes;
  /** 16 security versions of the module that runs now; `undefined` before TD 1.5. `TEE_TCB_SVN_2`, at 584. */
  readonly teeTcbSvn2: Bytes | undefined;
  /** 48 bytes, zero unless a service TD is bound; `undefined` before TD 1.5. `MRSERVICETD`, at 600. */
  readonly mrServiceTd: Bytes | undefined;
}

/**
 * Decode a TD report body.
 *
 * @param bytes - exactly {@link TD10_BODY_BYTES} or {@link TD15_BODY_BYTES} bytes, of which the result is a view
 */
export function readTdReportBody(bytes: Bytes): TdReportBody {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const later = bytes.byteLength === TD15_BODY_BYTES;
  return {
    teeTcbSvn: bytes.subarray(0, 16),
    mrSeam: bytes.subarray(16, 64),
    mrSignerSeam: bytes.subarray(64, 112),
    seamAttributes: view.getBigUint64(112, true),
    ...readTdRegisters(bytes, view, 120),
    reportData: bytes.subarray(520, 584),
    teeTcbSvn2: later ? bytes.subarray(584, 600) : undefined,
    mrServiceTd: later ? bytes.subarray(600, 648) : undefined,
  };
}

/**
 * Decode attributes and registers.
 *
 * @param bytes - of which the result is a view
 * @param view - of the same bytes
 * @param at - where the attributes begin
 */
export function readTdRegisters(bytes: Bytes, view: DataView, at: number): TdRegisters {
  const register = (index: number): Bytes => bytes.subarray(at + 16 + 48 * index, at + 64 + 48 * index);
  return {
    tdAttributes: view.getBigUint64(at, true),
    xfam: view.getBigUint64(at + 8, true),
    mrTd: register(0),
    mrConfigId: register(1),
    mrOwner: register(2),
    mrOwnerConfig: register(3),
    rtmr0: register(4),
    rtmr1: register(5),
    rtmr2: register(6),
    rtmr3: register(7),
  };
}

/** Encode a TD report body. */
export function writeTdReportBody(body: TdReportBody): Bytes {
  const writer = new ByteWriter({ littleEndian: true })
    .bytes(body.teeTcbSvn)
    .bytes(body.mrSeam)
    .bytes(body.mrSignerSeam)
    .u64(body.seamAttributes)
    .u64(body.tdAttributes)
    .u64(body.xfam);
  const rest = [body.mrTd, body.mrConfigId, body.mrOwner, body.mrOwnerConfig];
  rest.push(body.rtmr0, body.rtmr1, body.rtmr2, body.rtmr3, body.reportData);
  for (const part of rest) writer.bytes(part);
  if (body.teeTcbSvn2 !== undefined) writer.bytes(body.teeTcbSvn2);
  if (body.mrServiceTd !== undefined) writer.bytes(body.mrServiceTd);
  return writer.finish();
}
