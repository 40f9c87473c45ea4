import { decodeHex, decodeUtf8, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { type Certificate, decodePem, parseCertificate } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import {
  azureClaims,
  type AzureExpectation,
  type AzureEvidence,
  encodeAzureEvidence,
  parseAzureEvidence,
  parseHclReport,
  parseHclVariableData,
  parseTpmQuote,
  verifyAzureSnpEvidence,
  verifyAzureTdxBinding,
} from '../src/azure/index.js';
import {
  parseSnpReport,
  prepareSnpChain,
  readSnpVek,
  type SnpProduct,
  SnpReportError,
} from '../src/index.js';
import { vectorArea } from '../../../tools/vectors.ts';
import { extensionsOf, fieldsOf } from './fields.fixture.js';
import { mutated, type Mutation } from './mutation.fixture.js';

interface SyntheticCase {
  readonly name: string;
  readonly evidence: object;
  readonly reportData: string;
  readonly initDataHash: string | null;
  readonly ask: string;
  readonly ark: string;
  readonly at: string;
  readonly expect: { readonly ok: boolean; readonly reason: string | null };
}
interface RealCase {
  readonly file: string;
  readonly at?: string;
  readonly length?: number;
  readonly reportData?: string;
  readonly expect?: { readonly ok: boolean };
  readonly snp?: Record<string, unknown>;
  readonly hcl: Record<string, unknown>;
  readonly hwReportData?: string;
  readonly snpVersion?: number | null;
  readonly snpReport?: { readonly product: SnpProduct };
  readonly vcek?: Record<string, unknown>;
  readonly tdQuoteReportData?: string;
  readonly tpmQuote?: Record<string, unknown>;
}
interface KbsCase {
  readonly file: string;
  readonly tee: string;
  readonly report_data_utf8: string;
  readonly init_data_digest?: string | null;
  readonly mutate?: Mutation;
  readonly expect: { readonly ok: boolean | string; readonly claims?: Record<string, string> };
}

const area = vectorArea('snp-report');
const roots = vectorArea('roots');
const kbs = vectorArea('kbs/evidence');
const read = (name: string): AzureEvidence => parseAzureEvidence(area.bytes('azure', name));

describe.skipIf(!area.present)('azure/synthetic-cases.json', () => {
  const cases = area.present
    ? area.json<{ cases: SyntheticCase[] }>('azure', 'synthetic-cases.json').cases
    : [];
  const file = (name: string): Uint8Array => area.bytes('azure', name);
  it.each(cases)('$name', async (given) => {
    const root = file(given.ark);
    const outcome = async (): Promise<SyntheticCase['expect']> => {
      try {
        await verifyAzureSnpEvidence(parseAzureEvidence(JSON.stringify(given.evidence)), {
          intermediate: file(given.ask),
          root,
          anchors: [parseCertificate(decodePem(decodeUtf8(root))[0]?.bytes ?? root)],
          at: new Date(given.at),
          reportData: decodeHex(given.reportData),
          ...(given.initDataHash === null ? {} : { initDataDigest: decodeHex(given.initDataHash) }),
        });
        return { ok: true, reason: null };
      } catch (error) {
        if (!(error instanceof SnpReportError)) throw error;
        return { ok: false, reason: error.code.slice('ERR_SNP_'.length).toLowerCase() };
      }
    };
    expect(await outcome()).toEqual(given.expect);
  });
});

describe.skipIf(!area.present || !roots.present)('azure/real.json', () => {
  const cases = area.present ? area.json<RealCase[]>('azure', 'real.json') : [];

  it.each(cases)('$file: the wrapper', (given) => {
    const bytes = given.file.endsWith('.bin') ? area.bytes('azure', given.file) : read(given.file).hclReport;
    if (given.length !== undefined) expect(bytes).toHaveLength(given.length);
    const hcl = parseHclReport(bytes);
    const data = parseHclVariableData(hcl.variableData);
    const found: Record<string, unknown> = {
      ...hcl,
      varDataSize: hcl.variableData.byteLength,
      varDataSha256: encodeHex(digest('sha256', hcl.variableData)),
      varDataKeys: Object.keys(JSON.parse(decodeUtf8(hcl.variableData)) as object),
      keyIds: data.keys.map(({ kid }) => kid),
      vmConfiguration: data.vmConfiguration,
      userData: data.userData && encodeHex(data.userData),
    };
    for (const [name, value] of Object.entries(given.hcl)) expect([name, found[name]]).toEqual([name, value]);
    if (typeof given.snpVersion === 'number') {
      const report = parseSnpReport(hcl.hardwareReport);
      expect(report.version).toBe(given.snpVersion);
      expect(encodeHex(report.reportData)).toBe(given.hwReportData);
    }
    if (given.snpReport !== undefined) {
      const { product } = given.snpReport;
      expect(fieldsOf(parseSnpReport(hcl.hardwareReport), product)).toEqual(given.snpReport);
    }
    if (given.vcek !== undefined)
      expect(extensionsOf(certificateOf(read(given.file).vcek))).toEqual(given.vcek);
  });

  it.each(cases.filter(({ tpmQuote }) => tpmQuote !== undefined))('$file: the quote', (given) => {
    const evidence = read(given.file);
    const { pcrSelection, ...quote } = parseTpmQuote(evidence.message);
    const found: Record<string, unknown> = {
      ...Object.fromEntries(Object.entries(quote).map(([name, value]) => [name, encodeHex(value)])),
      pcrSelection: pcrSelection.map(({ algorithm, bitmap }) => [
        `0x${algorithm.toString(16)}`,
        encodeHex(bitmap),
      ]),
      pcrs: evidence.pcrs.map(encodeHex),
    };
    for (const [name, value] of Object.entries(given.tpmQuote ?? {}))
      expect([name, found[name]]).toEqual([name, value]);
    expect(parseAzureEvidence(encodeAzureEvidence(evidence))).toEqual(evidence);
  });

  it.each(cases.filter(({ expect: wanted }) => wanted !== undefined))('$file: verified', async (given) => {
    const expected = { reportData: decodeHex(given.reportData ?? '') };
    const verified = await verify(read(given.file), expected, given.at);
    const { product, signer, chipIdMasked, cspId = null } = verified.report;
    expect({ product, signer, chipIdMasked, cspId }).toEqual(given.snp);
  });

  it.each(cases.filter(({ tdQuoteReportData }) => tdQuoteReportData !== undefined))(
    '$file: bound to its TD quote',
    async ({ file, reportData = '', tdQuoteReportData = '' }) => {
      const expected = { reportData: decodeHex(reportData) };
      await verifyAzureTdxBinding(read(file), decodeHex(tdQuoteReportData), expected);
      const other = new Uint8Array(64);
      await expect(verifyAzureTdxBinding(read(file), other, expected)).rejects.toThrow(SnpReportError);
    },
  );
});

describe.skipIf(!kbs.present || !roots.present)('kbs/evidence', () => {
  const cases = kbs.present
    ? kbs.json<KbsCase[]>('cases.json').filter(({ tee }) => tee.startsWith('az-'))
    : [];
  it.each(cases)('$file $report_data_utf8 $mutate', async (given) => {
    const evidence = parseAzureEvidence(mutated(kbs.text(given.file), given.mutate));
    const { init_data_digest: initData } = given;
    const expected: AzureExpectation = {
      reportData: encodeUtf8(given.report_data_utf8),
      ...(typeof initData === 'string' ? { initDataDigest: decodeHex(initData) } : {}),
    };
    if (given.tee === 'az-tdx-vtpm') {
      // REPORTDATA of a version 4 quote; what it takes to verify the quote is not here.
      const reportData = (evidence.tdQuote ?? new Uint8Array(0)).slice(0x238, 0x278);
      const found = verifyAzureTdxBinding(evidence, reportData, expected);
      if (given.expect.ok === false) return await expect(found).rejects.toThrow(SnpReportError);
      const { quote, pcrs } = await found;
      expect(encodeHex(quote.extraData)).toBe(given.expect.claims?.['report_data']);
      expect(encodeHex(pcrs[0] ?? reportData)).toBe(given.expect.claims?.['tpm.pcr00']);
      return;
    }
    const outcome = await verify(evidence, expected).catch((error: unknown) => error);
    if (given.expect.ok !== true) return expect(outcome).toBeInstanceOf(SnpReportError);
    const claims = azureClaims(outcome as Awaited<ReturnType<typeof verify>>);
    for (const [name, value] of Object.entries(given.expect.claims ?? {})) {
      const [head = '', tail] = name.split('.');
      const claim = claims[head];
      expect(typeof claim === 'object' ? claim[tail ?? ''] : claim).toBe(value);
    }
  });
});

/** The intermediate that the leaf needs, and a time at which it was valid unless one is given. */
async function verify(
  evidence: AzureEvidence,
  expected: AzureExpectation,
  at?: string,
): ReturnType<typeof verifyAzureSnpEvidence> {
  const leaf = evidence.vcek ?? new Uint8Array(0);
  const product = readSnpVek(certificateOf(leaf)).product.toLowerCase();
  const intermediate = roots.bytes(`amd-ask-${product}.pem`);
  const root = roots.bytes(`amd-ark-${product}.pem`);
  const when = at ?? (await prepareSnpChain({ leaf, intermediate, root })).notBefore;
  return await verifyAzureSnpEvidence(evidence, { intermediate, root, at: new Date(when), ...expected });
}

/** DER or PEM. */
function certificateOf(bytes: Uint8Array = new Uint8Array(0)): Certificate {
  const isPem = bytes[0] === 0x2d;
  return parseCertificate(isPem ? (decodePem(decodeUtf8(bytes))[0]?.bytes ?? bytes) : bytes);
}
