/**
 * The SGX report body: what an SGX quote is about, and the report of the quoting enclave in every quote.
 *
 * @module
 */
import { type Bytes, ByteWriter } from '@sealwright/bytes';

/** Size of an SGX report body, in bytes. */
export const SGX_REPORT_BODY_BYTES = 384;

/** A decoded SGX report body. Offsets are inside the body. */
export interface SgxReportBody {
  /** 16 bytes. `CPUSVN`, at 0. */
  readonly cpuSvn: Bytes;
  /** `MISCSELECT`, u32 at 16. */
  readonly miscSelect: number;
  /** 16 bytes. `ISVEXTPRODID`, at 32. */
  readonly isvExtProdId: Bytes;
  /** Enclave flags; see `sgxAttributes`. `ATTRIBUTES.FLAGS`, u64 at 48. */
  readonly attributesFlags: bigint;
  /** Extended features. `ATTRIBUTES.XFRM`, u64 at 56. */
  readonly attributesXfrm: bigint;
  /** 32 bytes. `MRENCLAVE`, at 64. */
  readonly mrEnclave: Bytes;
  /** 32 bytes. `MRSIGNER`, at 128. */
  readonly mrSigner: Bytes;
  /** 64 bytes. `CONFIGID`, at 192. */
  readonly configId: Bytes;
  /** `ISVPRODID`, u16 at 256. */
  readonly isvProdId: number;
  /** `ISVSVN`, u16 at 258. */
  readonly isvSvn: number;
  /** `CONFIGSVN`, u16 at 260. */
  readonly configSvn: number;
  /** 16 bytes. `ISVFAMILYID`, at 304. */
  readonly isvFamilyId: Bytes;
  /** 64 bytes. `REPORTDATA`, at 320. */
  readonly reportData: Bytes;
  /** The whole body exactly as received, with its reserved gaps: what an enclave's report is signed over. */
  readonly raw: Bytes;
}

/**
 * Decode an SGX report body.
 *
 * @param bytes - exactly {@link SGX_REPORT_BODY_BYTES} bytes, of which the result is a view
 */
export function readSgxReportBody(bytes: Bytes): SgxReportBody {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    cpuSvn: bytes.subarray(0, 16),
    miscSelect: view.getUint32(16, true),
    isvExtProdId: bytes.subarray(32, 48),
    attributesFlags: view.getBigUint64(48, true),
    attributesXfrm: view.getBigUint64(56, true),
    mrEnclave: bytes.subarray(64, 96),
    mrSigner: bytes.subarray(128, 160),
    configId: bytes.subarray(192, 256),
    isvProdId: view.getUint16(256, true),
    isvSvn: view.getUint16(258, true),
    configSvn: view.getUint16(260, true),
    isvFamilyId: bytes.subarray(304, 320),
    reportData: bytes.subarray(320, 384),
    raw: bytes,
  };
}

/** Encode an SGX report body; only its reserved gaps are taken from `raw`. */
export function writeSgxReportBody(body: SgxReportBody): Bytes {
  const gap = (from: number, to: number): Bytes => body.raw.subarray(from, to);
  return new ByteWriter({ littleEndian: true })
    .bytes(body.cpuSvn)
    .u32(body.miscSelect)
    .bytes(gap(20, 32))
    .bytes(body.isvExtProdId)
    .u64(body.attributesFlags)
    .u64(body.attributesXfrm)
    .bytes(body.mrEnclave)
    .bytes(gap(96, 128))
    .bytes(body.mrSigner)
    .bytes(gap(160, 192))
    .bytes(body.configId)
    .u16(body.isvProdId)
    .u16(body.isvSvn)
    .u16(body.configSvn)
    .bytes(gap(262, 304))
    .bytes(body.isvFamilyId)
    .bytes(body.reportData)
    .finish();
}
