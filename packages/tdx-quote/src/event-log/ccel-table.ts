/**
 * The ACPI table `CCEL`, which says where the event log is.
 *
 * @module
 */
import { decodeUtf8 } from '@sealwright/bytes';
import { TdxQuoteError } from '../errors.js';

/** A decoded table. */
export interface CcelTable {
  /** Revision of the table. */
  readonly revision: number;
  /** Whether all bytes add up to 0 modulo 256. */
  readonly checksumOk: boolean;
  /** Who made it, without trailing blanks and NULs. */
  readonly oemId: string;
  /** 1 SEV, 2 TDX. */
  readonly ccType: number;
  /** Of the vendor. */
  readonly ccSubtype: number;
  /** Least size of the log's area, in bytes. */
  readonly logAreaMinimumLength: bigint;
  /** Physical address of the log's area. */
  readonly logAreaStartAddress: bigint;
}

/**
 * Decode a table.
 *
 * @param bytes - exactly 56 bytes, such as `/sys/firmware/acpi/tables/CCEL`
 * @throws {@link TdxQuoteError} `ERR_TDX_CCEL_MALFORMED`. A wrong checksum is told, not refused.
 */
export function parseCcelTable(bytes: Uint8Array): CcelTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength !== SIZE || view.getUint32(0) !== SIGNATURE || view.getUint32(4, true) !== SIZE)
    throw new TdxQuoteError('ERR_TDX_CCEL_MALFORMED', `a CCEL table has ${SIZE} bytes and says so`, {
      offset: 0,
    });
  return {
    revision: view.getUint8(8),
    checksumOk: bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0) === 0,
    oemId: printable(bytes.subarray(10, 16)),
    ccType: view.getUint8(36),
    ccSubtype: view.getUint8(37),
    logAreaMinimumLength: view.getBigUint64(40, true),
    logAreaStartAddress: view.getBigUint64(48, true),
  };
}

function printable(bytes: Uint8Array): string {
  return decodeUtf8(bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x20))).trimEnd();
}

const SIZE = 56;
const SIGNATURE = 0x4343_454c;
