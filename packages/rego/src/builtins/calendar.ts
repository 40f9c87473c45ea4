/**
 * Dates of the Gregorian calendar, and nanoseconds since 1970.
 *
 * @module
 */
import { narrow } from '../decimal.js';
import { BuiltinFault } from './builtin.js';

/** A time, in the parts that people read. */
export interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly offset: number;
}

/** Seconds east of Greenwich. */
export function offsetOf(zone: string, given: bigint): number {
  try {
    const options = {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    const at = Number(given / 1_000_000n);
    const parts = new Intl.DateTimeFormat('en-US', options).formatToParts(at);
    const read = (type: string): number => Number(parts.find((each) => each.type === type)?.value ?? 0);
    const local = Date.UTC(
      read('year'),
      read('month') - 1,
      read('day'),
      read('hour'),
      read('minute'),
      read('second'),
    );
    return Math.round((local - Math.floor(at / 1000) * 1000) / 1000);
  } catch (cause) {
    if (cause instanceof RangeError) throw new BuiltinFault(`there is no time zone ${zone}`);
    throw cause;
  }
}

/** A time in the parts that it has in UTC. */
export function utcParts(given: bigint): Parts {
  const start = dayStart(given);
  const inDay = given - start;
  const { year, month, day } = civilFromDays(start / DAY);
  return {
    year,
    month,
    day,
    hour: Number(inDay / (3600n * SECOND)),
    minute: Number((inDay / (60n * SECOND)) % 60n),
    second: Number((inDay / SECOND) % 60n),
    nanosecond: Number(inDay % SECOND),
    offset: 0,
  };
}

/** The midnight before a time. */
export function dayStart(given: bigint): bigint {
  const rest = given % DAY;
  return given - (rest < 0n ? rest + DAY : rest);
}

/** Days since 1970 of a date whose month and day may be out of range. */
export function daysFromCivil(year: bigint, month: bigint, day: bigint): bigint {
  const months = year * 12n + month - 1n;
  const y = months >= 0n ? months / 12n : -((11n - months) / 12n);
  const m = months - y * 12n + 1n;
  const shifted = m <= 2n ? y - 1n : y;
  const era = shifted >= 0n ? shifted / 400n : -((399n - shifted) / 400n);
  const yearOfEra = shifted - era * 400n;
  const dayOfYear = (153n * (m + (m > 2n ? -3n : 9n)) + 2n) / 5n + day - 1n;
  return era * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - 719_468n;
}

function civilFromDays(days: bigint): { year: number; month: number; day: number } {
  const z = days + 719_468n;
  const era = z >= 0n ? z / 146_097n : -((146_096n - z) / 146_097n);
  const dayOfEra = z - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const shifted = (5n * dayOfYear + 2n) / 153n;
  const month = Number(shifted < 10n ? shifted + 3n : shifted - 9n);
  return {
    year: Number(yearOfEra + era * 400n) + (month <= 2 ? 1 : 0),
    month,
    day: Number(dayOfYear - (153n * shifted + 2n) / 5n + 1n),
  };
}

/** The day of the week of a date, from Sunday on. */
export function weekdayOf(year: number, month: number, day: number): number {
  const days = daysFromCivil(BigInt(year), BigInt(month), BigInt(day));
  return Number((((days + 4n) % 7n) + 7n) % 7n);
}

/** A time that 64 bits hold. */
export function bounded(given: bigint): number | bigint {
  if (given > MAX || given < -MAX - 1n) throw new BuiltinFault('time outside of valid range');
  return narrow(given);
}

/** A time that is written in parts. */
interface Texts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  readonly fraction: string;
}

/** The time that parts say. */
export function at({ year, month, day, hour, minute, second, fraction }: Texts, offset: number): bigint {
  const [y, m, d] = [BigInt(year), BigInt(month), BigInt(day)];
  const days = daysFromCivil(y, m, d);
  const back = civilFromDays(days);
  if (
    back.month !== Number(m) ||
    back.day !== Number(d) ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 59
  ) {
    throw new BuiltinFault('there is no such time');
  }
  const seconds = BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second) - BigInt(offset);
  return BigInt(bounded(days * DAY + seconds * SECOND + BigInt(fraction.padEnd(9, '0').slice(0, 9))));
}

/** Seconds east of Greenwich, as they are written. */
export function offsetSeconds(zone: string): number {
  if (zone.toUpperCase() === 'Z' || zone === 'UTC' || zone === '') return 0;
  const [, sign, hours = '0', minutes = '0'] = /^([+-])([0-9]{2}):?([0-9]{2})?$/.exec(zone) ?? [];
  if (sign === undefined) throw new BuiltinFault('the zone is Z or an offset');
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** Names of the days, from Sunday on. */
export const DAYS: readonly string[] = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
/** Names of the months. */
export const MONTHS: readonly string[] =
  'January February March April May June July August September October November December'.split(' ');
/** In nanoseconds. */
export const SECOND = 1_000_000_000n;
/** In nanoseconds. */
export const DAY: bigint = 86_400n * SECOND;
/** The last time that 64 bits hold. */
export const MAX: bigint = 2n ** 63n - 1n;
