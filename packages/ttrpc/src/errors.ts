import { STATUS_CODES, type StatusCode, statusName, type StatusName } from './status.js';

/**
 * Why a call or a message failed. Codes are public API: never renamed, never reused.
 *
 * - `ERR_TTRPC_STATUS`: the peer answered with a status other than OK, or a handler wants to; see `status`
 * - `ERR_TTRPC_DEADLINE`: the time of a call was over before its answer came
 * - `ERR_TTRPC_CANCELLED`: the caller's signal was aborted
 * - `ERR_TTRPC_CLOSED`: the connection ended, or was closed on this side
 * - `ERR_TTRPC_PROTOCOL`: the peer broke the protocol: a cut frame, one that never ends, an answer that does not parse,
 *   too many frames that make no sense
 * - `ERR_TTRPC_MESSAGE`: bytes that are not the protobuf message expected, or text that UTF-8 cannot hold
 * - `ERR_TTRPC_LIMIT`: a message, a list or a number of calls over its cap
 * - `ERR_TTRPC_ADDRESS`: text that is no address of a socket, or one of a kind that this platform lacks
 */
export type TtrpcErrorCode =
  | 'ERR_TTRPC_STATUS'
  | 'ERR_TTRPC_DEADLINE'
  | 'ERR_TTRPC_CANCELLED'
  | 'ERR_TTRPC_CLOSED'
  | 'ERR_TTRPC_PROTOCOL'
  | 'ERR_TTRPC_MESSAGE'
  | 'ERR_TTRPC_LIMIT'
  | 'ERR_TTRPC_ADDRESS';

/** One detail of a status: a message of a type that its URL names. `google.protobuf.Any`. */
export interface StatusDetail {
  /** Names the type of `value`. Field 1. */
  readonly type_url: string;
  /** The encoded message. Field 2. */
  readonly value: Uint8Array;
}

/** What a {@link TtrpcError} carries besides its code and its message. */
export interface TtrpcErrorOptions {
  /** The status code that fits. Default: the one of the error code. */
  readonly status?: number;
  /** Details of the status. Default none. */
  readonly details?: readonly StatusDetail[];
  /** Offset of the byte at fault in a message. */
  readonly offset?: number;
  /** What caused the error. */
  readonly cause?: unknown;
}

/** The one error that this package throws on bad input, a failed call or a lost connection. */
export class TtrpcError extends Error {
  /** Always `TtrpcError`, which survives two copies of the package in one program. */
  override readonly name = 'TtrpcError';
  /** What to switch on; the message is for people and may change, except where it is the peer's. */
  readonly code: TtrpcErrorCode;
  /** The status code: the peer's for `ERR_TTRPC_STATUS`, otherwise the one a peer would have sent. */
  readonly status: number;
  /** The details of the peer's status. */
  readonly details: readonly StatusDetail[];
  /** Offset of the byte at fault in the message, where the fault has a place. */
  readonly offset: number | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found, or the text of a status
   * @param options - status, details, place and cause
   */
  constructor(code: TtrpcErrorCode, message: string, options: TtrpcErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status ?? STATUS_CODES[DEFAULT_STATUS[code]];
    this.details = options.details ?? [];
    this.offset = options.offset;
  }

  /** The name of {@link TtrpcError.status}, `undefined` for a number that gRPC gives none. */
  get statusName(): StatusName | undefined {
    return statusName(this.status);
  }
}

/**
 * Make the error with which a handler answers a status of its choice.
 *
 * @param status - name or number of the status; OK is a mistake
 * @param message - the text for the peer: whatever is in it leaves this machine
 * @param options - details and cause; the cause stays here
 * @throws TypeError for the status OK.
 */
export function statusError(
  status: StatusName | StatusCode,
  message: string,
  options: Omit<TtrpcErrorOptions, 'status' | 'offset'> = {},
): TtrpcError {
  const number = typeof status === 'number' ? status : STATUS_CODES[status];
  if (number === STATUS_CODES.OK) throw new TypeError('OK is not an error');
  return new TtrpcError('ERR_TTRPC_STATUS', message, { ...options, status: number });
}

const DEFAULT_STATUS: Readonly<Record<TtrpcErrorCode, StatusName>> = {
  ERR_TTRPC_STATUS: 'UNKNOWN',
  ERR_TTRPC_DEADLINE: 'DEADLINE_EXCEEDED',
  ERR_TTRPC_CANCELLED: 'CANCELLED',
  ERR_TTRPC_CLOSED: 'UNAVAILABLE',
  ERR_TTRPC_PROTOCOL: 'INTERNAL',
  ERR_TTRPC_MESSAGE: 'INVALID_ARGUMENT',
  ERR_TTRPC_LIMIT: 'RESOURCE_EXHAUSTED',
  ERR_TTRPC_ADDRESS: 'INVALID_ARGUMENT',
};
