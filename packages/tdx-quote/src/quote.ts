/**
 * Quotes of Intel's quoting enclaves: version 3 for SGX, versions 4 and 5 for TDX and SGX. All integers little-endian.
 *
 * @module
 */
import { type Bytes, ByteWriter, concatBytes, copyBytes, decodeHex, equalBytes } from '@sealwright/bytes';
import { type Certification, readCertification, writeCertification } from './certification.js';
import { TdxQuoteError, type TdxQuoteErrorCode } from './errors.js';
import {
  readSgxReportBody,
  SGX_REPORT_BODY_BYTES,
  type SgxReportBody,
  writeSgxReportBody,
} from './sgx-report-body.js';
import {
  readTdReportBody,
  TD10_BODY_BYTES,
  TD15_BODY_BYTES,
  type TdReportBody,
  writeTdReportBody,
} from './td-report-body.js';

/** The first 48 bytes of a quote. */
export interface QuoteHeader {
  /** Layout: 3, 4 or 5. u16 at 0. */
  readonly version: 3 | 4 | 5;
  /** Always 2, ECDSA P-256 with SHA-256. u16 at 2. */
  readonly attestationKeyType: number;
  /** 0x00 SGX, 0x81 TDX. u32 at 4. */
  readonly teeType: number;
  /** Security version of the quoting enclave in version 3, reserved later. u16 at 8. */
  readonly qeSvn: number;
  /** Security version of the provisioning certification enclave in version 3, reserved later. u16 at 10. */
  readonly pceSvn: number;
  /** 16 bytes, always Intel's. At 12. */
  readonly qeVendorId: Bytes;
  /** 20 bytes, usually an identifier of the platform's quoting enclave and zeros. At 28. */
  readonly userData: Bytes;
}

/** What every quote has. Decoded is not verified: nothing here has been checked against a signature. */
export interface QuoteParts {
  /** The first 48 bytes. */
  readonly header: QuoteHeader;
  /** Layout of the body: 1 SGX, 2 TD 1.0, 3 TD 1.5. Written in version 5, implied before. */
  readonly bodyType: 1 | 2 | 3;
  /** Header and body exactly as received, with the six descriptor bytes of version 5 between them: what the quote's signature covers. */
  readonly signed: Bytes;
  /** 64 bytes, r and s big-endian, by the attestation key. */
  readonly quoteSignature: Bytes;
  /** 64 bytes, x and y of a point on P-256, big-endian. */
  readonly attestationKey: Bytes;
  /** Report of the quoting enclave. */
  readonly qeReport: SgxReportBody;
  /** 64 bytes, r and s big-endian, by the PCK. */
  readonly qeReportSignature: Bytes;
  /** Of any size; hashed together with the attestation key. */
  readonly qeAuthData: Bytes;
  /** Who vouches for the quoting enclave. */
  readonly certification: Certification;
  /** What followed. It is signed by nobody and means nothing. */
  readonly trailing: Bytes;
  /** The whole quote exactly as received. */
  readonly raw: Bytes;
}

/** A quote about a trust domain. */
export interface TdQuote extends QuoteParts {
  /** Tells the two kinds of quote apart. */
  readonly tee: 'tdx';
  /** The trust domain. */
  readonly body: TdReportBody;
}

/** A quote about an enclave. */
export interface SgxQuote extends QuoteParts {
  /** Tells the two kinds of quote apart. */
  readonly tee: 'sgx';
  /** The enclave. */
  readonly body: SgxReportBody;
}

/** A decoded quote. */
export type Quote = TdQuote | SgxQuote;

/** Cap on a quote, in bytes. Real ones have about 5000. */
export const MAX_QUOTE_BYTES = 0x2_0000;

/**
 * Decode a quote.
 *
 * @param bytes - a quote, which bytes without a meaning may follow; at most {@link MAX_QUOTE_BYTES} are looked at. The
 * result shares no memory with them
 * @throws {@link TdxQuoteError} for what is not a quote that this package knows.
 *
 * @example
 * ```ts
 * const quote = parseQuote(bytes);
 * if (quote.tee === 'tdx') console.log(encodeHex(quote.body.mrTd));
 * ```
 */
export function parseQuote(bytes: Uint8Array): Quote {
  const raw = copyBytes(bytes.byteLength > MAX_QUOTE_BYTES ? bytes.subarray(0, MAX_QUOTE_BYTES) : bytes);
  const view = new DataView(raw.buffer);
  const header = readHeader(raw, view);
  const { type, from, to } = locateBody(header, raw, view);
  mustHave(raw, to + 4);
  const body = raw.subarray(from, to);
  const parts = { header, bodyType: type, signed: raw.subarray(0, to), ...readSignature(raw, view, to), raw };
  return type === 1
    ? { tee: 'sgx', body: readSgxReportBody(body), ...parts }
    : { tee: 'tdx', body: readTdReportBody(body), ...parts };
}

/**
 * Encode a quote from its fields; `raw` and `signed` are not looked at. A decoded quote gives the bytes that it was
 * decoded from.
 *
 * @param quote - fields of the sizes that {@link QuoteParts} names
 */
export function encodeQuote(
  quote: Omit<TdQuote, 'raw' | 'signed'> | Omit<SgxQuote, 'raw' | 'signed'>,
): Bytes {
  const { header, bodyType } = quote;
  const body = quote.tee === 'tdx' ? writeTdReportBody(quote.body) : writeSgxReportBody(quote.body);
  const writer = new ByteWriter({ littleEndian: true })
    .u16(header.version)
    .u16(header.attestationKeyType)
    .u32(header.teeType)
    .u16(header.qeSvn)
    .u16(header.pceSvn)
    .bytes(header.qeVendorId)
    .bytes(header.userData);
  if (header.version === 5) writer.u16(bodyType).u32(body.byteLength);
  writer.bytes(body);
  const inner = writeCertification(quote.certification);
  const certified = new ByteWriter({ littleEndian: true })
    .bytes(writeSgxReportBody(quote.qeReport))
    .bytes(quote.qeReportSignature)
    .u16(quote.qeAuthData.byteLength)
    .bytes(quote.qeAuthData)
    .u16(quote.certification.type)
    .u32(inner.byteLength)
    .bytes(inner)
    .finish();
  const signature = new ByteWriter({ littleEndian: true })
    .bytes(quote.quoteSignature)
    .bytes(quote.attestationKey);
  if (header.version !== 3) signature.u16(QE_REPORT_CERTIFICATION).u32(certified.byteLength);
  const section = signature.bytes(certified).finish();
  return concatBytes(writer.u32(section.byteLength).finish(), section, quote.trailing);
}

function readHeader(raw: Bytes, view: DataView): QuoteHeader {
  mustHave(raw, HEADER_BYTES);
  const version = view.getUint16(0, true);
  if (version !== 3 && version !== 4 && version !== 5)
    throw refusal('UNSUPPORTED_VERSION', `expected version 3, 4 or 5, not ${version}`, 0);
  const attestationKeyType = view.getUint16(2, true);
  const teeType = view.getUint32(4, true);
  if (teeType !== TEE_SGX && (teeType !== TEE_TDX || version === 3))
    throw refusal(
      'UNSUPPORTED_TEE_TYPE',
      `version ${version} does not have TEE type 0x${teeType.toString(16)}`,
      4,
    );
  if (attestationKeyType !== 2)
    throw refusal(
      'UNSUPPORTED_ATT_KEY_TYPE',
      `expected key type 2, ECDSA P-256, not ${attestationKeyType}`,
      2,
    );
  const qeVendorId = raw.subarray(12, 28);
  if (!equalBytes(qeVendorId, INTEL_QE))
    throw refusal('QE_VENDOR_MISMATCH', 'the quoting enclave is not one of Intel', 12);
  return {
    version,
    attestationKeyType,
    teeType,
    qeSvn: view.getUint16(8, true),
    pceSvn: view.getUint16(10, true),
    qeVendorId,
    userData: raw.subarray(28, 48),
  };
}

function locateBody(
  { version, teeType }: QuoteHeader,
  raw: Bytes,
  view: DataView,
): { type: 1 | 2 | 3; from: number; to: number } {
  if (version !== 5) {
    const type = teeType === TEE_TDX ? 2 : 1;
    return { type, from: HEADER_BYTES, to: HEADER_BYTES + BODY_BYTES[type] };
  }
  const from = HEADER_BYTES + 6;
  mustHave(raw, from);
  const type = view.getUint16(HEADER_BYTES, true);
  if (type !== 1 && type !== 2 && type !== 3)
    throw refusal('UNSUPPORTED_BODY_TYPE', `expected body type 1, 2 or 3, not ${type}`, HEADER_BYTES);
  const size = view.getUint32(HEADER_BYTES + 2, true);
  if (size !== BODY_BYTES[type])
    throw refusal(
      'BODY_SIZE_MISMATCH',
      `a body of type ${type} has ${BODY_BYTES[type]} bytes, not ${size}`,
      50,
    );
  if ((type === 1) !== (teeType === TEE_SGX))
    throw refusal('BODY_TYPE_MISMATCH', `body type ${type} is not of the quote's TEE type`, HEADER_BYTES);
  return { type, from, to: from + size };
}

function mustHave(raw: Bytes, size: number): void {
  if (raw.byteLength < size)
    throw refusal(
      'QUOTE_TOO_SHORT',
      `expected ${size} bytes at least, not ${raw.byteLength}`,
      raw.byteLength,
    );
}

type SignatureParts = Pick<
  QuoteParts,
  | 'quoteSignature'
  | 'attestationKey'
  | 'qeReport'
  | 'qeReportSignature'
  | 'qeAuthData'
  | 'certification'
  | 'trailing'
>;

function readSignature(raw: Bytes, view: DataView, start: number): SignatureParts {
  let at = start + 4;
  const end = at + view.getUint32(start, true);
  if (end > raw.byteLength)
    throw refusal(
      'SIGNATURE_DATA_TRUNCATED',
      `the signature needs ${end} bytes, not ${raw.byteLength}`,
      start,
    );
  const take = (size: number): Bytes => {
    if (size > end - at)
      throw refusal('SIGNATURE_DATA_TRUNCATED', `the signature ends ${size - (end - at)} bytes early`, at);
    at += size;
    return raw.subarray(at - size, at);
  };
  const u16 = (): number => (take(2), view.getUint16(at - 2, true));
  const u32 = (): number => (take(4), view.getUint32(at - 4, true));
  const mustFill = (size: number): void => {
    if (size !== end - at)
      throw refusal(
        'CERT_DATA_SIZE_MISMATCH',
        `certification data has ${end - at} bytes, not ${size}`,
        at - 4,
      );
  };
  const quoteSignature = take(64);
  const attestationKey = take(64);
  if (view.getUint16(0, true) !== 3) {
    const outer = u16();
    if (outer !== QE_REPORT_CERTIFICATION)
      throw refusal(
        'UNSUPPORTED_CERT_DATA_TYPE',
        `expected certification data of type 6, not ${outer}`,
        at - 2,
      );
    mustFill(u32());
  }
  const qeReport = readSgxReportBody(take(SGX_REPORT_BODY_BYTES));
  const qeReportSignature = take(64);
  const qeAuthData = take(u16());
  const type = u16();
  mustFill(u32());
  return {
    quoteSignature,
    attestationKey,
    qeReport,
    qeReportSignature,
    qeAuthData,
    certification: readCertification(type, raw.subarray(at, end), at),
    trailing: raw.subarray(end),
  };
}

function refusal(
  reason: TdxQuoteErrorCode extends `ERR_TDX_${infer Reason}` ? Reason : never,
  message: string,
  offset: number,
): TdxQuoteError {
  return new TdxQuoteError(`ERR_TDX_${reason}`, message, { offset });
}

const HEADER_BYTES = 48;
const TEE_SGX = 0x00;
const TEE_TDX = 0x81;
const QE_REPORT_CERTIFICATION = 6;
const BODY_BYTES = { 1: SGX_REPORT_BODY_BYTES, 2: TD10_BODY_BYTES, 3: TD15_BODY_BYTES } as const;
/** 939a7233-f79c-4ca9-940a-0db3957f0607, bytes in this order. */
const INTEL_QE: Bytes = decodeHex('939a7233f79c4ca9940a0db3957f0607');
