/**
 * X.509 certificates (RFC 5280 section 4). They are taken apart; nothing here is verified.
 *
 * @module
 */
import { type Bytes, decodeUtf8, equalBytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerReader } from './reader.js';
import { DerTag } from './tag.js';
import {
  type CertificateExtension,
  mustAgree,
  readSigned,
  readWrapped,
  type SignedStructure,
  viewOf,
} from './signed.js';
import { readTime } from './time.js';

/** A certificate, decoded but not verified. */
export interface Certificate extends SignedStructure {
  /** The whole certificate as received; what follows are views of it. */
  readonly raw: Bytes;
  /** Contents of the serial number, two's complement as encoded; zero is allowed. */
  readonly serial: Bytes;
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
  /** The extensions in order; no identifier occurs twice. */
  readonly extensions: readonly CertificateExtension[];
}

/**
 * Read an X.509 version 3 certificate.
 *
 * @param der - the certificate and nothing after it, at most 64 KiB
 * @throws {@link DerError} for anything malformed.
 *
 * @example
 * ```ts
 * const { commonName, notAfter } = parseCertificate(der); // who issued it, nobody has checked
 * console.log(commonName, new Date(notAfter).toISOString()); // leaf 2027-01-01T00:00:00.000Z
 * ```
 */
export function parseCertificate(der: Uint8Array): Certificate {
  const { raw, tbs, signed, signatureAlgorithm, signature } = readSigned(der, MAX_CERTIFICATE);
  const version = tbs.enter(DerTag.context0);
  const place = version.offset;
  if (version.unsigned()[0] !== 2)
    throw new DerError('ERR_DER_VALUE', 'expected a version 3 certificate', { offset: place });
  version.end();
  // AMD writes zeros, some write negative ones.
  const serial = tbs.integer();
  mustAgree(tbs, signatureAlgorithm);
  const issuer = viewOf(raw, tbs.element(DerTag.sequence));
  const validity = tbs.enter();
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.end();
  const subject = viewOf(raw, tbs.element(DerTag.sequence));
  const spki = viewOf(raw, tbs.element(DerTag.sequence));
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

function readCommonName(name: Bytes): string | undefined {
  const names: string[] = [];
  const sets = new DerReader(name).enter();
  while (!sets.done) {
    const set = sets.enter(DerTag.set);
    while (!set.done) {
      const pair = set.enter();
      const { contents: type } = pair.element(DerTag.oid);
      const { contents, offset } = pair.element();
      pair.end();
      if (equalBytes(type, COMMON_NAME)) names.push(readText(contents, offset));
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

/** 2.5.4.3 */
const COMMON_NAME = Uint8Array.of(0x55, 0x04, 0x03);
const MAX_CERTIFICATE = 0x1_0000;
