import { encodeHex } from '@sealwright/bytes';
import { parseCertificate } from '@sealwright/der';
import { expect, it, vi } from 'vitest';
import { importReadme, runReadme, unnamedExports } from '../../../tools/readme.ts';
import { parseSnpReport } from '../src/index.js';
import { crl, intermediate, leaf, report, root } from './milan.fixture.js';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/snp-report')).toEqual(['ERR_SNP_REPORT_TOO_SHORT', 'Genoa 3']);
});

it('decides by its three functions', async () => {
  const { decide } = (await importReadme('packages/snp-report', 'verify')) as {
    decide: (...given: readonly unknown[]) => Promise<boolean>;
  };
  const anchors = [parseCertificate(root)];
  const [chain, at] = [{ leaf, intermediate, root, crl, anchors }, new Date('2025-06-01')];
  const { measurement, reportData } = parseSnpReport(report);
  const expected = { measurement: encodeHex(measurement), nonce: encodeHex(reportData) };
  expect(await decide(report, chain, expected, at)).toBe(true);
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect(await decide(report, chain, { ...expected, measurement: '00'.repeat(48) }, at)).toBe(false);
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/snp-report')).toEqual([]);
});
