import { describe, expect, it } from 'vitest';
import { azureSnpClaims, encodeSnpEvidence, parseSnpEvidence, snpClaims } from '../src/evidence/index.js';
import {
  encodeSnpReport,
  parseSnpReport,
  SNP_TABLE,
  SnpReportError,
  type SnpReport,
  verifySnpReport,
} from '../src/index.js';
import { parseCertificate } from '@sealwright/der';
import { intermediate, leaf, report, root } from './milan.fixture.js';

const parsed = parseSnpReport(report);
const certificates = [
  { guid: SNP_TABLE.vcek, data: leaf },
  { guid: '00112233-4455-6677-8899-aabbccddeeff', data: Uint8Array.of(1, 2) },
];
const text = encodeSnpEvidence(parsed, certificates);
const changed = (change: (evidence: Evidence) => void): string => {
  const evidence = JSON.parse(text) as Evidence;
  change(evidence);
  return JSON.stringify(evidence);
};
interface Evidence {
  attestation_report: Record<string, unknown>;
  cert_chain: unknown;
}

describe('evidence of Confidential Containers', () => {
  it('travels both ways', () => {
    expect(parseSnpEvidence(text)).toEqual({ report, certificates });
    expect(text).toContain('{"cert_type":{"OTHER":"00112233-4455-6677-8899-aabbccddeeff"},"data":[1,2]}');
    expect(parseSnpEvidence(encodeSnpEvidence(parsed, undefined)).certificates).toBeUndefined();
    expect(parseSnpEvidence(changed((evidence) => delete evidence.cert_chain)).certificates).toBeUndefined();
  });

  it('keeps every bit of a mitigation vector and of platform information', () => {
    const vectors: SnpReport = {
      ...parsed,
      version: 5,
      launchMitVector: 2n ** 64n - 1n,
      currentMitVector: 2n ** 63n + 1n,
      platformInfo: 2n ** 60n + 1n,
    };
    const bytes = encodeSnpReport(vectors);
    const evidence = encodeSnpEvidence(parseSnpReport(bytes), undefined);
    expect(evidence).toContain('"launch_mit_vector":18446744073709551615,');
    expect(parseSnpEvidence(evidence).report).toEqual(bytes);
  });

  it('writes the layout of Turin for an older report when it is told', () => {
    const old = parseSnpReport(
      encodeSnpReport({
        ...parsed,
        version: 2,
        cpuidFamily: undefined,
        cpuidModel: undefined,
        cpuidStepping: undefined,
        currentTcb: 0x0900_0000_0403_0201n,
        reportedTcb: 0n,
        committedTcb: 0n,
        launchTcb: 0n,
      }),
    );
    const evidence = encodeSnpEvidence(old, undefined, 'Turin');
    expect(evidence).toContain('"current_tcb":{"fmc":1,"bootloader":2,"tee":3,"snp":4,"microcode":9}');
    expect(parseSnpEvidence(evidence).report).toEqual(old.raw);
  });

  it.each<[string, string, string]>([
    ['text that is no JSON', '{', ''],
    ['no report', '{"cert_chain":null}', '/attestation_report'],
    [
      'a member too few',
      changed(({ attestation_report: given }) => delete given['chip_id']),
      '/attestation_report/chip_id',
    ],
    [
      'bytes too few',
      changed(({ attestation_report: given }) => (given['host_data'] = [1])),
      '/attestation_report/host_data',
    ],
    [
      'a byte that is none',
      changed(({ attestation_report: given }) => (given['family_id'] = [...Array<number>(15).fill(0), 256])),
      '/attestation_report/family_id/15',
    ],
    [
      'a number that is none',
      changed(({ attestation_report: given }) => (given['vmpl'] = -1)),
      '/attestation_report/vmpl',
    ],
    [
      'a number of more than 64 bits',
      text.replace('"plat_info":37', '"plat_info":18446744073709551616'),
      '/attestation_report/plat_info',
    ],
    [
      'a kind of certificate that there is not',
      changed((evidence) => (evidence.cert_chain = [{ cert_type: 'SEV', data: [] }])),
      '/cert_chain/0/cert_type',
    ],
    [
      'too many certificates',
      changed(
        (evidence) =>
          (evidence.cert_chain = Array.from({ length: 33 }, () => ({ cert_type: 'ARK', data: [] }))),
      ),
      '/cert_chain',
    ],
  ])('refuses %s', (_, given, pointer) => {
    expect(() => parseSnpEvidence(given)).toThrow(
      expect.objectContaining({ code: 'ERR_SNP_EVIDENCE_MALFORMED', pointer }),
    );
  });

  it('states claims for policies', async () => {
    const trust = { leaf, intermediate, root, anchors: [parseCertificate(root)], at: new Date('2025-06-01') };
    const verified = await verifySnpReport(parsed, trust);
    expect(snpClaims(verified)).toMatchObject({ policy_debug_allowed: false, reported_tcb_microcode: 209 });
    expect(azureSnpClaims(verified)).toMatchObject({
      policy_smt_allowed: 'true',
      reported_tcb_microcode: '209',
    });
    expect(azureSnpClaims(verified)).not.toHaveProperty('chip_id');
  });

  it('answers any change of its text with evidence or an SnpReportError', () => {
    for (let at = 0; at < text.length; at += 7) {
      try {
        parseSnpEvidence(`${text.slice(0, at)}7${text.slice(at + 1)}`);
      } catch (error) {
        expect(error).toBeInstanceOf(SnpReportError);
      }
    }
  });
});
