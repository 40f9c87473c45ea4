/**
 * Time-stamp responses and tokens (RFC 3161, RFC 5652, RFC 5816), decoded.
 *
 * @module
 */
import { type Bytes, concatBytes, copyBytes, encodeHex } from '@sealwright/bytes';
import type { SignatureHash } from '@sealwright/crypto';
import { DerError, DerReader } from '@sealwright/der';
import { CosignError } from '../errors.js';
import { momentOf } from '../moment.js';
import { hashOf } from '../x509/algorithms.js';

/** A timestamp, decoded but not verified. */
export interface Timestamp {
  /** The moment, milliseconds since 1970. */
  readonly time: number;
  /** The authority's policy, dotted. */
  readonly policy: string;
  /** Hash of what was stamped. */
  readonly imprint: Bytes;
  /** Which hash that is. */
  readonly hash: SignatureHash;
  /** Serial number of the timestamp, hexadecimal. */
  readonly serial: string;
  /** What the asker made up, hexadecimal; `undefined` when there was nothing. */
  readonly nonce: string | undefined;
  /** The TSTInfo itself. */
  readonly content: Bytes;
  /** Who signed. */
  readonly signer: TimestampSigner;
  /** Certificates that came along, DER. Nothing makes them trusted. */
  readonly certificates: readonly Bytes[];
}

/** The signature of a timestamp. */
export interface TimestampSigner {
  /** Issuer and serial number of the signing certificate, as encoded; `undefined` when it is named by its key. */
  readonly certificate: { readonly issuer: Bytes; readonly serial: Bytes } | undefined;
  /** The hash that the signed attributes and the content are hashed with. */
  readonly hash: SignatureHash;
  /** The signed attributes, as they are signed. */
  readonly signed: Bytes;
  /** The digest of the content that the signed attributes name. */
  readonly contentDigest: Bytes;
  /** The signing certificate, where the attributes name it. */
  readonly certificateId: SigningCertificateId | undefined;
  /** The AlgorithmIdentifier of the signature. */
  readonly algorithm: Bytes;
  /** The signature. */
  readonly signature: Bytes;
}

/** What the signed attributes say about the signing certificate (RFC 2634 section 5.4, RFC 5035). */
export interface SigningCertificateId {
  /** Which hash. */
  readonly hash: SignatureHash | 'sha1';
  /** Hash of the certificate. */
  readonly value: Bytes;
  /** Names of its issuer, one of which must be the right one, and its serial number; `undefined` where it does not say. */
  readonly issuerSerial: { readonly issuers: readonly Bytes[]; readonly serial: Bytes } | undefined;
}

/**
 * Read the answer of a time stamping authority.
 *
 * @param der - TimeStampResp, at most 64 KiB
 * @throws {@link CosignError} `ERR_COSIGN_TIMESTAMP`, also when the request was not granted.
 */
export function parseTimestampResponse(der: Uint8Array): Timestamp {
  if (der.byteLength > MAX_RESPONSE) throw fault(`a timestamp has at most ${MAX_RESPONSE} bytes`);
  try {
    const outer = new DerReader(der);
    const response = outer.enter();
    outer.end();
    const status = response.enter().unsigned();
    if (status.byteLength !== 1 || (status[0] ?? 2) > 1) throw fault('the timestamp was not granted');
    const token = response.enter();
    response.end();
    return readToken(token);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CosignError('ERR_COSIGN_TIMESTAMP', `a timestamp is malformed: ${cause.message}`, { cause });
  }
}

function readToken(contentInfo: DerReader): Timestamp {
  if (contentInfo.oid() !== SIGNED_DATA) throw fault('expected signed data');
  const wrapper = contentInfo.enter(0xa0);
  contentInfo.end();
  const data = wrapper.enter();
  wrapper.end();
  data.unsigned();
  data.element(0x31);
  const encapsulated = data.enter();
  if (encapsulated.oid() !== TST_INFO) throw fault('the signed data is no timestamp');
  const content = encapsulated.enter(0xa0).octetString();
  const certificates = data.peek() === 0xa0 ? readCertificates(data.enter(0xa0)) : [];
  if (data.peek() === 0xa1) data.element(0xa1);
  const signers = data.enter(0x31);
  data.end();
  const signer = readSigner(signers.enter());
  signers.end();
  return { ...readInfo(content), content, signer, certificates };
}

function readInfo(content: Bytes): Omit<Timestamp, 'content' | 'signer' | 'certificates'> {
  const outer = new DerReader(content);
  const info = outer.enter();
  outer.end();
  if (info.unsigned()[0] !== 1) throw fault('expected version 1');
  const policy = info.oid();
  const imprint = info.enter();
  const hash = hashOf(imprint.enter().oid());
  if (hash === undefined) throw fault('the imprint is made with a hash that is not believed');
  const hashed = imprint.octetString();
  imprint.end();
  if (hashed.byteLength !== HASH_BYTES[hash])
    throw fault('the imprint has another length than its hash gives');
  const serial = encodeHex(info.element(0x02).contents);
  const time = readTime(info.element(0x18).contents);
  if (info.peek() === 0x30) info.element();
  if (info.peek() === 0x01) info.element();
  const nonce = info.peek() === 0x02 ? encodeHex(info.element(0x02).contents) : undefined;
  if (info.peek() === 0xa0) info.element();
  if (info.peek() === 0xa1) info.element();
  info.end();
  return { time, policy, imprint: hashed, hash, serial, nonce };
}

function readSigner(signer: DerReader): TimestampSigner {
  signer.unsigned();
  const named = signer.peek() === 0x30 ? signer.enter() : undefined;
  if (named === undefined) signer.element(0x80);
  const certificate =
    named === undefined
      ? undefined
      : { issuer: copyBytes(named.element(0x30).raw), serial: copyBytes(named.element(0x02).contents) };
  const hash = hashOf(signer.enter().oid());
  if (hash === undefined) throw fault('the timestamp is signed with a hash that is not believed');
  const attributes = signer.element(0xa0);
  const algorithm = copyBytes(signer.element(0x30).raw);
  const signature = signer.octetString();
  if (signer.peek() === 0xa1) signer.element();
  signer.end();
  // What is signed is the SET itself, not the implicit tag that it travels under (RFC 5652 section 5.4).
  const signed = concatBytes(Uint8Array.of(0x31), attributes.raw.subarray(1));
  return { certificate, hash, signed, ...readAttributes(attributes.contents), algorithm, signature };
}

function readAttributes(contents: Uint8Array): Pick<TimestampSigner, 'contentDigest' | 'certificateId'> {
  const values = new Map<string, Uint8Array>();
  const list = new DerReader(contents);
  while (!list.done) {
    const attribute = list.enter();
    const oid = attribute.oid();
    if (values.has(oid)) throw fault('a signed attribute occurs twice');
    const set = attribute.element(0x31).contents;
    attribute.end();
    values.set(oid, set);
  }
  const type = values.get(CONTENT_TYPE);
  const messageDigest = values.get(MESSAGE_DIGEST);
  if (type === undefined || new DerReader(type).oid() !== TST_INFO || messageDigest === undefined)
    throw fault('the signed attributes do not name the content');
  const digests = new DerReader(messageDigest);
  const contentDigest = digests.octetString();
  digests.end();
  return { contentDigest, certificateId: readSigningCertificate(values) };
}

/** ESSCertID (RFC 2634) or ESSCertIDv2 (RFC 5816) of the first certificate. */
function readSigningCertificate(values: ReadonlyMap<string, Uint8Array>): SigningCertificateId | undefined {
  const second = values.get(SIGNING_CERTIFICATE_V2);
  const value = second ?? values.get(SIGNING_CERTIFICATE);
  if (value === undefined) return undefined;
  const id = new DerReader(value).enter().enter().enter();
  if (second === undefined)
    return { hash: 'sha1', value: id.octetString(), issuerSerial: readIssuerSerial(id) };
  const hash = id.peek() === 0x30 ? hashOf(id.enter().oid()) : 'sha256';
  if (hash === undefined) throw fault('the signing certificate is named by a hash that is not believed');
  return { hash, value: id.octetString(), issuerSerial: readIssuerSerial(id) };
}

/** General names, of which directory names count, and a serial number. */
function readIssuerSerial(id: DerReader): SigningCertificateId['issuerSerial'] {
  if (id.done) return undefined;
  const issuerSerial = id.enter();
  const names = issuerSerial.enter();
  const issuers: Bytes[] = [];
  while (!names.done) {
    const { tag, contents } = names.element();
    if (tag === DIRECTORY_NAME) issuers.push(copyBytes(contents));
  }
  const serial = copyBytes(issuerSerial.element(0x02).contents);
  issuerSerial.end();
  return { issuers, serial };
}

function readCertificates(list: DerReader): Bytes[] {
  const certificates: Bytes[] = [];
  while (!list.done) {
    const { tag, raw } = list.element();
    if (tag === 0x30) certificates.push(copyBytes(raw));
    if (certificates.length > MAX_CERTIFICATES)
      throw fault(`at most ${MAX_CERTIFICATES} certificates come along`);
  }
  return certificates;
}

/** GeneralizedTime with seconds, in UTC; a fraction is allowed here (RFC 3161 section 2.4.2). */
function readTime(contents: Uint8Array): number {
  const text = String.fromCharCode(...contents.subarray(0, 32));
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(text);
  if (match === null) throw fault('expected a time in UTC with seconds');
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const time = momentOf(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`);
  if (Number.isNaN(time)) throw fault('a time names a moment that exists');
  return time;
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_TIMESTAMP', message);
}

const MAX_RESPONSE = 64 << 10;
const MAX_CERTIFICATES = 16;
const HASH_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;
const DIRECTORY_NAME = 0xa4;
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
