import { type Bytes, ByteWriter, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { digest, type PrivateKey, type PublicKey, sign } from '@sealwright/crypto';
import {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '@sealwright/der';

/** What goes into a certificate. */
export interface CertificateInput {
  /** Common name; empty for none. */
  readonly subject: string;
  /** Common name of the issuer. */
  readonly issuer: string;
  /** The certified key. */
  readonly key: PublicKey;
  /** The issuer's key, P-256. */
  readonly signer: PrivateKey;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Milliseconds since 1970. */
  readonly to: number;
  /** As `extension` makes them. */
  readonly extensions: readonly Uint8Array[];
  /** Key of a certificate log that promises to publish it; none unless given. */
  readonly ctLog?: PrivateKey;
}

/** Make a certificate. */
export async function makeCertificate(input: CertificateInput): Promise<Bytes> {
  const body = bodyOf(input, []);
  const embedded = input.ctLog === undefined ? [] : [await sctExtension(body, input, input.ctLog)];
  const whole = embedded.length === 0 ? body : bodyOf(input, embedded);
  return encodeSequence(whole, ECDSA_SHA256, encodeBitString(await sign(input.signer, whole)));
}

/** Make an extension. */
export function extension(oid: string, value: Uint8Array, critical = false): Bytes {
  const flag = critical ? [encodeElement(0x01, Uint8Array.of(0xff))] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
}

/** Basic constraints of an authority. */
export function authorityExtension(): Bytes {
  return extension('2.5.29.19', encodeSequence(encodeElement(0x01, Uint8Array.of(0xff))), true);
}

/** What a key may be used for. */
export function purposeExtension(purpose: string, critical = false): Bytes {
  return extension('2.5.29.37', encodeSequence(encodeOid(purpose)), critical);
}

/** One subject alternative name: 0x81 an e-mail address, 0x86 a URI. */
export function nameExtension(tag: number, name: string): Bytes {
  return extension('2.5.29.17', encodeSequence(encodeElement(tag, encodeUtf8(name))), true);
}

/** The name of an issuer or a subject. */
export function nameOf(commonName: string): Bytes {
  if (commonName === '') return encodeSequence();
  const pair = encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, encodeUtf8(commonName)));
  return encodeSequence(encodeElement(0x31, pair));
}

function bodyOf(input: CertificateInput, more: readonly Uint8Array[]): Bytes {
  return encodeSequence(
    encodeElement(0xa0, encodeInteger(Uint8Array.of(2))),
    encodeInteger(SERIAL),
    ECDSA_SHA256,
    nameOf(input.issuer),
    encodeSequence(time(input.from), time(input.to)),
    nameOf(input.subject),
    input.key.spki,
    encodeElement(0xa3, encodeSequence(...input.extensions, ...more)),
  );
}

/** RFC 6962 section 3.2, over the body without its list. */
async function sctExtension(
  body: Bytes,
  { signer, from }: CertificateInput,
  log: PrivateKey,
): Promise<Bytes> {
  const moment = BigInt(from);
  const length = body.byteLength;
  const signed = new ByteWriter().u16(0).u64(moment).u16(1).bytes(digest('sha256', signer.publicKey.spki));
  signed
    .u8(length >>> 16)
    .u16(length & 0xffff)
    .bytes(body)
    .u16(0);
  const signature = await sign(log, signed.finish());
  const sct = new ByteWriter().u8(0).bytes(digest('sha256', log.publicKey.spki)).u64(moment).u16(0);
  sct.u8(4).u8(3).u16(signature.byteLength).bytes(signature);
  const bytes = sct.finish();
  const list = new ByteWriter()
    .u16(bytes.byteLength + 2)
    .u16(bytes.byteLength)
    .bytes(bytes)
    .finish();
  return extension('1.3.6.1.4.1.11129.2.4.2', encodeOctetString(list));
}

function time(milliseconds: number): Bytes {
  const text = new Date(milliseconds).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return encodeElement(0x17, concatBytes(encodeUtf8(text), Uint8Array.of(0x5a)));
}

/** The identifier of ECDSA with SHA-256. */
export const ECDSA_SHA256: Bytes = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
/** The serial number of every certificate here. */
export const SERIAL: Bytes = Uint8Array.of(0x4d);
