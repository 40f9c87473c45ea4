import { azureSnpEvidence, hclReport, snpEvidence, snpReport } from './snp.js';
import type { Recogniser } from './picture.js';

/** Every kind of evidence that is recognised; the first that matches draws. */
export const RECOGNISERS: readonly Recogniser[] = [snpReport, snpEvidence, azureSnpEvidence, hclReport];
