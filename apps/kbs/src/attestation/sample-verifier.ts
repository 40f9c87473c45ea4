import { BytesError, decodeBase64, encodeBase64, equalBytes } from '@sealwright/bytes';
import { isJsonObject } from '@sealwright/json';
import type { EvidenceVerifier } from '@sealwright/kbs-protocol';
import { KbsError } from '../errors.js';

/**
 * The verifier of the `sample` TEE, whose evidence anybody can make: it proves nothing but that the client followed the
 * protocol. The claims are the original's constants; init-data is echoed, not verified.
 */
export const sampleVerifier: EvidenceVerifier = {
  async verify({ evidence, reportData, initDataDigest }) {
    const { svn, report_data: reported } = boundEvidence(evidence, reportData);
    const claims = {
      svn,
      launch_digest: 'abcde',
      platform_version: { major: 1, minor: 4 },
      debug: false,
      report_data: reported,
      ...(initDataDigest === undefined ? {} : { init_data: encodeBase64(initDataDigest) }),
    };
    return [{ class: 'cpu', claims }];
  },
};

/** The verifier of `sampledevice`, a device beside the CPU, which proves as little. */
export const sampleDeviceVerifier: EvidenceVerifier = {
  async verify({ evidence, reportData }) {
    return [{ class: 'gpu', claims: boundEvidence(evidence, reportData) }];
  },
};

function boundEvidence(evidence: unknown, reportData: Uint8Array): { svn: string; report_data: string } {
  const { svn, report_data: reported } = isJsonObject(evidence) ? evidence : {};
  if (typeof svn !== 'string' || typeof reported !== 'string' || svn.length > 64 || reported.length > 256) {
    throw new KbsError('ERR_KBS_EVIDENCE', 'expected svn and report_data as texts');
  }
  if (!equalBytes(bytesOf(reported), reportData)) {
    throw new KbsError('ERR_KBS_EVIDENCE', 'the evidence is not bound to this session and key');
  }
  return { svn, report_data: reported };
}

function bytesOf(base64: string): Uint8Array {
  try {
    return decodeBase64(base64);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new KbsError('ERR_KBS_EVIDENCE', 'expected report_data in base64', { cause });
  }
}
