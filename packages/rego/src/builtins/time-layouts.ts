/**
 * Layouts of times, as Go writes them: the time 2006-01-02 15:04:05 says what stands where.
 *
 * @module
 */
import { BuiltinFault } from './builtin.js';
import { at, DAYS, MONTHS, offsetSeconds, type Parts, weekdayOf } from './calendar.js';

/** Read a time by a layout of Go. */
export function parsedBy(layout: string, given: string): bigint {
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

/** Write a time by a layout of Go. */
export function formattedBy(layout: string, parts: Parts): string {
  return pieces(LAYOUTS.get(layout) ?? layout)
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
