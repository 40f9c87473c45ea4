import { decodeHex, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { encodeSnpEvidence, parseSnpEvidence, snpClaims } from '../src/evidence/index.js';
import {
  amdTrustAnchors,
  appraiseSnpReport,
  cocoSnpPolicy,
  encodeSnpReport,
  parseSnpReport,
  prepareSnpChain,
  SNP_TABLE,
  SnpReportError,
  snpTableCertificates,
  verifySnpReport,
  type VerifiedSnpReport,
} from '../src/index.js';
import { vectorArea } from '../../../tools/vectors.ts';
import { mutated, type Mutation } from './mutation.fixture.js';

interface KbsCase {
  readonly file?: string;
  readonly tee: string;
  readonly report_data_hex?: string;
  readonly report_data_utf8?: string;
  readonly init_data_digest?: string | null;
  readonly mutate?: Mutation;
  readonly expect: { readonly ok: boolean; readonly claims?: Record<string, unknown> };
}

const area = vectorArea('snp-report');
const kbs = vectorArea('kbs/evidence');
const roots = vectorArea('roots');

describe.skipIf(!area.present)('trustee', () => {
  const cases = area.present
    ? area.json<{ file: string; reportBytes: string }[]>('trustee', 'index.json')
    : [];
  it.each(cases)('$file', ({ file, reportBytes }) => {
    const text = area.text('trustee', file);
    const evidence = parseSnpEvidence(text);
    expect(encodeHex(evidence.report)).toBe(encodeHex(area.bytes('trustee', reportBytes)));
    const report = parseSnpReport(evidence.report);
    expect(JSON.parse(encodeSnpEvidence(report, evidence.certificates))).toEqual(JSON.parse(text));
  });

  it('has a case for every file', () => {
    const names = area.list('trustee').filter((name) => name !== 'index.json');
    expect(cases.map(({ file }) => file).sort()).toEqual(names);
  });
});

describe.skipIf(!area.present)('real', () => {
  const reports = area.list('real').filter((name) => name.endsWith('.bin'));
  it.each(reports)('%s: written from its fields, both ways', (name) => {
    const bytes = area.bytes('real', name);
    const report = parseSnpReport(bytes);
    expect(encodeHex(encodeSnpReport(report))).toBe(encodeHex(bytes));
    expect(encodeHex(parseSnpEvidence(encodeSnpEvidence(report, undefined)).report)).toBe(encodeHex(bytes));
  });
});

describe.skipIf(!kbs.present || !roots.present)('kbs/evidence', () => {
  const cases = kbs.present ? kbs.json<KbsCase[]>('cases.json').filter(({ tee }) => tee === 'snp') : [];
  it.each(cases)('$file $mutate $expect', async (given) => {
    const data = given.report_data_hex
      ? decodeHex(given.report_data_hex)
      : encodeUtf8(given.report_data_utf8 ?? '');
    const initData = given.init_data_digest;
    const policy = cocoSnpPolicy(data, typeof initData === 'string' ? decodeHex(initData) : undefined);
    const verified = await verify(mutated(kbs.text(given.file ?? ''), given.mutate)).catch(refusalOf);
    const ok = verified !== undefined && appraiseSnpReport(verified, policy).ok;
    expect(ok).toBe(given.expect.ok);
    if (verified !== undefined && given.expect.claims !== undefined)
      expect(snpClaims(verified)).toMatchObject(given.expect.claims);
  });

  /** The evidence brings its leaf; which intermediate it needs follows from the product. */
  async function verify(text: string): Promise<VerifiedSnpReport> {
    const { report: bytes, certificates = [] } = parseSnpEvidence(text);
    const report = parseSnpReport(bytes);
    const signer = report.signingKey === 'VLEK' ? 'VLEK' : 'VCEK';
    const product = (report.cpuidProduct ?? 'Milan').toLowerCase();
    const chain = await prepareSnpChain({
      leaf: snpTableCertificates(certificates, signer).leaf ?? new Uint8Array(0),
      intermediate: roots.bytes(`amd-${signer === 'VLEK' ? 'asvk' : 'ask'}-${product}.pem`),
      root: roots.bytes(`amd-ark-${product}.pem`),
      anchors: amdTrustAnchors(),
    });
    return await verifySnpReport(report, { chain, at: new Date(chain.notBefore) });
  }

  function refusalOf(error: unknown): undefined {
    expect(error).toBeInstanceOf(SnpReportError);
  }
});

it('names the slots of the table', () => {
  expect(new Set(Object.values(SNP_TABLE)).size).toBe(Object.keys(SNP_TABLE).length);
});
