import { encodeBase64 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import type { Attester } from '@sealwright/kbs-protocol';

/**
 * Evidence of the TEE `sample`: a report that says what it was given, and proves nothing. Only for tests and demonstrations.
 *
 * @param runtimeData - what the evidence is bound to, of any length
 */
export function sampleEvidence(runtimeData: Uint8Array): JsonObject {
  return { svn: '1', report_data: encodeBase64(runtimeData) };
}

/** The attester of the TEE `sample`. */
export const sampleAttester: Attester = {
  tee: 'sample',
  evidence: (reportData) => Promise.resolve(sampleEvidence(reportData)),
};
