/**
 * PCK certificates from the service, for quotes that only name their platform.
 *
 * @module
 */
import { encodeHex } from '@sealwright/bytes';
import { TdxQuoteError } from '../errors.js';
import type { Quote } from '../quote.js';
import { type PcsOptions, pcsUrl } from './fetch-collateral.js';
import { ask, issuerChain, textOf } from './response.js';

/**
 * Fetch the PCK chain of a quote whose certification data is of type 2 or 3. Nothing in the answer is believed: put it into the
 * collateral as `pckCertificateChain`, and `verifyQuote` checks it.
 *
 * @param quote - decoded
 * @param options - the service
 * @returns leaf, intermediate and root, PEM
 * @throws {@link TdxQuoteError} `ERR_TDX_COLLATERAL_UNAVAILABLE`, or `ERR_TDX_UNSUPPORTED_CERT_DATA_TYPE` for other quotes.
 */
export async function fetchPckCertificateChain(quote: Quote, options: PcsOptions): Promise<string> {
  const { certification, header } = quote;
  if (certification.type !== 2 && certification.type !== 3)
    throw new TdxQuoteError(
      'ERR_TDX_UNSUPPORTED_CERT_DATA_TYPE',
      `the service knows platforms by encrypted identifiers, not by data of type ${certification.type}`,
    );
  const { ppid, cpuSvn, pceSvn, pceId = 0 } = certification;
  const answer = await ask(
    options.fetch,
    pcsUrl(options, 'sgx/certification/v4/pckcert', {
      encrypted_ppid: encodeHex(ppid),
      cpusvn: encodeHex(cpuSvn),
      pcesvn: littleHex(pceSvn),
      pceid: littleHex(pceId),
      qeid: encodeHex(header.userData.subarray(0, 16)),
    }),
    options.signal,
  );
  const leaf = textOf(answer);
  return `${leaf.endsWith('\n') ? leaf : `${leaf}\n`}${issuerChain(answer, ['SGX-PCK-Certificate-Issuer-Chain'])}`;
}

/** Two bytes in hex, the low one first, as the service wants them. */
function littleHex(value: number): string {
  return encodeHex(Uint8Array.of(value & 0xff, value >> 8));
}
