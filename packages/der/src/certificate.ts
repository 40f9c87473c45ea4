/**
 * X.509 certificates and revocation lists (RFC 5280 sections 4 and 5). They are taken apart; nothing here is verified.
 *
 * @module
 */
import { type Bytes, copyBytes, decodeUtf8 } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerReader } from './reader.js';
import { DerTag } from './tag.js';

/** An extension, undecoded. */
export interface CertificateExtension {
  /** Its object identifier, dotted. */
  readonly oid: string;
  /** Whether a reader that does not know it must refuse. */
  readonly critical: boolean;
  /** What its OCTET STRING holds. */
  readonly value: Bytes;
}

/** A certificate, decoded but not verified. */
export interface Certificate {
  /** The whole certificate as received. */
  readonly raw: Bytes;
  /** The signed part as received. */
  readonly signed: Bytes;
  /** Contents of the serial number, two's complement as encoded; zero is allowed. */
  readonly serial: Bytes;
  /** The issuer's name, as encoded. */
  readonly issuer: Bytes;
  /** The subject's name, as encoded. */
  readonly subject: Bytes;
  /** The subject's common name; `undefined` when there is none or more than one. */
  readonly commonName: string | undefined;
  /** First valid moment, milliseconds since 1970. */
  readonly notBefore: number;
  /** Last valid moment, milliseconds since 1970. */
  readonly notAfter: number;
  /** The SubjectPublicKeyInfo, as encoded. */
  readonly spki: Bytes;
  /** The signature's AlgorithmIdentifier, as encoded; the signed copy is the same. */
  readonly signatureAlgorithm: Bytes;
  /** The signature. */
  readonly signature: Bytes;
  /** The extensions in order; no identifier occurs twice. */
  readonly extensions: readonly CertificateExtension[];
}

/** A revocation list, decoded but not verified. */
export interface CertificateList {
  /** The signed part as received. */
  readonly signed: Bytes;
  /** The issuer's name, as encoded. */
  readonly issuer: Bytes;
  /** When it was issued, milliseconds since 1970. */
  readonly thisUpdate: number;
  /** When the next one is due, milliseconds since 1970; `undefined` when it does not say. */
  readonly nextUpdate: number | undefined;
  /** Serial numbers revoked, as encoded in {@link Certificate.serial}. */
  readonly revoked: readonly Bytes[];
  /** The signature's AlgorithmIdentifier, as encoded; the signed copy is the same. */
  readonly signatureAlgorithm: Bytes;
  /** The signature. */
  readonly signature: Bytes;
  /** Extensions of the list and of its entries. */
  readonly extensions: readonly CertificateExtension[];
}

/**
 * Read an X.509 version 3 certificate.
 *
 * @param der - the certificate and nothing after it, at most 64 KiB
 * @throws {@link DerError} for anything malformed.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  const { raw, tbs, signed, signatureAlgorithm, signature } = readSigned(der, MAX_CERTIFICATE);
  const version = tbs.enter(DerTag.context0);
  const place = version.offset;
  if (version.unsigned()[0] !== 2)
    throw new DerError('ERR_DER_VALUE', 'expected a version 3 certificate', { offset: place });
  version.end();
  const serial = copyBytes(tbs.element(DerTag.integer).contents);
  mustAgree(tbs, signatureAlgorithm);
  const issuer = copyBytes(tbs.element(DerTag.sequence).raw);
  const validity = tbs.enter();
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.end();
  const subject = copyBytes(tbs.element(DerTag.sequence).raw);
  const spki = copyBytes(tbs.element(DerTag.sequence).raw);
  const extensions = tbs.done ? [] : readWrapped(tbs.enter(0xa3));
  tbs.end();
  return {
    raw,
    signed,
    serial,
    issuer,
    subject,
    commonName: readCommonName(subject),
    notBefore,
    notAfter,
    spki,
    signatureAlgorithm,
    signature,
    extensions,
  };
}

/**
 * Read an X.509 revocation list.
 *
 * @param der - the list and nothing after it, at most 4 MiB
 * @throws {@link DerError} for anything malformed.
 */
export function parseCertificateList(der: Uint8Array): CertificateList {
  const { tbs, signed, signatureAlgorithm, signature } = readSigned(der, MAX_LIST);
  if (tbs.peek() === DerTag.integer) tbs.unsigned();
  mustAgree(tbs, signatureAlgorithm);
  const issuer = copyBytes(tbs.element(DerTag.sequence).raw);
  const thisUpdate = readTime(tbs);
  const nextUpdate = isTime(tbs.peek()) ? readTime(tbs) : undefined;
  const revoked: Bytes[] = [];
  const extensions: CertificateExtension[] = [];
  if (tbs.peek() === DerTag.sequence) {
    const entries = tbs.enter();
    while (!entries.done) {
      const entry = entries.enter();
      revoked.push(copyBytes(entry.element(DerTag.integer).contents));
      readTime(entry);
      if (!entry.done) extensions.push(...readExtensions(entry.enter()));
      entry.end();
    }
  }
  if (!tbs.done) extensions.push(...readWrapped(tbs.enter(DerTag.context0)));
  tbs.end();
  return { signed, issuer, thisUpdate, nextUpdate, revoked, signatureAlgorithm, signature, extensions };
}

function readSigned(
  der: Uint8Array,
  most: number,
): { raw: Bytes; tbs: DerReader; signed: Bytes; signatureAlgorithm: Bytes; signature: Bytes } {
  if (der.byteLength > most) throw new DerError('ERR_DER_LIMIT', `expected at most ${most} bytes`);
  const raw = copyBytes(der);
  const whole = new DerReader(raw);
  const outer = whole.enter();
  whole.end();
  const start = outer.offset;
  const body = outer.element(DerTag.sequence);
  const signatureAlgorithm = copyBytes(outer.element(DerTag.sequence).raw);
  const signature = outer.bitString();
  outer.end();
  const header = body.raw.byteLength - body.contents.byteLength;
  return {
    raw,
    tbs: new DerReader(body.contents, start + header),
    signed: copyBytes(body.raw),
    signatureAlgorithm,
    signature,
  };
}

function mustAgree(tbs: DerReader, algorithm: Bytes): void {
  const { raw, offset } = tbs.element(DerTag.sequence);
  if (raw.byteLength !== algorithm.byteLength || raw.some((byte, index) => byte !== algorithm[index]))
    throw new DerError('ERR_DER_VALUE', 'the two signature algorithms differ', { offset });
}

function readWrapped(wrapper: DerReader): CertificateExtension[] {
  const extensions = readExtensions(wrapper.enter());
  wrapper.end();
  return extensions;
}

function readExtensions(list: DerReader): CertificateExtension[] {
  const extensions: CertificateExtension[] = [];
  const seen = new Set<string>();
  while (!list.done) {
    const offset = list.offset;
    const extension = list.enter();
    const oid = extension.oid();
    const critical = extension.peek() === BOOLEAN && readTrue(extension);
    const value = extension.octetString();
    extension.end();
    if (seen.has(oid)) throw new DerError('ERR_DER_VALUE', 'an extension occurs twice', { offset });
    seen.add(oid);
    extensions.push({ oid, critical, value });
  }
  return extensions;
}

function readTrue(reader: DerReader): true {
  const { contents, offset } = reader.element(BOOLEAN);
  if (contents.byteLength !== 1 || contents[0] !== 0xff)
    throw new DerError('ERR_DER_VALUE', 'a boolean here is true, written as 0xff', { offset });
  return true;
}

function isTime(tag: number | undefined): boolean {
  return tag === UTC_TIME || tag === GENERALIZED_TIME;
}

function readTime(reader: DerReader): number {
  const { tag, contents, offset } = reader.element();
  const year = tag === UTC_TIME ? 2 : 4;
  const text = String.fromCharCode(...contents.subarray(0, 16));
  if (!isTime(tag) || contents.byteLength !== year + 11 || !/^[0-9]+Z$/.test(text))
    throw new DerError('ERR_DER_VALUE', 'expected a time in UTC with seconds', { offset });
  const part = (at: number): number => Number(text.slice(year + at, year + at + 2));
  const given = Number(text.slice(0, year));
  const full = year === 4 ? given : given + (given < 50 ? 2000 : 1900);
  const time = Date.UTC(full, part(0) - 1, part(2), part(4), part(6), part(8));
  const again = new Date(time).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  if (again !== `${full}${text.slice(year, year + 10)}`)
    throw new DerError('ERR_DER_VALUE', 'a time names a moment that exists', { offset });
  return time;
}

function readCommonName(name: Bytes): string | undefined {
  const names: string[] = [];
  const sets = new DerReader(name).enter();
  while (!sets.done) {
    const set = sets.enter(DerTag.set);
    while (!set.done) {
      const pair = set.enter();
      const oid = pair.oid();
      const { contents, offset } = pair.element();
      pair.end();
      if (oid === '2.5.4.3') names.push(readText(contents, offset));
    }
  }
  return names.length === 1 ? names[0] : undefined;
}

function readText(contents: Uint8Array, offset: number): string {
  try {
    return decodeUtf8(contents);
  } catch (cause) {
    throw new DerError('ERR_DER_VALUE', 'expected text in UTF-8', { offset, cause });
  }
}

const BOOLEAN = 0x01;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const MAX_CERTIFICATE = 0x1_0000;
const MAX_LIST = 0x40_0000;
