/**
 * TDVF metadata: which parts of a firmware image become which memory of a TD (Intel TDX Virtual Firmware Design Guide, chapter 11).
 *
 * @module
 */
import { type Bytes, decodeHex, equalBytes } from '@sealwright/bytes';
import { TdxQuoteError } from '../errors.js';

/** A section of an image. */
export interface TdvfSection {
  /** Where its data begins in the image. */
  readonly dataOffset: number;
  /** Size of its data; the rest of its memory is zero. */
  readonly dataSize: number;
  /** Where it lies in the guest's memory; a multiple of 4096. */
  readonly address: bigint;
  /** Size in memory; a multiple of 4096. */
  readonly memorySize: bigint;
  /** 0 boot firmware, 1 configuration, 2 hand-off blocks, 3 temporary memory, 4 permanent memory, 5 payload, 6 its parameters. */
  readonly type: number;
  /** Whether its contents are measured. Bit 0 of the attributes. */
  readonly extended: boolean;
  /** Whether its pages come later and are not measured at all. Bit 1 of the attributes. */
  readonly addedLater: boolean;
}

/**
 * Find the sections of a firmware image.
 *
 * @param image - the whole image
 * @returns in the order of the table, which is that of the measurement
 * @throws {@link TdxQuoteError} `ERR_TDX_TDVF_METADATA_INVALID`, with an offset in the image where there is one.
 */
export function readTdvfSections(image: Uint8Array): TdvfSection[] {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const at = image.byteLength - findDescriptor(image, view);
  if (at < 16 || at > image.byteLength - 16) throw invalid('the descriptor lies outside of the image');
  if (!equalBytes(image.subarray(at - 16, at), DESCRIPTOR))
    throw invalid('no descriptor where the table says', at - 16);
  if (view.getUint32(at) !== SIGNATURE) throw invalid('a descriptor begins with TDVF', at);
  const version = view.getUint32(at + 8, true);
  if (version !== 1) throw invalid(`expected metadata of version 1, not ${version}`, at + 8);
  const length = view.getUint32(at + 4, true);
  const count = view.getUint32(at + 12, true);
  if (count > MAX_SECTIONS || length !== 16 + 32 * count || at + length > image.byteLength)
    throw invalid(`${count} sections do not fit ${length} bytes`, at + 4);
  return Array.from({ length: count }, (_, index) => readSection(image, view, at + 16 + 32 * index));
}

function readSection(image: Uint8Array, view: DataView, at: number): TdvfSection {
  const attributes = view.getUint32(at + 28, true);
  const section = {
    dataOffset: view.getUint32(at, true),
    dataSize: view.getUint32(at + 4, true),
    address: view.getBigUint64(at + 8, true),
    memorySize: view.getBigUint64(at + 16, true),
    type: view.getUint32(at + 24, true),
    extended: (attributes & 1) !== 0,
    addedLater: (attributes & 2) !== 0,
  };
  const { dataOffset, dataSize, address, memorySize } = section;
  if (dataOffset + dataSize > image.byteLength)
    throw invalid('the data of a section lies outside of the image', at);
  if (BigInt(dataSize) > memorySize) throw invalid('a section has more data than memory', at);
  if (address % PAGE !== 0n || memorySize % PAGE !== 0n || address + memorySize > TOP)
    throw invalid('a section is made of whole pages', at);
  return section;
}

/** The offset of the descriptor from the end of the image, out of the table at the end of the image, which is read backwards. */
function findDescriptor(image: Uint8Array, view: DataView): number {
  const end = image.byteLength - TABLE_END;
  if (end < 18 || !equalBytes(image.subarray(end - 16, end), FOOTER))
    throw invalid('the image has no table of contents');
  const size = view.getUint16(end - 18, true);
  const start = end - size;
  if (size < 18 || start < 0) throw invalid('the table of contents does not fit the image', end - 18);
  for (let at = end - 18; at > start;) {
    if (at - start < 18) throw invalid('an entry of the table does not fit', at);
    const entry = view.getUint16(at - 18, true);
    if (entry < 18 || at - entry < start) throw invalid('an entry of the table does not fit', at - 18);
    if (equalBytes(image.subarray(at - 16, at), OFFSET)) {
      if (entry !== 22) throw invalid('the offset of the descriptor has 4 bytes', at - 18);
      return view.getUint32(at - entry, true);
    }
    at -= entry;
  }
  throw invalid('the image has no TDX metadata');
}

function invalid(message: string, offset?: number): TdxQuoteError {
  return new TdxQuoteError('ERR_TDX_TDVF_METADATA_INVALID', message, offset === undefined ? {} : { offset });
}

const TABLE_END = 32;
const MAX_SECTIONS = 1024;
const PAGE = 4096n;
const TOP = 1n << 64n;
/** `TDVF`. */
const SIGNATURE = 0x5444_5646;
/** 96b582de-1fb2-45f7-baea-a366c55a082d, in the order of memory, as the two below. */
const FOOTER: Bytes = decodeHex('de82b596b21ff745baeaa366c55a082d');
/** e47a6535-984a-4798-865e-4685a7bf8ec2. */
const OFFSET: Bytes = decodeHex('35657ae44a989847865e4685a7bf8ec2');
/** e9eaf9f3-168e-44d5-a8eb-7f4d8738f6ae. */
const DESCRIPTOR: Bytes = decodeHex('f3f9eae98e16d544a8eb7f4d8738f6ae');
