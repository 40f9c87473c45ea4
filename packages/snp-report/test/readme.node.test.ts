import { expect, it } from 'vitest';
import { runReadme } from '../../../tools/readme.ts';

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/snp-report')).toEqual(['ERR_SNP_REPORT_TOO_SHORT', 'Genoa 3']);
});
