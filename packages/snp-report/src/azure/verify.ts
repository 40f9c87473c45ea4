import { type Bytes, concatBytes, decodeBase64url, encodeHex, equalBytes } from '@sealwright/bytes';
import { importSpki, type PublicKey, sha2, verify } from '@sealwright/crypto';
import { encodeInteger, encodeSequence, encodeSpki } from '@sealwright/der';
import type { SnpCertificates } from '../chain.js';
import { SnpReportError } from '../errors.js';
import { azureSnpClaims } from '../evidence/claims.js';
import { parseSnpReport } from '../parse.js';
import { verifySnpReport, type VerifiedSnpReport } from '../verify.js';
import type { AzureEvidence } from './evidence.js';
import { type HclReport, type HclVariableData, parseHclReport, parseHclVariableData } from './hcl-report.js';
import { mustQuotePcrs, parseTpmQuote, type TpmQuote } from './tpm-quote.js';

/** What the evidence must be bound to. */
export interface AzureExpectation {
  /** The nonce that the quote must be over, exactly. */
  readonly reportData: Uint8Array;
  /** Digest of the init-data that must have been measured into PCR 8; not checked unless given. */
  readonly initDataDigest?: Uint8Array;
}

/** Trust in AMD's chain, whose leaf comes with the evidence, and what the evidence must be bound to. */
export interface AzureTrust extends Omit<SnpCertificates, 'leaf'>, AzureExpectation {
  /** The time for which to decide. */
  readonly at: Date;
}

/** What a paravisor and its virtual TPM say, once bound to the hardware's report. */
export interface AzureBinding {
  /** The paravisor's report. */
  readonly hcl: HclReport;
  /** Its variable data. */
  readonly variableData: HclVariableData;
  /** The quote. */
  readonly quote: TpmQuote;
  /** The values quoted: PCR 0 to 23. */
  readonly pcrs: readonly Bytes[];
}

/** Evidence whose every part is bound to AMD's root and to the nonce. Only {@link verifyAzureSnpEvidence} makes one. */
export interface VerifiedAzureSnp extends AzureBinding {
  /** The hardware's report. It was made when the machine was launched: freshness is the quote's. */
  readonly report: VerifiedSnpReport;
}

/**
 * Verify the evidence of an Azure virtual machine on SEV-SNP.
 *
 * @param evidence - decoded
 * @param trust - intermediate, root, revocation, time, and what the evidence must be bound to
 * @throws `SnpReportError` with the first check that failed.
 *
 * @example
 * ```ts
 * const evidence = parseAzureEvidence(json);
 * const { report, pcrs } = await verifyAzureSnpEvidence(evidence, { intermediate, root, at: new Date(), reportData: nonce });
 * console.log(report.product, pcrs.length);
 * ```
 */
export async function verifyAzureSnpEvidence(
  evidence: AzureEvidence,
  trust: AzureTrust,
): Promise<VerifiedAzureSnp> {
  const hcl = parseHclReport(evidence.hclReport);
  mustBeOfType(hcl, SNP);
  if (evidence.vcek === undefined)
    throw new SnpReportError('ERR_SNP_EVIDENCE_MALFORMED', 'expected a VCEK', { pointer: '/vcek' });
  const hardware = parseSnpReport(hcl.hardwareReport);
  const report = await verifySnpReport(hardware, { ...trust, leaf: evidence.vcek });
  mustBeBound(hcl, report.reportData);
  if (report.vmpl !== 0)
    throw new SnpReportError('ERR_SNP_VMPL_NOT_ZERO', `the report was made at VMPL ${report.vmpl}, not 0`, {
      offset: 0x030,
    });
  return { report, ...(await verifyQuote(evidence, hcl, trust)) };
}

/**
 * Verify what the evidence of an Azure virtual machine on TDX adds to its TD quote, which `@sealwright/tdx-quote` verifies.
 *
 * @param evidence - decoded
 * @param reportData - REPORTDATA of the verified TD quote, 64 bytes
 * @param expected - what the evidence must be bound to
 * @throws `SnpReportError` with the first check that failed.
 */
export async function verifyAzureTdxBinding(
  evidence: AzureEvidence,
  reportData: Uint8Array,
  expected: AzureExpectation,
): Promise<AzureBinding> {
  const hcl = parseHclReport(evidence.hclReport);
  mustBeOfType(hcl, TDX);
  mustBeBound(hcl, reportData);
  return await verifyQuote(evidence, hcl, expected);
}

/**
 * State the claims of verified evidence, under the names that policies of Confidential Containers read.
 *
 * @param verified - from {@link verifyAzureSnpEvidence}
 */
export function azureClaims(
  verified: VerifiedAzureSnp,
): Readonly<Record<string, string | Record<string, string>>> {
  const tpm = verified.pcrs.map((value, index) => [`pcr${String(index).padStart(2, '0')}`, encodeHex(value)]);
  return {
    ...azureSnpClaims(verified.report),
    report_data: encodeHex(verified.quote.extraData),
    init_data: encodeHex(verified.pcrs[8] ?? new Uint8Array(0)),
    tpm: Object.fromEntries(tpm) as Record<string, string>,
  };
}

function mustBeOfType({ reportType, hashType }: HclReport, wanted: number): void {
  if (reportType !== wanted)
    throw new SnpReportError('ERR_SNP_HCL_REPORT_TYPE', `expected report type ${wanted}, not ${reportType}`, {
      offset: 0x4c8,
    });
  if (!HASHES.has(hashType))
    throw new SnpReportError('ERR_SNP_HCL_HASH_TYPE', `expected hash type 1 to 3, not ${hashType}`, {
      offset: 0x4cc,
    });
}

/** The hash of the variable data, exactly as it stands, fills the report data from the front; zeros follow. */
function mustBeBound({ hashType, variableData }: HclReport, reportData: Uint8Array): void {
  const expected = new Uint8Array(64);
  expected.set(sha2(HASHES.get(hashType) ?? 'sha512', variableData));
  if (!equalBytes(expected, reportData))
    throw new SnpReportError('ERR_SNP_HCL_BINDING_MISMATCH', 'the report data is not the hash of the data');
}

async function verifyQuote(
  evidence: AzureEvidence,
  hcl: HclReport,
  { reportData, initDataDigest }: AzureExpectation,
): Promise<AzureBinding> {
  const variableData = parseHclVariableData(hcl.variableData);
  const { signature, message, pcrs } = evidence;
  const options = { scheme: 'rsa-pkcs1-sha256' } as const;
  if (!(await verify(attestationKey(variableData), message, signature, options)))
    throw new SnpReportError('ERR_SNP_TPM_SIGNATURE_INVALID', 'the signature of the quote does not verify');
  const quote = parseTpmQuote(message);
  if (!equalBytes(quote.extraData, reportData))
    throw new SnpReportError('ERR_SNP_TPM_NONCE_MISMATCH', 'the quote is over another nonce');
  mustQuotePcrs(quote, pcrs);
  if (evidence.version === 2 && !isUserData(variableData.userData, reportData))
    throw new SnpReportError('ERR_SNP_HCL_USER_DATA_MISMATCH', 'the user data is not the report data');
  if (initDataDigest !== undefined) {
    const expected = sha2('sha256', concatBytes(new Uint8Array(32), initDataDigest));
    if (!equalBytes(expected, pcrs[8] ?? new Uint8Array(0)))
      throw new SnpReportError('ERR_SNP_INIT_DATA_MISMATCH', 'PCR 8 is of another init-data');
  }
  return { hcl, variableData, quote, pcrs };
}

function attestationKey({ keys }: HclVariableData): PublicKey {
  const [key, ...others] = keys.filter(({ kid }) => kid === 'HCLAkPub');
  const { kty, n, e } = key ?? {};
  const missing = (cause?: unknown): SnpReportError =>
    new SnpReportError('ERR_SNP_HCL_AK_MISSING', 'expected one RSA key named HCLAkPub', { cause });
  if (others.length > 0 || kty !== 'RSA' || typeof n !== 'string' || typeof e !== 'string') throw missing();
  try {
    // It is RSA always, and a reader of any JWK is as large as all of this.
    const [modulus, exponent] = [decodeBase64url(n), decodeBase64url(e)];
    return importSpki(encodeSpki('rsa', encodeSequence(encodeInteger(modulus), encodeInteger(exponent))));
  } catch (cause) {
    throw missing(cause);
  }
}

/** 64 bytes: the report data, and zeros. */
function isUserData(given: Bytes | undefined, reportData: Uint8Array): boolean {
  if (given === undefined || reportData.byteLength > 64) return false;
  return equalBytes(given, concatBytes(reportData, new Uint8Array(64 - reportData.byteLength)));
}

const SNP = 2;
const TDX = 4;
const HASHES: ReadonlyMap<number, 'sha256' | 'sha384' | 'sha512'> = new Map([
  [1, 'sha256'],
  [2, 'sha384'],
  [3, 'sha512'],
]);
