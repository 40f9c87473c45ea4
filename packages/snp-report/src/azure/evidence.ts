import {
  BytesError,
  type Bytes,
  decodeBase64url,
  decodeHex,
  encodeBase64url,
  encodeHex,
  encodeUtf8,
} from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import { type EvidenceReader, readDocument } from '../evidence/reader.js';

/** Evidence of an Azure virtual machine as Confidential Containers send it. */
export interface AzureEvidence {
  /** Form of the JSON: 2, 1, or 0 for the one without a version. In 2 the guest's user data has to be the report data. */
  readonly version: 0 | 1 | 2;
  /** Signature of the quote, RSASSA-PKCS1-v1_5 with SHA-256. */
  readonly signature: Bytes;
  /** TPMS_ATTEST that was signed. */
  readonly message: Bytes;
  /** Values of the PCRs, from 0 on. */
  readonly pcrs: readonly Bytes[];
  /** The paravisor's report. */
  readonly hclReport: Bytes;
  /** VCEK, DER or PEM; `undefined` on TDX. */
  readonly vcek: Bytes | undefined;
  /** TD quote; `undefined` on SEV-SNP. */
  readonly tdQuote: Bytes | undefined;
}

/**
 * Read evidence, in any of its three forms.
 *
 * @param input - the JSON, at most 1 MiB, or a value that was read from it
 * @throws `SnpReportError` `ERR_SNP_EVIDENCE_MALFORMED`, with the JSON pointer of what is wrong.
 */
export function parseAzureEvidence(input: string | Uint8Array | JsonObject): AzureEvidence {
  const evidence = readDocument(input);
  const given = evidence.optional('version');
  if (given === undefined) return readOldest(evidence);
  const version =
    given.value === 1 || given.value === 2 ? given.value : given.fail('expected version 1 or 2');
  const quote = evidence.member('tpm_quote');
  return {
    version,
    signature: hexOf(quote.member('signature')),
    message: hexOf(quote.member('message')),
    pcrs: quote.member('pcrs').items(MAX_PCRS).map(hexOf),
    hclReport: base64Of(evidence.member('hcl_report')),
    ...hardwareOf(evidence, base64Of),
  };
}

/**
 * Write evidence, in the form of its version.
 *
 * @param evidence - version 1 or 2; version 0 is written as 1, which means the same
 */
export function encodeAzureEvidence(evidence: AzureEvidence): string {
  const { version, signature, message, pcrs, hclReport, vcek, tdQuote } = evidence;
  return JSON.stringify({
    version: Math.max(version, 1),
    tpm_quote: { signature: encodeHex(signature), message: encodeHex(message), pcrs: pcrs.map(encodeHex) },
    hcl_report: encodeBase64url(hclReport),
    ...(vcek && { vcek: encodeBase64url(vcek) }),
    ...(tdQuote && { td_quote: encodeBase64url(tdQuote) }),
  });
}

/** Byte arrays instead of text, the certificate as PEM, and on SEV-SNP other names. */
function readOldest(evidence: EvidenceReader): AzureEvidence {
  const quote = evidence.optional('quote') ?? evidence.member('tpm_quote');
  const bytes = (from: EvidenceReader): Bytes => from.bytes(undefined, MAX_BYTES);
  return {
    version: 0,
    signature: bytes(quote.member('signature')),
    message: bytes(quote.member('message')),
    pcrs: quote.member('pcrs').items(MAX_PCRS).map(bytes),
    hclReport: bytes(evidence.optional('report') ?? evidence.member('hcl_report')),
    ...hardwareOf(evidence, (from) => (Array.isArray(from.value) ? bytes(from) : encodeUtf8(from.text()))),
  };
}

/** One of a VCEK and a TD quote. */
function hardwareOf(
  evidence: EvidenceReader,
  read: (from: EvidenceReader) => Bytes,
): Pick<AzureEvidence, 'vcek' | 'tdQuote'> {
  const [vcek, tdQuote] = [evidence.optional('vcek'), evidence.optional('td_quote')];
  if ((vcek === undefined) === (tdQuote === undefined)) evidence.fail('expected either vcek or td_quote');
  return { vcek: vcek && read(vcek), tdQuote: tdQuote && read(tdQuote) };
}

function hexOf(from: EvidenceReader): Bytes {
  return decoded(from, 'hex', decodeHex);
}

function base64Of(from: EvidenceReader): Bytes {
  return decoded(from, 'base64url', (text) => decodeBase64url(text, { padding: 'optional' }));
}

function decoded(from: EvidenceReader, form: string, decode: (text: string) => Bytes): Bytes {
  try {
    return decode(from.text());
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    return from.fail(`expected ${form}`, cause);
  }
}

const MAX_PCRS = 64;
const MAX_BYTES = 0x1_0000;
