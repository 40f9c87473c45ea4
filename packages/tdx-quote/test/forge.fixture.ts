/** Quotes and collateral under a test PKI, changed at will and signed again. */
import { type Bytes, concatBytes, decodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { digest, importPrivateKey, type PrivateKey, sign } from '@sealwright/crypto';
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
