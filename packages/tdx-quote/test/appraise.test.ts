import { encodeHex } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import {
  appraiseQuote,
  type TdQuote,
  type TdxPolicy,
  type VerifiedQuote,
  verifyQuote,
} from '../src/index.js';
import { at, type Changes, forgeQuote, laterBytes, trust } from './forge.fixture.js';

const zeros = '00'.repeat(48);

async function verified(changes: Changes = {}): Promise<VerifiedQuote<TdQuote>> {
  return verifyQuote(await forgeQuote(changes), trust);
}

async function failures(policy: TdxPolicy, changes: Changes = {}): Promise<readonly string[]> {
  return appraiseQuote(await verified(changes), policy).failures;
}

describe('appraiseQuote', () => {
  it('accepts what meets every demand', async () => {
    const quote = await verified();
    const { body, pck } = quote;
    const list = (bytes: Uint8Array): string[] => [zeros, encodeHex(bytes)];
    const verdict = appraiseQuote(quote, {
      mrTds: list(body.mrTd),
      mrSeams: list(body.mrSeam),
      mrConfigIds: list(body.mrConfigId),
      mrOwners: list(body.mrOwner),
      mrOwnerConfigs: list(body.mrOwnerConfig),
      rtmr0s: list(body.rtmr0),
      rtmr1s: list(body.rtmr1),
      rtmr2s: list(body.rtmr2),
      rtmr3s: list(body.rtmr3),
      reportData: encodeHex(body.reportData),
      fmspcs: [encodeHex(pck.fmspc)],
      minTeeTcbSvn: encodeHex(body.teeTcbSvn),
      minQeSvn: quote.qeReport.isvSvn,
      minPceSvn: pck.pceSvn,
      minTcbEvaluationDataNumber: 19,
      minTcbDate: quote.tcb.tcbDate,
      allowedAdvisoryIds: [],
      requireSeptVeDisable: true,
      allowProtectionKeys: false,
      allowKeyLocker: false,
      allowPerfmon: false,
      tdAttributes: '0000001000000000',
      xfam: 'e742e70000000000',
      xfamAllowed: 'ffffff0000000000',
    });
    expect(verdict.failures).toEqual([]);
    expect(verdict.ok).toBe(true);
    expect(verdict.checks.every(({ ok }) => ok)).toBe(true);
  });

  it('lists every check that fails, with what was expected and found', async () => {
    const verdict = appraiseQuote(await verified({ body: { tdAttributes: 0x10n } }), {
      mrTds: [zeros],
      reportData: '00'.repeat(64),
      requireSeptVeDisable: true,
      minQeSvn: 6,
      minPceSvn: 0xffff,
      xfamAllowed: '0300000000000000',
      allowSmt: false,
      allowCachedKeys: false,
      allowDynamicPlatform: false,
    });
    expect(verdict.failures).toEqual([
      'dynamicPlatform',
      'mrTd',
      'pceSvn',
      'qeSvn',
      'reportData',
      'smtEnabled',
      'tdAttributes.debug',
      'tdAttributes.septVeDisable',
      'xfamAllowed',
    ]);
    expect(verdict.checks.find(({ name }) => name === 'qeSvn')).toEqual({
      name: 'qeSvn',
      ok: false,
      expected: 'at least 6',
      actual: '4, 2 too low',
    });
  });

  it('says what is too low, by how much, with advisories', async () => {
    const old = await verified({ body: { teeTcbSvn: Uint8Array.of(4, 1, 2, ...new Uint8Array(13)) } });
    const verdict = appraiseQuote(old, {});
    expect(verdict).toMatchObject({
      ok: false,
      failures: ['tcbStatus'],
      shortfalls: ['TDX module is 4, 1 below 5'],
      advisoryIds: ['INTEL-SA-01192'],
    });
    expect(verdict.checks[0]?.actual).toBe('OutOfDate; TDX module is 4, 1 below 5; INTEL-SA-01192');
  });

  it('gives platforms that are out of date a period of grace', async () => {
    const old = await verified({ body: { teeTcbSvn: Uint8Array.of(4, 1, 2, ...new Uint8Array(13)) } });
    const since = Date.parse(old.tcb.module?.tcbDate ?? '');
    const seconds = (at.getTime() - since) / 1000;
    expect(appraiseQuote(old, { tcbGraceSeconds: seconds, at }).ok).toBe(true);
    expect(appraiseQuote(old, { tcbGraceSeconds: seconds - 1, at }).failures).toEqual(['tcbStatus']);
    expect(() => appraiseQuote(old, { tcbGraceSeconds: 1 })).toThrow(TypeError);
  });

  it('gives expired collateral a period of grace', async () => {
    const late = new Date(Date.parse('2025-06-14T00:01:00Z'));
    const quote = await verifyQuote(await forgeQuote(), {
      ...trust,
      at: late,
      dangerouslyAllowExpiredCollateral: true,
    });
    expect(appraiseQuote(quote, {}).failures).toEqual(['collateralExpired']);
    expect(appraiseQuote(quote, { collateralGraceSeconds: 60, at: late }).ok).toBe(true);
    expect(appraiseQuote(quote, { collateralGraceSeconds: 59, at: late }).ok).toBe(false);
  });

  it('refuses a bound service TD unless it is named', async () => {
    const mrServiceTd = new Uint8Array(48).fill(1);
    const quote = await verifyQuote(await forgeQuote({ body: { mrServiceTd } }, laterBytes), trust);
    const accepted = { acceptedTcbStatuses: ['TDRelaunchAdvised'] } as const;
    expect(appraiseQuote(quote, accepted).failures).toEqual(['mrServiceTd']);
    expect(appraiseQuote(quote, { ...accepted, mrServiceTds: ['01'.repeat(48)] }).ok).toBe(true);
  });

  it('judges attributes bit by bit', async () => {
    const body = { tdAttributes: (1n << 30n) | (1n << 31n) | (1n << 63n) };
    const policy = { allowProtectionKeys: false, allowKeyLocker: false, allowPerfmon: false };
    expect(await failures(policy, { body })).toEqual([
      'tdAttributes.keyLocker',
      'tdAttributes.perfmon',
      'tdAttributes.protectionKeys',
    ]);
    expect(await failures({ allowDebug: true }, { body: { tdAttributes: 1n } })).toEqual([]);
    expect(await failures({ fmspcs: [], minTcbDate: '2026-01-01T00:00:00Z' })).toEqual(['fmspc', 'tcbDate']);
  });

  it.each<TdxPolicy>([
    { mrTds: ['00'] },
    { reportData: 'zz' },
    { minTeeTcbSvn: '' },
    { minTcbDate: 'yesterday' },
    { minQeSvn: -1 },
    { tcbGraceSeconds: 0.5, at },
    { collateralGraceSeconds: 1, at: new Date(Number.NaN) },
  ])('takes a malformed policy for a mistake: %o', async (policy) => {
    const quote = await verified();
    expect(() => appraiseQuote(quote, policy)).toThrow(TypeError);
  });
});
