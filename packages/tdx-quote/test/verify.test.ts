import { concatBytes, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { decodePem, DerError, parseCertificate, parseCertificateList } from '@sealwright/der';
import type { JsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import {
  type Collateral,
  dangerouslyVerifyWithoutCollateral,
  encodeCollateral,
  intelTrustAnchor,
  parseCollateral,
  parseQuote,
  prepareCollateral,
  type TdxTrust,
  trustAnchorOf,
  verifyQuote,
} from '../src/index.js';
import {
  anchors,
  at,
  type Changes,
  collateral,
  forgeCollateral,
  forgePckChain,
  forgeQuote,
  laterBytes,
  quoteBytes,
  replaced,
  trust,
} from './forge.fixture.js';

const refused = (reason: string): unknown => expect.objectContaining({ code: `ERR_TDX_${reason}` });
const day = (offset: number): Date => new Date(at.getTime() + offset * 86_400_000);

describe('verifyQuote', () => {
  it('says how up to date the platform is', async () => {
    const { tcb, pck, collateral: facts, body } = await verifyQuote(await forgeQuote(), trust);
    expect(tcb).toMatchObject({ status: 'UpToDate', advisoryIds: [], shortfalls: [] });
    expect(encodeHex(pck.fmspc)).toBe('a0b1c2d3e4f5');
    expect(facts).toMatchObject({
      expired: false,
      latestIssueDate: '2025-05-20T00:00:00Z',
      earliestExpirationDate: '2025-06-14T00:00:00Z',
      rootCrlNumber: 1n,
      pckCrlNumber: 1n,
    });
    expect(body.mrTd.byteLength).toBe(48);
  });

  it('names the components that are too low, and by how much', async () => {
    const { tcb } = await verifyQuote(await forgeQuote({ body: { teeTcbSvn: svn(4, 1, 1) } }), trust);
    expect(tcb.status).toBe('OutOfDate');
    expect(tcb.shortfalls).toEqual([
      { part: 'tdx', component: 2, name: undefined, actual: 1, needed: 2 },
      { part: 'tdx-module', component: undefined, name: undefined, actual: 4, needed: 5 },
    ]);
  });

  it('advises a relaunch', async () => {
    const { tcb } = await verifyQuote(parseQuote(laterBytes), trust);
    expect(tcb.status).toBe('TDRelaunchAdvised');
  });

  it('believes nothing of the quote but its bytes', async () => {
    const quote = await forgeQuote();
    const lie = { ...quote, body: { ...quote.body, mrTd: new Uint8Array(48) } };
    const { body } = await verifyQuote(lie, trust);
    expect(body.mrTd).toEqual(quote.body.mrTd);
  });

  it.each<[string, Changes]>([
    ['TDX_MODULE_MRSIGNER_MISMATCH', { body: { mrSignerSeam: new Uint8Array(48).fill(1) } }],
    ['TDX_MODULE_ATTRIBUTES_MISMATCH', { body: { seamAttributes: 1n } }],
    ['TDX_MODULE_IDENTITY_NOT_FOUND', { body: { teeTcbSvn: svn(5, 9, 2) } }],
    ['TDX_MODULE_TCB_NOT_SUPPORTED', { body: { teeTcbSvn: svn(1, 1, 2) } }],
    ['QE_MISCSELECT_MISMATCH', { qeReport: { miscSelect: 1 } }],
    ['QE_ATTRIBUTES_MISMATCH', { qeReport: { attributesFlags: 0x13n } }],
    ['QE_MRSIGNER_MISMATCH', { qeReport: { mrSigner: new Uint8Array(32) } }],
    ['QE_ISVPRODID_MISMATCH', { qeReport: { isvProdId: 1 } }],
    ['QE_TCB_NOT_SUPPORTED', { qeReport: { isvSvn: 1 } }],
    ['QE_REPORT_DATA_MISMATCH', { qeReport: { reportData: new Uint8Array(64) } }],
    ['QE_REPORT_DATA_MISMATCH', { qeAuthData: new Uint8Array(3), keepReportData: true }],
    ['PCK_CHAIN_MISSING', { certification: { type: 5, pem: new Uint8Array(0) } }],
    ['CERT_MALFORMED', { certification: { type: 5, pem: Uint8Array.of(0xff) } }],
    ['CERT_MALFORMED', { certification: { type: 5, pem: encodeUtf8('-----BEGIN CERTIFICATE-----') } }],
  ])('refuses with %s', async (reason, changes) => {
    await expect(verifyQuote(await forgeQuote(changes), trust)).rejects.toThrow(refused(reason));
  });

  it.each([
    ['Other SGX PCK Certificate', 'UpToDate'],
    ['SGX PCK Certificate (new)', 'UpToDate'],
    ['Intel SGX PCK Certifikate', 'PCK_CERT_WRONG_CN'],
    ['Intel SGX PCK Platform CA', 'PCK_CERT_WRONG_CN'],
  ])('of a leaf named %s says %s', async (name, wanted) => {
    const pem = await forgePckChain((body) => replaced(body, 'Intel SGX PCK Certificate', name));
    const found = verifyQuote(await forgeQuote({ certification: { type: 5, pem } }), trust);
    if (wanted === 'UpToDate') expect((await found).tcb.status).toBe(wanted);
    else await expect(found).rejects.toThrow(refused(wanted));
  });

  it('says which component is too low for any level', async () => {
    const tcbInfo = (info: JsonObject): JsonObject =>
      parseLevels(
        JSON.stringify(info).replaceAll(/\[\{"svn":\d+\},\{"svn":\d+\},\{"svn":\d+\}/g, THIRD_IS_3),
      );
    const other = { ...trust, collateral: await forgeCollateral({ tcbInfo }) };
    await expect(verifyQuote(await forgeQuote(), other)).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_TDX_TCB_NOT_SUPPORTED',
        message: 'the platform reaches no level: TDX component 2 is 2, 1 below 3',
      }),
    );
  });

  it('takes the chain from the collateral where the quote brings none', async () => {
    const quote = parseQuote(quoteBytes);
    const pem = quote.certification.type === 5 ? new TextDecoder().decode(quote.certification.pem) : '';
    const bare = await forgeQuote({ certification: { type: 7, manifest: new Uint8Array(1) } });
    const whole = { ...collateral, pckCertificateChain: pem.replace('\0', '') };
    expect((await verifyQuote(bare, { ...trust, collateral: whole })).tcb.status).toBe('UpToDate');
    await expect(verifyQuote(bare, trust)).rejects.toThrow(refused('PCK_CHAIN_MISSING'));
    const long = { ...collateral, pckCertificateChain: pem.replace('\0', '').repeat(2) };
    await expect(verifyQuote(bare, { ...trust, collateral: long })).rejects.toThrow(
      refused('PCK_CHAIN_INCOMPLETE'),
    );
  });

  it('does not trust a test root unless told to', async () => {
    const { anchors: _, ...intel } = trust;
    await expect(verifyQuote(await forgeQuote(), intel)).rejects.toThrow(refused('CHAIN_UNTRUSTED_ROOT'));
  });

  it('checks the signature of a root that is pinned by name and key only', async () => {
    const loose = anchors.map(({ subject, spki }) => ({ subject, spki }));
    expect((await verifyQuote(await forgeQuote(), { ...trust, anchors: loose })).tcb.status).toBe('UpToDate');
  });

  it.each<[string, number]>([
    ['CRL_NOT_YET_VALID', -30],
    ['CRL_EXPIRED', 20],
    ['CERT_EXPIRED', 365 * 30],
    ['CERT_NOT_YET_VALID', -365 * 10],
  ])('refuses with %s after %i days', async (reason, offset) => {
    await expect(verifyQuote(await forgeQuote(), { ...trust, at: day(offset) })).rejects.toThrow(
      refused(reason),
    );
  });

  it('lets expired collateral pass when told to, and says so', async () => {
    const late: TdxTrust = { ...trust, at: day(20), dangerouslyAllowExpiredCollateral: true };
    expect((await verifyQuote(await forgeQuote(), late)).collateral.expired).toBe(true);
  });

  it('takes a time for each kind of document', async () => {
    const times = { chain: at, rootCrl: at, pckCrl: at, tcbInfo: day(20), qeIdentity: at };
    const quote = await forgeQuote();
    await expect(verifyQuote(quote, { ...trust, at: times })).rejects.toThrow(refused('TCB_INFO_EXPIRED'));
    await expect(
      verifyQuote(quote, { ...trust, at: { ...times, tcbInfo: at, qeIdentity: day(20) } }),
    ).rejects.toThrow(refused('QE_IDENTITY_EXPIRED'));
  });

  const lists = { rootCrl: collateral.rootCaCrl, pckCrl: collateral.pckCrl };
  it.each(['rootCrl', 'pckCrl'] as const)('takes both ends of the dates of %s inclusively', async (which) => {
    const { thisUpdate, nextUpdate = 0 } = parseCertificateList(lists[which]);
    const times = { chain: at, rootCrl: at, pckCrl: at, tcbInfo: at, qeIdentity: at };
    const detail = which === 'rootCrl' ? 'root' : 'pck';
    for (const [when, reason] of [
      [thisUpdate - 1, 'CRL_NOT_YET_VALID'],
      [thisUpdate, undefined],
      [nextUpdate, undefined],
      [nextUpdate + 1, 'CRL_EXPIRED'],
    ] as const) {
      const found = verifyQuote(await forgeQuote(), { ...trust, at: { ...times, [which]: new Date(when) } });
      if (reason === undefined) expect((await found).collateral.expired).toBe(false);
      else await expect(found).rejects.toMatchObject({ code: `ERR_TDX_${reason}`, detail });
    }
  });

  it.each(['tcbInfo', 'qeIdentity'] as const)(
    'takes both ends of the dates of %s inclusively',
    async (which) => {
      const moment = at.toISOString().replace('.000', '');
      const narrow = (document: JsonObject): JsonObject => ({
        ...document,
        issueDate: moment,
        nextUpdate: moment,
      });
      const forged = await forgeCollateral({ [which]: narrow });
      const name = which === 'tcbInfo' ? 'TCB_INFO' : 'QE_IDENTITY';
      const quote = await forgeQuote();
      expect((await verifyQuote(quote, { ...trust, collateral: forged })).tcb.status).toBe('UpToDate');
      for (const [by, reason] of [
        [-1, 'NOT_YET_VALID'],
        [1, 'EXPIRED'],
      ] as const)
        await expect(
          verifyQuote(quote, { ...trust, collateral: forged, at: new Date(at.getTime() + by) }),
        ).rejects.toThrow(refused(`${name}_${reason}`));
    },
  );

  it('leaves revocation lists alone when told to', async () => {
    const blind = { ...collateral, rootCaCrl: new Uint8Array(1), pckCrl: new Uint8Array(1) };
    const quote = await forgeQuote();
    await expect(verifyQuote(quote, { ...trust, collateral: blind })).rejects.toThrow(
      refused('CRL_MALFORMED'),
    );
    const skipped = { ...trust, collateral: blind, dangerouslySkipRevocation: true };
    expect((await verifyQuote(quote, skipped)).collateral.rootCrlNumber).toBeUndefined();
  });

  it.each<[string, Partial<Collateral>]>([
    ['CRL_ISSUER_MISMATCH', { pckCrl: collateral.rootCaCrl }],
    ['CRL_ISSUER_MISMATCH', { rootCaCrl: collateral.pckCrl }],
    ['CRL_SIGNATURE_INVALID', { rootCaCrl: flipped(collateral.rootCaCrl) }],
    ['SIGNING_CERT_WRONG_CN', { tcbInfoIssuerChain: collateral.pckCrlIssuerChain }],
    ['TCB_INFO_SIGNATURE_INVALID', { tcbInfo: `${collateral.tcbInfo} ` }],
    ['QE_IDENTITY_SIGNATURE_INVALID', { qeIdentity: `${collateral.qeIdentity} ` }],
    ['COLLATERAL_MALFORMED', { qeIdentityIssuerChain: '' }],
    ['CERT_MALFORMED', { qeIdentityIssuerChain: '-----BEGIN CERTIFICATE-----' }],
    // Names under which other proofs might be remembered.
    ['COLLATERAL_MALFORMED', { tcbInfoIssuerChain: 'rootCrl' }],
    ['COLLATERAL_MALFORMED', { tcbInfoIssuerChain: idOfPckIssuer() }],
    ['COLLATERAL_MALFORMED', { qeIdentityIssuerChain: 'tcbInfo' }],
  ])('refuses other collateral with %s', async (reason, changes) => {
    const other = { ...trust, collateral: { ...collateral, ...changes } };
    await expect(verifyQuote(await forgeQuote(), other)).rejects.toThrow(refused(reason));
  });

  it.each<[string, (document: JsonObject) => JsonObject]>([
    ['TCB_INFO_MISMATCH', (info) => ({ ...info, id: 'SGX' })],
    ['TCB_INFO_MISMATCH', (info) => ({ ...info, version: 2 })],
    ['TCB_INFO_NOT_YET_VALID', (info) => ({ ...info, issueDate: '2025-06-02T00:00:00Z' })],
    ['TCB_INFO_EXPIRED', (info) => ({ ...info, nextUpdate: '2025-05-31T23:59:59Z' })],
    ['TCB_INFO_MALFORMED', (info) => ({ ...info, nextUpdate: '2025-02-30T00:00:00Z' })],
    ['TCB_INFO_MALFORMED', (info) => ({ ...info, tcbLevels: [{}] })],
    ['TCB_INFO_MALFORMED', (info) => ({ ...info, tcbLevels: 'none' })],
    ['TCB_NOT_SUPPORTED', (info) => ({ ...info, tcbLevels: [] })],
    ['FMSPC_MISMATCH', (info) => ({ ...info, fmspc: '000000000000' })],
    ['PCEID_MISMATCH', (info) => ({ ...info, pceId: '0001' })],
    ['TDX_MODULE_IDENTITY_NOT_FOUND', (info) => ({ ...info, tdxModuleIdentities: [] })],
  ])('refuses TCB info with %s', async (reason, tcbInfo) => {
    const other = { ...trust, collateral: await forgeCollateral({ tcbInfo }) };
    await expect(verifyQuote(await forgeQuote(), other)).rejects.toThrow(refused(reason));
  });

  it.each<[string, (document: JsonObject) => JsonObject]>([
    ['QE_IDENTITY_MISMATCH', (identity) => ({ ...identity, id: 'QE' })],
    ['QE_IDENTITY_MISMATCH', (identity) => ({ ...identity, version: 3 })],
    ['QE_IDENTITY_MALFORMED', (identity) => ({ ...identity, mrsigner: 'zz' })],
    ['QE_IDENTITY_MALFORMED', (identity) => ({ ...identity, mrsigner: 'aa' })],
    ['QE_TCB_NOT_SUPPORTED', (identity) => ({ ...identity, tcbLevels: [] })],
  ])('refuses a QE identity with %s', async (reason, qeIdentity) => {
    const other = { ...trust, collateral: await forgeCollateral({ qeIdentity }) };
    await expect(verifyQuote(await forgeQuote(), other)).rejects.toThrow(refused(reason));
  });

  it('refuses a status that nobody published', async () => {
    const tcbInfo = (info: JsonObject): JsonObject =>
      parseLevels(JSON.stringify(info).replaceAll('"OutOfDate"', '"Fine"'));
    const other = { ...trust, collateral: await forgeCollateral({ tcbInfo }) };
    const fault = { code: 'ERR_TDX_TCB_INFO_MALFORMED', pointer: expect.stringMatching(/\/tcbStatus$/) };
    await expect(verifyQuote(await forgeQuote(), other)).rejects.toThrow(expect.objectContaining(fault));
  });

  it('takes dates that mean nothing for a mistake of the caller', async () => {
    await expect(verifyQuote(await forgeQuote(), { ...trust, at: new Date(Number.NaN) })).rejects.toThrow(
      TypeError,
    );
  });
});

describe('prepareCollateral', () => {
  it('serves many quotes and says when it expires', async () => {
    const prepared = await prepareCollateral(collateral, { at, anchors });
    expect(prepared).toMatchObject({ fmspc: 'a0b1c2d3e4f5', pceId: '0000', tcbEvaluationDataNumber: 19 });
    expect(new Date(prepared.expires).toISOString()).toBe('2025-06-14T00:00:00.000Z');
    const quotes = [parseQuote(quoteBytes), parseQuote(laterBytes), await forgeQuote({ body: { xfam: 3n } })];
    for (const quote of quotes) await verifyQuote(quote, { collateral: prepared, at });
    await expect(verifyQuote(await forgeQuote(), { collateral: prepared, at: day(20) })).rejects.toThrow(
      refused('CRL_EXPIRED'),
    );
    await expect(verifyQuote(await forgeQuote(), { collateral: prepared, at, anchors })).rejects.toThrow(
      TypeError,
    );
  });

  it('refuses what has expired or is not genuine', async () => {
    await expect(prepareCollateral(collateral, { at: day(20), anchors })).rejects.toThrow(
      refused('CRL_EXPIRED'),
    );
    await expect(prepareCollateral(collateral, { at })).rejects.toThrow(refused('CHAIN_UNTRUSTED_ROOT'));
    await expect(prepareCollateral(collateral, { at: new Date(Number.NaN) })).rejects.toThrow(TypeError);
    const other = { ...collateral, pckCrlIssuerChain: '' };
    await expect(prepareCollateral(other, { at, anchors })).rejects.toThrow(refused('COLLATERAL_MALFORMED'));
  });

  it('leaves a list of another authority to the quote', async () => {
    const other = { ...collateral, pckCrl: collateral.rootCaCrl };
    const prepared = await prepareCollateral(other, { at, anchors });
    await expect(verifyQuote(await forgeQuote(), { collateral: prepared, at })).rejects.toThrow(
      refused('CRL_ISSUER_MISMATCH'),
    );
  });
});

describe('parseCollateral', () => {
  it('reads what it writes', () => {
    const chain = { ...collateral, pckCertificateChain: 'pem' };
    expect(parseCollateral(encodeCollateral(collateral))).toEqual(collateral);
    expect(parseCollateral(encodeUtf8(encodeCollateral(chain)))).toEqual(chain);
  });

  it.each([
    ['', ''],
    ['[]', ''],
    ['{}', '/root_ca_crl'],
    [
      encodeCollateral(collateral).replace('"tcb_info_signature":"', '"tcb_info_signature":"00'),
      '/tcb_info_signature',
    ],
  ])('refuses anything else', (text, pointer) => {
    expect(() => parseCollateral(text)).toThrow(
      expect.objectContaining({ code: 'ERR_TDX_COLLATERAL_MALFORMED', pointer }),
    );
  });
});

describe('dangerouslyVerifyWithoutCollateral', () => {
  it('checks signatures only', async () => {
    const { fmspc } = await dangerouslyVerifyWithoutCollateral(parseQuote(quoteBytes), { at, anchors });
    expect(encodeHex(fmspc)).toBe('a0b1c2d3e4f5');
    const bare = await forgeQuote({ certification: { type: 7, manifest: new Uint8Array(1) } });
    await expect(dangerouslyVerifyWithoutCollateral(bare, { at, anchors })).rejects.toThrow(
      refused('PCK_CHAIN_MISSING'),
    );
    await expect(dangerouslyVerifyWithoutCollateral(parseQuote(quoteBytes), { at })).rejects.toThrow(
      refused('CHAIN_UNTRUSTED_ROOT'),
    );
  });
});

it('pins a root by name, key and digest', () => {
  expect(intelTrustAnchor().sha256).toHaveLength(32);
  expect(() => trustAnchorOf(new Uint8Array(2))).toThrow(DerError);
});

function svn(...versions: number[]): ReturnType<typeof concatBytes> {
  return concatBytes(Uint8Array.from(versions), new Uint8Array(16 - versions.length));
}

function flipped(bytes: Uint8Array): ReturnType<typeof concatBytes> {
  const copy = concatBytes(bytes);
  const last = copy.length - 1;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}

/** Key and name of the authority above the PCK, in hex. */
function idOfPckIssuer(): string {
  const [authority] = decodePem(collateral.pckCrlIssuerChain);
  const { spki, subject } = parseCertificate(authority?.bytes ?? new Uint8Array(0));
  return encodeHex(concatBytes(spki, subject));
}

function parseLevels(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

const THIRD_IS_3 = '[{"svn":0},{"svn":0},{"svn":3}';
