/**
 * What of an X.509 certificate (RFC 5280) a constraint of a layout can speak of. Signatures and chains are not checked here.
 *
 * @module
 */
import { BytesError, decodeUtf8 } from '@sealwright/bytes';
import { CryptoError, importPublicKey, type PublicKey } from '@sealwright/crypto';
import {
  type Certificate,
  decodePem,
  DerError,
  DerReader,
  DerTag,
  findExtension,
  parseCertificate,
} from '@sealwright/der';
import { InTotoError } from '../errors.js';

/** The certificate of whoever signed: read, not verified. */
export interface LeafCertificate {
  readonly certificate: Certificate;
  readonly publicKey: PublicKey;
  /** Empty for none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

/** Read the certificate of whoever signed. */
export function leafOf(pem: string): LeafCertificate {
  const certificate = certificateOf(pem);
  return orRefuse(() => {
    const names = alternativeNames(certificate);
    const of = (tag: number): string[] => names.filter((name) => name.tag === tag).map(({ text }) => text);
    return {
      certificate,
      publicKey: importPublicKey(certificate.spki),
      ...subjectOf(certificate),
      emails: of(0x81),
      dnsNames: of(0x82),
      uris: of(0x86),
    };
  });
}

/** Read a PEM text with one certificate. */
export function certificateOf(pem: string): Certificate {
  return orRefuse(() => {
    const [block, ...more] = decodePem(pem);
    if (block?.label !== 'CERTIFICATE' || more.length > 0) throw refusal('PEM with one CERTIFICATE block');
    return parseCertificate(block.bytes);
  });
}

function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DerError || cause instanceof BytesError || cause instanceof CryptoError))
      throw cause;
    throw new InTotoError('LAYOUT_BAD_CERTIFICATE', `not a certificate: ${cause.message}`, { cause });
  }
}

function subjectOf({ subject }: Certificate): Pick<LeafCertificate, 'commonName' | 'organizations'> {
  const common: string[] = [];
  const organizations: string[] = [];
  const name = new DerReader(subject).enter();
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

function alternativeNames(certificate: Certificate): { tag: number; text: string }[] {
  const names: { tag: number; text: string }[] = [];
  const extension = findExtension(certificate, SUBJECT_ALT_NAME);
  if (extension === undefined) return names;
  const list = new DerReader(extension).enter();
  while (!list.done) {
    const { tag, contents } = list.element();
    if (NAME_TAGS.has(tag)) names.push({ tag, text: decodeUtf8(contents) });
  }
  return names;
}

function refusal(expected: string): InTotoError {
  return new InTotoError('LAYOUT_BAD_CERTIFICATE', `a certificate here is X.509 with ${expected}`);
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_ALT_NAME = '2.5.29.17';
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x16]);
const NAME_TAGS: ReadonlySet<number> = new Set([0x81, 0x82, 0x86]);
