import { CosignError } from '../errors.js';

/**
 * An address of a certificate as text (RFC 5952), as cosign compares it; an IPv4 address inside IPv6 is written as IPv4.
 *
 * @param bytes - 4 or 16 of them
 * @throws CosignError `ERR_COSIGN_CERTIFICATE` for another length.
 */
export function addressText(bytes: Uint8Array): string {
  if (bytes.byteLength === 4) return bytes.join('.');
  if (bytes.byteLength !== 16)
    throw new CosignError('ERR_COSIGN_CERTIFICATE', 'an address in a certificate has 4 or 16 bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return bytes.subarray(12).join('.');
  const [start, length] = longestZeros(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** Where the first of the longest runs of zeros begins, and how long it is. */
function longestZeros(groups: readonly number[]): readonly [number, number] {
  let [start, length] = [0, 0];
  for (let from = 0; from < groups.length; from += 1) {
    const end = groups.findIndex((group, index) => index >= from && group !== 0);
    const run = (end < 0 ? groups.length : end) - from;
    if (run > length) [start, length] = [from, run];
  }
  return [start, length];
}
