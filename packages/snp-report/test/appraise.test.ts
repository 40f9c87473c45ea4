import { describe, expect, it } from 'vitest';
import { parseCertificate } from '@sealwright/der';
import { appraiseSnpReport, parseSnpReport, type SnpPolicy, verifySnpReport } from '../src/index.js';
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

  it.each<[string, SnpPolicy]>([
    ['short hex', { hostData: '00' }],
    ['text for a version', { minVersion: '1.x' }],
    ['a number that is none', { minBuild: Number.NaN }],
    ['a mitigation vector without 0x', { minCurrentMitigations: 'ff' }],
  ])('takes %s for a mistake of the program', (_, policy) => {
    expect(() => appraiseSnpReport(verified, policy)).toThrow(TypeError);
  });
});
