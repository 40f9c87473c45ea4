import type { Builtin } from './builtin.js';
import { COLLECTIONS } from './collections.js';
import { MISC } from './misc.js';
import { NUMBERS } from './numbers.js';
import { REGEX } from './regex.js';
import { REGORUS } from './regorus.js';
import { STRINGS } from './strings.js';
import { TIME } from './time.js';
import { TYPES } from './types.js';
import { UNITS } from './units.js';

const NAMED = [COLLECTIONS, MISC, NUMBERS, REGEX, STRINGS, TIME, TYPES, UNITS].flatMap((table) =>
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
export const BUILTINS: ReadonlyMap<string, Builtin> = withOperators(NAMED);

/** The same, with what regorus does in another way. */
export const REGORUS_BUILTINS: ReadonlyMap<string, Builtin> = withOperators([
  ...NAMED,
  ...Object.entries(REGORUS),
]);

/** Functions that the dialect v1 refuses. */
export const DEPRECATED: ReadonlySet<string> = new Set([
  'any',
  'all',
  're_match',
  'set_diff',
  'cast_array',
  'cast_set',
  'cast_string',
  'cast_boolean',
  'cast_null',
  'cast_object',
  'net.cidr_overlap',
]);

function withOperators(named: readonly (readonly [string, Builtin])[]): ReadonlyMap<string, Builtin> {
  return new Map([
    ...named,
    ...named
      .filter(([name]) => OPERATORS.has(name))
      .map(([name, builtin]) => [`internal.${name}`, builtin] as const),
  ]);
}
