/** Modules with one change made by chance, the same ones for the same seed: some are still sound, most are not. */

/**
 * Change a module in one place.
 *
 * @param text - a sound module
 * @param random - numbers from 0 to below 1
 */
export function brokenModule(text: string, random: () => number): string {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const all = tokensOf(text);
  const body = all.slice(
    all.findIndex(({ value, from }) => value === 'package' && (from === 0 || text[from - 1] === '\n')) + 2,
  );
  const change = pick(CHANGES) ?? ((): Change | undefined => undefined);
  const made = change(body, pick, text);
  if (made === undefined) return text;
  return text.slice(0, made.from) + made.by + text.slice(made.to);
}

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign';
  readonly value: string;
  readonly from: number;
  readonly to: number;
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

type Pick = <T>(list: readonly T[]) => T | undefined;
type Maker = (tokens: readonly Token[], pick: Pick, text: string) => Change | undefined;

function tokensOf(text: string): readonly Token[] {
  const pattern =
    /#[^\n]*|("(?:[^"\\\n]|\\.)*"|`[^`]*`)|([A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)*)|(\d+(?:\.\d+)?)|(:=|==|!=|<=|>=|[^\s\w])/g;
  return [...text.matchAll(pattern)].flatMap((match): Token[] => {
    const [value, quoted, name, number] = match;
    if (value.startsWith('#')) return [];
    const kind =
      quoted !== undefined ? 'text' : name !== undefined ? 'name' : number !== undefined ? 'number' : 'sign';
    return [{ kind, value, from: match.index, to: match.index + value.length }];
  });
}

function replacing(choose: (tokens: readonly Token[]) => readonly Token[], by: readonly string[]): Maker {
  return (tokens, pick) => {
    const token = pick(choose(tokens));
    return token && { from: token.from, to: token.to, by: pick(by) ?? '' };
  };
}

/** Names before a bracket. */
function calls(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(
    ({ kind, to }, index) =>
      kind === 'name' && tokens[index + 1]?.value === '(' && tokens[index + 1]?.from === to,
  );
}

function kinds(...wanted: readonly Token['kind'][]): (tokens: readonly Token[]) => readonly Token[] {
  return (tokens) => tokens.filter(({ kind, value }) => wanted.includes(kind) && !KEYWORDS.has(value));
}

function signs(...wanted: readonly string[]): (tokens: readonly Token[]) => readonly Token[] {
  return (tokens) => tokens.filter(({ value }) => wanted.includes(value));
}

/** Where a line of a body may stand. */
function inBody(line: string): Maker {
  return (tokens, pick) => {
    const opening = pick(
      tokens.filter(({ value }, index) => value === '{' && tokens[index - 1]?.value === 'if'),
    );
    return opening && { from: opening.to, to: opening.to, by: `\n\t${line}\n` };
  };
}

const KEYWORDS = new Set(
  'package import as default if contains else not some every in with true false null and or'.split(' '),
);
const LITERALS = [
  '"text"',
  '7',
  'true',
  'null',
  '[1, "a"]',
  '{"k": 1}',
  '{1, 2}',
  'set()',
  '[]',
  '{}',
  'input.z',
  '[x | x := "s"]',
];
const FUNCTIONS = [
  'count',
  'sum',
  'concat',
  'lower',
  'is_array',
  'split',
  'object.get',
  'json.unmarshal',
  'array.concat',
  'nothing',
  'data.nothing',
  'io.jwt.decode',
  'any',
  'walk',
  'time.now_ns',
  'union',
  'to_number',
  'startswith',
  'regex.match',
  'numbers.range',
  'set_diff',
];

const CHANGES: readonly Maker[] = [
  replacing(kinds('text', 'number'), LITERALS),
  replacing(kinds('text', 'number'), LITERALS),
  replacing(kinds('text', 'number', 'name'), LITERALS),
  replacing(calls, FUNCTIONS),
  replacing(calls, FUNCTIONS),
  // Another name of the same module.
  (tokens, pick) => {
    const names = kinds('name')(tokens);
    const [token, other] = [pick(names), pick(names)];
    return token && other && { from: token.from, to: token.to, by: other.value };
  },
  replacing(signs('==', '!=', '<', '<=', '>=', '='), ['==', '+', '|', '<', ':=', 'in', '&']),
  replacing(signs('+', '-', '*', '/', '|', '&'), ['+', '-', '*', '|', '&', '==']),
  // One argument more, or less.
  (tokens, pick) => {
    const name = pick(calls(tokens));
    return name && { from: name.to + 1, to: name.to + 1, by: `${pick(LITERALS) ?? ''}, ` };
  },
  (tokens, pick) => {
    const comma = pick(signs(',')(tokens));
    const next = comma && tokens[tokens.indexOf(comma) + 1];
    return comma && next && { from: comma.from, to: next.to, by: '' };
  },
  // A step into what has none.
  (tokens, pick) => {
    const name = pick(kinds('name')(tokens));
    return (
      name && { from: name.to, to: name.to, by: pick(['.step', '["a b"]', '[0]', '[_]', '[true]']) ?? '' }
    );
  },
  // A reference to a rule of the same module.
  (tokens, pick, text) => {
    const owner = /^package\s+(\S+)/m.exec(text)?.[1] ?? 'p';
    const rules = [...text.matchAll(/^(?:default )?([a-z]\w*)/gm)].flatMap(([, name = '']) =>
      name === 'package' || name === 'import' ? [] : [name],
    );
    const token = pick(kinds('text', 'number', 'name')(tokens));
    const rule = pick(rules);
    if (token === undefined || rule === undefined) return undefined;
    return {
      from: token.from,
      to: token.to,
      by: `data.${owner}.${rule}${pick(['', '', '.x', '[0]', '[_]']) ?? ''}`,
    };
  },
  // A line less.
  (tokens, pick, text) => {
    const token = pick(tokens);
    if (token === undefined) return undefined;
    const [from, to] = [text.lastIndexOf('\n', token.from) + 1, text.indexOf('\n', token.to)];
    return { from, to: to < 0 ? text.length : to, by: '' };
  },
  inBody('some unused9'),
  inBody('unused9 := 1'),
  inBody('some unused9 in [1]'),
  inBody('every a9 in [1, 2] { a9 > 0 }'),
  inBody('every a9 in "text" { a9 > 0 }'),
  inBody('input.a9 == input := 1'),
  inBody('lower(upper(1)) == "a"'),
  inBody('v9 := {"a": 1}; v9.b == 1'),
  inBody('v9 := [1, 2]; v9.b == 1'),
  inBody('v9 := 1; v9[0] == 1'),
  inBody('v9 := count("a"); v9 == "1"'),
  inBody('v9 := split("a", ","); v9[0] == 1'),
  inBody('f9 := concat(",", {1 | true}); f9 != ""'),
  inBody('f9 := sum([y9 | some y9 in ["a"]]); f9 != 1'),
  inBody('"a" in {1, 2}'),
  inBody('print(1, nothing9)'),
  inBody('any([true])'),
  inBody('count(input) with input as 1 with data.x9 as 2'),
  inBody('lower("a") with lower as upper'),
  inBody('lower("a") with lower as array.concat'),
  // A rule more.
  (_tokens, pick, text) => {
    const name = pick(
      [...text.matchAll(/^([a-z]\w*)/gm)].flatMap(([, each = '']) => (KEYWORDS.has(each) ? [] : [each])),
    );
    const rule = pick([
      `default ${name} := 1`,
      `${name} := 1`,
      `${name} contains 1`,
      `${name}(x9) := x9`,
      `${name}.a := 1`,
      `${name}[x9] := 1 if some x9 in [1]`,
      `f9(x9, y9) := x9`,
      `r9 := ${name}.a.b`,
      `r9 := ${name}[0]`,
      `r9 := ${name} + 1`,
      `r9 := lower(${name})`,
      `r9 if r8\nr8 if r9`,
    ]);
    return { from: text.length, to: text.length, by: `\n${rule ?? ''}\n` };
  },
  // An import more.
  (_tokens, pick, text) => {
    const end = text.indexOf('\n', text.indexOf('package ')) + 1;
    const line = pick([
      'import data.foo9',
      'import input.foo9 as bar9',
      'import data.a.b9\nimport input.b9',
      'import future.keywords.in',
      'import rego.v1',
      'import data.foo as input',
    ]);
    return { from: end, to: end, by: `\n${line ?? ''}\n` };
  },
];
