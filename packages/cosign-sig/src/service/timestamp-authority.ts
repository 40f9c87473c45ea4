/**
 * The client of time stamping authorities (RFC 3161).
 *
 * @module
 */
import { type Bytes, encodeHex, equalBytes } from '@sealwright/bytes';
import { digest, randomBytes } from '@sealwright/crypto';
import {
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '@sealwright/der';
import { CosignError } from '../errors.js';
import { parseTimestampResponse } from '../timestamp/parse-timestamp.js';
import { askService, type ServiceOptions } from './exchange.js';

/**
 * Have bytes stamped. The answer is compared with the question; whether to believe the authority is for `verifyTimestamp`.
 *
 * @param service - the authority; its address is the whole address of the interface
 * @param bytes - what to stamp: for Sigstore, the signature
 * @returns TimeStampResp, DER
 * @throws {@link CosignError} `ERR_COSIGN_SERVICE` or `ERR_COSIGN_TIMESTAMP`.
 */
export async function requestTimestamp(service: ServiceOptions, bytes: Uint8Array): Promise<Bytes> {
  const nonce = encodeInteger(randomBytes(16));
  const imprint = digest('sha256', bytes);
  const query = encodeSequence(
    encodeInteger(Uint8Array.of(1)),
    encodeSequence(
      encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'), encodeNull()),
      encodeOctetString(imprint),
    ),
    nonce,
    encodeElement(0x01, Uint8Array.of(0xff)),
  );
  const answer = await askService(service, {
    path: '',
    body: { type: 'application/timestamp-query', bytes: query },
    accept: 'application/timestamp-reply',
    maxBytes: 64 << 10,
  });
  const timestamp = parseTimestampResponse(answer.bytes);
  if (!equalBytes(timestamp.imprint, imprint) || timestamp.nonce !== encodeHex(nonce.subarray(2)))
    throw new CosignError('ERR_COSIGN_TIMESTAMP', 'the authority stamped something else');
  return answer.bytes;
}
