import { isArray, isNumber, RegoObject, RegoSet, toText, type Value } from '../values.js';
import { type Builtins, BuiltinFault, items, list, object, of, text, whole } from './builtin.js';

/** Text. */
export const STRINGS: Builtins = {
  concat: of(2, (args) =>
    items(args, 1)
      .map((item) => text([item], 0))
      .join(text(args, 0)),
  ),
  contains: of(2, (args) => text(args, 0).includes(text(args, 1))),
  endswith: of(2, (args) => text(args, 0).endsWith(text(args, 1))),
  startswith: of(2, (args) => text(args, 0).startsWith(text(args, 1))),
  indexof: of(2, (args) => positions(text(args, 0), text(args, 1))[0] ?? -1),
  indexof_n: of(2, (args) => positions(text(args, 0), text(args, 1))),
  lower: of(1, (args) => text(args, 0).toLowerCase()),
  upper: of(1, (args) => text(args, 0).toUpperCase()),
  replace: of(3, (args) => text(args, 0).replaceAll(text(args, 1), () => text(args, 2))),
  'strings.replace_n': of(2, (args) => {
    const given = text(args, 1);
    return object(args, 0)
      .entries()
      .reduce((sofar, [from, to]) => sofar.replaceAll(text([from], 0), () => text([to], 0)), given);
  }),
  'strings.reverse': of(1, (args) => Array.from(text(args, 0)).reverse().join('')),
  'strings.count': of(2, (args) => {
    const [given, part] = [text(args, 0), text(args, 1)];
    return part === '' ? Array.from(given).length + 1 : given.split(part).length - 1;
  }),
  'strings.any_prefix_match': of(2, (args) =>
    texts(args, 0).some((each) => texts(args, 1).some((part) => each.startsWith(part))),
  ),
  'strings.any_suffix_match': of(2, (args) =>
    texts(args, 0).some((each) => texts(args, 1).some((part) => each.endsWith(part))),
  ),
  split: of(2, (args) => {
    const [given, delimiter] = [text(args, 0), text(args, 1)];
    return delimiter === '' ? Array.from(given) : given.split(delimiter);
  }),
  substring: of(3, (args) => {
    const characters = Array.from(text(args, 0));
    const [from, length] = [whole(args, 1), whole(args, 2)];
    if (from < 0n) throw new BuiltinFault('the offset is not negative');
    return characters.slice(Number(from), length < 0n ? undefined : Number(from + length)).join('');
  }),
  trim: of(2, (args) => trimmed(text(args, 0), text(args, 1), true, true)),
  trim_left: of(2, (args) => trimmed(text(args, 0), text(args, 1), true, false)),
  trim_right: of(2, (args) => trimmed(text(args, 0), text(args, 1), false, true)),
  trim_space: of(1, (args) => text(args, 0).trim()),
  trim_prefix: of(2, (args) =>
    text(args, 0).startsWith(text(args, 1)) ? text(args, 0).slice(text(args, 1).length) : text(args, 0),
  ),
  trim_suffix: of(2, (args) =>
    text(args, 1) !== '' && text(args, 0).endsWith(text(args, 1))
      ? text(args, 0).slice(0, -text(args, 1).length)
      : text(args, 0),
  ),
  sprintf: of(2, (args) => sprintf(text(args, 0), list(args, 1))),
};

function texts(args: readonly Value[], index: number): readonly string[] {
  const value = args[index];
  if (typeof value === 'string') return [value];
  return items(args, index).map((item) => text([item], 0));
}

/** Positions in characters. */
function positions(given: string, part: string): number[] {
  if (part === '') throw new BuiltinFault('the search is not empty');
  const found: number[] = [];
  for (let at = given.indexOf(part); at >= 0; at = given.indexOf(part, at + 1))
    found.push(Array.from(given.slice(0, at)).length);
  return found;
}

function trimmed(given: string, cutset: string, left: boolean, right: boolean): string {
  const cut = new Set(cutset);
  const characters = Array.from(given);
  let from = 0;
  let to = characters.length;
  const isCut = (index: number): boolean => cut.has(characters[index] ?? '');
  if (left) while (from < to && isCut(from)) from += 1;
  if (right) while (to > from && isCut(to - 1)) to -= 1;
  return characters.slice(from, to).join('');
}

function sprintf(format: string, values: readonly Value[]): string {
  let next = 0;
  const result = format.replace(
    DIRECTIVE,
    (_all, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const value = values[next];
      next += 1;
      if (value === undefined) return `%!${verb}(MISSING)`;
      return padded(
        formatted(value, verb, flags, precision === undefined ? undefined : Number(precision)),
        flags,
        Number(width || '0'),
      );
    },
  );
  return next < values.length
    ? `${result}%!(EXTRA ${values
        .slice(next)
        .map((value) => `${goType(value)}=${plain(value)}`)
        .join(', ')})`
    : result;
}

function formatted(value: Value, verb: string, flags: string, precision: number | undefined): string {
  if (verb === 'v' || (verb === 's' && !isNumber(value))) return plain(value);
  if (verb === 'q') return JSON.stringify(plain(value));
  if (verb === 't')
    return typeof value === 'boolean' ? String(value) : `%!t(${goType(value)}=${plain(value)})`;
  if (!isNumber(value)) return `%!${verb}(${goType(value)}=${plain(value)})`;
  if (verb === 's') return `%!s(${goType(value)}=${plain(value)})`;
  if ('fFeEgG'.includes(verb)) {
    const number = Number(value);
    if (verb === 'f' || verb === 'F') return signed(number.toFixed(Math.min(precision ?? 6, 100)), flags);
    if (verb === 'e' || verb === 'E')
      return number.toExponential(Math.min(precision ?? 6, 100)).replace(/e([+-])([0-9])$/, 'e$10$2');
    return String(number);
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return `%!${verb}(float64=${value})`;
  const whole_ = BigInt(value);
  const base = { d: 10, x: 16, X: 16, o: 8, b: 2 }[verb] ?? 10;
  const digits = whole_.toString(base);
  const prefix = flags.includes('#') && base === 16 ? '0x' : '';
  return signed(verb === 'X' ? digits.toUpperCase() : prefix + digits, flags);
}

function signed(digits: string, flags: string): string {
  return flags.includes('+') && !digits.startsWith('-') ? `+${digits}` : digits;
}

function padded(given: string, flags: string, width: number): string {
  const size = Math.min(width, 1000);
  if (flags.includes('-')) return given.padEnd(size);
  if (flags.includes('0') && given.startsWith('-')) return `-${given.slice(1).padStart(size - 1, '0')}`;
  return given.padStart(size, flags.includes('0') ? '0' : ' ');
}

function plain(value: Value): string {
  if (typeof value === 'string') return value;
  return inside(value);
}

function inside(value: Value): string {
  if (value instanceof RegoSet)
    return value.size === 0 ? 'set()' : `{${value.items().map(inside).join(', ')}}`;
  if (isArray(value)) return `[${value.map(inside).join(', ')}]`;
  if (value instanceof RegoObject)
    return `{${value
      .entries()
      .map(([key, item]) => `${inside(key)}: ${inside(item)}`)
      .join(', ')}}`;
  return toText(value);
}

function goType(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (isNumber(value)) return typeof value === 'bigint' || Number.isInteger(value) ? 'int' : 'float64';
  return value === null ? 'nil' : 'string';
}

const DIRECTIVE = /%([-+# 0]{0,5})([0-9]{0,4})(?:\.([0-9]{1,3}))?([a-zA-Z%])/g;
