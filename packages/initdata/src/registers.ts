import { type Bytes, concatBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { InitDataError } from './errors.js';

/** TEEs whose evidence has a register for the digest that the host fills. */
export type BoundTee = 'snp' | 'tdx' | 'sgx' | 'cca' | 'se';

/** Sizes of those registers in bytes: HOST_DATA, MRCONFIGID, CONFIGID, the realm's personalisation value, user data. */
export const REGISTER_BYTES: Readonly<Record<BoundTee, number>> = {
  snp: 32,
  tdx: 48,
  sgx: 64,
  cca: 64,
  se: 256,
};

/**
 * Fit a digest into a register: a longer one is cut on the right, a shorter one padded with zeros on the right.
 *
 * With SHA-384 on SNP only the first 32 bytes are bound.
 *
 * @param initDataDigest - the digest
 * @param tee - whose register
 *
 * @example
 * ```ts
 * const digest = initDataDigest(toml, 'sha384');
 * console.log(fitDigest(digest, 'tdx').length, fitDigest(digest, 'snp').length); // 48 32
 * ```
 */
export function fitDigest(initDataDigest: Uint8Array, tee: BoundTee): Bytes {
  const register = new Uint8Array(REGISTER_BYTES[tee]);
  register.set(initDataDigest.subarray(0, register.byteLength));
  return register;
}

/**
 * PCR 8 of a vTPM after its first extension with a digest: SHA-256 over 32 zero bytes and the digest.
 *
 * @param initDataDigest - 32 bytes: on these platforms only SHA-256 works end to end
 * @throws {@link InitDataError} `ERR_INITDATA_SIZE` for another length.
 */
export function pcr8(initDataDigest: Uint8Array): Bytes {
  if (initDataDigest.byteLength !== 32) {
    throw new InitDataError(
      'ERR_INITDATA_SIZE',
      `a digest for PCR 8 is 32 bytes, not ${initDataDigest.byteLength}`,
    );
  }
  return digest('sha256', concatBytes(new Uint8Array(32), initDataDigest));
}
