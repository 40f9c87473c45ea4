/**
 * MRTD: what the TDX module makes of the pages that a TD is built from.
 *
 * @module
 */
import { type Bytes, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { createDigest, type Hasher } from '@sealwright/crypto';
import { TdxQuoteError } from '../errors.js';
import { readTdvfSections, type TdvfSection } from './tdvf.js';

/** In which order a virtual machine monitor builds a section: page by page, or adding all pages before extending any. */
export type MrtdOrder = 'page-by-page' | 'two-pass';

/** How to measure. */
export interface MrtdOptions {
  /** Default `page-by-page`. */
  readonly order?: MrtdOrder;
  /** Most memory of all sections together, in bytes. Default 256 MiB. */
  readonly maxMemoryBytes?: number;
}

/**
 * Compute the MRTD of a firmware image.
 *
 * @param image - the whole image
 * @param options - order and cap
 * @returns 48 bytes
 * @throws {@link TdxQuoteError} `ERR_TDX_TDVF_METADATA_INVALID`.
 *
 * @example
 * ```ts
 * console.log(encodeHex(computeMrtd(image)));
 * ```
 */
export function computeMrtd(image: Uint8Array, options: MrtdOptions = {}): Bytes {
  const { order = 'page-by-page', maxMemoryBytes = 0x1000_0000 } = options;
  const sections = readTdvfSections(image).filter(({ addedLater }) => !addedLater);
  const total = sections.reduce((sum, { memorySize }) => sum + memorySize, 0n);
  if (total > BigInt(maxMemoryBytes))
    throw new TdxQuoteError('ERR_TDX_TDVF_METADATA_INVALID', `the sections take ${total} bytes of memory`);
  const hasher = createDigest('sha384');
  for (const section of sections) measureSection(hasher, image, section, order);
  return hasher.digest();
}

/**
 * Find out in which order a TD was built from a firmware image.
 *
 * @param image - the whole image
 * @param mrTd - of a quote, 48 bytes
 * @param options - cap
 * @returns `undefined` when it was not built from this image
 * @throws {@link TdxQuoteError} `ERR_TDX_TDVF_METADATA_INVALID`.
 */
export function matchMrtd(
  image: Uint8Array,
  mrTd: Uint8Array,
  options: Pick<MrtdOptions, 'maxMemoryBytes'> = {},
): MrtdOrder | undefined {
  const orders = ['page-by-page', 'two-pass'] as const;
  return orders.find((order) => equalBytes(computeMrtd(image, { ...options, order }), mrTd));
}

function measureSection(hasher: Hasher, image: Uint8Array, section: TdvfSection, order: MrtdOrder): void {
  const pages = Number(section.memorySize / 4096n);
  for (let page = 0; page < pages; page += 1) {
    hasher.update(block(ADD, section.address + BigInt(page * 4096), 128));
    if (order === 'page-by-page') extendPage(hasher, image, section, page);
  }
  if (order === 'two-pass')
    for (let page = 0; page < pages; page += 1) extendPage(hasher, image, section, page);
}

function extendPage(hasher: Hasher, image: Uint8Array, section: TdvfSection, page: number): void {
  if (!section.extended) return;
  const data = image.subarray(section.dataOffset, section.dataOffset + section.dataSize);
  for (let offset = page * 4096; offset < (page + 1) * 4096; offset += 256) {
    const chunk = block(EXTEND, section.address + BigInt(offset), 384);
    chunk.set(data.subarray(Math.min(offset, data.byteLength), offset + 256), 128);
    hasher.update(chunk);
  }
}

/** What the module hashes for an operation: its name, padded to 16 bytes, and the address. */
function block(name: Bytes, address: bigint, size: number): Bytes {
  const bytes = new Uint8Array(size);
  bytes.set(name);
  new DataView(bytes.buffer).setBigUint64(16, address, true);
  return bytes;
}

const ADD: Bytes = encodeUtf8('MEM.PAGE.ADD');
const EXTEND: Bytes = encodeUtf8('MR.EXTEND');
