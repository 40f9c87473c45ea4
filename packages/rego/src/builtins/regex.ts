import { compileRegex, type Regex, type RegexMatch, RegexSyntaxError } from '../regex.js';
import type { Value } from '../values.js';
import { type Builtins, BuiltinFault, type CallContext, of, small, text } from './builtin.js';

/** Regular expressions, always in linear time. */
export const REGEX: Builtins = {
  'regex.match': of(2, (args, context) => compiled(text(args, 0), context).test(text(args, 1))),
  re_match: of(2, (args, context) => compiled(text(args, 0), context).test(text(args, 1))),
  'regex.is_valid': of(1, ([pattern = null]) => typeof pattern === 'string' && isValid(pattern)),
  'regex.find_n': of(3, (args, context) => {
    const given = text(args, 1);
    return all(compiled(text(args, 0), context), given, small(args, 2)).map(([whole_]) =>
      part(given, whole_),
    );
  }),
  'regex.find_all_string_submatch_n': of(3, (args, context) => {
    const given = text(args, 1);
    return all(compiled(text(args, 0), context), given, small(args, 2)).map((match) =>
      match.map((group) => part(given, group)),
    );
  }),
  'regex.replace': of(3, (args, context) => {
    const [given, template] = [text(args, 0), text(args, 2)];
    let result = '';
    let at = 0;
    for (const match of all(compiled(text(args, 1), context), given, -1n)) {
      const [start, end] = match[0] ?? [0, 0];
      result += given.slice(at, start) + expanded(template, given, match);
      at = end;
    }
    return result + given.slice(at);
  }),
  'regex.split': of(2, (args, context) => {
    const given = text(args, 1);
    const pieces: Value[] = [];
    let at = 0;
    for (const [whole_] of all(compiled(text(args, 0), context), given, -1n)) {
      const [start, end] = whole_ ?? [0, 0];
      if (end === 0) continue;
      if (start === given.length && start === end) continue;
      pieces.push(given.slice(at, start));
      at = end;
    }
    return [...pieces, given.slice(at)];
  }),
};

function isValid(pattern: string): boolean {
  try {
    compileRegex(pattern);
    return true;
  } catch (error) {
    if (error instanceof RegexSyntaxError) return false;
    throw error;
  }
}

function compiled(pattern: string, { patterns }: CallContext): Regex {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  try {
    const made = compileRegex(pattern);
    if (patterns.size >= MAX_CACHED) patterns.clear();
    patterns.set(pattern, made);
    return made;
  } catch (error) {
    if (error instanceof RegexSyntaxError) throw new BuiltinFault(`error parsing regexp: ${error.message}`);
    throw error;
  }
}

/** Matches that do not overlap; an empty one right after another is none. */
function all(regex: Regex, given: string, limit: bigint): readonly RegexMatch[] {
  const found: RegexMatch[] = [];
  let last = -1;
  const most = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  for (let at = 0; at <= given.length;) {
    if (found.length >= most) break;
    const match = regex.match(given, at);
    const [start, end] = match?.[0] ?? [-1, -1];
    if (match === undefined) break;
    if (start !== end || start !== last) found.push(match);
    last = end;
    at = end > start ? end : end + ((given.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
  return found;
}

function part(given: string, group: readonly [number, number] | undefined): string {
  return group === undefined || group[0] < 0 ? '' : given.slice(group[0], group[1]);
}

function expanded(template: string, given: string, match: RegexMatch): string {
  return template.replace(
    /\$(?:\{([0-9]{1,3})\}|([0-9]{1,3})|(\$))/g,
    (_all, braced: string | undefined, bare: string | undefined, dollar: string | undefined) =>
      dollar === undefined ? part(given, match[Number(braced ?? bare)]) : '$',
  );
}

/** How many patterns are kept ready. */
const MAX_CACHED = 500;
