import { DerError } from './errors.js';
import type { DerReader } from './reader.js';

/** Whether a tag is that of a UTCTime or a GeneralizedTime. */
export function isTime(tag: number | undefined): boolean {
  return tag === UTC_TIME || tag === GENERALIZED_TIME;
}

/**
 * Read a Time as certificates write it (RFC 5280 section 4.1.2.5): in UTC, with seconds, without fractions.
 *
 * @param reader - before a UTCTime or a GeneralizedTime
 * @returns milliseconds since 1970
 * @throws {@link DerError} `ERR_DER_VALUE` for anything else, and for a moment that does not exist.
 */
export function readTime(reader: DerReader): number {
  const { tag, contents, offset } = reader.element();
  const time = timeOf(tag, contents);
  if (time === undefined)
    throw new DerError('ERR_DER_VALUE', 'expected a time in UTC with seconds, at a moment that exists', {
      offset,
    });
  return time;
}

/** The moment that contents of a tag name; `undefined` when they name none. */
export function timeOf(tag: number, contents: Uint8Array): number | undefined {
  const digits = tag === UTC_TIME ? 2 : 4;
  if (!isTime(tag) || contents.byteLength !== digits + 11 || contents[digits + 10] !== LETTER_Z)
    return undefined;
  const pair = (at: number): number => twoDigits(contents, at);
  const given = digits === 2 ? pair(0) : pair(0) * 100 + pair(2);
  const year = digits === 4 ? given : given + (given < 50 ? 2000 : 1900);
  const [month, day, hour] = [pair(digits), pair(digits + 2), pair(digits + 4)];
  const [minute, second] = [pair(digits + 6), pair(digits + 8)];
  const inRange = month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && second < 60;
  // A comparison with NaN, which is what anything but digits gives, is false.
  if (!inRange || !(year >= 100)) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  // A thirtieth of February would be moved to March.
  return new Date(time).getUTCDate() === day ? time : undefined;
}

function twoDigits(contents: Uint8Array, at: number): number {
  const tens = (contents[at] ?? 0) - DIGIT_0;
  const ones = (contents[at + 1] ?? 0) - DIGIT_0;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const DIGIT_0 = 0x30;
const LETTER_Z = 0x5a;
