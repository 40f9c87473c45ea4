import { narrow } from '../decimal.js';
import { isArray, type Value } from '../values.js';
import { type Builtins, BuiltinFault, list, number, of, text, whole } from './builtin.js';

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
    return formattedBy(LAYOUTS.get(layout) ?? layout, partsOf(isArray(value) ? value.slice(0, 2) : value));
  }),
  'time.diff': of(2, (args) => {
    const [a, b] = [utcParts(nanoseconds(args[0] ?? null)), utcParts(nanoseconds(args[1] ?? null))];
    const order = nanoseconds(args[0] ?? null) <= nanoseconds(args[1] ?? null);
    return difference(order ? a : b, order ? b : a);
  }),
};

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly offset: number;
}

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

/** Seconds east of Greenwich. */
function offsetOf(zone: string, given: bigint): number {
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

function utcParts(given: bigint): Parts {
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

function dayStart(given: bigint): bigint {
  const rest = given % DAY;
  return given - (rest < 0n ? rest + DAY : rest);
}

/** Days since 1970 of a date whose month and day may be out of range. */
function daysFromCivil(year: bigint, month: bigint, day: bigint): bigint {
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

function weekdayOf(year: number, month: number, day: number): number {
  const days = daysFromCivil(BigInt(year), BigInt(month), BigInt(day));
  return Number((((days + 4n) % 7n) + 7n) % 7n);
}

function bounded(given: bigint): number | bigint {
  if (given > MAX || given < -MAX - 1n) throw new BuiltinFault('time outside of valid range');
  return narrow(given);
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

interface Texts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  readonly fraction: string;
}

function at({ year, month, day, hour, minute, second, fraction }: Texts, offset: number): bigint {
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

function offsetSeconds(zone: string): number {
  if (zone.toUpperCase() === 'Z' || zone === 'UTC' || zone === '') return 0;
  const [, sign, hours = '0', minutes = '0'] = /^([+-])([0-9]{2}):?([0-9]{2})?$/.exec(zone) ?? [];
  if (sign === undefined) throw new BuiltinFault('the zone is Z or an offset');
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** Read a time by a layout of Go. */
function parsedBy(layout: string, given: string): bigint {
  const fields: string[] = [];
  const source = pieces(LAYOUTS.get(layout) ?? layout).map((piece) => {
    const field = FIELDS.get(piece);
    if (field === undefined) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    fields.push(piece);
    if (piece !== '05' && piece !== '5') return `(${field})`;
    fields.push('fraction');
    return `(${field})([.,][0-9]{1,9})?`;
  });
  const match = new RegExp(`^${source.join('')}$`).exec(given);
  if (match === null) throw new BuiltinFault('the text is not as the layout says');
  const read = (...names: readonly string[]): string | undefined => {
    const index = fields.findIndex((field) => names.includes(field));
    return index < 0 ? undefined : match[index + 1];
  };
  const monthName = read('January', 'Jan');
  const month =
    monthName === undefined
      ? (read('01', '1') ?? '1')
      : String(MONTHS.findIndex((each) => each.startsWith(monthName)) + 1);
  const half = read('PM', 'pm')?.toLowerCase();
  const hour = Number(read('15', '03', '3') ?? '0');
  const hours = half === undefined ? hour : (hour % 12) + (half === 'pm' ? 12 : 0);
  const short = read('06');
  const year =
    short === undefined ? (read('2006') ?? '1') : String(Number(short) + (Number(short) >= 69 ? 1900 : 2000));
  const texts = {
    year,
    month,
    day: read('02', '2', '_2')?.trim() ?? '1',
    hour: String(hours),
    minute: read('04', '4') ?? '0',
    second: read('05', '5') ?? '0',
  };
  const fraction = ((read('.000', '.000000', '.000000000', '.999999999') || read('fraction')) ?? '').slice(1);
  return at({ ...texts, fraction }, offsetSeconds(read('Z07:00', '-07:00', '-0700', 'MST') ?? ''));
}

function formattedBy(layout: string, parts: Parts): string {
  return pieces(layout)
    .map((piece) => FORMATS.get(piece)?.(parts) ?? piece)
    .join('');
}

/** A layout cut into its fields and what is between them. */
function pieces(layout: string): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < layout.length;) {
    const field = FIELD_NAMES.find((each) => layout.startsWith(each, index));
    found.push(field ?? layout.charAt(index));
    index += field?.length ?? 1;
  }
  return found;
}

function zoneText(offset: number, colon: string): string {
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}${colon}${two(Math.floor(size / 60) % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function fractionText(nanosecond: number): string {
  const digits = String(nanosecond).padStart(9, '0');
  let end = 9;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return end === 0 ? '' : `.${digits.slice(0, Math.ceil(end / 3) * 3)}`;
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

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
const MAX = 2n ** 63n - 1n;
const RFC3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,18}))?([Zz]|[+-][0-9]{2}:[0-9]{2})$/;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
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
const LAYOUTS: ReadonlyMap<string, string> = new Map([
  ['ANSIC', 'Mon Jan _2 15:04:05 2006'],
  ['UnixDate', 'Mon Jan _2 15:04:05 MST 2006'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006'],
  ['RFC822', '02 Jan 06 15:04 MST'],
  ['RFC822Z', '02 Jan 06 15:04 -0700'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 MST'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 MST'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700'],
  ['RFC3339', '2006-01-02T15:04:05Z07:00'],
  ['RFC3339Nano', '2006-01-02T15:04:05.999999999Z07:00'],
]);
const FORMATS: ReadonlyMap<string, (parts: Parts) => string> = new Map<string, (parts: Parts) => string>([
  ['January', ({ month }) => MONTHS[month - 1] ?? ''],
  ['Jan', ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3)],
  ['Monday', ({ year, month, day }) => DAYS[weekdayOf(year, month, day)] ?? ''],
  ['Mon', ({ year, month, day }) => (DAYS[weekdayOf(year, month, day)] ?? '').slice(0, 3)],
  ['MST', ({ offset }) => (offset === 0 ? 'UTC' : zoneText(offset, ''))],
  ['2006', ({ year }) => String(year).padStart(4, '0')],
  ['06', ({ year }) => two(year % 100)],
  ['01', ({ month }) => two(month)],
  ['02', ({ day }) => two(day)],
  ['_2', ({ day }) => String(day).padStart(2)],
  ['03', ({ hour }) => two(hour % 12 || 12)],
  ['04', ({ minute }) => two(minute)],
  ['05', ({ second }) => two(second)],
  ['15', ({ hour }) => two(hour)],
  ['PM', ({ hour }) => (hour < 12 ? 'AM' : 'PM')],
  ['pm', ({ hour }) => (hour < 12 ? 'am' : 'pm')],
  ['Z07:00', ({ offset }) => (offset === 0 ? 'Z' : zoneText(offset, ':'))],
  ['-07:00', ({ offset }) => zoneText(offset, ':')],
  ['-0700', ({ offset }) => zoneText(offset, '')],
  ['.999999999', ({ nanosecond }) => fractionText(nanosecond)],
  ['.000000000', ({ nanosecond }) => `.${String(nanosecond).padStart(9, '0')}`],
  ['.000000', ({ nanosecond }) => `.${String(nanosecond).padStart(9, '0').slice(0, 6)}`],
  ['.000', ({ nanosecond }) => `.${String(nanosecond).padStart(9, '0').slice(0, 3)}`],
]);
const FIELD_NAMES = [...FORMATS.keys()].sort((a, b) => b.length - a.length);
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['January', MONTHS.join('|')],
  ['Jan', MONTHS.map((each) => each.slice(0, 3)).join('|')],
  ['Monday', DAYS.join('|')],
  ['Mon', DAYS.map((each) => each.slice(0, 3)).join('|')],
  ['MST', '[A-Z]{1,5}'],
  ['2006', '[0-9]{4}'],
  ...['06', '01', '02', '03', '04', '05', '15'].map((each) => [each, '[0-9]{2}'] as const),
  ['_2', '[ 0-9][0-9]'],
  ['PM', 'AM|PM'],
  ['pm', 'am|pm'],
  ['Z07:00', 'Z|[+-][0-9]{2}:[0-9]{2}'],
  ['-07:00', '[+-][0-9]{2}:[0-9]{2}'],
  ['-0700', '[+-][0-9]{4}'],
  ...['.999999999', '.000000000', '.000000', '.000'].map((each) => [each, '(?:\\.[0-9]{1,9})?'] as const),
]);
