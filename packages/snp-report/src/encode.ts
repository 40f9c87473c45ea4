import type { Bytes } from '@sealwright/bytes';
import { SNP_REPORT_BYTES, type SnpFirmwareVersion, type SnpReport } from './parse.js';

/** The fields of a report, without what is worked out from them. */
export type SnpReportFields = Omit<
  SnpReport,
  'raw' | 'authorKeyEnabled' | 'chipKeyMasked' | 'signingKey' | 'cpuidProduct'
>;

/**
 * Write a report from its fields, reserved bytes as zeros. The inverse of `parseSnpReport`; never what a signature is checked over.
 *
 * @param fields - a report, or fields that came another way
 * @throws `TypeError` for a field of a wrong size.
 */
export function encodeSnpReport(fields: SnpReportFields): Bytes {
  const bytes = new Uint8Array(SNP_REPORT_BYTES);
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, value: number): void => view.setUint32(at, within(value, 0xffff_ffff), true);
  const u64 = (at: number, value: bigint): void => {
    if (BigInt.asUintN(64, value) !== value) throw new TypeError('expected a number of 64 bits');
    view.setBigUint64(at, value, true);
  };
  const put = (from: number, to: number, value: Uint8Array): void => {
    if (value.byteLength !== to - from) throw new TypeError(`expected ${to - from} bytes`);
    bytes.set(value, from);
  };
  const version = (at: number, { build, minor, major }: SnpFirmwareVersion): void =>
    put(
      at,
      at + 3,
      Uint8Array.from([build, minor, major], (part) => within(part, 0xff)),
    );
  u32(0x000, fields.version);
  u32(0x004, fields.guestSvn);
  u64(0x008, fields.policy);
  put(0x010, 0x020, fields.familyId);
  put(0x020, 0x030, fields.imageId);
  u32(0x030, fields.vmpl);
  u32(0x034, fields.signatureAlgo);
  u64(0x038, fields.currentTcb);
  u64(0x040, fields.platformInfo);
  u32(0x048, fields.keyInfo);
  put(0x050, 0x090, fields.reportData);
  put(0x090, 0x0c0, fields.measurement);
  put(0x0c0, 0x0e0, fields.hostData);
  put(0x0e0, 0x110, fields.idKeyDigest);
  put(0x110, 0x140, fields.authorKeyDigest);
  put(0x140, 0x160, fields.reportId);
  put(0x160, 0x180, fields.reportIdMa);
  u64(0x180, fields.reportedTcb);
  const { cpuidFamily = 0, cpuidModel = 0, cpuidStepping = 0 } = fields;
  put(
    0x188,
    0x18b,
    Uint8Array.from([cpuidFamily, cpuidModel, cpuidStepping], (part) => within(part, 0xff)),
  );
  put(0x1a0, 0x1e0, fields.chipId);
  u64(0x1e0, fields.committedTcb);
  version(0x1e8, fields.current);
  version(0x1ec, fields.committed);
  u64(0x1f0, fields.launchTcb);
  u64(0x1f8, fields.launchMitVector ?? 0n);
  u64(0x200, fields.currentMitVector ?? 0n);
  put(0x2a0, 0x2e8, fields.signatureR);
  put(0x2e8, 0x330, fields.signatureS);
  return bytes;
}

function within(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new TypeError(`expected a whole number up to ${most}`);
  return value;
}
