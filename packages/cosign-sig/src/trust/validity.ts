/** A span of time; both ends belong to it. */
export interface Validity {
  /** First moment, milliseconds since 1970. */
  readonly start?: number;
  /** Last moment, milliseconds since 1970. */
  readonly end?: number;
}

/** Whether a moment lies in a span. */
export function isWithin({ start, end }: Validity, time: number): boolean {
  return (start === undefined || time >= start) && (end === undefined || time <= end);
}
