/**
 * Whether text is a Timestamp of the framework: RFC 3339 in UTC, written with `Z`, a real day from year 1 on, any number of
 * fraction digits. Keep the text: a `Date` drops what is beyond milliseconds.
 *
 * @param text - such as `2025-01-01T00:00:00.123456789Z`
 */
export function isTimestamp(text: string): boolean {
  return text.endsWith('Z') && isRfc3339(text);
}

/** The same, with an offset other than `Z` allowed. */
export function isRfc3339(text: string): boolean {
  const match = RFC3339.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const days = month === 2 && isLeap(year) ? 29 : DAYS[month - 1];
  return (
    year >= 1 && days !== undefined && day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60
  );
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const DAYS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const RFC3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;
