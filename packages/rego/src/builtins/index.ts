import type { Builtin } from './builtin.js';
import { COLLECTIONS } from './collections.js';
import { NUMBERS } from './numbers.js';
import { REGEX } from './regex.js';
import { STRINGS } from './strings.js';
import { TIME } from './time.js';
import { TYPES } from './types.js';
import { UNITS } from './units.js';

const NAMED = [COLLECTIONS, NUMBERS, REGEX, STRINGS, TIME, TYPES, UNITS].flatMap((table) =>
  Object.entries(table),
);
const OPERATORS = new Set([
  'plus',
  'minus',
  'mul',
  'div',
  'rem',
  'equal',
  'neq',
  'lt',
  'lte',
  'gt',
  'gte',
  'or',
  'and',
]);

/** Every built-in function, by name; those behind operators also below `internal`, where no rule of a policy can hide them. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  ...NAMED,
  ...NAMED.filter(([name]) => OPERATORS.has(name)).map(
    ([name, builtin]) => [`internal.${name}`, builtin] as const,
  ),
]);
