import { type Bytes, copyBytes } from '@sealwright/bytes';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { SNP_TABLE, type SnpTableEntry } from '../certificate-table.js';
import { encodeSnpReport } from '../encode.js';
import type { SnpFirmwareVersion, SnpReport } from '../parse.js';
import { decodeSnpTcb, encodeSnpTcb, type SnpProduct } from '../tcb.js';
import { type EvidenceReader, readDocument } from './reader.js';

/** A report and the certificates that came with it. */
export interface SnpEvidence {
  /** The report, written anew from the fields: reserved bytes do not travel. */
  readonly report: Bytes;
  /** Certificates by the GUID of their slot; `undefined` when the host supplied none. */
  readonly certificates: readonly SnpTableEntry[] | undefined;
}

/**
 * Read evidence.
 *
 * @param input - the JSON, at most 1 MiB, or a value that was read from it; only text keeps mitigation vectors above 2^53 exact
 * @throws `SnpReportError` `ERR_SNP_EVIDENCE_MALFORMED`, with the JSON pointer of what is wrong.
 */
export function parseSnpEvidence(input: string | Uint8Array | JsonObject): SnpEvidence {
  const evidence = readDocument(input);
  const given = evidence.optional('cert_chain');
  return {
    report: encodeSnpReport(readReport(evidence.member('attestation_report'))),
    certificates: given?.items(MAX_CERTIFICATES).map(readCertificate),
  };
}

/**
 * Write evidence.
 *
 * @param report - a decoded report
 * @param certificates - as in {@link SnpEvidence}
 * @param product - whose layout of security versions to use, for a version 2 report of Turin; others tell
 */
export function encodeSnpEvidence(
  report: SnpReport,
  certificates: readonly SnpTableEntry[] | undefined,
  product: SnpProduct = report.cpuidProduct ?? 'Milan',
): string {
  const chain = certificates?.map(({ guid, data }) => ({ cert_type: typeOf(guid), data: Array.from(data) }));
  const text = JSON.stringify({
    attestation_report: reportMembers(report, product),
    cert_chain: chain ?? null,
  });
  // Integers of 64 bits, which JSON.stringify cannot write.
  return text.replace(/"(policy|plat_info|(?:launch|current)_mit_vector)":"([0-9]+)"/g, '"$1":$2');
}

function readReport(from: EvidenceReader): Parameters<typeof encodeSnpReport>[0] {
  const signature = from.member('signature');
  return {
    version: from.member('version').number(0xffff_ffff),
    guestSvn: from.member('guest_svn').number(0xffff_ffff),
    policy: from.member('policy').u64(),
    familyId: from.member('family_id').bytes(16),
    imageId: from.member('image_id').bytes(16),
    vmpl: from.member('vmpl').number(0xffff_ffff),
    signatureAlgo: from.member('sig_algo').number(0xffff_ffff),
    currentTcb: readTcb(from.member('current_tcb')),
    platformInfo: from.member('plat_info').u64(),
    keyInfo: from.member('key_info').number(0xffff_ffff),
    reportData: from.member('report_data').bytes(64),
    measurement: from.member('measurement').bytes(48),
    hostData: from.member('host_data').bytes(32),
    idKeyDigest: from.member('id_key_digest').bytes(48),
    authorKeyDigest: from.member('author_key_digest').bytes(48),
    reportId: from.member('report_id').bytes(32),
    reportIdMa: from.member('report_id_ma').bytes(32),
    reportedTcb: readTcb(from.member('reported_tcb')),
    cpuidFamily: from.optional('cpuid_fam_id')?.number(0xff),
    cpuidModel: from.optional('cpuid_mod_id')?.number(0xff),
    cpuidStepping: from.optional('cpuid_step')?.number(0xff),
    chipId: from.member('chip_id').bytes(64),
    committedTcb: readTcb(from.member('committed_tcb')),
    current: readVersion(from.member('current')),
    committed: readVersion(from.member('committed')),
    launchTcb: readTcb(from.member('launch_tcb')),
    launchMitVector: from.optional('launch_mit_vector')?.u64(),
    currentMitVector: from.optional('current_mit_vector')?.u64(),
    signatureR: signature.member('r').bytes(72),
    signatureS: signature.member('s').bytes(72),
  };
}

/** `fmc` is what tells the layout of Turin from the other. */
function readTcb(from: EvidenceReader): bigint {
  const part = (name: string): number => from.member(name).number(0xff);
  const fmc = from.optional('fmc')?.number(0xff);
  const tcb = {
    fmc,
    bootloader: part('bootloader'),
    tee: part('tee'),
    snp: part('snp'),
    microcode: part('microcode'),
  };
  return encodeSnpTcb(tcb, fmc === undefined ? 'Milan' : 'Turin');
}

function readVersion(from: EvidenceReader): SnpFirmwareVersion {
  return {
    build: from.member('build').number(0xff),
    minor: from.member('minor').number(0xff),
    major: from.member('major').number(0xff),
  };
}

function readCertificate(from: EvidenceReader): SnpTableEntry {
  return { guid: guidOf(from.member('cert_type')), data: from.member('data').bytes(undefined, 0x1_0000) };
}

function guidOf(type: EvidenceReader): string {
  const { value } = type;
  if (typeof value === 'string') {
    const guid = TYPES.find(([name]) => name === value)?.[1];
    if (guid !== undefined) return guid;
  } else if (isJsonObject(value)) {
    const guid = type.member('OTHER').value;
    if (typeof guid === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(guid))
      return guid.toLowerCase();
  }
  return type.fail('expected a type of certificate');
}

function typeOf(guid: string): JsonValue {
  return TYPES.find(([, known]) => known === guid)?.[0] ?? { OTHER: guid };
}

function reportMembers(report: SnpReport, product: SnpProduct): Record<string, unknown> {
  const bytes = (value: Uint8Array): number[] => Array.from(copyBytes(value));
  const tcb = (raw: bigint): unknown => {
    const { fmc, bootloader, tee, snp, microcode } = decodeSnpTcb(raw, product);
    return { fmc: fmc ?? null, bootloader, tee, snp, microcode };
  };
  const version = ({ major, minor, build }: SnpFirmwareVersion): unknown => ({ major, minor, build });
  return {
    version: report.version,
    guest_svn: report.guestSvn,
    policy: report.policy.toString(),
    family_id: bytes(report.familyId),
    image_id: bytes(report.imageId),
    vmpl: report.vmpl,
    sig_algo: report.signatureAlgo,
    current_tcb: tcb(report.currentTcb),
    plat_info: report.platformInfo.toString(),
    key_info: report.keyInfo,
    report_data: bytes(report.reportData),
    measurement: bytes(report.measurement),
    host_data: bytes(report.hostData),
    id_key_digest: bytes(report.idKeyDigest),
    author_key_digest: bytes(report.authorKeyDigest),
    report_id: bytes(report.reportId),
    report_id_ma: bytes(report.reportIdMa),
    reported_tcb: tcb(report.reportedTcb),
    cpuid_fam_id: report.cpuidFamily ?? null,
    cpuid_mod_id: report.cpuidModel ?? null,
    cpuid_step: report.cpuidStepping ?? null,
    chip_id: bytes(report.chipId),
    committed_tcb: tcb(report.committedTcb),
    current: version(report.current),
    committed: version(report.committed),
    launch_tcb: tcb(report.launchTcb),
    launch_mit_vector: report.launchMitVector?.toString() ?? null,
    current_mit_vector: report.currentMitVector?.toString() ?? null,
    signature: { r: bytes(report.signatureR), s: bytes(report.signatureS) },
  };
}

const TYPES: readonly (readonly [name: string, guid: string])[] = [
  ['Empty', '00000000-0000-0000-0000-000000000000'],
  ['ARK', SNP_TABLE.ark],
  ['ASK', SNP_TABLE.ask],
  ['VCEK', SNP_TABLE.vcek],
  ['VLEK', SNP_TABLE.vlek],
  ['CRL', SNP_TABLE.crl],
];
const MAX_CERTIFICATES = 32;
