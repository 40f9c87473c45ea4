/**
 * What the paravisor of an Azure virtual machine leaves in the virtual TPM, NV index 0x01400001: the hardware's report, and data
 * that the report's REPORT_DATA is a hash of (learn.microsoft.com, "Azure guest attestation for confidential VMs").
 *
 * @module
 */
import { type Bytes, copyBytes, decodeHex } from '@sealwright/bytes';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import { SnpReportError } from '../errors.js';

/** A report of the paravisor, decoded but not verified. */
export interface HclReport {
  /** Version of the outer header, 1 or 2. u32 at 0x004. */
  readonly headerVersion: number;
  /** Bytes in use: header, report and data. u32 at 0x008. */
  readonly reportSize: number;
  /** Always 2. u32 at 0x00c. */
  readonly requestType: number;
  /** Status of the request. u32 at 0x010. */
  readonly status: number;
  /** 1184 bytes: a report of SEV-SNP, or a TDREPORT of 1024 bytes and zeros. At 0x020. */
  readonly hardwareReport: Bytes;
  /** Bytes of the data with its own header. u32 at 0x4c0. */
  readonly dataSize: number;
  /** Which of them `hardwareReport` is: 2 for SNP, 4 for TDX. u32 at 0x4c8. */
  readonly reportType: number;
  /** The hash of the variable data: 1 SHA-256, 2 SHA-384, 3 SHA-512. u32 at 0x4cc. */
  readonly hashType: number;
  /** JSON, exactly as hashed. At 0x4d4. */
  readonly variableData: Bytes;
}

/** What the variable data says. */
export interface HclVariableData {
  /** Every key, as JWK: `HCLAkPub` signs quotes, `HCLEkPub` is the endorsement key. */
  readonly keys: readonly JsonObject[];
  /** Configuration of the virtual machine, such as `secure-boot`. */
  readonly vmConfiguration: JsonObject;
  /** 64 bytes of the guest's choice; `undefined` on older hosts. */
  readonly userData: Bytes | undefined;
}

/**
 * Take a report of the paravisor apart.
 *
 * @param bytes - as read from the TPM, at most 64 KiB; padding at the end is ignored
 * @throws `SnpReportError` `ERR_SNP_HCL_MALFORMED`.
 */
export function parseHclReport(bytes: Uint8Array): HclReport {
  if (bytes.byteLength < DATA || bytes.byteLength > MAX_BYTES)
    throw malformed(`expected ${DATA} to ${MAX_BYTES} bytes, not ${bytes.byteLength}`, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number): number => view.getUint32(at, true);
  const expectOne = (at: number, ...values: readonly number[]): number => {
    if (!values.includes(u32(at))) throw malformed(`expected ${values.join(' or ')}, not ${u32(at)}`, at);
    return u32(at);
  };
  expectOne(0x000, MAGIC);
  expectOne(0x4c4, 1);
  const size = u32(0x4d0);
  if (size > bytes.byteLength - DATA) throw malformed('the variable data ends past the end', 0x4d0);
  return {
    headerVersion: expectOne(0x004, 1, 2),
    reportSize: expectOne(0x008, DATA + size),
    requestType: expectOne(0x00c, 2),
    status: u32(0x010),
    hardwareReport: copyBytes(bytes.subarray(0x020, 0x4c0)),
    dataSize: expectOne(0x4c0, DATA - 0x4c0 + size),
    reportType: u32(0x4c8),
    hashType: u32(0x4cc),
    variableData: copyBytes(bytes.subarray(DATA, DATA + size)),
  };
}

/**
 * Read the variable data.
 *
 * @param variableData - of a report whose binding was checked
 * @throws `SnpReportError` `ERR_SNP_HCL_MALFORMED`.
 */
export function parseHclVariableData(variableData: Uint8Array): HclVariableData {
  let data: unknown;
  try {
    data = parseJson(variableData, { maxBytes: MAX_BYTES, maxDepth: 8 });
  } catch (cause) {
    throw malformed('the variable data is no JSON', DATA, cause);
  }
  if (!isJsonObject(data)) throw malformed('the variable data is an object', DATA);
  const { keys, 'vm-configuration': configuration, 'user-data': userData } = data;
  return {
    keys: Array.isArray(keys) ? keys.filter(isJsonObject) : [],
    vmConfiguration: isJsonObject(configuration) ? configuration : {},
    userData: typeof userData === 'string' ? readUserData(userData) : undefined,
  };
}

/** What is no hex is no user data. */
function readUserData(text: string): Bytes | undefined {
  return text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text) ? decodeHex(text) : undefined;
}

function malformed(message: string, offset: number, cause?: unknown): SnpReportError {
  return new SnpReportError('ERR_SNP_HCL_MALFORMED', message, { offset, cause });
}

/** "HCLA", little-endian. */
const MAGIC = 0x414c_4348;
const DATA = 0x4d4;
const MAX_BYTES = 0x1_0000;
