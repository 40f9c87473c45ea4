/** Quotes and collateral under a test PKI, changed at will and signed again. */
import {
  type Bytes,
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeHex,
  encodeUtf8,
} from '@sealwright/bytes';
import { digest, importPrivateKey, type PrivateKey, sign } from '@sealwright/crypto';
import { decodePem, encodeBitString, encodePem, encodeSequence, parseCertificate } from '@sealwright/der';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import {
  type Collateral,
  encodeQuote,
  parseCollateral,
  parseQuote,
  type SgxReportBody,
  type TdQuote,
  type TdReportBody,
  type TdxTrust,
  type TdxTrustAnchor,
  trustAnchorOf,
} from '../src/index.js';
import synthetic from './vectors/synthetic.json' with { type: 'json' };

export const collateral: Collateral = parseCollateral(synthetic.collateral);
export const anchors: readonly TdxTrustAnchor[] = [trustAnchorOf(decodeBase64(synthetic.root))];
export const at: Date = new Date(synthetic.at);
export const trust: TdxTrust = { collateral, anchors, at };
export const quoteBytes: Bytes = decodeBase64(synthetic.quote);
export const laterBytes: Bytes = decodeBase64(synthetic.later);

/** What to change about a quote. */
export interface Changes {
  readonly body?: Partial<TdReportBody>;
  readonly qeReport?: Partial<SgxReportBody>;
  readonly qeAuthData?: Bytes;
  readonly certification?: TdQuote['certification'];
  /** Whether to leave the enclave's report data as it is. */
  readonly keepReportData?: boolean;
}

/** A quote with changes, signed again by enclave and platform. */
export async function forgeQuote(changes: Changes = {}, base: Bytes = quoteBytes): Promise<TdQuote> {
  const quote = parseQuote(base);
  if (quote.tee !== 'tdx') throw new Error('expected a TD');
  const qeAuthData = changes.qeAuthData ?? quote.qeAuthData;
  const reportData = concatBytes(
    digest('sha256', concatBytes(quote.attestationKey, qeAuthData)),
    new Uint8Array(32),
  );
  const changed: TdQuote = {
    ...quote,
    body: { ...quote.body, ...changes.body },
    qeAuthData,
    qeReport: {
      ...quote.qeReport,
      ...(changes.keepReportData === true ? {} : { reportData }),
      ...changes.qeReport,
    },
    certification: changes.certification ?? quote.certification,
  };
  const unsigned = parseQuote(encodeQuote(changed));
  const signed = parseQuote(
    encodeQuote({
      ...changed,
      quoteSignature: await signRaw('attestation', unsigned.signed),
      qeReportSignature: await signRaw('pck', unsigned.qeReport.raw),
    }),
  );
  if (signed.tee !== 'tdx') throw new Error('expected a TD');
  return signed;
}

/** The PCK chain of a quote whose leaf has another common name, of as many letters, or other dates, signed again. */
export async function forgePckChain(change: (signed: Bytes) => Bytes): Promise<Bytes> {
  const { certification } = parseQuote(quoteBytes);
  if (certification.type !== 5) throw new Error('expected a chain');
  const [leaf, ...above] = decodePem(decodeUtf8(certification.pem).replace('\0', ''));
  const { signed, signatureAlgorithm } = parseCertificate(leaf?.bytes ?? new Uint8Array(0));
  const body = change(concatBytes(signed));
  const signature = await sign(await keyNamed('platform'), body, { scheme: 'ecdsa-sha256' });
  const forged = encodeSequence(body, signatureAlgorithm, encodeBitString(signature));
  const blocks = [forged, ...above.map(({ bytes }) => bytes)];
  return encodeUtf8(blocks.map((bytes) => encodePem('CERTIFICATE', bytes)).join(''));
}

/** Some bytes with one text in the place of another of its size. */
export function replaced(bytes: Bytes, from: string, to: string): Bytes {
  if (from.length !== to.length) throw new Error('expected a text of the same size');
  const hex = encodeHex(bytes).replace(encodeHex(encodeUtf8(from)), encodeHex(encodeUtf8(to)));
  return decodeHex(hex);
}

/** Collateral whose documents were changed and signed again. */
export async function forgeCollateral(changes: {
  readonly tcbInfo?: (info: JsonObject) => JsonValue;
  readonly qeIdentity?: (identity: JsonObject) => JsonValue;
}): Promise<Collateral> {
  const [tcbInfo, qeIdentity] = [
    edit(collateral.tcbInfo, changes.tcbInfo),
    edit(collateral.qeIdentity, changes.qeIdentity),
  ];
  return {
    ...collateral,
    tcbInfo,
    tcbInfoSignature: await signRaw('signer', encodeUtf8(tcbInfo)),
    qeIdentity,
    qeIdentitySignature: await signRaw('signer', encodeUtf8(qeIdentity)),
  };
}

function edit(text: string, change: ((document: JsonObject) => JsonValue) | undefined): string {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new Error('expected an object');
  return change === undefined ? text : JSON.stringify(change(value));
}

async function signRaw(name: keyof typeof synthetic.keys, data: Uint8Array): Promise<Bytes> {
  return sign(await keyNamed(name), data, { encoding: 'raw', scheme: 'ecdsa-sha256' });
}

function keyNamed(name: keyof typeof synthetic.keys): Promise<PrivateKey> {
  return importPrivateKey(decodeBase64(synthetic.keys[name]));
}

/** Sign a text as the signer of documents. */
export function signDocument(text: string): Promise<Bytes> {
  return signRaw('signer', encodeUtf8(text));
}
