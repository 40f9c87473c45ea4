import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';

/**
 * The bytes that a DSSE signature covers (DSSE 1.0.2, protocol, "PAE"): `DSSEv1`, then the length in bytes and the content
 * of the payload type and of the payload, joined by single blanks.
 *
 * @param payloadType - taken as UTF-8, never normalised
 * @param payload - the decoded bytes, not their base64
 */
export function pae(payloadType: string, payload: Uint8Array): Bytes {
  const size = payload.byteLength;
  if (!ASCII.test(payloadType)) {
    const type = encodeUtf8(payloadType);
    return concatBytes(encodeUtf8(`DSSEv1 ${type.byteLength} ${payloadType} ${size} `), payload);
  }
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${size} `;
  const message = new Uint8Array(head.length + size);
  ENCODER.encodeInto(head, message);
  message.set(payload, head.length);
  return message;
}

const ASCII = /^[\x20-\x7e]*$/;
const ENCODER = new TextEncoder();
