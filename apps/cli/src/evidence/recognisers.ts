import { azureSnpEvidence, hclReport, snpEvidence, snpReport } from './snp.js';
import type { Recogniser } from './picture.js';
import { azureTdxEvidence, tdxEvidence, tdxQuote } from './tdx.js';
import { eventLog, tdReport } from './tdx-log.js';

/** Every kind of evidence that is recognised; the first that matches draws. */
export const RECOGNISERS: readonly Recogniser[] = [
  tdxQuote,
  eventLog,
  tdReport,
  snpReport,
  azureTdxEvidence,
  tdxEvidence,
  snpEvidence,
  azureSnpEvidence,
  hclReport,
];
