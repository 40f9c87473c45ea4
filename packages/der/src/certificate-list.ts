/**
 * X.509 revocation lists (RFC 5280 section 5). Reading one verifies nothing; `verifyCertificateList` does.
 *
 * @module
 */
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerReader, isShortestInteger } from './reader.js';
import {
  type CertificateExtension,
  mustAgree,
  readExtensions,
  readSigned,
  readWrapped,
  type SignedStructure,
  viewOf,
} from './signed.js';
import { DerTag } from './tag.js';
import { isTime, readTime, timeOf } from './time.js';

/** A revocation list, decoded but not verified. */
export interface CertificateList extends SignedStructure {
  /** When it was issued, milliseconds since 1970. */
  readonly thisUpdate: number;
  /** When the next one is due, milliseconds since 1970; `undefined` when it does not say. */
  readonly nextUpdate: number | undefined;
  /** How many serial numbers are revoked. */
  readonly revokedCount: number;
  /** The contents of revokedCertificates, entry after entry, each of them checked; for {@link findRevoked}. */
  readonly revoked: Bytes;
  /** Its number, big-endian without leading zeros; `undefined` when it has none. Extension `2.5.29.20`. */
  readonly number: Bytes | undefined;
  /** Extensions of the list. */
  readonly extensions: readonly CertificateExtension[];
  /** Identifiers of the critical extensions that any entry has: to follow such a list one has to know them. */
  readonly criticalInEntries: readonly string[];
}

/** A revoked certificate, as its list tells of it. */
export interface RevokedCertificate {
  /** When it was revoked, milliseconds since 1970. */
  readonly revokedAt: number;
  /** The CRLReason, such as 1 for a compromised key; `undefined` when it is not given. Extension `2.5.29.21`. */
  readonly reason: number | undefined;
}

/** How much to read. */
export interface CertificateListOptions {
  /** Most bytes of a list. Default 16 MiB, about 300 000 entries. */
  readonly maxBytes?: number;
}

/**
 * Read an X.509 revocation list.
 *
 * @param der - the list and nothing after it
 * @param options - a cap on its size
 * @throws {@link DerError} for anything malformed.
 */
export function parseCertificateList(
  der: Uint8Array,
  { maxBytes = 0x100_0000 }: CertificateListOptions = {},
): CertificateList {
  const { raw, tbs, signed, signatureAlgorithm, signature } = readSigned(der, maxBytes);
  const version = tbs.offset;
  if (tbs.peek() === DerTag.integer && tbs.unsigned()[0] !== 1)
    throw new DerError('ERR_DER_VALUE', 'expected a version 2 list', { offset: version });
  mustAgree(tbs, signatureAlgorithm);
  const issuer = viewOf(raw, tbs.element(DerTag.sequence));
  const thisUpdate = readTime(tbs);
  const nextUpdate = isTime(tbs.peek()) ? readTime(tbs) : undefined;
  const entries = tbs.peek() === DerTag.sequence ? readEntries(tbs) : NO_ENTRIES;
  const extensions = tbs.done ? [] : readWrapped(tbs.enter(DerTag.context0));
  tbs.end();
  const number = extensions.find(({ oid }) => oid === CRL_NUMBER)?.value;
  return {
    signed,
    issuer,
    signatureAlgorithm,
    signature,
    thisUpdate,
    nextUpdate,
    ...entries,
    number: number === undefined ? undefined : readNumber(number),
    extensions,
  };
}

/**
 * Whether a serial number is listed. Takes a millisecond for a list of 100 000.
 *
 * @param list - from {@link parseCertificateList}
 * @param serial - as in `Certificate.serial`
 */
export function isRevoked(list: CertificateList, serial: Uint8Array): boolean {
  return entryOf(list, serial) !== undefined;
}

/**
 * Look a serial number up, and what is told of it. As quick as {@link isRevoked}, which for a bundle leaves the details out.
 *
 * @param list - from {@link parseCertificateList}
 * @param serial - as in `Certificate.serial`
 * @returns `undefined` when it is not listed
 */
export function findRevoked(list: CertificateList, serial: Uint8Array): RevokedCertificate | undefined {
  const entry = entryOf(list, serial);
  return entry === undefined ? undefined : describe(entry);
}

/** Contents of the first entry for a serial number. */
function entryOf({ revoked }: CertificateList, serial: Uint8Array): Uint8Array | undefined {
  const size = serial.byteLength;
  for (let at = 0; at < revoked.byteLength;) {
    const { from, to } = span(revoked, at);
    if (revoked[from + 1] === size && isAt(revoked, from + 2, serial)) return revoked.subarray(from, to);
    at = to;
  }
  return undefined;
}

/** A list is public, so the comparison may stop at the first difference. */
function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = wanted.byteLength - 1; index >= 0; index -= 1)
    if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function describe(contents: Uint8Array): RevokedCertificate {
  const entry = new DerReader(contents);
  entry.element(DerTag.integer);
  const revokedAt = readTime(entry);
  const given = entry.done ? undefined : readExtensions(entry.enter()).find(({ oid }) => oid === CRL_REASON);
  if (given === undefined) return { revokedAt, reason: undefined };
  const reason = new DerReader(given.value).element(ENUMERATED).contents;
  if (reason.byteLength !== 1) throw new DerError('ERR_DER_VALUE', 'a reason is one byte');
  return { revokedAt, reason: reason[0] };
}

const NO_ENTRIES: Pick<CertificateList, 'revoked' | 'revokedCount' | 'criticalInEntries'> = {
  revoked: new Uint8Array(0),
  revokedCount: 0,
  criticalInEntries: [],
};

/** Check every entry. Lists are long: this walks over the bytes. */
function readEntries(tbs: DerReader): typeof NO_ENTRIES {
  const offset = tbs.offset;
  const { contents, raw } = tbs.element(DerTag.sequence);
  const base = offset + raw.byteLength - contents.byteLength;
  const critical = new Set<string>();
  let revokedCount = 0;
  let known: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < contents.byteLength; revokedCount += 1) {
    const { from, to } = span(contents, at, base);
    const serialLength = contents[from + 1] ?? 0x80;
    const serialEnd = from + 2 + serialLength;
    const timeEnd = serialEnd + 2 + (contents[serialEnd + 1] ?? 0);
    if (
      serialLength >= 0x80 ||
      contents[from] !== DerTag.integer ||
      !isShortestInteger(contents.subarray(from + 2, serialEnd)) ||
      timeEnd > to ||
      timeOf(contents[serialEnd] ?? 0, contents.subarray(serialEnd + 2, timeEnd)) === undefined
    )
      throw new DerError('ERR_DER_VALUE', 'an entry is a serial number and a time', { offset: base + at });
    // Nearly every entry has the extensions of the one before it.
    if (timeEnd < to && !(known.byteLength === to - timeEnd && isAt(contents, timeEnd, known))) {
      known = contents.subarray(timeEnd, to);
      readEntryExtensions(known, base + timeEnd, critical);
    }
    at = to;
  }
  return { revoked: copyBytes(contents), revokedCount, criticalInEntries: [...critical] };
}

function readEntryExtensions(bytes: Uint8Array, base: number, critical: Set<string>): void {
  const reader = new DerReader(bytes, base);
  for (const { oid, critical: must } of readExtensions(reader.enter())) if (must) critical.add(oid);
  reader.end();
}

/** The contents of the SEQUENCE at a place. */
function span(bytes: Uint8Array, at: number, base = 0): { from: number; to: number } {
  const length = bytes[at + 1];
  if (bytes[at] === DerTag.sequence && length !== undefined && length < 0x80) {
    const to = at + 2 + length;
    if (to <= bytes.byteLength) return { from: at + 2, to };
  }
  const { contents, raw } = new DerReader(bytes.subarray(at), base + at).element(DerTag.sequence);
  const to = at + raw.byteLength;
  return { from: to - contents.byteLength, to };
}

function readNumber(value: Bytes): Bytes {
  const reader = new DerReader(value);
  const number = reader.unsigned();
  reader.end();
  return number;
}

const CRL_NUMBER = '2.5.29.20';
const CRL_REASON = '2.5.29.21';
const ENUMERATED = 0x0a;
