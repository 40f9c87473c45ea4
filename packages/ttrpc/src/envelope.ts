/**
 * What the frames carry: a request with its addressee, a response with its status. `containerd/ttrpc request.proto`.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import type { MessageInit, MessageOf } from './descriptor.js';
import { FRAME_HEADER_BYTES, FRAME_TYPE, writeHeader } from './frame.js';
import { readMessage } from './message-decoder.js';
import { writeMessage } from './message-encoder.js';
import { type MessagePlan, planMessage } from './plan.js';
import { WireWriter } from './wire-writer.js';

const REQUEST_FIELDS = {
  service: { no: 1, type: 'string' },
  method: { no: 2, type: 'string' },
  payload: { no: 3, type: 'bytes' },
  timeout_nano: { no: 4, type: 'int64' },
  metadata: {
    no: 5,
    type: { key: { no: 1, type: 'string' }, value: { no: 2, type: 'string' } },
    repeated: true,
  },
} as const;

const RESPONSE_FIELDS = {
  status: {
    no: 1,
    type: {
      code: { no: 1, type: 'int32' },
      message: { no: 2, type: 'string' },
      details: {
        no: 3,
        type: { type_url: { no: 1, type: 'string' }, value: { no: 2, type: 'bytes' } },
        repeated: true,
      },
    },
  },
  payload: { no: 2, type: 'bytes' },
} as const;

/** A decoded request. */
export type Request = MessageOf<typeof REQUEST_FIELDS>;

/** A decoded response: no status means OK, as code 0 does. */
export type Response = MessageOf<typeof RESPONSE_FIELDS>;

/** The status of a response to encode. */
export type StatusInit = NonNullable<MessageInit<typeof RESPONSE_FIELDS>['status']>;

/** One entry of the metadata of a call. A key may come more than once. */
export interface MetadataEntry {
  /** What the value is. Field 1. */
  readonly key: string;
  /** The value. Field 2. */
  readonly value: string;
}

/** Encode the frame of a request. */
export function encodeRequest(
  streamId: number,
  flags: number,
  request: MessageInit<typeof REQUEST_FIELDS>,
): Bytes {
  return encodeEnvelope(REQUEST, request, { streamId, type: FRAME_TYPE.request, flags });
}

/** Encode the frame of a response. */
export function encodeResponse(streamId: number, response: MessageInit<typeof RESPONSE_FIELDS>): Bytes {
  return encodeEnvelope(RESPONSE, response, { streamId, type: FRAME_TYPE.response, flags: 0 });
}

/** Decode the data of a request's frame. */
export function decodeRequest(data: Uint8Array): Request {
  return readMessage(REQUEST, data) as Request;
}

/** Decode the data of a response's frame. */
export function decodeResponse(data: Uint8Array): Response {
  return readMessage(RESPONSE, data) as Response;
}

/** The payload is written where the frame wants it: nothing is copied twice. */
function encodeEnvelope(
  plan: MessagePlan,
  message: { readonly payload?: Uint8Array | undefined },
  header: { readonly streamId: number; readonly type: number; readonly flags: number },
): Bytes {
  const writer = new WireWriter(FRAME_HEADER_BYTES, (message.payload?.byteLength ?? 0) + EXPECTED_BYTES);
  writeMessage(writer, plan, message);
  const frame = writer.view();
  writeHeader(frame, header);
  return frame;
}

const REQUEST: MessagePlan = /* @__PURE__ */ planMessage(REQUEST_FIELDS);
const RESPONSE: MessagePlan = /* @__PURE__ */ planMessage(RESPONSE_FIELDS);
const EXPECTED_BYTES = 150;
