import { encodeHex, equalBytes } from '@sealwright/bytes';
import { parseAzureEvidence, parseTpmQuote, verifyAzureTdxBinding } from '@sealwright/snp-report/azure';
import { SnpReportError } from '@sealwright/snp-report';
import {
  appraiseQuote,
  dangerouslyVerifyWithoutCollateral,
  parseCollateral,
  parseQuote,
  type PckFacts,
  type Quote,
  sgxAttributes,
  tdAttributes,
  TdxQuoteError,
  type VerifiedQuote,
  verifyQuote,
  xfamFeatures,
} from '@sealwright/tdx-quote';
import { compareRtmrs, parseEventLog } from '@sealwright/tdx-quote/event-log';
import { parseTdxEvidence } from '@sealwright/tdx-quote/trustee';
import type { Circumstances, Finding, Link, Picture, Recogniser } from './picture.js';
import { bootRows } from './tdx-log.js';

/** The quote alone. */
export const tdxQuote: Recogniser = {
  name: 'quote of Intel TDX or SGX',
  matches: (bytes) => isQuote(bytes),
  picture: async (bytes, circumstances) => await quotePicture(bytes, circumstances),
};

/** The JSON of Confidential Containers: a quote, and the event log of the same guest. */
export const tdxEvidence: Recogniser = {
  name: 'TDX evidence of Confidential Containers',
  matches: (_, document) => typeof document?.['quote'] === 'string',
  picture: async (bytes, circumstances) => {
    const { quote, eventLog } = parseTdxEvidence(bytes);
    const picture = await quotePicture(quote, circumstances);
    const parsed = parseQuote(quote);
    if (eventLog === undefined || parsed.tee !== 'tdx') return picture;
    const log = parseEventLog(eventLog);
    return {
      ...picture,
      title: `${picture.title}, with its event log`,
      fields: [...picture.fields, ...bootRows(log)],
      findings: [
        ...picture.findings,
        ...compareRtmrs(log, parsed.body).map(({ rtmr, ok, replayed }): Finding => {
          const text = ok ? 'is what the event log gives' : `the event log gives ${encodeHex(replayed)}`;
          return { ok, name: `RTMR${rtmr}`, text };
        }),
      ],
    };
  },
};

/** The JSON of Azure's virtual machines on TDX. */
export const azureTdxEvidence: Recogniser = {
  name: 'TDX evidence of an Azure virtual machine',
  matches: (_, document) => document?.['td_quote'] !== undefined,
  picture: async (bytes, circumstances) => {
    const evidence = parseAzureEvidence(bytes);
    const quote = parseQuote(evidence.tdQuote ?? new Uint8Array(0));
    const picture = await quotePicture(quote.raw, circumstances);
    return {
      ...picture,
      title: `evidence of an Azure virtual machine: ${picture.title}`,
      fields: [
        ...picture.fields,
        ...evidence.pcrs.map((value, index): [string, string] => [`PCR ${index}`, encodeHex(value)]),
      ],
      bindings: [
        ...picture.bindings.filter(([name]) => name !== 'report data'),
        ['report data', 'is the hash of the data of the paravisor, which holds the key of the vTPM'],
      ],
      findings: [...picture.findings, await paravisorFinding(evidence, quote)],
    };
  },
};

async function paravisorFinding(
  evidence: ReturnType<typeof parseAzureEvidence>,
  { body }: Quote,
): Promise<Finding> {
  const name = 'paravisor and vTPM';
  try {
    const nonce = parseTpmQuote(evidence.message).extraData;
    await verifyAzureTdxBinding(evidence, body.reportData, { reportData: nonce });
    return { ok: true, name, text: `bound to the quote, over nonce ${encodeHex(nonce)}` };
  } catch (error) {
    if (!(error instanceof SnpReportError)) throw error;
    return { ok: false, name, text: `${error.message} (${error.code})` };
  }
}

async function quotePicture(bytes: Uint8Array, circumstances: Circumstances): Promise<Picture> {
  const quote = parseQuote(bytes);
  const outcome = await outcomeOf(quote, circumstances);
  const kind = quote.tee === 'sgx' ? 'SGX' : quote.bodyType === 3 ? 'TDX 1.5' : 'TDX 1.0';
  return {
    title: `quote of Intel ${kind}, version ${quote.header.version}`,
    fields: [...bodyFields(quote), ...platformFields(outcome)],
    chain: chainOf(quote, outcome),
    bindings: bindingsOf(quote),
    findings: findingsOf(outcome),
  };
}

/** What came of following a quote to Intel's root. */
interface Outcome {
  readonly pck?: PckFacts;
  readonly verified?: VerifiedQuote;
  /** Why it did not come to a verified quote. */
  readonly failure?: string;
}

async function outcomeOf(quote: Quote, { at, collateral }: Circumstances): Promise<Outcome> {
  try {
    const pck = await dangerouslyVerifyWithoutCollateral(quote, { at });
    if (collateral === undefined) return { pck };
    try {
      const verified = await verifyQuote(quote, { collateral: parseCollateral(collateral), at });
      return { pck, verified };
    } catch (error) {
      return { pck, failure: messageOf(error) };
    }
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof TdxQuoteError)) throw error;
  const { message, detail, code } = error;
  return `${message}${detail === undefined ? '' : `: ${detail}`} (${code})`;
}

function bodyFields(quote: Quote): [string, string][] {
  if (quote.tee === 'sgx') {
    const { body } = quote;
    return [
      ['MRENCLAVE', encodeHex(body.mrEnclave)],
      ['MRSIGNER', encodeHex(body.mrSigner)],
      ['report data', encodeHex(body.reportData)],
      ['product', `${body.isvProdId}, security version ${body.isvSvn}`],
      [
        'attributes',
        `0x${body.attributesFlags.toString(16)}: ${flagsOf(sgxAttributes(body.attributesFlags))}`,
      ],
    ];
  }
  const { body } = quote;
  return [
    ['MRTD', encodeHex(body.mrTd)],
    ['report data', encodeHex(body.reportData)],
    ['RTMR0', orNone(body.rtmr0)],
    ['RTMR1', orNone(body.rtmr1)],
    ['RTMR2', orNone(body.rtmr2)],
    ['RTMR3', orNone(body.rtmr3)],
    ['MRCONFIGID', orNone(body.mrConfigId)],
    ['MROWNER', orNone(body.mrOwner)],
    ['MROWNERCONFIG', orNone(body.mrOwnerConfig)],
    ['TD attributes', `0x${body.tdAttributes.toString(16)}: ${flagsOf(tdAttributes(body.tdAttributes))}`],
    ['XFAM', `0x${body.xfam.toString(16)}: ${xfamFeatures(body.xfam).join(', ')}`],
    ['TDX module', `${encodeHex(body.mrSeam)}, versions ${encodeHex(body.teeTcbSvn)}`],
    ...(body.teeTcbSvn2 === undefined
      ? []
      : [['TDX module now', encodeHex(body.teeTcbSvn2)] as [string, string]]),
    ...(body.mrServiceTd === undefined ? [] : [['service TD', orNone(body.mrServiceTd)] as [string, string]]),
  ];
}

function platformFields({ pck, verified }: Outcome): [string, string][] {
  if (pck === undefined) return [];
  const rows: [string, string][] = [
    ['platform', `FMSPC ${encodeHex(pck.fmspc)}, PCE ${pck.pceSvn}, PPID ${encodeHex(pck.ppid)}`],
    ['hyper-threading', saying(pck.smtEnabled)],
  ];
  if (verified === undefined) return rows;
  const { tcb, collateral } = verified;
  return [
    ...rows,
    ['TCB status', `${tcb.status}, level of ${tcb.tcbDate}`],
    ['advisories', tcb.advisoryIds.length === 0 ? 'none' : tcb.advisoryIds.join(', ')],
    [
      'collateral',
      `evaluation ${collateral.tcbEvaluationDataNumber}, good until ${collateral.earliestExpirationDate}`,
    ],
  ];
}

function chainOf(quote: Quote, { pck, verified, failure }: Outcome): Link[] {
  if (pck === undefined) return [];
  const level = verified === undefined ? 'not judged' : verified.tcb.status;
  return [
    { name: 'Intel SGX Root CA', note: 'its name, key and digest are pinned' },
    { name: 'PCK CA', note: 'signed by the root' },
    { name: 'PCK certificate', note: `platform of FMSPC ${encodeHex(pck.fmspc)}: ${level}` },
    { name: 'quoting enclave', note: `security version ${quote.qeReport.isvSvn}, signed by the PCK` },
    { name: 'attestation key', note: 'hashed into the report of the quoting enclave' },
    { name: 'quote', note: failure === undefined ? subjectOf(quote) : 'NOT vouched for, see below' },
  ];
}

function subjectOf(quote: Quote): string {
  return quote.tee === 'sgx'
    ? `enclave ${short(quote.body.mrEnclave)}`
    : `trust domain ${short(quote.body.mrTd)}`;
}

function bindingsOf(quote: Quote): [string, string][] {
  const data: [string, string] = [
    'report data',
    'is what the guest asked for: a nonce, or the hash of a key',
  ];
  if (quote.tee === 'sgx') return [['MRENCLAVE', 'is what the enclave was built from'], data];
  return [
    ['MRTD', 'is the firmware that the guest was launched with'],
    ['RTMR0 to RTMR2', 'are what firmware and boot loader measured: compare them by the event log'],
    [
      'MRCONFIGID',
      'is what the host set at launch: with Confidential Containers the digest of the init-data',
    ],
    data,
  ];
}

function findingsOf({ pck, verified, failure }: Outcome): Finding[] {
  if (pck === undefined) return [{ ok: false, name: 'authentic', text: failure ?? 'unknown' }];
  const authentic: Finding = {
    ok: true,
    name: 'authentic',
    text: 'a platform that Intel certified signed it',
  };
  if (failure !== undefined) return [authentic, { ok: false, name: 'platform', text: failure }];
  if (verified === undefined)
    return [
      authentic,
      {
        ok: undefined,
        name: 'platform',
        text: 'up to date, or revoked? give what Intel says of it with --collateral',
      },
    ];
  if (verified.tee === 'sgx')
    return [
      authentic,
      { ok: verified.tcb.status === 'UpToDate', name: 'tcbStatus', text: verified.tcb.status },
    ];
  return [
    authentic,
    ...appraiseQuote(verified, {}).checks.map(({ name, ok, expected, actual }) => ({
      ok,
      name,
      text: ok ? actual : `expected ${expected}, found ${actual}`,
    })),
    { ok: undefined, name: 'guest', text: 'is it yours? compare MRTD, the RTMRs and the report data' },
  ];
}

function flagsOf(flags: object): string {
  const set = Object.entries(flags).flatMap(([name, value]) => (value === true ? [name] : []));
  return set.length === 0 ? 'no flags' : set.join(', ');
}

function saying(value: boolean | undefined): string {
  return value === undefined ? 'not said' : value ? 'on' : 'off';
}

function orNone(bytes: Uint8Array): string {
  return bytes.every((byte) => byte === 0) ? 'none' : encodeHex(bytes);
}

function short(bytes: Uint8Array): string {
  return `${encodeHex(bytes.subarray(0, 8))}…`;
}

/** A version, a kind of key and Intel's vendor: 28 bytes that nothing else begins with. */
function isQuote(bytes: Uint8Array): boolean {
  const [version = 0, zero = 1] = bytes;
  return version >= 3 && version <= 5 && zero === 0 && equalBytes(bytes.subarray(12, 28), VENDOR);
}

const VENDOR = Uint8Array.of(
  0x93,
  0x9a,
  0x72,
  0x33,
  0xf7,
  0x9c,
  0x4c,
  0xa9,
  0x94,
  0x0a,
  0x0d,
  0xb3,
  0x95,
  0x7f,
  0x06,
  0x07,
);
