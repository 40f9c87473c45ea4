import { decodeBase64 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { appraiseSnpReport, parseSnpReport, type SnpPolicy, type VerifiedSnpReport } from '../src/index.js';
import { vectorArea } from '../../../tools/vectors.ts';

interface AppraisalCase {
  readonly name: string;
  readonly report: string;
  readonly policy: SnpPolicy;
  readonly expect: { readonly ok: boolean; readonly failures: readonly string[] };
}

const area = vectorArea('snp-report');

describe.skipIf(!area.present)('synthetic/appraisal-cases.json', () => {
  const cases = area.present
    ? area.json<{ cases: AppraisalCase[] }>('synthetic', 'appraisal-cases.json').cases
    : [];
  it.each(cases)('$name', (given) => {
    const report = parseSnpReport(decodeBase64(given.report));
    // The cases carry no certificates: only the policy is under test, so the brand is put on by hand.
    const verified = { ...report, product: report.cpuidProduct ?? 'Milan' } as VerifiedSnpReport;
    const { ok, failures } = appraiseSnpReport(verified, given.policy);
    expect({ ok, failures }).toEqual(given.expect);
  });
});
