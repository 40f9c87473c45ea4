import { decodeHex, encodeHex } from '@sealwright/bytes';
import { parseCertificate } from '@sealwright/der';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  azureClaims,
  type AzureEvidence,
  encodeAzureEvidence,
  mustQuotePcrs,
  parseAzureEvidence,
  parseHclReport,
  parseHclVariableData,
  parseTpmQuote,
  verifyAzureSnpEvidence,
  verifyAzureTdxBinding,
} from '../src/azure/index.js';
import { SnpReportError } from '../src/index.js';
import { evidence as given, initData, nonce } from './azure.fixture.js';
import { intermediate, root } from './milan.fixture.js';

const evidence = parseAzureEvidence(JSON.stringify(given));
const expected = { reportData: decodeHex(nonce), initDataDigest: decodeHex(initData) };
const trust = {
  ...expected,
  intermediate,
  root,
  anchors: [parseCertificate(root)],
  at: new Date('2025-06-01T00:00:00Z'),
};
const withHcl = (change: (view: DataView, bytes: Uint8Array) => void): AzureEvidence => {
  const hclReport = Uint8Array.from(evidence.hclReport);
  change(new DataView(hclReport.buffer), hclReport);
  return { ...evidence, hclReport };
};

describe('parseAzureEvidence', () => {
  it('reads all three forms alike', () => {
    const { signature, message, pcrs, hclReport, vcek } = evidence;
    const numbers = (bytes: Uint8Array | undefined): number[] => Array.from(bytes ?? []);
    const oldest = JSON.stringify({
      quote: { signature: numbers(signature), message: numbers(message), pcrs: pcrs.map(numbers) },
      report: numbers(hclReport),
      vcek: numbers(vcek),
    });
    expect(parseAzureEvidence(oldest)).toEqual({ ...evidence, version: 0 });
    expect(parseAzureEvidence(encodeAzureEvidence({ ...evidence, version: 0 }))).toEqual({
      ...evidence,
      version: 1,
    });
    expect(parseAzureEvidence(encodeAzureEvidence(evidence))).toEqual(evidence);
  });

  it.each([
    ['text that is no JSON', '{', ''],
    ['an unknown version', JSON.stringify({ ...given, version: 3 }), '/version'],
    ['neither a VCEK nor a TD quote', JSON.stringify({ ...given, vcek: null }), ''],
    [
      'hex that is none',
      JSON.stringify({ ...given, tpm_quote: { ...given.tpm_quote, message: 'x' } }),
      '/tpm_quote/message',
    ],
    ['base64 that is none', JSON.stringify({ ...given, hcl_report: '?' }), '/hcl_report'],
    [
      'too many PCRs',
      JSON.stringify({
        ...given,
        tpm_quote: { ...given.tpm_quote, pcrs: Array.from({ length: 65 }, () => '') },
      }),
      '/tpm_quote/pcrs',
    ],
  ])('refuses %s', (_, text, pointer) => {
    expect(() => parseAzureEvidence(text)).toThrow(
      expect.objectContaining({ code: 'ERR_SNP_EVIDENCE_MALFORMED', pointer }),
    );
  });
});

describe('verifyAzureSnpEvidence', () => {
  it('binds the quote to the report', async () => {
    const verified = await verifyAzureSnpEvidence(evidence, trust);
    expect(verified.report.product).toBe('Milan');
    expect(verified.variableData.vmConfiguration['secure-boot']).toBe(true);
    expect(azureClaims(verified)).toMatchObject({ report_data: nonce, policy_debug_allowed: 'false' });
    expect(azureClaims(verified)['tpm']).toHaveProperty(
      'pcr08',
      encodeHex(verified.pcrs[8] ?? new Uint8Array()),
    );
  });

  it.each<[string, AzureEvidence, string]>([
    [
      'a TD quote',
      { ...evidence, vcek: undefined, tdQuote: new Uint8Array(1) },
      'ERR_SNP_EVIDENCE_MALFORMED',
    ],
    ['a magic of something else', withHcl((view) => view.setUint8(0, 0)), 'ERR_SNP_HCL_MALFORMED'],
    ['a header version 3', withHcl((view) => view.setUint32(0x004, 3, true)), 'ERR_SNP_HCL_MALFORMED'],
    ['sizes that disagree', withHcl((view) => view.setUint32(0x008, 1, true)), 'ERR_SNP_HCL_MALFORMED'],
    [
      'a size past the end',
      withHcl((view) => view.setUint32(0x4d0, 0xffff_ffff, true)),
      'ERR_SNP_HCL_MALFORMED',
    ],
    ['a TD report', withHcl((view) => view.setUint32(0x4c8, 4, true)), 'ERR_SNP_HCL_REPORT_TYPE'],
    ['an unknown hash', withHcl((view) => view.setUint32(0x4cc, 4, true)), 'ERR_SNP_HCL_HASH_TYPE'],
    [
      'other variable data',
      withHcl((_, bytes) => bytes.fill(0x20, 0x4e0, 0x4e1)),
      'ERR_SNP_HCL_BINDING_MISMATCH',
    ],
    [
      'a signature of something else',
      { ...evidence, signature: new Uint8Array(256) },
      'ERR_SNP_TPM_SIGNATURE_INVALID',
    ],
    ['no PCR values', { ...evidence, pcrs: [] }, 'ERR_SNP_TPM_PCR_COUNT'],
    [
      'PCR values in another order',
      { ...evidence, pcrs: [...evidence.pcrs].reverse() },
      'ERR_SNP_TPM_PCR_DIGEST_MISMATCH',
    ],
  ])('refuses %s', async (_, changed, code) => {
    await expect(verifyAzureSnpEvidence(changed, trust)).rejects.toMatchObject({ code });
  });

  it('refuses another nonce and another init-data', async () => {
    const reportData = expected.reportData.subarray(1);
    await expect(verifyAzureSnpEvidence(evidence, { ...trust, reportData })).rejects.toMatchObject({
      code: 'ERR_SNP_TPM_NONCE_MISMATCH',
    });
    const initDataDigest = new Uint8Array(32);
    await expect(verifyAzureSnpEvidence(evidence, { ...trust, initDataDigest })).rejects.toMatchObject({
      code: 'ERR_SNP_INIT_DATA_MISMATCH',
    });
  });
});

describe('the parts', () => {
  it('binds a TD quote in the same way', async () => {
    const tdx = withHcl((view) => view.setUint32(0x4c8, 4, true));
    const { hardwareReport } = parseHclReport(evidence.hclReport);
    const reportData = hardwareReport.subarray(0x050, 0x090);
    const { pcrs } = await verifyAzureTdxBinding(tdx, reportData, expected);
    expect(pcrs).toHaveLength(24);
    await expect(verifyAzureTdxBinding(evidence, reportData, expected)).rejects.toMatchObject({
      code: 'ERR_SNP_HCL_REPORT_TYPE',
    });
  });

  it('takes a key for signing by its name, and only one', () => {
    const { keys } = parseHclVariableData(parseHclReport(evidence.hclReport).variableData);
    expect(keys.map(({ kid }) => kid)).toEqual(['HCLAkPub', 'HCLEkPub']);
  });

  it('refuses a quote of other registers', () => {
    const quote = parseTpmQuote(evidence.message);
    const [bank] = quote.pcrSelection;
    const changes = [
      [],
      [bank, bank],
      [{ algorithm: 4, bitmap: bank?.bitmap }],
      [{ ...bank, bitmap: Uint8Array.of(0xff, 0xff, 0x7f) }],
    ];
    for (const pcrSelection of changes)
      expect(() => mustQuotePcrs({ ...quote, pcrSelection } as typeof quote, evidence.pcrs)).toThrow(
        expect.objectContaining({ code: 'ERR_SNP_TPM_PCR_SELECTION' }),
      );
  });

  it.each([
    ['parseHclReport', parseHclReport, evidence.hclReport],
    ['parseTpmQuote', parseTpmQuote, evidence.message],
    ['parseHclVariableData', parseHclVariableData, parseHclReport(evidence.hclReport).variableData],
  ] as const)('%s answers changed and cut bytes properly', (_, parse, valid) => {
    const properly = (bytes: Uint8Array): void => {
      try {
        parse(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(SnpReportError);
      }
    };
    for (let size = 0; size < valid.length; size += 1) properly(valid.subarray(0, size));
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(valid);
        changed[at] = value;
        properly(changed);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses every truncation of a quote', () => {
    for (let size = 0; size < evidence.message.length; size += 1)
      expect(() => parseTpmQuote(evidence.message.subarray(0, size))).toThrow(SnpReportError);
  });
});
