/**
 * Frames: ten bytes of header, then data. `containerd/ttrpc PROTOCOL.md`.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { TtrpcError } from './errors.js';

/** Bytes of a frame's header. */
export const FRAME_HEADER_BYTES = 10;

/** The largest data of a frame, unless both sides agreed on less: 4 MiB. */
export const MAX_DATA_BYTES = 0x40_0000;

/** The types of frame. Others are skipped. */
export const FRAME_TYPE = { request: 0x1, response: 0x2, data: 0x3 } as const;

/** The flags of a frame: the sender is done, the sender has more to send, the frame carries no message. */
export const FRAME_FLAG = { remoteClosed: 0x1, remoteOpen: 0x2, noData: 0x4 } as const;

/** The header of a frame. */
export interface FrameHeader {
  /** Bytes of data that follow. u32, big-endian, at 0x0. */
  readonly length: number;
  /** The call: odd, chosen by the client. u32, big-endian, at 0x4. */
  readonly streamId: number;
  /** One of {@link FRAME_TYPE}. u8 at 0x8. */
  readonly type: number;
  /** Some of {@link FRAME_FLAG}. u8 at 0x9. */
  readonly flags: number;
}

/** A frame to send. */
export interface FrameInit {
  /** The call. */
  readonly streamId: number;
  /** One of {@link FRAME_TYPE}. */
  readonly type: number;
  /** Some of {@link FRAME_FLAG}. Default none. */
  readonly flags?: number;
  /** The data. Default none. */
  readonly data?: Uint8Array;
}

/** A frame as received. */
export interface Frame extends FrameHeader {
  /** The data; `undefined` where there was too much of it, in which case it was read and dropped. */
  readonly data: Bytes | undefined;
}

/**
 * Encode a frame.
 *
 * @param frame - header and data
 * @throws {@link TtrpcError} `ERR_TTRPC_LIMIT` for more than 4 MiB of data.
 */
export function encodeFrame(frame: FrameInit): Bytes {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + (frame.data?.byteLength ?? 0));
  if (frame.data !== undefined) bytes.set(frame.data, FRAME_HEADER_BYTES);
  writeHeader(bytes, frame);
  return bytes;
}

/** Write the header of a frame in front of its data, which is there already. */
export function writeHeader(bytes: Bytes, { streamId, type, flags }: Omit<FrameInit, 'data'>): void {
  const length = bytes.byteLength - FRAME_HEADER_BYTES;
  if (length > MAX_DATA_BYTES) throw tooLarge(length, MAX_DATA_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  view.setUint32(0x0, length);
  view.setUint32(0x4, streamId);
  view.setUint8(0x8, type);
  view.setUint8(0x9, flags ?? 0);
}

/** Read the header at an offset. */
export function readHeader(bytes: Uint8Array, offset: number): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, FRAME_HEADER_BYTES);
  return {
    length: view.getUint32(0x0),
    streamId: view.getUint32(0x4),
    type: view.getUint8(0x8),
    flags: view.getUint8(0x9),
  };
}

/** The error for data over a cap, in the words of the servers there are. */
export function tooLarge(length: number, max: number): TtrpcError {
  return new TtrpcError('ERR_TTRPC_LIMIT', `message length ${length} exceed maximum message size of ${max}`);
}
