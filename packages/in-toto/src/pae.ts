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

/** Bytes before a payload in which {@link paeBefore} finds the room for most payload types. */
export const PAE_HEADROOM = 96;

/**
 * The same, for a payload that lies after {@link PAE_HEADROOM} bytes of memory that hold nothing else: a long one is not copied.
 *
 * @param payloadType - as for {@link pae}
 * @param payload - as it was read, with that headroom
 */
export function paeBefore(payloadType: string, payload: Bytes): Bytes {
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.byteLength} `;
  if (head.length > PAE_HEADROOM || !ASCII.test(payloadType)) return pae(payloadType, payload);
  const start = payload.byteOffset - head.length;
  const message = new Uint8Array(payload.buffer, start, head.length + payload.byteLength);
  ENCODER.encodeInto(head, message);
  return message;
}

const ASCII = /^[\x20-\x7e]*$/;
const ENCODER = new TextEncoder();
