import type { AzureExpectation } from '@sealwright/snp-report/azure';
import { CommandError } from '../failure.js';
import { hexOf } from './appraisal.js';

/**
 * What the vTPM of an Azure machine has to have quoted.
 *
 * @param flags - of the command
 * @throws {@link CommandError} where no nonce is given.
 */
export function azureBinding({ reportData, initdataDigest }: AzureFlags): AzureExpectation {
  if (reportData === undefined)
    throw new CommandError('evidence of Azure needs --report-data: the nonce of the quote of its vTPM');
  return {
    reportData: hexOf('--report-data', reportData),
    ...(initdataDigest !== undefined && { initDataDigest: hexOf('--initdata-digest', initdataDigest) }),
  };
}

/** The flags that say it. */
interface AzureFlags {
  readonly reportData?: string;
  readonly initdataDigest?: string;
}
