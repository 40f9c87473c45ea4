import { describe, expect, it } from 'vitest';
import { parseSnpReport, type SnpProduct } from '../src/index.js';
import { parseSnpVcekUrl, snpCertChainUrl, snpCrlUrl, snpVcekName, snpVcekUrl } from '../src/kds/index.js';
import { vectorArea } from '../../../tools/vectors.ts';

interface UrlCase {
  readonly report: string;
  readonly product: SnpProduct;
  readonly url: string | null;
  readonly equivalent?: string;
  readonly certChainUrl: string;
  readonly crlUrl: string;
}

const area = vectorArea('snp-report');

describe.skipIf(!area.present)('kds-urls.json', () => {
  const cases = area.present ? area.json<{ cases: UrlCase[] }>('kds-urls.json').cases : [];
  it.each(cases)('$report', (given) => {
    const report = parseSnpReport(area.bytes(given.report));
    const signer = report.signingKey === 'VLEK' ? 'VLEK' : 'VCEK';
    expect(snpCertChainUrl(given.product, signer)).toBe(given.certChainUrl);
    expect(snpCrlUrl(given.product, signer)).toBe(given.crlUrl);
    if (given.url === null) {
      expect(() => snpVcekName(report, given.product)).toThrow(
        expect.objectContaining({ code: 'ERR_SNP_KDS_NO_NAME' }),
      );
      return;
    }
    const name = snpVcekName(report, given.product);
    expect(snpVcekUrl(name)).toBe(given.url);
    for (const url of [given.url, given.equivalent ?? given.url]) expect(parseSnpVcekUrl(url)).toEqual(name);
  });
});
