import { compileRegex, RegexSyntaxError } from '../regex.js';
import { type Builtins, BuiltinFault, of, text, textItems } from '../builtins/builtin.js';

/** Patterns of file names and host names. */
export const GLOB: Builtins = {
  'glob.match': of(3, (args) => {
    const delimiters = args[1] === null ? [] : textItems(args, 1);
    if (delimiters.some((each) => Array.from(each).length !== 1))
      throw new BuiltinFault('delimiter is not a single character');
    const separators = args[1] !== null && delimiters.length === 0 ? ['.'] : delimiters;
    return globMatches(text(args, 0), separators, text(args, 2));
  }),
  'glob.quote_meta': of(1, (args) => text(args, 0).replaceAll(/[*?\\[\]{}]/g, '\\$&')),
  'regex.globs_match': of(2, (args) => overlap(parts(text(args, 0)), parts(text(args, 1)))),
};

/** A pattern as a regular expression, which is matched in linear time. */
function globMatches(pattern: string, separators: readonly string[], given: string): boolean {
  const separated = separators.map(inClass).join('');
  const one = separated === '' ? '(?s:.)' : `[^${separated}]`;
  let source = '';
  let depth = 0;
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '*') {
      const deep = characters[at + 1] === '*';
      while (characters[at + 1] === '*') at += 1;
      source += deep ? '(?s:.)*' : `${one}*`;
    } else if (character === '?') source += one;
    else if (character === '[') {
      const end = characters.indexOf(']', at + 1);
      if (end < 0) throw new BuiltinFault('the pattern has a [ without a ]');
      source += classOf(characters.slice(at + 1, end));
      at = end;
    } else if (character === '{') {
      depth += 1;
      source += '(?:';
    } else if (character === '}' && depth > 0) {
      depth -= 1;
      source += ')';
    } else if (character === ',' && depth > 0) source += '|';
    else if (character === '\\') {
      at += 1;
      source += literal(characters[at] ?? '\\');
    } else source += literal(character);
  }
  if (depth > 0) throw new BuiltinFault('the pattern has a { without a }');
  try {
    return compileRegex(`^(?:${source})$`).test(given);
  } catch (error) {
    if (error instanceof RegexSyntaxError) throw new BuiltinFault(error.message);
    throw error;
  }
}

function classOf(body: readonly string[]): string {
  const not = body[0] === '!' || body[0] === '^';
  const listed = (not ? body.slice(1) : body).join('');
  if (listed === '') throw new BuiltinFault('the pattern has an empty class');
  const isRange = /^.-.$/su.test(listed);
  const [low = '', , high = ''] = Array.from(listed);
  if (isRange && low > high) throw new BuiltinFault('the pattern has a range that is none');
  return `[${not ? '^' : ''}${isRange ? `${inClass(low)}-${inClass(high)}` : Array.from(listed).map(inClass).join('')}]`;
}

function literal(character: string): string {
  return /[.*+?^${}()|[\]\\]/.test(character) ? `\\${character}` : character;
}

function inClass(character: string): string {
  return /[\\\]^[-]/.test(character) ? `\\${character}` : character;
}

/** A set of characters, and how often. */
interface Part {
  readonly any: boolean;
  readonly ranges: readonly (readonly [number, number])[];
  readonly repeat: '' | '*' | '+';
}

function parts(pattern: string): readonly Part[] {
  const characters = Array.from(pattern);
  if (characters.length > 10_000) throw new BuiltinFault('the pattern is too long');
  const found: Part[] = [];
  const fail = (at: number, why = ''): never => {
    throw new BuiltinFault(`input:${pattern}, pos:${at}, ${why}the input provided is invalid`);
  };
  for (let at = 0; at < characters.length; at += 1) {
    let character = characters[at] ?? '';
    const escaped = character === '\\';
    if (escaped) {
      at += 1;
      character = characters[at] ?? fail(at);
    }
    let ranges: (readonly [number, number])[] = [[codeOf(character), codeOf(character)]];
    let any = false;
    if (!escaped && character === '.') any = true;
    else if (!escaped && (character === '*' || character === '+')) fail(at);
    else if (!escaped && character === ']') fail(at + 1, "set-close ']' with no preceding '[': ");
    else if (!escaped && character === '[') {
      const end = characters.indexOf(']', at + 1);
      if (end < 0) fail(at);
      ranges = rangesOf(characters.slice(at + 1, end));
      at = end;
    }
    const next = characters[at + 1];
    const repeat = next === '*' || next === '+' ? next : '';
    if (repeat !== '') at += 1;
    found.push({ any, ranges, repeat });
  }
  return found;
}

function rangesOf(body: readonly string[]): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < body.length; at += 1) {
    if (body[at] === '\\') at += 1;
    const low = codeOf(body[at] ?? '');
    if (body[at + 1] === '-' && body[at + 2] !== undefined) {
      at += 2;
      ranges.push([low, codeOf(body[at] ?? '')]);
    } else ranges.push([low, low]);
  }
  return ranges;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** Whether some text fits both, other than the empty one. */
function overlap(a: readonly Part[], b: readonly Part[]): boolean {
  const width = b.length + 1;
  const seen = new Set<number>();
  const stack = [0];
  const steps = (list: readonly Part[], at: number): readonly (readonly [Part, number])[] => {
    const part = list[at];
    if (part === undefined) return [];
    const once = [part, at + 1] as const;
    return part.repeat === '' ? [once] : [once, [part, at] as const];
  };
  const skips = (list: readonly Part[], at: number): boolean => list[at]?.repeat === '*';
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (seen.has(state)) continue;
    seen.add(state);
    const [left, right] = [Math.floor(state / width), state % width];
    if (left === a.length && right === b.length) return a.length > 0 || b.length > 0;
    if (skips(a, left)) stack.push((left + 1) * width + right);
    if (skips(b, right)) stack.push(left * width + right + 1);
    for (const [one, nextLeft] of steps(a, left))
      for (const [two, nextRight] of steps(b, right))
        if (share(one, two)) stack.push(nextLeft * width + nextRight);
  }
  return false;
}

function share(a: Part, b: Part): boolean {
  return (
    a.any || b.any || a.ranges.some(([low, high]) => b.ranges.some(([from, to]) => low <= to && from <= high))
  );
}
