import { isArray, RegoSet, type Value } from '../values.js';
import {
  type Builtins,
  BuiltinFault,
  countCharacters,
  list,
  object,
  of,
  text,
  textItems,
  small,
  wrong,
  wrongItem,
} from './builtin.js';
import { sprintf } from './sprintf.js';

/** Text. */
export const STRINGS: Builtins = {
  concat: of(2, (args) => textItems(args, 1).join(text(args, 0))),
  contains: of(2, (args) => text(args, 0).includes(text(args, 1))),
  endswith: of(2, (args) => text(args, 0).endsWith(text(args, 1))),
  startswith: of(2, (args) => text(args, 0).startsWith(text(args, 1))),
  indexof: of(2, (args) => positions(text(args, 0), text(args, 1), 1)[0] ?? -1),
  indexof_n: of(2, (args) => positions(text(args, 0), text(args, 1), Infinity)),
  lower: of(1, (args) => text(args, 0).toLowerCase()),
  upper: of(1, (args) => text(args, 0).toUpperCase()),
  replace: of(3, (args) => {
    const [given, from, to] = [text(args, 0), text(args, 1), text(args, 2)];
    return bounded(given.length * (to.length + 1), () => replaced(given, [[from, to]]));
  }),
  'strings.replace_n': of(2, (args, { spend }) => {
    const pairs = object(args, 0)
      .entries()
      .map(([from, to]): [string, string] => {
        if (typeof from !== 'string')
          throw new BuiltinFault('operand 1 non-string key found in pattern object', true);
        if (typeof to !== 'string')
          throw new BuiltinFault('operand 1 non-string value found in pattern object', true);
        return [from, to];
      });
    const given = text(args, 1);
    spend(Math.floor((given.length * pairs.length) / 16));
    return replaced(given, pairs);
  }),
  'strings.reverse': of(1, (args) => Array.from(text(args, 0)).reverse().join('')),
  'strings.count': of(2, (args) => {
    const [given, part] = [text(args, 0), text(args, 1)];
    return part === '' ? Array.from(given).length + 1 : given.split(part).length - 1;
  }),
  'strings.any_prefix_match': of(2, (args, { spend }) => {
    const [all, parts] = pairsOf(args, spend);
    return all.some((each) => parts.some((part) => each.startsWith(part)));
  }),
  'strings.any_suffix_match': of(2, (args, { spend }) => {
    const [all, parts] = pairsOf(args, spend);
    return all.some((each) => parts.some((part) => each.endsWith(part)));
  }),
  'strings.split_n': of(3, (args) => {
    const [given, delimiter, most] = [text(args, 0), text(args, 1), small(args, 2)];
    const parts = delimiter === '' ? Array.from(given) : given.split(delimiter);
    return most >= 0n ? parts.slice(0, Number(most)) : parts.slice(Math.max(parts.length + Number(most), 0));
  }),
  split: of(2, (args) => {
    const [given, delimiter] = [text(args, 0), text(args, 1)];
    return delimiter === '' ? Array.from(given) : given.split(delimiter);
  }),
  substring: of(3, (args) => {
    const given = text(args, 0);
    const [from, length] = [small(args, 1), small(args, 2)];
    if (from < 0n) throw new BuiltinFault('negative offset');
    return Array.from(given)
      .slice(Number(from), length < 0n ? undefined : Number(from + length))
      .join('');
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

/** All replacements in one pass from the left; of several that fit at a place, the first. */
function replaced(given: string, pairs: readonly (readonly [string, string])[]): string {
  const [only] = pairs;
  if (pairs.length === 1 && only !== undefined && only[0] !== '') return given.split(only[0]).join(only[1]);
  let result = '';
  let wasEmpty = false;
  for (let at = 0; at <= given.length;) {
    const pair = pairs.find(([from]) => (from !== '' || !wasEmpty) && given.startsWith(from, at));
    if (pair !== undefined) result += pair[1];
    wasEmpty = pair !== undefined && pair[0] === '';
    if (pair !== undefined && pair[0] !== '') at += pair[0].length;
    else if (!wasEmpty) {
      const size = (given.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      result += given.slice(at, at + size);
      at += size;
    }
    if (result.length > MAX_TEXT) throw new BuiltinFault('the text is too long');
  }
  return result;
}

function bounded(size: number, work: () => string): string {
  if (size > MAX_TEXT * 4) throw new BuiltinFault('the text is too long');
  return work();
}

/** Texts of two arguments, each of which is held against each other. */
function pairsOf(
  args: readonly Value[],
  spend: (steps: number) => void,
): readonly [readonly string[], readonly string[]] {
  const [all, parts] = [texts(args, 0), texts(args, 1)];
  spend(Math.floor((all.length * parts.length) / 16));
  return [all, parts];
}

function texts(args: readonly Value[], index: number): readonly string[] {
  const value = args[index];
  if (typeof value === 'string') return [value];
  if (value === undefined || !(isArray(value) || value instanceof RegoSet))
    throw wrong(index, '{string, set, array}', value);
  return (isArray(value) ? value : value.items()).map((item) => {
    if (typeof item !== 'string') throw wrongItem(index, value, 'string', item);
    return item;
  });
}

/** Positions in characters. */
function positions(given: string, part: string, most: number): number[] {
  if (part === '') throw new BuiltinFault('empty search character');
  const found: number[] = [];
  let characters = 0;
  let before = 0;
  for (let at = given.indexOf(part); at >= 0 && found.length < most; at = given.indexOf(part, at + 1)) {
    characters += countCharacters(given, before, at);
    before = at;
    found.push(characters);
  }
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

const MAX_TEXT = 1 << 24;
