import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../src/functions/index.js';
import { checkPolicy } from '../src/check/index.js';
import { explanationText, preparePolicy, RegoError, toJson } from '../src/index.js';
import { formatPolicy } from '../src/format/index.js';
import { parseJsonText } from '../src/json-text.js';

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
const MUTATIONS = Number(process?.env['SEALWRIGHT_MUTATIONS'] ?? 10_000);

const POLICIES = [
  `package policy

import data.lists.names as names
import rego.v1

# METADATA
# title: A policy
# custom: {a: [1, 2]}
default allow := false

allow if {
	input.tee == "snp"
	some i, name in names
	name == input.names[i]
	every x in input.list { x > 1; x < 10 }
	not refused
} else := "maybe" if {
	count(input.list) > 2
}

refused if input.user in {"eve", "mallory"}
refused if sprintf("%s-%05d", [input.user, input.n]) == "x-00001"

sizes[name] := n if {
	some name in names
	n := count(name)
}

tree[a].b contains c if some a, c in {"x": 1, "y": 2}

f(x, [y, "z"]) := x + y if x > 1
f(0, _) := 0
value := f(input.n, [1, "z"])
mocked if value == 7 with input.n as 6 with count as 5
shape := {"a": [x | some x in input.list; x % 2 == 0], "b": {x: y | some x, y in names}}
matches if regex.match("^[a-z]{1,3}$", input.user)
raw := \`a
b\`
text := $"{input.user} has {count(names)} of {raw}"
`,
  `package policy
import rego.v2

allow if (input.a or input.b) and not { input.c; input.d > 1 }
allow if input.n in numbers.range(1, 5) or { x := input.list[_]; x == 3 }
walked := {path | walk(input, [path, 3])}
patched := json.patch(input, [{"op": "add", "path": "/z", "value": {1, 2}}])
`,
  `package old
p[x] { x := input.list[_]; not q[x] }
q[x] { data.lists.names[_] = x }
r = y { y := input.a } else = z { z := -1.5e3 } { true }
s { 1 == 1 } { input.x["y z"][_].w = [u, v]; u != v }
`,
];
const INPUTS = [
  '{"tee": "snp", "names": ["a"], "list": [3, 2, 5], "user": "bob", "n": 6, "a": false, "b": [1], "c": {"x": null}}',
];
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '"',
  '`',
  '$"{',
  ':=',
  '=',
  '|',
  ',',
  ';',
  '.',
  ' not ',
  ' some ',
  ' every ',
  ' in ',
  ' if ',
  ' else ',
  ' with ',
  ' as ',
  ' contains ',
  '_',
  '\n',
  '#',
  '-',
  '1e999',
  '9'.repeat(30),
  '\\',
  '\u0000',
  '\ud800',
  'input',
  'data',
  'data.policy',
  '__proto__',
  'constructor',
  'import rego.v2\n',
];

/** A text with a few places cut, doubled, swapped or written over. */
const mutated = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(
        fc.tuple(
          fc.nat(),
          fc.nat(30),
          fc.constantFrom('cut', 'double', 'piece', 'move'),
          fc.constantFrom(...PIECES),
        ),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
    )
    .map(([text, changes]) =>
      changes.reduce((sofar, [where, length, how, piece]) => {
        const at = where % (sofar.length + 1);
        const [before, part, after] = [
          sofar.slice(0, at),
          sofar.slice(at, at + length),
          sofar.slice(at + length),
        ];
        if (how === 'cut') return before + after;
        if (how === 'double') return before + part + part + after;
        return how === 'piece' ? before + piece + part + after : part + before + after;
      }, text),
    );

/** Whatever is done, what is thrown is ours. */
function answers(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
  }
}

describe('a changed policy or input', () => {
  it('gives an answer or a RegoError, within its budget', () => {
    const options = { maxSteps: 20_000, strict: false };
    fc.assert(
      fc.property(
        mutated(POLICIES),
        mutated(INPUTS),
        fc.constantFrom('v0' as const, 'v1' as const),
        (text, json, version) => {
          const modules = [{ file: 'policy.rego', text }];
          let input: unknown = {};
          answers(() => (input = parseJsonText(json)));
          answers(() => {
            const policy = preparePolicy(modules, {
              version,
              functions: FUNCTIONS,
              data: { lists: { names: ['a', 'b'] } },
            });
            const value = policy.value('data', { ...options, input });
            if (value !== undefined) toJson(value);
          });
        },
      ),
      { numRuns: MUTATIONS, seed: 7 },
    );
  }, 3_600_000);

  it('is checked, formatted and explained, or refused', () => {
    const options = { maxSteps: 20_000, strict: false };
    fc.assert(
      fc.property(mutated(POLICIES), (text) => {
        const modules = [{ file: 'policy.rego', text }];
        for (const error of checkPolicy(modules, { functions: FUNCTIONS, pedantic: true }))
          expect(error).toBeInstanceOf(RegoError);
        answers(() => {
          const once = formatPolicy(text);
          expect(formatPolicy(once)).toBe(once);
        });
        answers(() => {
          const policy = preparePolicy(modules, { functions: FUNCTIONS });
          explanationText(policy.explain('data.policy.allow', { ...options, input: { list: [1, 2, 3] } }));
        });
      }),
      { numRuns: MUTATIONS / 10, seed: 7 },
    );
  }, 3_600_000);
});

describe('a policy that would never end', () => {
  const run = (text: string, options: object = {}): unknown => {
    const policy = preparePolicy([{ file: 'policy.rego', text: `package policy\n${text}` }], {
      functions: FUNCTIONS,
    });
    return policy.value('data.policy.r', { maxSteps: 200_000, ...options });
  };
  const doubled = (first: string, next: (name: string) => string, depth: number): string =>
    [
      `x0 := ${first}`,
      ...Array.from({ length: depth }, (_item, index) => `x${index + 1} := ${next(`x${index}`)}`),
    ].join('\n');

  it.each([
    ['loops within loops', 'r if { some a, b, c, d in numbers.range(1, 300); a == b }'],
    [
      'loops within loops',
      'n := numbers.range(1, 300)\nr if { some a in n; some b in n; some c in n; a + b + c == 0 }',
    ],
    ['text that doubles', `${doubled('"a"', (x) => `concat("", [${x}, ${x}])`, 60)}\nr := count(x60)`],
    ['arrays that double', `${doubled('[1]', (x) => `array.concat(${x}, ${x})`, 60)}\nr := count(x60)`],
    ['values that share their parts', `${doubled('[1]', (x) => `[${x}, ${x}]`, 60)}\nr := json.marshal(x60)`],
    ['sets of values that share their parts', `${doubled('[1]', (x) => `[${x}, ${x}]`, 60)}\nr := {x60}`],
    ['numbers that square', `${doubled('3', (x) => `${x} * ${x}`, 60)}\nr := x60`],
    [
      'functions that call twice',
      `${Array.from({ length: 40 }, (_i, n) => `f${n}(x) := f${n + 1}(x) + f${n + 1}(x)`).join('\n')}\nf40(x) := x\nr := f0(1)`,
    ],
    ['a range', 'r := count(numbers.range(1, 900000))'],
    [
      'a graph with many ways',
      'g := {x: [y | some y in numbers.range(x + 1, 25)] | some x in numbers.range(1, 25)}\nr := graph.reachable_paths(g, [1])',
    ],
    ['addresses', 'r := net.cidr_expand("10.0.0.0/8")'],
    ['a pattern that backtracks', `r if regex.match("^(a+)+$", concat("", ["${'a'.repeat(5000)}", "b"]))`],
    [
      'places in a long text',
      'r := count(indexof_n(concat("", [x | some _ in numbers.range(1, 60000); x := "aaaaaaaaaa"]), "a"))',
    ],
    ['a union of many', 'r := object.union_n([{x: x} | some x in numbers.range(1, 60000)])'],
    [
      'many beginnings of many texts',
      'n := [sprintf("%d", [x]) | some x in numbers.range(1, 30000)]\nr := strings.any_prefix_match(n, [concat("", ["x", x]) | some x in n])',
    ],
    ['padding', 'r := sprintf("%999999999d", [1])'],
    ['an exponent', 'r := units.parse("1e999999")'],
    [
      'aliases of aliases',
      `r := yaml.unmarshal("${['a: &a [x, x]', ...'bcdefghijklmnopqrstuvwxyz'.split('').map((each, index) => `${each}: &${each} [${`*${'abcdefghijklmnopqrstuvwxyz'.charAt(index)},`.repeat(9)}x]`)].join('\\n')}")`,
    ],
  ])('ends: %s', (_name, text) => {
    answers(() => JSON.stringify(run(text)) ?? '');
  });

  it('ends at its deadline', () => {
    let time = 0;
    const text = 'n := numbers.range(1, 300)\nr if { some a in n; some b in n; some c in n; a + b + c == 0 }';
    const late = (): unknown => run(text, { maxSteps: 1e9, clock: () => (time += 1), deadline: 100 });
    expect(late).toThrow(
      expect.objectContaining({
        code: 'ERR_REGO_LIMIT',
        message: expect.stringContaining('longer than allowed'),
      }),
    );
  });

  it.each([
    ['[', 100_000],
    ['{', 100_000],
    ['(', 100_000],
    ['not ', 10_000],
    ['{a | ', 5000],
    ['[x | [', 5000],
    ['f(', 50_000],
    ['x.', 50_000],
    ['$"{', 5000],
    ['if {', 10_000],
    ['every x in y {', 5000],
    ['a[', 50_000],
    ['-', 50_000],
  ])('refuses %j %i times', (piece, times) => {
    expect(() => run(`r := ${piece.repeat(times)}`)).toThrow(RegoError);
    expect(() => run(`r if ${piece.repeat(times)}`)).toThrow(RegoError);
  });

  it.each([
    ['lines that each declare variables', (line: number) => `some a${line}, b${line}`, () => 'true'],
    [
      'lines that each give a variable a value',
      (line: number) => `a${line} := ${line}; a${line} >= 0`,
      () => '',
    ],
    ['lines that all wait for the last', () => 'late > 1', () => 'late = 2'],
    [
      'lines that each wait for the next',
      (line: number) => `a${line} = a${line + 1}`,
      (count: number) => `a${count} = 1`,
    ],
  ])('may have 20 000 %s', (_, lineOf, last) => {
    const bodyOf = (count: number): string =>
      `r if {\n${Array.from({ length: count }, (_each, line) => lineOf(line)).join('\n')}\n${last(count)}\n}`;
    expect(run(bodyOf(500))).toBe(true);
    const file = { file: 'p.rego', text: `package p\n${bodyOf(20_000)}` };
    expect(preparePolicy([file]).value('data.p.none')).toBe(undefined);
  });

  it('is told all of its mistakes, more than a call takes arguments', () => {
    const body = Array.from({ length: 40_000 }, () => 'f(1); f(2); f(3); f(4)').join('\n');
    const mistakes = checkPolicy([{ file: 'p.rego', text: `package p\nr if {\n${body}\n}` }]);
    expect(mistakes).toHaveLength(160_000);
  });

  it('keeps a prototype out of its values', () => {
    const value = run('r := {"__proto__": {"polluted": true}, "constructor": input.constructor}', {
      input: {},
    });
    expect(value).toBe(undefined);
    run('r := object.union(input, {"__proto__": {"polluted": true}})', { input: {} });
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
  });
});
