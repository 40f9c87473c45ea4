import { encodeHex } from '@sealwright/bytes';
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
  const groups = encodeHex(bytes).replaceAll(/.{4}(?!$)/g, '$&:');
  if (groups.startsWith(MAPPED)) return bytes.subarray(12).join('.');
  // The URL standard serializes addresses by the same rules.
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

const MAPPED = '0000:0000:0000:0000:0000:ffff:';
