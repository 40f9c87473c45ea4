/** The status codes of gRPC, which ttRPC shares, by name. */
export const STATUS_CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** The name of a status code. */
export type StatusName = keyof typeof STATUS_CODES;

/** The number of a status code that has a name. */
export type StatusCode = (typeof STATUS_CODES)[StatusName];

/**
 * Name a status code.
 *
 * @param code - any number
 * @returns its name, or `undefined` where gRPC gives it none.
 */
export function statusName(code: number): StatusName | undefined {
  return NAMES[code];
}

const NAMES = Object.keys(STATUS_CODES) as StatusName[];
