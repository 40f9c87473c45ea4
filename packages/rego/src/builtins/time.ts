import { narrow } from '../decimal.js';
import { isArray, type Value } from '../values.js';
import { type Builtins, BuiltinFault, list, number, of, text, whole } from './builtin.js';
import {
  at,
  bounded,
  DAY,
  DAYS,
  daysFromCivil,
  dayStart,
  MAX,
  offsetOf,
  offsetSeconds,
  type Parts,
  SECOND,
  utcParts,
  weekdayOf,
} from './calendar.js';
import { formattedBy, parsedBy } from './time-layouts.js';

/** Time, in nanoseconds since 1970. Time zones are `UTC` and what the platform knows. */
export const TIME: Builtins = {
  'time.now_ns': of(0, (_args, { now }) => narrow(now())),
  'time.parse_rfc3339_ns': of(1, (args) => narrow(rfc3339(text(args, 0)))),
  'time.parse_ns': of(2, (args) => narrow(parsedBy(text(args, 0), text(args, 1)))),
  'time.parse_duration_ns': of(1, (args) => narrow(duration(text(args, 0)))),
  'time.date': of(1, (args) => {
    const { year, month, day } = partsOf(args[0] ?? null);
    return [year, month, day];
  }),
  'time.clock': of(1, (args) => {
    const { hour, minute, second } = partsOf(args[0] ?? null);
    return [hour, minute, second];
  }),
  'time.weekday': of(1, (args) => {
    const { year, month, day } = partsOf(args[0] ?? null);
    return DAYS[weekdayOf(year, month, day)] ?? '';
  }),
  'time.add_date': of(4, (args) => {
    const [years, months, days] = [1, 2, 3].map((index) => whole(args, index));
    if (years === undefined || months === undefined || days === undefined)
      throw new BuiltinFault('three numbers');
    const given = whole(args, 0);
    const { year, month, day } = utcParts(given);
    const inDay = given - dayStart(given);
    const target = daysFromCivil(BigInt(year) + years, BigInt(month) + months, BigInt(day) + days);
    const result = target * DAY + inDay;
    return bounded(result);
  }),
  'time.format': of(1, (args) => {
    const value = args[0] ?? null;
    const layout = isArray(value) && value.length > 2 ? text(value, 2) : 'RFC3339Nano';
    return formattedBy(layout, partsOf(isArray(value) ? value.slice(0, 2) : value));
  }),
  'time.diff': of(2, (args) => {
    const [a, b] = [utcParts(nanoseconds(args[0] ?? null)), utcParts(nanoseconds(args[1] ?? null))];
    const order = nanoseconds(args[0] ?? null) <= nanoseconds(args[1] ?? null);
    return difference(order ? a : b, order ? b : a);
  }),
};

function nanoseconds(value: Value): bigint {
  return isArray(value) ? whole(list([value], 0), 0) : whole([value], 0);
}

function partsOf(value: Value): Parts {
  number([isArray(value) ? (value[0] ?? null) : value], 0);
  const zone = isArray(value) && value.length > 1 ? text(value, 1) : 'UTC';
  const given = nanoseconds(value);
  if (given > MAX || given < -MAX - 1n) throw new BuiltinFault('timestamp too big');
  if (zone === 'UTC' || zone === '' || zone === 'Local') return utcParts(given);
  const offset = offsetOf(zone, given);
  return { ...utcParts(given + BigInt(offset) * SECOND), offset };
}

function rfc3339(given: string): bigint {
  const [
    all,
    year = '',
    month = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    fraction = '',
    zone = '',
  ] = RFC3339.exec(given) ?? [];
  if (all === undefined) throw new BuiltinFault('the text is no time of RFC 3339');
  return at({ year, month, day, hour, minute, second, fraction }, offsetSeconds(zone));
}

function duration(given: string): bigint {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/.exec(given) ?? [];
  if (rest === '0') return 0n;
  let total = 0n;
  let left = rest;
  if (left === '' || left.length > 100) throw new BuiltinFault('the text is no duration');
  while (left !== '') {
    const [all, whole_ = '', fraction = '', unit = ''] =
      /^([0-9]{0,30})(?:\.([0-9]{0,30}))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h|d|w|y)/.exec(left) ?? [];
    const scale = UNITS.get(unit);
    if (all === undefined || scale === undefined || whole_ + fraction === '')
      throw new BuiltinFault('the text is no duration');
    total +=
      BigInt(whole_ || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
    left = left.slice(all.length);
  }
  return sign === '-' ? -total : total;
}

function difference(a: Parts, b: Parts): Value {
  let [year, month, day, hour, minute, second] = [
    b.year - a.year,
    b.month - a.month,
    b.day - a.day,
    b.hour - a.hour,
    b.minute - a.minute,
    b.second - a.second,
  ];
  if (second < 0) [second, minute] = [second + 60, minute - 1];
  if (minute < 0) [minute, hour] = [minute + 60, hour - 1];
  if (hour < 0) [hour, day] = [hour + 24, day - 1];
  if (day < 0) [day, month] = [day + new Date(Date.UTC(a.year, a.month, 0)).getUTCDate(), month - 1];
  if (month < 0) [month, year] = [month + 12, year - 1];
  return [year, month, day, hour, minute, second];
}

const RFC3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,18}))?([Zz]|[+-][0-9]{2}:[0-9]{2})$/;
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['\u00b5s', 1000n],
  ['ms', 1_000_000n],
  ['s', SECOND],
  ['\u03bcs', 1000n],
  ['m', 60n * SECOND],
  ['d', DAY],
  ['w', 7n * DAY],
  ['y', 365n * DAY],
  ['h', 3600n * SECOND],
]);
