/** Why evidence was refused, without the prefix: the reason codes of the vectors in capitals, and those for what cannot be read. */
type Reason =
  | 'QUOTE_TOO_SHORT'
  | 'UNSUPPORTED_VERSION'
  | 'UNSUPPORTED_TEE_TYPE'
  | 'UNSUPPORTED_ATT_KEY_TYPE'
  | 'QE_VENDOR_MISMATCH'
  | 'UNSUPPORTED_BODY_TYPE'
  | 'BODY_SIZE_MISMATCH'
  | 'BODY_TYPE_MISMATCH'
  | 'SIGNATURE_DATA_TRUNCATED'
  | 'UNSUPPORTED_CERT_DATA_TYPE'
  | 'CERT_DATA_SIZE_MISMATCH'
  | 'ATTESTATION_KEY_INVALID'
  | 'PCK_CHAIN_MISSING'
  | 'PCK_CHAIN_INCOMPLETE'
  | 'PCK_CERT_WRONG_CN'
  | 'PCK_EXTENSION_MALFORMED'
  | 'PCK_REVOKED'
  | 'CHAIN_UNTRUSTED_ROOT'
  | 'CHAIN_SIGNATURE_INVALID'
  | 'CERT_MALFORMED'
  | 'CERT_NOT_YET_VALID'
  | 'CERT_EXPIRED'
  | 'CERT_WRONG_USE'
  | 'INTERMEDIATE_REVOKED'
  | 'CRL_MALFORMED'
  | 'CRL_ISSUER_MISMATCH'
  | 'CRL_SIGNATURE_INVALID'
  | 'CRL_NOT_YET_VALID'
  | 'CRL_EXPIRED'
  | 'SIGNING_CERT_WRONG_CN'
  | 'SIGNING_CERT_REVOKED'
  | 'COLLATERAL_MALFORMED'
  | `${'TCB_INFO' | 'QE_IDENTITY' | 'TCB_EVALUATION_NUMBERS'}_${'MALFORMED' | 'SIGNATURE_INVALID' | 'NOT_YET_VALID' | 'EXPIRED' | 'MISMATCH'}`
  | 'FMSPC_MISMATCH'
  | 'PCEID_MISMATCH'
  | 'TDX_MODULE_IDENTITY_NOT_FOUND'
  | 'TDX_MODULE_MRSIGNER_MISMATCH'
  | 'TDX_MODULE_ATTRIBUTES_MISMATCH'
  | 'TDX_MODULE_TCB_NOT_SUPPORTED'
  | 'QE_REPORT_SIGNATURE_INVALID'
  | 'QE_REPORT_DATA_MISMATCH'
  | 'QE_MISCSELECT_MISMATCH'
  | 'QE_ATTRIBUTES_MISMATCH'
  | 'QE_MRSIGNER_MISMATCH'
  | 'QE_ISVPRODID_MISMATCH'
  | 'QE_TCB_NOT_SUPPORTED'
  | 'QUOTE_SIGNATURE_INVALID'
  | 'TCB_NOT_SUPPORTED'
  | 'EVENTLOG_TRUNCATED'
  | 'EVENTLOG_BAD_HEADER'
  | 'EVENTLOG_UNKNOWN_ALGORITHM'
  | 'EVENTLOG_NO_SHA384'
  | 'EVENTLOG_UNKNOWN_TYPE'
  | 'EVENTLOG_LIMIT'
  | 'CCEL_MALFORMED'
  | 'TDREPORT_MALFORMED'
  | 'TDVF_METADATA_INVALID'
  | 'EVIDENCE_MALFORMED'
  | 'COLLATERAL_UNAVAILABLE';

/** Why evidence was refused. Codes are public API: never renamed, never reused. */
export type TdxQuoteErrorCode = `ERR_TDX_${Reason}`;

/** The one error that this package throws on bad input. */
export class TdxQuoteError extends Error {
  /** Always `TdxQuoteError`, which survives two copies of the package in one program. */
  override readonly name = 'TdxQuoteError';
  /** What to switch on; the message is for people and may change. */
  readonly code: TdxQuoteErrorCode;
  /** Byte offset of the field at fault, where the fault has a place in bytes. */
  readonly offset: number | undefined;
  /** JSON pointer to the member at fault, where the fault has a place in a document. */
  readonly pointer: string | undefined;
  /** Which of several: the common name of a certificate, or `root` or `pck` for a revocation list. */
  readonly detail: string | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: TdxQuoteErrorCode,
    message: string,
    options: { offset?: number; pointer?: string; detail?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
    this.pointer = options.pointer;
    this.detail = options.detail;
  }
}
