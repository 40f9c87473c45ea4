/**
 * What a firmware image says about itself: the table of GUIDs at its end and the SEV metadata (tianocore/edk2
 * OvmfPkg/ResetVector, "GUIDed structures").
 *
 * @module
 */
import { type Bytes, decodeHex, equalBytes } from '@sealwright/bytes';
import { SnpReportError } from '../errors.js';
import { PAGE_BYTES } from './launch-digest.js';

/** A range of guest memory that the firmware wants measured. */
export interface MetadataSection {
  /** Guest physical address. */
  readonly address: number;
  /** Size, in bytes. */
  readonly size: number;
  /** What it is for. */
  readonly type: number;
}

/** What a firmware image says about itself. */
export interface FirmwareImage {
  /** The whole image. */
  readonly bytes: Uint8Array;
  /** Where the hash table of kernel, initrd and command line goes, when there is a place for one. */
  readonly hashTable: number | undefined;
  /** Where the second and later processors start, when it says so. */
  readonly resetAddress: number | undefined;
  /** Offset at which an SVSM is entered; of SVSM images. */
  readonly svsmEntry: number | undefined;
  /** What to measure, in order. */
  readonly sections: readonly MetadataSection[];
}

/** Take a firmware image apart. */
export function readFirmware(bytes: Uint8Array): FirmwareImage {
  if (bytes.byteLength === 0 || bytes.byteLength > MAX_BYTES || bytes.byteLength % PAGE_BYTES !== 0)
    throw malformed(`an image is whole pages, at most ${MAX_BYTES} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = readTable(bytes, view);
  const number = (guid: Uint8Array): number | undefined => {
    const from = table.find((entry) => equalBytes(entry.guid, guid));
    if (from === undefined) return undefined;
    if (from.size < 4) throw malformed('an entry of the table is too short', from.at);
    return view.getUint32(from.at, true);
  };
  const metadata = number(METADATA);
  return {
    bytes,
    hashTable: number(HASH_TABLE),
    resetAddress: number(RESET_BLOCK),
    svsmEntry: number(SVSM_INFO),
    sections: metadata === undefined ? [] : readSections(view, bytes.byteLength - metadata),
  };
}

interface TableEntry {
  readonly guid: Uint8Array;
  readonly at: number;
  readonly size: number;
}

/** The table is read backwards: data, size, GUID. Without its footer there is none. */
function readTable(bytes: Uint8Array, view: DataView): TableEntry[] {
  const end = bytes.byteLength - 32;
  if (!equalBytes(bytes.subarray(end - 16, end), FOOTER)) return [];
  const start = end - view.getUint16(end - ENTRY, true);
  if (start < 0 || start > end - ENTRY) throw malformed('the size of the table is wrong', end - ENTRY);
  const entries: TableEntry[] = [];
  for (let at = end - ENTRY; at > start;) {
    const size = at - start < ENTRY ? 0 : view.getUint16(at - ENTRY, true);
    if (size < ENTRY || size > at - start) throw malformed('the size of an entry is wrong', at - ENTRY);
    entries.push({ guid: bytes.subarray(at - 16, at), at: at - size, size: size - ENTRY });
    at -= size;
  }
  return entries;
}

function readSections(view: DataView, at: number): MetadataSection[] {
  if (at < 0 || at + 16 > view.byteLength || view.getUint32(at, true) !== ASEV)
    throw malformed('the metadata is not where it should be', Math.max(at, 0));
  const size = view.getUint32(at + 4, true);
  const count = view.getUint32(at + 12, true);
  if (view.getUint32(at + 8, true) !== 1) throw malformed('expected version 1 of the metadata', at + 8);
  if (size > view.byteLength - at || count * 12 > size - 16)
    throw malformed('the metadata ends past its end', at + 4);
  return Array.from({ length: count }, (_, index) => {
    const from = at + 16 + index * 12;
    const section = {
      address: view.getUint32(from, true),
      size: view.getUint32(from + 4, true),
      type: view.getUint32(from + 8, true),
    };
    if (section.size > MAX_SECTION || section.size % PAGE_BYTES !== 0)
      throw malformed(`a section is whole pages, at most ${MAX_SECTION} bytes`, from + 4);
    return section;
  });
}

/** Bytes of a GUID as firmware writes them: the first three groups are little-endian. */
export function guidBytes(text: string): Bytes {
  const bytes = decodeHex(text.replaceAll('-', ''));
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

function malformed(message: string, offset?: number): SnpReportError {
  return new SnpReportError('ERR_SNP_FIRMWARE_MALFORMED', message, offset === undefined ? {} : { offset });
}

const FOOTER = guidBytes('96b582de-1fb2-45f7-baea-a366c55a082d');
const HASH_TABLE = guidBytes('7255371f-3a3b-4b04-927b-1da6efa8d454');
const RESET_BLOCK = guidBytes('00f771de-1a7e-4fcb-890e-68c77e2fb44e');
const METADATA = guidBytes('dc886566-984a-4798-a75e-5585a7bf67cc');
const SVSM_INFO = guidBytes('a789a612-0597-4c4b-a49f-cbb1fe9d1ddd');
/** "ASEV", little-endian. */
const ASEV = 0x5645_5341;
/** Size of an entry without its data. */
const ENTRY = 18;
const MAX_BYTES = 0x1000_0000;
const MAX_SECTION = 0x1000_0000;
