import type { Bytes } from '@sealwright/bytes';
import { decodeResponse, type Response } from './envelope.js';
import { TtrpcError } from './errors.js';
import { type Frame, FRAME_FLAG, FRAME_TYPE } from './frame.js';
import type { Inbox } from './inbox.js';

/** Put a frame of a stream into its inbox; gives a promise where the reader is slow. */
export function receiveMessage(frame: Frame, inbox: Inbox): Promise<void> | undefined {
  try {
    if (frame.type === FRAME_TYPE.response) {
      const payload = readAnswer(frame);
      // Where the server does not stream, its one message is in the response; where it does, nothing is.
      const busy = payload.byteLength > 0 ? inbox.push(payload) : undefined;
      inbox.end();
      return busy;
    }
    if (frame.type !== FRAME_TYPE.data) return undefined;
    if (frame.data === undefined) throw overLimit(frame);
    const busy = (frame.flags & FRAME_FLAG.noData) === 0 ? inbox.push(new Uint8Array(frame.data)) : undefined;
    if ((frame.flags & FRAME_FLAG.remoteClosed) !== 0) inbox.end();
    return busy;
  } catch (error) {
    inbox.end(error);
    return undefined;
  }
}

/** Read the payload of an answer. */
export function readAnswer(frame: Frame): Bytes {
  if (frame.data === undefined) throw overLimit(frame);
  let response: Response;
  try {
    response = decodeResponse(frame.data);
  } catch (cause) {
    throw broken('an answer that does not parse', cause);
  }
  const { status, payload } = response;
  if (status === undefined || status.code === 0) return payload;
  const { code, message, details } = status;
  throw new TtrpcError('ERR_TTRPC_STATUS', message, { status: code, details });
}

/** Whether it is the answer to a unary call. Frames of unknown types are skipped: a later protocol may have them. */
export function isAnswer({ type }: Frame): boolean {
  if (type === FRAME_TYPE.request || type === FRAME_TYPE.data) {
    throw broken(`a frame of type ${type} in answer to a unary call`);
  }
  return type === FRAME_TYPE.response;
}

function overLimit(frame: Frame): TtrpcError {
  return new TtrpcError('ERR_TTRPC_LIMIT', `an answer of ${frame.length} bytes is over the limit`);
}

function broken(what: string, cause?: unknown): TtrpcError {
  return new TtrpcError('ERR_TTRPC_PROTOCOL', what, { cause });
}
