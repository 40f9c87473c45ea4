import { decodeBase64, decodeHex, decodeUtf8, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { decodePem, parseCertificate } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  appraiseQuote,
  dangerouslyVerifyWithoutCollateral,
  encodeQuote,
  intelTrustAnchor,
  mergeTcbStatus,
  parseCollateral,
  parseQuote,
  prepareCollateral,
  type PreparedCollateral,
  type Quote,
  type QuoteVerification,
  readPckFacts,
  type TcbStatus,
  TdxQuoteError,
  type TdxPolicy,
  type TdxTrust,
  type TdxTrustAnchor,
  trustAnchorOf,
  type TdQuote,
  type VerifiedQuote,
  verifyQuote,
} from '../src/index.js';
import { readTdReportBody } from '../src/td-report-body.js';

type Json = Record<string, unknown>;
interface VerifyCase {
  readonly name: string;
  readonly quote: string;
  readonly collateral: string;
  readonly at: string;
  readonly expect: Json;
}
interface RealCase {
  readonly file: string;
  readonly sha256: string;
  readonly length: number;
  readonly fields: Json;
  readonly pckChain: readonly Json[];
  readonly pckSgxExtension: Json;
  readonly signatures: Json;
  readonly checks: readonly { collateral: string; at: string; expect: Json }[];
  readonly mutations?: readonly {
    note: string;
    xor: readonly [string, string];
    collateral: string;
    at: string;
    expectReason: string;
  }[];
}

const area = vectorArea('tdx-quote');
const roots = vectorArea('roots');
const suite = describe.skipIf(!area.present);

suite('synthetic/verify-cases.json', () => {
  const { cases, trustedRoot } = area.present
    ? area.json<{ cases: VerifyCase[]; trustedRoot: string }>('synthetic', 'verify-cases.json')
    : { cases: [], trustedRoot: '' };
  const collateral = area.present ? area.json<Record<string, Json>>('synthetic', 'collateral.json') : {};
  const anchors = (): TdxTrustAnchor[] => [anchorOf(area.bytes('synthetic', trustedRoot))];

  it.each(cases)('$name', async (given) => {
    const trust = {
      collateral: parseCollateral(JSON.stringify(collateral[given.collateral])),
      anchors: anchors(),
      at: new Date(given.at),
    };
    expect(await outcome(decodeBase64(given.quote), trust, given.expect)).toEqual(given.expect);
  });

  it.each(cases)('$name, with prepared collateral, twice', async (given) => {
    const at = new Date(given.at);
    let prepared: PreparedCollateral;
    try {
      prepared = await prepareCollateral(parseCollateral(JSON.stringify(collateral[given.collateral])), {
        at,
        anchors: anchors(),
      });
    } catch (error) {
      // A quote may have a fault that comes before those of the collateral.
      expect(error).toBeInstanceOf(TdxQuoteError);
      expect(given.expect['verified']).toBe(false);
      return;
    }
    for (let turn = 0; turn < 2; turn += 1)
      expect(await outcome(decodeBase64(given.quote), { collateral: prepared, at }, given.expect)).toEqual(
        given.expect,
      );
  });
});

suite('real', () => {
  const cases = area
    .list('real')
    .filter((name) => name.endsWith('.json'))
    .map((name) => area.json<RealCase>('real', name))
    .filter(({ fields }) => fields !== undefined);

  it.each(cases)('$file: every field', ({ file, sha256, length, fields }) => {
    const bytes = area.bytes('real', file);
    expect([encodeHex(digest('sha256', bytes)), bytes.byteLength]).toEqual([sha256, length]);
    const quote = parseQuote(bytes);
    const { header, body, qeReport } = quote;
    const certified = certificationBytes(quote);
    const outerSize = 384 + 64 + 2 + quote.qeAuthData.byteLength + 6 + certified;
    const outer =
      header.version === 3 ? {} : { outerCertDataType: 6, outerCertDataSize: outerSize, outerTrailing: 0 };
    expect({
      header: {
        version: header.version,
        attestationKeyType: header.attestationKeyType,
        teeType: header.teeType,
        reserved8: encodeHex(little(BigInt(header.qeSvn), 2)),
        reserved10: encodeHex(little(BigInt(header.pceSvn), 2)),
        qeVendorId: encodeHex(header.qeVendorId),
        userData: encodeHex(header.userData),
      },
      bodyType: header.version === 5 ? quote.bodyType : null,
      bodySize: header.version === 5 ? quote.signed.byteLength - 54 : null,
      body: plain(body),
      signedLength: quote.signed.byteLength,
      signatureDataLength: outerSize + 128 + (header.version === 3 ? 0 : 6),
      trailingBytes: quote.trailing.byteLength,
      trailingAllZero: quote.trailing.every((byte) => byte === 0),
      ...outer,
      quoteSignature: encodeHex(quote.quoteSignature),
      attestationKey: encodeHex(quote.attestationKey),
      qeReport: plain(qeReport),
      qeReportSignature: encodeHex(quote.qeReportSignature),
      qeAuthDataSize: quote.qeAuthData.byteLength,
      qeAuthData: encodeHex(quote.qeAuthData),
      certDataType: quote.certification.type,
      certDataSize: certified,
    }).toEqual(fields);
    expect(encodeQuote(quote)).toEqual(quote.raw);
  });

  it.each(cases)('$file: chain and signatures', async ({ file, pckChain, pckSgxExtension, signatures }) => {
    const quote = parseQuote(area.bytes('real', file));
    const { certification } = quote;
    if (certification.type !== 4 && certification.type !== 5) return expect(pckChain ?? []).toEqual([]);
    const chain = decodePem(decodeUtf8(certification.pem).replace('\0', '')).map(({ bytes }) =>
      parseCertificate(bytes),
    );
    expect(
      chain.map(({ commonName, notBefore, notAfter, serial, raw }) => ({
        subjectCn: commonName,
        notBefore: moment(notBefore),
        notAfter: moment(notAfter),
        serial: encodeHex(serial).replace(/^00/, ''),
        sha256: encodeHex(digest('sha256', raw)),
      })),
    ).toEqual(pckChain);
    const [leaf] = chain;
    if (leaf === undefined) throw new Error('expected a leaf');
    const facts = readPckFacts(leaf);
    const { componentSvns, ...rest } = plain(facts) as Json;
    expect({ ...rest, tcb: componentSvns }).toEqual(pckSgxExtension);
    const at = new Date(Math.max(...chain.map(({ notBefore }) => notBefore)));
    const found = dangerouslyVerifyWithoutCollateral(quote, { at }).catch((error: unknown) => refusal(error));
    const broken = SIGNATURES.find(([name]) => signatures[name] !== true);
    if (broken === undefined) expect(await found).toEqual(facts);
    else expect(await found).toMatchObject({ reason: expect.stringMatching(broken[1]) });
    expect(SIGNATURES.map(([name]) => name).sort()).toEqual(Object.keys(signatures).sort());
  });

  const checks = cases.flatMap(({ file, checks: list }) =>
    list.map((check) => ({ ...check, file, title: `${file} with ${check.collateral} at ${check.at}` })),
  );
  it.each(checks)('$title', async ({ file, collateral, at, expect: expected }) => {
    const trust = { collateral: parseCollateral(area.bytes('real', collateral)), at: new Date(at) };
    expect(await outcome(area.bytes('real', file), trust, expected)).toEqual(expected);
  });

  const mutations = cases.flatMap(({ file, mutations: list = [] }) =>
    list.map((mutation) => ({ ...mutation, file, title: `${file}: ${mutation.note}` })),
  );
  it.each(mutations)('$title', async ({ file, xor, collateral, at, expectReason }) => {
    const bytes = area.bytes('real', file);
    bytes[Number(xor[0])] = (bytes[Number(xor[0])] ?? 0) ^ Number(xor[1]);
    const trust = { collateral: parseCollateral(area.bytes('real', collateral)), at: new Date(at) };
    expect((await outcome(bytes, trust, {}))['reason']).toBe(expectReason);
  });

  it.each(cases)('$file: refused by default when under debug or bound to a service TD', ({ file }) => {
    const quote = parseQuote(area.bytes('real', file));
    if (quote.tee !== 'tdx') return;
    const { tdAttributes, mrServiceTd } = quote.body;
    const expected = [
      ...(mrServiceTd?.some((byte) => byte !== 0) === true ? ['mrServiceTd'] : []),
      ...((tdAttributes & 0xffn) === 0n ? [] : ['tdAttributes.debug']),
    ];
    const { ok, failures } = appraiseQuote(verified(quote.body, { status: 'UpToDate' }), {});
    expect({ ok, failures }).toEqual({ ok: expected.length === 0, failures: expected });
  });
});

suite('synthetic/appraisal-cases.json', () => {
  const { cases } = area.present
    ? area.json<{
        cases: { name: string; body: string; verification: Json; policy: TdxPolicy; expect: Json }[];
      }>('synthetic', 'appraisal-cases.json')
    : { cases: [] };
  it.each(cases)('$name', ({ body, verification, policy, expect: expected }) => {
    const { ok, failures } = appraiseQuote(verified(readTdReportBody(decodeHex(body)), verification), policy);
    expect({ ok, failures }).toEqual(expected);
  });
});

suite('synthetic/status-merge.json', () => {
  const { rows } = area.present
    ? area.json<{ rows: [TcbStatus, TcbStatus, TcbStatus, TcbStatus][] }>('synthetic', 'status-merge.json')
    : { rows: [] };
  it.each(rows)('%s with module %s and enclave %s is %s', (platform, module, qe, merged) => {
    expect(mergeTcbStatus(mergeTcbStatus(platform, module), qe)).toBe(merged);
  });
});

(roots.present ? it : it.skip)('pins the published root', () => {
  const names = roots.list().filter((name) => /^intel-.*\.pem$/.test(name));
  expect(names.map((name) => anchorOf(roots.bytes(name)))).toEqual([intelTrustAnchor()]);
});

/** What a case expects, under the names that it uses. */
async function outcome(bytes: Uint8Array, trust: TdxTrust, expected: Json): Promise<Json> {
  const facts: Json = {};
  try {
    const { tcb, pck, collateral } = await verifyQuote(parseQuote(bytes), trust);
    Object.assign(facts, {
      verified: true,
      status: tcb.status,
      reason: null,
      detail: null,
      platformStatus: (tcb.tdx ?? tcb.sgx).status,
      sgxLevelStatus: tcb.sgx.status,
      tdxLevelStatus: (tcb.tdx ?? tcb.sgx).status,
      moduleStatus: moduleStatus(tcb.module?.status, bytes),
      qeStatus: tcb.qe.status,
      advisoryIds: tcb.advisoryIds,
      tcbDate: tcb.tcbDate,
      moduleTcbDate: tcb.module?.tcbDate ?? null,
      tcbEvaluationDataNumber: collateral.tcbEvaluationDataNumber,
      qeTcbEvaluationDataNumber: collateral.qeTcbEvaluationDataNumber,
      fmspc: encodeHex(pck.fmspc),
    });
  } catch (error) {
    Object.assign(facts, { verified: false, status: null, ...refusal(error) });
  }
  const names = Object.keys(expected).length === 0 ? Object.keys(facts) : Object.keys(expected);
  return Object.fromEntries(names.map((name) => [name, facts[name]]));
}

/** A module of major version 0 counts as up to date. */
function moduleStatus(status: string | undefined, bytes: Uint8Array): string | null {
  return status ?? (parseQuote(bytes).tee === 'tdx' ? 'UpToDate' : null);
}

function refusal(error: unknown): { reason: string; detail: string | null } {
  if (!(error instanceof TdxQuoteError)) throw error;
  const reason = error.code
    .slice('ERR_TDX_'.length)
    .toLowerCase()
    .replace(/^tcb_info_/, 'tcbInfo_')
    .replace(/^qe_identity_/, 'qeIdentity_');
  return { reason, detail: WITH_DETAIL.test(reason) ? (error.detail ?? null) : null };
}

/** What the vectors say of signatures, in the order in which they are checked. */
const SIGNATURES = [
  ['chain', /^chain_/],
  ['qeReport', /^qe_report_signature_invalid$/],
  ['qeReportData', /^qe_report_data_mismatch$/],
  ['quote', /^quote_signature_invalid$/],
] as const;
/** The reasons for which the vectors say which of several it was. */
const WITH_DETAIL = /^(?:crl_|cert_(?:expired|not_yet)|chain_signature)/;

function verified(body: TdQuote['body'], verification: Json): VerifiedQuote<TdQuote> {
  const module = verification['moduleTcbDate'];
  const facts = {
    body,
    tcb: {
      status: verification['status'],
      advisoryIds: verification['advisoryIds'] ?? [],
      tcbDate: verification['tcbDate'] ?? '2025-03-12T00:00:00Z',
      module: typeof module === 'string' ? { tcbDate: module } : undefined,
      shortfalls: [],
    },
    pck: {
      fmspc: decodeHex(String(verification['fmspc'] ?? '000000000000')),
      smtEnabled: verification['smtEnabled'] ?? undefined,
      cachedKeys: verification['cachedKeys'] ?? undefined,
      dynamicPlatform: verification['dynamicPlatform'] ?? undefined,
    },
    collateral: {
      expired: verification['collateralExpired'] ?? false,
      tcbEvaluationDataNumber: verification['tcbEvaluationDataNumber'],
    },
  };
  return facts as unknown as VerifiedQuote<TdQuote> & QuoteVerification;
}

/** How many bytes the inner certification data of a quote has. */
function certificationBytes({ certification }: Quote): number {
  if ('pem' in certification) return certification.pem.byteLength;
  if ('manifest' in certification) return certification.manifest.byteLength;
  return certification.ppid.byteLength + (certification.pceId === undefined ? 18 : 20);
}

function anchorOf(pem: Uint8Array): TdxTrustAnchor {
  return trustAnchorOf(decodePem(decodeUtf8(pem))[0]?.bytes ?? pem);
}

/** Bytes in hex, and 64-bit numbers as their bytes in memory order. */
function plain(value: object): unknown {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => name !== 'raw' && member !== undefined)
      .map(([name, member]: [string, unknown]) => {
        if (typeof member === 'bigint') return [name, encodeHex(little(member, 8))];
        return [name, member instanceof Uint8Array ? encodeHex(member) : member];
      }),
  );
}

function little(number: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Number((number >> BigInt(8 * index)) & 0xffn));
}

function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000', '');
}
