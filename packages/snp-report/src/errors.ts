/** Why evidence was refused, without the prefix. In lower case these are the published reason codes. */
export type SnpReason =
  | 'REPORT_TOO_SHORT'
  | 'REPORT_TRAILING_DATA'
  | 'UNSUPPORTED_VERSION'
  | 'MBZ_VIOLATION'
  | 'POLICY_INVALID'
  | 'SIGNER_INFO_INVALID'
  | 'UNSUPPORTED_SIGNATURE_ALGO'
  | 'UNKNOWN_PRODUCT'
  | 'PRODUCT_MISMATCH'
  | 'REPORT_UNSIGNED'
  | 'CERT_MALFORMED'
  | 'UNTRUSTED_ROOT'
  | 'CHAIN_NAME_MISMATCH'
  | 'CHAIN_SIGNATURE_INVALID'
  | 'CERT_NOT_YET_VALID'
  | 'CERT_EXPIRED'
  | 'CERT_UNKNOWN_CRITICAL_EXTENSION'
  | 'CRL_MISSING'
  | 'CRL_MALFORMED'
  | 'CRL_ISSUER_MISMATCH'
  | 'CRL_SIGNATURE_INVALID'
  | 'CRL_NOT_YET_VALID'
  | 'CRL_EXPIRED'
  | 'ASK_REVOKED'
  | 'VEK_KEY_INVALID'
  | 'VEK_FORMAT'
  | 'SIGNING_KEY_MISMATCH'
  | 'REPORT_SIGNATURE_INVALID'
  | 'TCB_MISMATCH'
  | 'HWID_MISMATCH'
  | 'CERT_TABLE_OUT_OF_BOUNDS'
  | 'CERT_TABLE_UNTERMINATED'
  | 'CERT_TABLE_DUPLICATE'
  | 'EVIDENCE_MALFORMED'
  | 'HCL_MALFORMED'
  | 'HCL_REPORT_TYPE'
  | 'HCL_HASH_TYPE'
  | 'HCL_BINDING_MISMATCH'
  | 'VMPL_NOT_ZERO'
  | 'HCL_AK_MISSING'
  | 'TPM_SIGNATURE_INVALID'
  | 'TPM_NOT_A_QUOTE'
  | 'TPM_MALFORMED'
  | 'TPM_NONCE_MISMATCH'
  | 'TPM_PCR_SELECTION'
  | 'TPM_PCR_COUNT'
  | 'TPM_PCR_DIGEST_MISMATCH'
  | 'HCL_USER_DATA_MISMATCH'
  | 'INIT_DATA_MISMATCH'
  | 'ID_BLOCK_LENGTH'
  | 'ID_BLOCK_VERSION'
  | 'ID_KEY_ALGO'
  | 'ID_KEY_CURVE'
  | 'ID_BLOCK_SIGNATURE_INVALID'
  | 'AUTHOR_KEY_ALGO'
  | 'ID_KEY_SIGNATURE_INVALID'
  | 'FIRMWARE_MALFORMED'
  | 'UNKNOWN_METADATA_SECTION'
  | 'KERNEL_HASHES_UNSUPPORTED'
  | 'RESET_BLOCK_MISSING'
  | 'KDS_URL'
  | 'KDS_NO_NAME'
  | 'KDS_NOT_FOUND'
  | 'KDS_UNAVAILABLE'
  | 'KDS_RESPONSE'
  | 'GCE_MALFORMED'
  | 'GCE_SIGNER_UNTRUSTED'
  | 'GCE_SIGNATURE_INVALID';

/** Why evidence was refused. Codes are public API: never renamed, never reused. */
export type SnpReportErrorCode = `ERR_SNP_${SnpReason}`;

/** The one error that this package throws on bad input. */
export class SnpReportError extends Error {
  /** Always `SnpReportError`, which survives two copies of the package in one program. */
  override readonly name = 'SnpReportError';
  /** What to switch on; the message is for people and may change. */
  readonly code: SnpReportErrorCode;
  /** Byte offset of the field at fault, where the fault has a place. */
  readonly offset: number | undefined;
  /** JSON pointer of the member at fault, where the evidence is JSON. */
  readonly pointer: string | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: SnpReportErrorCode,
    message: string,
    options: { offset?: number; pointer?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
    this.pointer = options.pointer;
  }
}
