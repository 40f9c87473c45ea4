/**
 * Signed certificate timestamps (RFC 6962 section 3): a log's promise to publish a certificate.
 *
 * @module
 */
import {
  ByteReader,
  type Bytes,
  BytesError,
  ByteWriter,
  decodeBase64,
  encodeHex,
  equalBytes,
} from '@sealwright/bytes';
import { digest, type PublicKey, type SignatureScheme } from '@sealwright/crypto';
import { type Certificate, DerError, DerReader, encodeElement, encodeSequence } from '@sealwright/der';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import type { TrustedLog } from '../trust/trusted-root.js';
import { isWithin } from '../trust/validity.js';
import { valueOf } from '../x509/extensions.js';
import { type SignatureChecks, SignatureMemo } from '../x509/signature-memo.js';

/** A signed certificate timestamp, decoded. */
export interface SignedCertificateTimestamp {
  /** The log's identifier: SHA-256 of its public key. */
  readonly logId: Bytes;
  /** When it was made, milliseconds since 1970. */
  readonly timestamp: number;
  /** Extensions; they are signed. */
  readonly extensions: Bytes;
  /** Code of the hash: 4 is SHA-256, 5 SHA-384, 6 SHA-512 (RFC 5246 section 7.4.1.4.1). */
  readonly hash: number;
  /** Code of the signature algorithm: 1 is RSA, 3 is ECDSA. */
  readonly algorithm: number;
  /** The signature. */
  readonly signature: Bytes;
}

/**
 * The timestamps of version 1 in a certificate.
 *
 * @param certificate - of a signer
 * @returns empty when there are none
 * @throws {@link CosignError} `ERR_COSIGN_SCT`.
 */
export function embeddedScts(certificate: Certificate): SignedCertificateTimestamp[] {
  const value = valueOf(certificate, SCT_LIST);
  if (value === undefined) return [];
  return malformed(() => {
    const outer = new DerReader(value);
    const reader = new ByteReader(outer.octetString(), { what: 'a list of SCTs' });
    outer.end();
    if (reader.u16() !== reader.remaining) throw fault('the list of SCTs has another length than it says');
    const scts: SignedCertificateTimestamp[] = [];
    for (let count = 0; reader.remaining > 0; count += 1) {
      if (count >= MAX_SCTS) throw fault(`a certificate has at most ${MAX_SCTS} SCTs`);
      const sct = reader.view(reader.u16());
      // One of another version promises nothing that is understood here, and spoils no other.
      if ((sct[0] ?? 0) === 0) scts.push(parseSct(sct));
    }
    return scts;
  });
}

/**
 * Read a detached timestamp, as Fulcio gives it: the JSON answer of a log to `add-chain`.
 *
 * @param input - the JSON
 * @throws {@link CosignError} `ERR_COSIGN_SCT`.
 */
export function parseDetachedSct(input: string | Uint8Array): SignedCertificateTimestamp {
  return malformed(() => {
    const json = parseJson(input, { maxBytes: 64 << 10 });
    if (!isJsonObject(json)) throw fault('expected an object');
    const { sct_version: version, id, timestamp, extensions, signature } = json;
    if ((version ?? 0) !== 0 || typeof id !== 'string' || typeof signature !== 'string')
      throw fault('expected version 0 with id and signature');
    if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp) || timestamp < 0)
      throw fault('expected a timestamp');
    const more = typeof extensions === 'string' ? decodeBase64(extensions) : new Uint8Array(0);
    const writer = new ByteWriter().u8(0).bytes(decodeBase64(id)).u64(BigInt(timestamp));
    return parseSct(writer.u16(more.byteLength).bytes(more).bytes(decodeBase64(signature)).finish());
  });
}

/** A timestamp that was checked against one of the trusted logs. */
export interface VerifiedSct {
  /** The log's identifier, hexadecimal. */
  readonly logId: string;
  /** The log's address, as the trusted root has it. */
  readonly log: string;
  /** When it was made. */
  readonly timestamp: Date;
}

/**
 * Check one timestamp.
 *
 * @param sct - from the certificate, or given beside it
 * @param certificate - of the signer
 * @param issuer - key of the authority that signed the certificate; `undefined` for a detached timestamp
 * @param logs - trusted logs
 * @param memo - checks the signature; by default each time anew
 * @returns `undefined` when the log is not known
 * @throws CosignError `ERR_COSIGN_SCT`.
 */
export async function verifySct(
  sct: SignedCertificateTimestamp,
  certificate: Certificate,
  issuer: PublicKey | undefined,
  logs: readonly TrustedLog[],
  memo: SignatureChecks = new SignatureMemo(0),
): Promise<VerifiedSct | undefined> {
  const known = logs.filter(({ logId, key }) => key !== undefined && equalBytes(logId, sct.logId));
  if (known.length === 0) return undefined;
  const signed = sctSignedData(sct, certificate, issuer);
  let reason = 'the signature of an SCT does not hold';
  for (const { key, validFor, baseUrl, logId } of known) {
    const scheme = key === undefined ? undefined : schemeOfSct(sct, key);
    if (key === undefined || scheme === undefined)
      reason = 'an SCT is signed in a way that does not fit its log';
    else if (!isWithin(validFor, sct.timestamp)) reason = 'the log was not to be trusted when it made an SCT';
    else if (await memo.verify(key, signed, sct.signature, scheme))
      return { logId: encodeHex(logId), log: baseUrl, timestamp: new Date(sct.timestamp) };
  }
  throw fault(reason);
}

/**
 * What a log signs.
 *
 * @param sct - the timestamp
 * @param certificate - with the timestamps in it
 * @param issuer - key of the authority above, or `undefined` for a detached timestamp
 * @throws {@link CosignError} `ERR_COSIGN_SCT`.
 */
export function sctSignedData(
  sct: SignedCertificateTimestamp,
  certificate: Certificate,
  issuer: PublicKey | undefined,
): Bytes {
  const body = issuer === undefined ? certificate.raw : withoutScts(certificate.signed);
  const writer = new ByteWriter().u8(0).u8(0).u64(BigInt(sct.timestamp));
  if (issuer === undefined) writer.u16(0);
  else writer.u16(1).bytes(digest('sha256', issuer.spki));
  const length = body.byteLength;
  writer
    .u8(length >>> 16)
    .u16(length & 0xffff)
    .bytes(body);
  return writer.u16(sct.extensions.byteLength).bytes(sct.extensions).finish();
}

function parseSct(bytes: Uint8Array): SignedCertificateTimestamp {
  const reader = new ByteReader(bytes, { what: 'an SCT' });
  if (reader.u8() !== 0) throw fault('expected version 1 of SCTs');
  const logId = reader.bytes(32);
  const timestamp = Number(reader.u64());
  if (!Number.isSafeInteger(timestamp)) throw fault('expected a timestamp below 2^53');
  const extensions = reader.bytes(reader.u16());
  const hash = reader.u8();
  const algorithm = reader.u8();
  const signature = reader.bytes(reader.u16());
  reader.end();
  return { logId, timestamp, extensions, hash, algorithm, signature };
}

function schemeOfSct(
  { hash, algorithm }: SignedCertificateTimestamp,
  key: PublicKey,
): SignatureScheme | undefined {
  const name = HASHES.get(hash);
  if (name === undefined) return undefined;
  if (algorithm === 1) return key.kind === 'rsa' ? `rsa-pkcs1-${name}` : undefined;
  return algorithm === 3 && key.kind.startsWith('ec-') ? `ecdsa-${name}` : undefined;
}

/** The signed part without its list of timestamps, every other byte as it was. */
function withoutScts(signed: Uint8Array): Bytes {
  return malformed(() => {
    const fields = new DerReader(signed).enter();
    const kept: Uint8Array[] = [];
    while (!fields.done) {
      const field = fields.element();
      if (field.tag !== EXTENSIONS) kept.push(field.raw);
      else {
        const rest = extensionsWithoutScts(field.contents);
        if (rest.length > 0) kept.push(encodeElement(EXTENSIONS, encodeSequence(...rest)));
      }
    }
    return encodeSequence(...kept);
  });
}

function extensionsWithoutScts(contents: Uint8Array): Uint8Array[] {
  const list = new DerReader(contents).enter();
  const rest: Uint8Array[] = [];
  while (!list.done) {
    const { raw, contents: extension } = list.element();
    if (new DerReader(extension).oid() !== SCT_LIST) rest.push(raw);
  }
  return rest;
}

function malformed<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DerError) && !(cause instanceof BytesError) && !(cause instanceof JsonError))
      throw cause;
    throw new CosignError('ERR_COSIGN_SCT', `an SCT is malformed: ${cause.message}`, { cause });
  }
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_SCT', message);
}

const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';
const EXTENSIONS = 0xa3;
const MAX_SCTS = 16;
const HASHES: ReadonlyMap<number, 'sha256' | 'sha384' | 'sha512'> = new Map([
  [4, 'sha256'],
  [5, 'sha384'],
  [6, 'sha512'],
]);
