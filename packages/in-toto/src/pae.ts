import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';

/**
 * The bytes that a DSSE signature covers (DSSE 1.0.2, protocol, "PAE"): `DSSEv1`, then the length in bytes and the content
 * of the payload type and of the payload, joined by single blanks.
 *
 * @param payloadType - taken as UTF-8, never normalised
 * @param payload - the decoded bytes, not their base64
 */
export function pae(payloadType: string, payload: Uint8Array): Bytes {
  const type = encodeUtf8(payloadType);
  return concatBytes(
    encodeUtf8(`DSSEv1 ${type.byteLength} `),
    type,
    encodeUtf8(` ${payload.byteLength} `),
    payload,
  );
}
