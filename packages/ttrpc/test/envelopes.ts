import { encodeUtf8 } from '@sealwright/bytes';
import { type FrameInit, FRAME_TYPE, messageCodec } from '../src/index.js';

/** The message of a request frame, written again from the protocol. */
export const request = messageCodec({
  service: { no: 1, type: 'string' },
  method: { no: 2, type: 'string' },
  payload: { no: 3, type: 'bytes' },
  timeout_nano: { no: 4, type: 'int64' },
  metadata: {
    no: 5,
    type: { key: { no: 1, type: 'string' }, value: { no: 2, type: 'string' } },
    repeated: true,
  },
});

/** The message of a response frame. */
export const response = messageCodec({
  status: { no: 1, type: { code: { no: 1, type: 'int32' }, message: { no: 2, type: 'string' } } },
  payload: { no: 2, type: 'bytes' },
});

/** A request frame. */
export function requestFrame(
  streamId: number,
  service: string,
  method: string,
  more: { payload?: Uint8Array; timeout_nano?: bigint; flags?: number } = {},
): FrameInit {
  const { flags = 0, ...rest } = more;
  return { streamId, type: FRAME_TYPE.request, flags, data: request.encode({ service, method, ...rest }) };
}

/** A response frame. */
export function responseFrame(streamId: number, payload: Uint8Array | string, code = 0): FrameInit {
  const message = typeof payload === 'string' ? { status: { code, message: payload } } : { payload };
  return { streamId, type: FRAME_TYPE.response, data: response.encode(message) };
}

/** Text as bytes. */
export const text = (value: string): Uint8Array => encodeUtf8(value);
