/**
 * What of an X.509 certificate (RFC 5280) a constraint of a layout can speak of. Signatures and chains are not checked here.
 *
 * @module
 */
import { type Bytes, BytesError, copyBytes, decodeUtf8 } from '@sealwright/bytes';
import { CryptoError, importPublicKey, type PublicKey } from '@sealwright/crypto';
import { decodePem, DerError, DerReader, DerTag } from '@sealwright/der';
import { InTotoError } from '../errors.js';

/** A certificate, read and not verified. */
export interface LeafCertificate {
  /** The whole certificate. */
  readonly der: Bytes;
  /** The key that it is about. */
  readonly publicKey: PublicKey;
  /** First moment of validity. */
  readonly notBefore: Date;
  /** Last moment of validity. */
  readonly notAfter: Date;
  /** Empty for none. */
  readonly commonName: string;
  /** Of the subject. */
  readonly organizations: readonly string[];
  /** From the subject alternative name. */
  readonly dnsNames: readonly string[];
  /** From the subject alternative name. */
  readonly emails: readonly string[];
  /** From the subject alternative name. */
  readonly uris: readonly string[];
}

/**
 * Read a certificate.
 *
 * @param pem - with exactly one block `CERTIFICATE`
 * @throws {@link InTotoError} `LAYOUT_BAD_CERTIFICATE`
 */
export function parseCertificate(pem: string): LeafCertificate {
  try {
    return certificateOf(certificateDer(pem));
  } catch (cause) {
    if (!(cause instanceof DerError || cause instanceof BytesError || cause instanceof CryptoError))
      throw cause;
    throw new InTotoError('LAYOUT_BAD_CERTIFICATE', `not a certificate: ${cause.message}`, { cause });
  }
}

/** The bytes of the one certificate in a PEM text. */
export function certificateDer(pem: string): Bytes {
  const [block, ...more] = blocksOf(pem);
  if (block?.label !== 'CERTIFICATE' || more.length > 0) throw refusal('PEM with one CERTIFICATE block');
  return block.bytes;
}

function blocksOf(pem: string): ReturnType<typeof decodePem> {
  try {
    return decodePem(pem);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new InTotoError('LAYOUT_BAD_CERTIFICATE', `not a certificate: ${cause.message}`, { cause });
  }
}

function certificateOf(der: Bytes): LeafCertificate {
  const outer = new DerReader(der);
  const certificate = outer.enter();
  outer.end();
  const body = certificate.enter();
  if (body.peek() === DerTag.context0) body.element();
  body.element(DerTag.integer); // serial number
  body.element(DerTag.sequence); // signature algorithm
  body.element(DerTag.sequence); // issuer
  const validity = body.enter();
  const [notBefore, notAfter] = [time(validity), time(validity)];
  const subject = subjectOf(body.enter());
  const publicKey = importPublicKey(body.element(DerTag.sequence).raw);
  while (!body.done && body.peek() !== EXTENSIONS) body.element(); // unique identifiers
  const names = body.done ? [] : alternativeNames(body.enter(EXTENSIONS).enter());
  const of = (tag: number): string[] => names.filter((name) => name.tag === tag).map(({ text }) => text);
  return {
    der: copyBytes(der),
    publicKey,
    notBefore,
    notAfter,
    ...subject,
    emails: of(0x81),
    dnsNames: of(0x82),
    uris: of(0x86),
  };
}

function subjectOf(name: DerReader): Pick<LeafCertificate, 'commonName' | 'organizations'> {
  const common: string[] = [];
  const organizations: string[] = [];
  while (!name.done) {
    const parts = name.enter(DerTag.set);
    while (!parts.done) {
      const part = parts.enter();
      const type = part.oid();
      const value = part.element();
      if (type !== COMMON_NAME && type !== ORGANIZATION) continue;
      if (!TEXT_TAGS.has(value.tag)) throw refusal('names in UTF-8, printable or ASCII text');
      (type === COMMON_NAME ? common : organizations).push(decodeUtf8(value.contents));
    }
  }
  if (common.length > 1) throw refusal('one common name');
  return { commonName: common[0] ?? '', organizations };
}

function alternativeNames(extensions: DerReader): { tag: number; text: string }[] {
  const names: { tag: number; text: string }[] = [];
  let seen = false;
  while (!extensions.done) {
    const extension = extensions.enter();
    if (extension.oid() !== SUBJECT_ALT_NAME) continue;
    if (seen) throw refusal('each extension once');
    seen = true;
    if (extension.peek() === 0x01) extension.element(); // critical
    const list = new DerReader(extension.octetString()).enter();
    while (!list.done) {
      const { tag, contents } = list.element();
      if (NAME_TAGS.has(tag)) names.push({ tag, text: decodeUtf8(contents) });
    }
  }
  return names;
}

/** UTCTime is YYMMDDHHMMSSZ, from 1950 on; GeneralizedTime has four digits of the year (RFC 5280 section 4.1.2.5). */
function time(reader: DerReader): Date {
  const { tag, contents } = reader.element();
  const text = decodeUtf8(contents);
  const full = tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const match = TIME.exec(full);
  const moment = match === null ? Number.NaN : Date.parse(full.replace(TIME, '$1-$2-$3T$4:$5:$6Z'));
  if ((tag !== 0x17 && tag !== 0x18) || Number.isNaN(moment)) throw refusal('times in UTC');
  return new Date(moment);
}

function refusal(expected: string): InTotoError {
  return new InTotoError('LAYOUT_BAD_CERTIFICATE', `a certificate here is X.509 with ${expected}`);
}

const EXTENSIONS = 0xa3;
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_ALT_NAME = '2.5.29.17';
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x16]);
const NAME_TAGS: ReadonlySet<number> = new Set([0x81, 0x82, 0x86]);
const TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
