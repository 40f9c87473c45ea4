/**
 * The certificate table of an extended report (Guest-Hypervisor Communication Block, publication 56421, section 4.1.8.1), which
 * Linux gives as `auxblob`.
 *
 * @module
 */
import { type Bytes, copyBytes, decodeHex, encodeHex } from '@sealwright/bytes';
import type { SnpCertificates } from './chain.js';
import { SnpReportError } from './errors.js';
import { isZero } from './signature.js';
import { productFromCpuid, type SnpProduct } from './tcb.js';

/** One entry of a table. */
export interface SnpTableEntry {
  /** What it is: lower-case text of a GUID; see `SNP_TABLE`. */
  readonly guid: string;
  /** What the host put there; DER or PEM for certificates. */
  readonly data: Bytes;
}

/** The GUIDs with a known meaning. */
export const SNP_TABLE = {
  /** VCEK certificate. */
  vcek: '63da758d-e664-4564-adc5-f4b93be8accd',
  /** VLEK certificate. */
  vlek: 'a8074bc2-a25a-483e-aae6-39c045a0b8a1',
  /** ASK certificate, or the ASVK when the leaf is a VLEK. */
  ask: '4ab7b379-bbac-4fe4-a02f-05aef327c782',
  /** ARK certificate. */
  ark: 'c0b406a4-a803-4952-9743-3fb6014cd0ae',
  /** Revocation list. */
  crl: '92f81bc3-5811-4d3d-97ff-d19f88dc67ea',
  /** What google/go-sev-guest says about the processor. */
  platform: 'ecae0c0f-9502-43b1-afa2-0ae2e0d565b6',
  /** Endorsement of Google Compute Engine's firmware. */
  gceFirmware: '9f4116cd-c503-4f5a-8f6f-fb68882f4ce2',
} as const;

/**
 * Read a certificate table.
 *
 * @param bytes - the table, at most 1 MiB; none at all means that the host supplied nothing
 * @returns its entries in order, unknown ones too; they share no memory with the table
 * @throws {@link SnpReportError} `ERR_SNP_CERT_TABLE_UNTERMINATED`, `ERR_SNP_CERT_TABLE_DUPLICATE` or `ERR_SNP_CERT_TABLE_OUT_OF_BOUNDS`.
 */
export function parseSnpCertificateTable(bytes: Uint8Array): SnpTableEntry[] {
  if (bytes.byteLength > MAX_TABLE)
    throw new SnpReportError('ERR_SNP_CERT_TABLE_OUT_OF_BOUNDS', `a table has at most ${MAX_TABLE} bytes`);
  if (bytes.byteLength === 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findTerminator(bytes);
  const seen = new Set<string>();
  const entries: SnpTableEntry[] = [];
  for (let at = 0; at < end - ENTRY; at += ENTRY) {
    const guid = textOf(bytes.subarray(at, at + 16));
    if (seen.has(guid))
      throw new SnpReportError('ERR_SNP_CERT_TABLE_DUPLICATE', `two entries for ${guid}`, { offset: at });
    seen.add(guid);
    const from = view.getUint32(at + 16, true);
    const to = from + view.getUint32(at + 20, true);
    if (from < end || to > bytes.byteLength)
      throw new SnpReportError(
        'ERR_SNP_CERT_TABLE_OUT_OF_BOUNDS',
        `an entry is between ${end} and ${bytes.byteLength}, not from ${from} to ${to}`,
        { offset: at + 16 },
      );
    entries.push({ guid, data: copyBytes(bytes.subarray(from, to)) });
  }
  return entries;
}

/**
 * Write a certificate table: entries in order, their data one after the other, nothing between and nothing after.
 *
 * @param entries - no GUID twice
 * @throws `TypeError` for a GUID that is none or that occurs twice.
 */
export function encodeSnpCertificateTable(entries: readonly SnpTableEntry[]): Bytes {
  const header = (entries.length + 1) * ENTRY;
  const size = entries.reduce((sum, { data }) => sum + data.byteLength, header);
  if (new Set(entries.map(({ guid }) => guid)).size < entries.length)
    throw new TypeError('an entry occurs twice');
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let from = header;
  for (const [index, { guid, data }] of entries.entries()) {
    const at = index * ENTRY;
    bytes.set(bytesOf(guid), at);
    view.setUint32(at + 16, from, true);
    view.setUint32(at + 20, data.byteLength, true);
    bytes.set(data, from);
    from += data.byteLength;
  }
  return bytes;
}

/**
 * Find an entry. An empty one counts as absent.
 *
 * @param entries - of a table
 * @param guid - what to find, in letters of either case
 */
export function findSnpTableEntry(entries: readonly SnpTableEntry[], guid: string): Bytes | undefined {
  const wanted = guid.toLowerCase();
  const data = entries.find((entry) => entry.guid === wanted)?.data;
  return data === undefined || data.byteLength === 0 ? undefined : data;
}

/**
 * Pick the certificates for a report out of a table.
 *
 * @param entries - of a table
 * @param signingKey - of the report: which leaf to take
 * @returns what is there; a leaf that is missing has to come from AMD's key service
 */
export function snpTableCertificates(
  entries: readonly SnpTableEntry[],
  signingKey: 'VCEK' | 'VLEK',
): Partial<Pick<SnpCertificates, 'leaf' | 'intermediate' | 'root' | 'crl'>> {
  const leaf = findSnpTableEntry(entries, signingKey === 'VLEK' ? SNP_TABLE.vlek : SNP_TABLE.vcek);
  const intermediate = findSnpTableEntry(entries, SNP_TABLE.ask);
  const root = findSnpTableEntry(entries, SNP_TABLE.ark);
  const crl = findSnpTableEntry(entries, SNP_TABLE.crl);
  return {
    ...(leaf && { leaf }),
    ...(intermediate && { intermediate }),
    ...(root && { root }),
    ...(crl && { crl }),
  };
}

/**
 * Product line by the entry that google/go-sev-guest adds, for version 2 reports, which do not name theirs. Nobody signed it.
 *
 * @param entries - of a table
 * @returns `undefined` when there is no such entry, or it says nothing that is understood
 */
export function snpTableProduct(entries: readonly SnpTableEntry[]): SnpProduct | undefined {
  const data = findSnpTableEntry(entries, SNP_TABLE.platform);
  if (data === undefined || data.byteLength < 8) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== 8) return undefined;
  const signature = view.getUint32(4, true);
  const base = (signature >>> 8) & 0xf;
  const family = base === 0xf ? base + ((signature >>> 20) & 0xff) : base;
  return productFromCpuid(family, ((signature >>> 12) & 0xf0) | ((signature >>> 4) & 0xf));
}

function findTerminator(bytes: Uint8Array): number {
  for (let end = ENTRY; end <= bytes.byteLength; end += ENTRY)
    if (isZero(bytes.subarray(end - ENTRY, end))) return end;
  throw new SnpReportError('ERR_SNP_CERT_TABLE_UNTERMINATED', 'a table ends with an entry of zeros', {
    offset: bytes.byteLength,
  });
}

/** The sixteen bytes are in the order of the text. */
function textOf(guid: Uint8Array): string {
  return encodeHex(guid).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function bytesOf(guid: string): Bytes {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(guid))
    throw new TypeError('a GUID is 32 lower-case hex digits in five groups');
  return decodeHex(guid.replaceAll('-', ''));
}

const ENTRY = 24;
const MAX_TABLE = 0x10_0000;
