/**
 * The extensions of certificates that chains rest on (RFC 5280 section 4.2.1).
 *
 * @module
 */
import type { Certificate } from './certificate.js';
import { DerError } from './errors.js';
import { DerReader } from './reader.js';
import { type CertificateExtension, readTrue } from './signed.js';
import { DerTag } from './tag.js';

/** Whether a certificate may issue others, section 4.2.1.9. */
export interface BasicConstraints {
  /** Whether it is a certificate authority. */
  readonly isAuthority: boolean;
  /** How many authorities may stand between it and a leaf; `undefined` for any number. */
  readonly pathLength: number | undefined;
}

/** What a key may be used for, section 4.2.1.3, in the order of the bits. */
export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly';

/**
 * Find an extension.
 *
 * @param from - a certificate, or anything else that has extensions
 * @param oid - its object identifier, dotted
 * @returns what its OCTET STRING holds; `undefined` when there is none
 */
export function findExtension(
  from: { readonly extensions: readonly CertificateExtension[] },
  oid: string,
): CertificateExtension['value'] | undefined {
  return from.extensions.find((extension) => extension.oid === oid)?.value;
}

/**
 * Read basicConstraints.
 *
 * @param certificate - a parsed certificate
 * @returns `undefined` when it has none, which means that it is no authority
 * @throws {@link DerError} when it is malformed.
 */
export function readBasicConstraints(certificate: Certificate): BasicConstraints | undefined {
  const value = findExtension(certificate, BASIC_CONSTRAINTS);
  if (value === undefined) return undefined;
  const reader = new DerReader(value);
  const constraints = reader.enter();
  reader.end();
  const isAuthority = constraints.peek() === DerTag.boolean && readTrue(constraints);
  const offset = constraints.offset;
  const length = constraints.done ? undefined : constraints.unsigned();
  constraints.end();
  if (length !== undefined && (!isAuthority || length.byteLength > 1))
    throw new DerError('ERR_DER_VALUE', 'a path length is that of an authority, and below 256', { offset });
  return { isAuthority, pathLength: length?.[0] };
}

/**
 * Read keyUsage.
 *
 * @param certificate - a parsed certificate
 * @returns `undefined` when it has none, which means that nothing is excluded
 * @throws {@link DerError} when it is malformed.
 */
export function readKeyUsage(certificate: Certificate): ReadonlySet<KeyUsage> | undefined {
  const bytes = keyUsageBits(certificate);
  return bytes && new Set(USAGES.filter((_, bit) => isSet(bytes, bit)));
}

/** Whether keyUsage leaves a use out, by its bit. */
export function excludesUse(certificate: Certificate, bit: number): boolean {
  const bytes = keyUsageBits(certificate);
  return bytes !== undefined && !isSet(bytes, bit);
}

function isSet(bytes: readonly number[], bit: number): boolean {
  return (((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0;
}

function keyUsageBits(certificate: Certificate): readonly number[] | undefined {
  const value = findExtension(certificate, KEY_USAGE);
  if (value === undefined) return undefined;
  const reader = new DerReader(value);
  const [unused = 8, ...bytes] = reader.element(DerTag.bitString).contents;
  reader.end();
  const last = bytes.at(-1) ?? 0;
  if (
    unused > 7 ||
    bytes.length > 2 ||
    (bytes.length === 0 && unused > 0) ||
    (last & ((1 << unused) - 1)) !== 0
  )
    throw new DerError('ERR_DER_VALUE', 'key usage is at most nine bits, and unused ones are zero');
  return bytes;
}

/** Identifier of basicConstraints. */
export const BASIC_CONSTRAINTS = '2.5.29.19';
/** Identifier of keyUsage. */
export const KEY_USAGE = '2.5.29.15';
/** Bit of keyCertSign. */
export const KEY_CERT_SIGN = 5;
/** Bit of cRLSign. */
export const CRL_SIGN = 6;
const USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];
