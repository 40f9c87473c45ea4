import { describe, expect, it } from 'vitest';
import { parseCertificate } from '@sealwright/der';
import { encodeHex } from '@sealwright/bytes';
import { generateKeyPair } from '@sealwright/crypto';
import {
  appraiseSnpReport,
  appraiseSnpTable,
  cocoSnpPolicy,
  parseSnpReport,
  type SnpPolicy,
  snpPreset,
  verifySnpReport,
} from '../src/index.js';
import { snpKeyDigest } from '../src/launch/index.js';
import { intermediate, leaf, report, root } from './milan.fixture.js';

const anchors = [parseCertificate(root)];
const at = new Date('2025-06-01T00:00:00Z');
const verified = await verifySnpReport(parseSnpReport(report), { leaf, intermediate, root, anchors, at });

describe('appraiseSnpReport', () => {
  it('refuses debugging, migration and provisional firmware unless told otherwise', () => {
    const { ok, checks } = appraiseSnpReport(verified, {});
    expect(ok).toBe(true);
    expect(checks.map(({ name }) => name)).toEqual([
      'guestPolicy.debug',
      'guestPolicy.migrateMa',
      'tcbOrder',
      'provisionalFirmware',
    ]);
  });

  it('names everything that is wrong at once', () => {
    const policy: SnpPolicy = {
      reportData: '00'.repeat(64),
      measurements: [],
      vmpl: 3,
      minVersion: '255.0',
      minReportedTcb: { snp: 255 },
      guestPolicy: { allowSmt: false },
      platformInfo: { requireIommuWriteSafe: true },
      requireIdBlock: true,
      trustedIdKeyDigests: ['00'.repeat(48)],
      minLaunchMitigations: '0x8000000000000000',
    };
    expect(appraiseSnpReport(verified, policy).failures).toEqual([
      'guestPolicy.smt',
      'idKey',
      'launchMitVector',
      'measurement',
      'platformInfo.iommuWriteSafe',
      'reportData',
      'reportedTcb',
      'version',
      'vmpl',
    ]);
  });

  it('says what was demanded and what was found', () => {
    const { checks } = appraiseSnpReport(verified, {
      guestPolicy: { minAbi: '1.55' },
      minReportedTcb: { snp: 255 },
      chipIds: [],
      minCurrentMitigations: '0x1',
    });
    const found = Object.fromEntries(checks.map(({ name, ...check }) => [name, check]));
    expect(found['guestPolicy.debug']).toEqual({ ok: true, expected: 'off', actual: 'off' });
    expect(found['guestPolicy.minAbi']).toEqual({ ok: false, expected: 'at least 1.55', actual: '0.0' });
    expect(found['reportedTcb']).toEqual({
      ok: false,
      expected: 'at least snp 255',
      actual: 'bootloader 3 tee 0 snp 20 microcode 209',
    });
    expect(found['chipId']).toMatchObject({ expected: 'none at all', actual: encodeHex(verified.chipId) });
    expect(found['currentMitVector']).toMatchObject({ ok: false, actual: 'none' });
  });

  it('takes ID and author keys as keys and as certificates', async () => {
    const key = (await generateKeyPair('ec-p384')).publicKey;
    const trusted = { ...verified, idKeyDigest: snpKeyDigest(key) };
    expect(appraiseSnpReport(trusted, { trustedIdKeys: [key] }).ok).toBe(true);
    expect(appraiseSnpReport(verified, { trustedIdKeys: [key] }).failures).toEqual(['idKey']);
    const certified = { ...trusted, authorKeyEnabled: true, authorKeyDigest: snpKeyDigest(leaf) };
    const policy = { requireAuthorKey: true, trustedAuthorKeys: [leaf] };
    expect(appraiseSnpReport(certified, policy).ok).toBe(true);
    expect(appraiseSnpReport({ ...certified, authorKeyEnabled: false }, policy).failures).toEqual([
      'authorKey',
      'idKey',
    ]);
  });

  it('never takes a masked chip for one of a list', () => {
    const masked = { ...verified, chipId: new Uint8Array(64) };
    expect(appraiseSnpReport(masked, { chipIds: ['00'.repeat(64)] }).failures).toEqual(['chipId']);
  });

  it('knows who signed, and for which provider', () => {
    const vlek = { ...verified, signer: 'VLEK' as const, cspId: 'CN=cc-us-east-2.amazonaws.com' };
    expect(appraiseSnpReport(vlek, snpPreset('aws-vlek')).ok).toBe(true);
    expect(appraiseSnpReport(verified, snpPreset('aws-vlek')).failures).toEqual(['cspId', 'signer']);
    expect(appraiseSnpReport(vlek, { cspIds: ['amazonaws.com'] }).failures).toEqual(['cspId']);
  });

  it('has policies with a name, to which others add', () => {
    expect(appraiseSnpReport(verified, snpPreset('azure')).ok).toBe(true);
    expect(appraiseSnpReport(verified, snpPreset('strict')).failures).toEqual([
      'guestPolicy.smt',
      'platformInfo.smtEnabled',
    ]);
    const lenient = snpPreset('strict', {
      guestPolicy: { allowSmt: true },
      platformInfo: { allowSmt: true },
    });
    expect(appraiseSnpReport(verified, lenient).ok).toBe(true);
    expect(lenient.guestPolicy).toEqual({ allowSmt: true, allowCxl: false });
  });

  it('demands what Confidential Containers do', () => {
    const policy = cocoSnpPolicy(verified.reportData, verified.hostData);
    expect(appraiseSnpReport(verified, policy).ok).toBe(true);
    expect(cocoSnpPolicy(Uint8Array.of(1), new Uint8Array(48).fill(2))).toMatchObject({
      reportData: `01${'00'.repeat(63)}`,
      hostData: '02'.repeat(32),
    });
    expect(cocoSnpPolicy(Uint8Array.of(1), Uint8Array.of(3)).hostData).toBe(`03${'00'.repeat(31)}`);
    expect(cocoSnpPolicy(Uint8Array.of(1))).not.toHaveProperty('hostData');
    expect(() => cocoSnpPolicy(new Uint8Array(65))).toThrow(TypeError);
  });

  it('lets others look at what else is in the table', async () => {
    const guid = '9f4116cd-c503-4f5a-8f6f-fb68882f4ce2';
    const entries = [{ guid, data: Uint8Array.of(7) }];
    const hook = (required: boolean, answer = true) => [{ guid, required, check: async () => answer }];
    expect((await appraiseSnpTable(verified, entries, hook(true))).ok).toBe(true);
    expect((await appraiseSnpTable(verified, entries, hook(false, false))).failures).toEqual([guid]);
    // An entry is looked at in whatever letters it was asked for.
    const shouted = hook(false, false).map((each) => ({ ...each, guid: guid.toUpperCase() }));
    expect((await appraiseSnpTable(verified, entries, shouted)).ok).toBe(false);
    expect((await appraiseSnpTable(verified, [], hook(false, false))).ok).toBe(true);
    expect((await appraiseSnpTable(verified, [], hook(true))).checks[0]).toMatchObject({
      ok: false,
      actual: 'no entry',
    });
  });

  it.each<[string, SnpPolicy]>([
    ['short hex', { hostData: '00' }],
    ['text for a version', { minVersion: '1.x' }],
    ['a number that is none', { minBuild: Number.NaN }],
    ['a mitigation vector without 0x', { minCurrentMitigations: 'ff' }],
  ])('takes %s for a mistake of the program', (_, policy) => {
    expect(() => appraiseSnpReport(verified, policy)).toThrow(TypeError);
  });
});
