/**
 * TDREPORT: what the TDX module gives a guest, checkable only on the same processor (TDX module specification, TDREPORT_STRUCT).
 *
 * @module
 */
import { type Bytes, copyBytes, equalBytes } from '@sealwright/bytes';
import { sha2 } from '@sealwright/crypto';
import { TdxQuoteError } from './errors.js';
import { readTdRegisters, type TdRegisters } from './td-report-body.js';

/** Size of a TDREPORT, in bytes. */
export const TD_REPORT_BYTES = 1024;

/** A decoded TDREPORT. It proves nothing to anybody elsewhere. */
export interface TdReport extends TdRegisters {
  /** 4 bytes: 0x81, subtype, version, 0. At 0. */
  readonly reportType: Bytes;
  /** 16 bytes. At 16. */
  readonly cpuSvn: Bytes;
  /** 48 bytes, SHA-384 of {@link TdReport.teeTcbInfo}. At 32. */
  readonly teeTcbInfoHash: Bytes;
  /** 48 bytes, SHA-384 of the TD's part. At 80. */
  readonly teeInfoHash: Bytes;
  /** 64 bytes the guest chose. At 128. */
  readonly reportData: Bytes;
  /** 32 bytes, by a key of the processor. At 224. */
  readonly mac: Bytes;
  /** 239 bytes about the TDX module. At 256. */
  readonly teeTcbInfo: Bytes;
  /** 48 bytes, zero unless service TDs are bound. At 912. */
  readonly servtdHash: Bytes;
}

/**
 * Decode a TDREPORT.
 *
 * @param bytes - exactly {@link TD_REPORT_BYTES} bytes; the result shares no memory with them
 * @throws {@link TdxQuoteError} `ERR_TDX_TDREPORT_MALFORMED`.
 */
export function parseTdReport(bytes: Uint8Array): TdReport {
  if (bytes.byteLength !== TD_REPORT_BYTES)
    throw new TdxQuoteError(
      'ERR_TDX_TDREPORT_MALFORMED',
      `a TDREPORT has ${TD_REPORT_BYTES} bytes, not ${bytes.byteLength}`,
    );
  const raw = copyBytes(bytes);
  if (raw[0] !== 0x81)
    throw new TdxQuoteError('ERR_TDX_TDREPORT_MALFORMED', 'a TDREPORT has type 0x81', { offset: 0 });
  const view = new DataView(raw.buffer);
  const slice = (from: number, size: number): Bytes => raw.subarray(from, from + size);
  return {
    reportType: slice(0, 4),
    cpuSvn: slice(16, 16),
    teeTcbInfoHash: slice(32, 48),
    teeInfoHash: slice(80, 48),
    reportData: slice(128, 64),
    mac: slice(224, 32),
    teeTcbInfo: slice(256, 239),
    ...readTdRegisters(raw, view, 512),
    servtdHash: slice(912, 48),
  };
}

/** Whether the parts of a TDREPORT fit together. */
export interface TdReportHashes {
  /** Whether the first hash is that of the module's part. */
  readonly teeTcbInfo: boolean;
  /** Whether the second hash is that of the TD's part. */
  readonly tdInfo: boolean;
}

/**
 * Compare the two hashes of a TDREPORT with what they are of.
 *
 * @param bytes - the whole TDREPORT
 * @throws {@link TdxQuoteError} `ERR_TDX_TDREPORT_MALFORMED`.
 */
export function checkTdReportHashes(bytes: Uint8Array): TdReportHashes {
  const { teeTcbInfo, teeTcbInfoHash, teeInfoHash } = parseTdReport(bytes);
  return {
    teeTcbInfo: equalBytes(sha2('sha384', teeTcbInfo), teeTcbInfoHash),
    tdInfo: equalBytes(sha2('sha384', bytes.subarray(512)), teeInfoHash),
  };
}
