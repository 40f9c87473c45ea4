/**
 * A quote of a virtual TPM: TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE (TPM 2.0 Library, part 2, sections 10.12.8 and 10.9.7).
 *
 * @module
 */
import { type Bytes, ByteReader, BytesError, concatBytes, equalBytes } from '@sealwright/bytes';
import { sha2 } from '@sealwright/crypto';
import { SnpReportError } from '../errors.js';

/** PCRs of one bank. */
export interface PcrSelection {
  /** TPM_ALG_ID of the bank's hash; 0x000b is SHA-256. */
  readonly algorithm: number;
  /** Bit i of byte j selects PCR 8j + i. */
  readonly bitmap: Bytes;
}

/** A quote, decoded but not verified. */
export interface TpmQuote {
  /** Name of the key that signed. */
  readonly qualifiedSigner: Bytes;
  /** What the caller wanted quoted: a nonce. */
  readonly extraData: Bytes;
  /** TPMS_CLOCK_INFO, 17 bytes. */
  readonly clockInfo: Bytes;
  /** Vendor's version, 8 bytes. */
  readonly firmwareVersion: Bytes;
  /** What was quoted. */
  readonly pcrSelection: readonly PcrSelection[];
  /** Hash of the values quoted. */
  readonly pcrDigest: Bytes;
}

/**
 * Take a quote apart.
 *
 * @param message - the TPMS_ATTEST that was signed
 * @throws `SnpReportError` `ERR_SNP_TPM_NOT_A_QUOTE` or `ERR_SNP_TPM_MALFORMED`.
 */
export function parseTpmQuote(message: Uint8Array): TpmQuote {
  try {
    return readQuote(new ByteReader(message, { littleEndian: false, what: 'a quote' }));
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new SnpReportError('ERR_SNP_TPM_MALFORMED', cause.message, { cause });
  }
}

function readQuote(reader: ByteReader): TpmQuote {
  if (reader.u32() !== MAGIC || reader.u16() !== QUOTE)
    throw new SnpReportError('ERR_SNP_TPM_NOT_A_QUOTE', 'what the TPM signed is not a quote', { offset: 0 });
  const sized = (): Bytes => reader.bytes(reader.u16());
  const qualifiedSigner = sized();
  const extraData = sized();
  const clockInfo = reader.bytes(17);
  const firmwareVersion = reader.bytes(8);
  const count = reader.u32();
  if (count > MAX_BANKS)
    throw new SnpReportError('ERR_SNP_TPM_MALFORMED', `expected at most ${MAX_BANKS} banks of PCRs`);
  const pcrSelection = Array.from({ length: count }, (): PcrSelection => {
    const algorithm = reader.u16();
    return { algorithm, bitmap: reader.bytes(reader.u8()) };
  });
  const pcrDigest = sized();
  reader.end();
  return { qualifiedSigner, extraData, clockInfo, firmwareVersion, pcrSelection, pcrDigest };
}

/**
 * Check that PCR values are exactly those that a quote is over: one SHA-256 bank, all of its 24 registers, in order.
 *
 * @param quote - decoded, its signature checked
 * @param pcrs - the values
 * @throws `SnpReportError` `ERR_SNP_TPM_PCR_SELECTION`, `ERR_SNP_TPM_PCR_COUNT` or `ERR_SNP_TPM_PCR_DIGEST_MISMATCH`.
 */
export function mustQuotePcrs({ pcrSelection, pcrDigest }: TpmQuote, pcrs: readonly Uint8Array[]): void {
  const [bank, ...others] = pcrSelection;
  if (
    bank === undefined ||
    others.length > 0 ||
    bank.algorithm !== SHA256 ||
    !equalBytes(bank.bitmap, Uint8Array.of(0xff, 0xff, 0xff))
  )
    throw new SnpReportError('ERR_SNP_TPM_PCR_SELECTION', 'expected a quote of SHA-256 PCRs 0 to 23 alone');
  if (pcrs.length !== 24 || pcrs.some((value) => value.byteLength !== 32))
    throw new SnpReportError('ERR_SNP_TPM_PCR_COUNT', 'expected 24 values of 32 bytes');
  if (!equalBytes(pcrDigest, sha2('sha256', concatBytes(...pcrs))))
    throw new SnpReportError('ERR_SNP_TPM_PCR_DIGEST_MISMATCH', 'the values are not those quoted');
}

/** TPM_GENERATED_VALUE. */
const MAGIC = 0xff54_4347;
/** TPM_ST_ATTEST_QUOTE. */
const QUOTE = 0x8018;
const SHA256 = 0x000b;
const MAX_BANKS = 16;
