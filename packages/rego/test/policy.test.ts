import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EvaluateOptions,
  parseJsonText,
  preparePolicy,
  type PrepareOptions,
  RegoError,
  RegoSet,
  toJson,
  type Value,
} from '../src/index.js';

const prepare = (text: string, options: PrepareOptions = {}) =>
  preparePolicy([{ file: 'policy.rego', text: `package policy\n${text}` }], options);
const evaluate = (text: string, options: EvaluateOptions = {}): unknown => {
  const value = prepare(text).value('data.policy.r', options);
  return value === undefined ? undefined : toJson(value);
};
const refusal = (code: string, line?: number) =>
  expect.objectContaining(
    line === undefined ? { code } : { code, place: expect.objectContaining({ file: 'policy.rego', line }) },
  );

describe('a policy', () => {
  it.each([
    ['r := 1 + 2 * 3', 7],
    ['r := 7 % 4 - 1', 2],
    ['r := 10 / 4', 2.5],
    ['r if 1 == 1.0', true],
    ['r if false', undefined],
    ['default r := 5\nr := 6 if false', 5],
    ['r := 1 if false\nelse := 2 if true', 2],
    ['r contains x if some x in [3, 1, 2]', [1, 2, 3]],
    ['r[k] := v if some k, v in {"a": 1}', { a: 1 }],
    ['r := [x | some x in [1, 2, 3]; x > 1]', [2, 3]],
    ['r := {x: y | some x, y in ["a"]}', { 0: 'a' }],
    ['f(x) := x * 2\nr := f(21)', 42],
    ['f(0) := "zero"\nf(x) := "more" if x > 0\nr := [f(0), f(1)]', ['zero', 'more']],
    ['r if every x in [1, 2] { x > 0 }', true],
    ['r if not false', true],
    ['r := x if { [x, 2] = [1, 2] }', 1],
    ['r := x if x := input.a.b with input as {"a": {"b": 3}}', 3],
    ['p := input\nr := x if x := p with input as 4', 4],
    ['r := {1, 2} | {3}', [1, 2, 3]],
    ['r if "a" in {"k": "a"}', true],
    ['r := {"a": 1}[_]', 1],
    ['r := `raw \\n`', 'raw \\n'],
    ['r := count({1, 1.0, 2})', 2],
    ['r if {} == {}', true],
    ['r := $"a {1 + 1} {input.none} \\{"', 'a 2 <undefined> {'],
    ['import future.keywords.or\nr if false or true', true],
    ['import rego.v2\nr if not { input.x > 1 }', true],
    ['import rego.v2\nr if (false or true) and { x := 1; x > 0 }', true],
    ['not.a := 1\nr if not.a == 1', true],
    ['p[x].b := x if some x in ["a"]\nr := p', { a: { b: 'a' } }],
    ['r := 1 / 3 * 3', 1],
    // Numbers that are computed have the text that Go gives them.
    [
      'r := json.marshal([1 / 3000000, 1 / 1048576, 0.00001, 0.00001 * 1])',
      '[3.3333333333333333333e-07,9.5367431640625e-07,0.00001,1e-05]',
    ],
    [
      'r := json.marshal([5000000 / 3, 4999624364392448 / -767])',
      '[1.6666666666666666666e+06,-6.518415077434743155e+12]',
    ],
    [
      'r := json.marshal([43 / -139280.594787496, 8047519151947776 / 200e-5])',
      '[-0.00030872929617802257636,4.0237595759738880002e+18]',
    ],
    // What is after with is computed before a line, be it negated.
    ['default r := false\nr if not input.x with input as input.missing', false],
    // A negated line may ask for what a call has looked for.
    ['f(x) := x\nr if not f(abs([1, 2][_])) == 5', true],
    ['r if { 0.10000000000000000001 == 1.0000000000000000001e-1; count({1.5, 15e-1, 1.50}) == 1 }', true],
  ])('%s gives %j', (text, value) => {
    expect(evaluate(text)).toEqual(value);
  });

  it.each([
    'r if not input.x[_]',
    'r if not input.x[_] == 1',
    'r if not [1, 2][x]',
    'r := $"{y}"',
    'r := $"{input[_]}"',
    'r if { some _a, _a in input }',
  ])('%s has variables that nothing gives a value', (text) => {
    expect(() => evaluate(text)).toThrow(RegoError);
  });

  it('does not merge an object that a rule gives with members of another rule', () => {
    const text = 'r["a"] := {"b": 1}\nr[k] := {"c": 2} if some k in ["a"]';
    expect(() => evaluate(text)).toThrow(expect.objectContaining({ code: 'ERR_REGO_CONFLICT' }));
  });

  it('keeps integers beyond 2^53 exact', () => {
    expect(prepare('r := 9007199254740993 + 1').value('data.policy.r')).toBe(9007199254740994n);
  });

  it('tries the lines of a body in an order in which every variable has a value', () => {
    expect(evaluate('r := y if {\n  y = x + 1\n  x = 1\n}')).toBe(2);
  });

  it('keeps what a caller may not have: no prototype, no shared state', () => {
    const policy = prepare('r := input["__proto__"]');
    expect(policy.value('data.policy.r', { input: {} })).toBe(undefined);
    expect(policy.value('data.policy.r', { input: JSON.parse('{"__proto__":1}') as unknown })).toBe(1);
    expect(toJson(prepare('r := {"__proto__": 1}').value('data.policy.r') ?? null)).toEqual(
      JSON.parse('{"__proto__":1}'),
    );
  });

  it('answers queries with every solution', () => {
    const solutions = prepare('').query('some x in [1, 2]; y := x + 1');
    expect(solutions.map(({ bindings }) => bindings)).toEqual([
      { x: 1, y: 2 },
      { x: 2, y: 3 },
    ]);
  });

  it('gives sets as sets', () => {
    const value = prepare('r := {2, 1}').value('data.policy.r');
    expect(value).toBeInstanceOf(RegoSet);
  });

  it('prints, with what is undefined said so', () => {
    const lines: string[] = [];
    evaluate('r if print("a", [1, "b"], input.none)', { input: {}, print: (line) => lines.push(line) });
    expect(lines).toEqual(['a [1, "b"] <undefined>']);
  });

  it('asks functions of the host', () => {
    const functions = { query_reference_value: { arity: 1, call: () => ['abcde'] } };
    expect(
      prepare('r if input.x in query_reference_value("y")', { functions }).value('data.policy.r', {
        input: { x: 'abcde' },
      }),
    ).toBe(true);
  });

  it('has no clock unless it is given one', () => {
    expect(evaluate('r := time.now_ns()')).toBe(0);
    expect(evaluate('r := time.format(time.now_ns())', { now: 1_700_000_000_000 })).toBe(
      '2023-11-14T22:13:20Z',
    );
  });
});

describe('a mistake in a policy', () => {
  it.each([
    ['r := ', 'ERR_REGO_PARSE', 2],
    ['r if {\n  x := 1\n  x := 2\n}', 'ERR_REGO_PARSE', 4],
    ['r if { true', 'ERR_REGO_PARSE', 2],
    ['r { true }', 'ERR_REGO_PARSE', 2],
    ['r := "a', 'ERR_REGO_PARSE', 2],
    ['r := 01', 'ERR_REGO_PARSE', 2],
    ['r := x', 'ERR_REGO_UNSAFE', 2],
    ['r if {\n  not x\n}', 'ERR_REGO_UNSAFE', 3],
    ['r if x > 1', 'ERR_REGO_UNSAFE', 2],
    ['input := 1', 'ERR_REGO_PARSE', 2],
    ['default r := input.x', 'ERR_REGO_PARSE', 2],
  ])('%s is refused with %s on line %i', (text, code, line) => {
    expect(() => prepare(text)).toThrow(refusal(code, line));
  });

  it.each([
    ['r := p\np := r', 'ERR_REGO_RECURSION'],
    ['r := 1\nr := 2', 'ERR_REGO_CONFLICT'],
    ['r := {"a": x | some x in [1, 2]}', 'ERR_REGO_CONFLICT'],
    ['r := none(1)', 'ERR_REGO_REFERENCE'],
    ['f(x) := x\nr := f(1, 2)', 'ERR_REGO_REFERENCE'],
    ['r := 1 / 0', 'ERR_REGO_BUILTIN'],
    ['r := startswith(1, "a")', 'ERR_REGO_TYPE'],
    ['r := regex.match("(?=a)", "a")', 'ERR_REGO_BUILTIN'],
  ])('%s ends the evaluation with %s', (text, code) => {
    expect(() => evaluate(text)).toThrow(refusal(code));
  });

  it('makes a line undefined where built-in functions are not strict', () => {
    expect(evaluate('default r := 1\nr := 2 if startswith(1, "a")', { strict: false })).toBe(1);
  });
});

describe('a hostile policy', () => {
  it.each([
    ['f(x) := f(x + 1)\nr := f(1)'],
    ['r := count([1 | some a in numbers.range(1, 2000); some b in numbers.range(1, 2000); a == b])'],
    ['r := numbers.range(1, 10000000000)'],
    ['r := bits.lsh(1, 100000)'],
  ])('%s ends with an error', (text) => {
    expect(() => evaluate(text, { maxSteps: 200_000 })).toThrow(RegoError);
  });

  it('ends when it is aborted', () => {
    const text = 'r := count([1 | some a in numbers.range(1, 500); some b in numbers.range(1, 500); a == b])';
    expect(() => evaluate(text, { signal: AbortSignal.abort() })).toThrow(refusal('ERR_REGO_LIMIT'));
  });

  it('ends as soon as a function of the host aborts it, and tells why', () => {
    const abort = new AbortController();
    let calls = 0;
    const call = (): Value => {
      calls += 1;
      if (calls === 3) abort.abort(new Error('the client went away'));
      return true;
    };
    const policy = preparePolicy(
      [{ file: 'p.rego', text: 'package policy\nr if { every _ in numbers.range(1, 100) { ask() } }' }],
      { functions: { ask: { arity: 0, call } } },
    );
    expect(() => policy.value('data.policy.r', { signal: abort.signal })).toThrow(
      expect.objectContaining({ code: 'ERR_REGO_LIMIT', cause: new Error('the client went away') }),
    );
    expect(calls).toBe(3);
  });

  it.each([
    ['1.0', '1.0'],
    ['[1, 2.50]', '[1,2.50]'],
    ['{"a": 9007199254740993}', '{"a":9007199254740993}'],
    ['-0', '0'],
    ['{"a": "-0, 1.50", "b": [true, null]}', '{"a":"-0, 1.50","b":[true,null]}'],
    ['{"__proto__": {"a": 1}, "a": 1, "a": 2}', '{"__proto__":{"a":1},"a":2}'],
  ])('reads %s with every digit', (text, written) => {
    expect(evaluate('r := json.marshal(input)', { input: parseJsonText(text) })).toBe(written);
  });

  it.each(['[1, 2', '{"a": 01}', '[1.5.]', `${'['.repeat(1001)}${']'.repeat(1001)}`])(
    'takes no JSON that is none or nests too deep',
    (text) => {
      expect(() => parseJsonText(text)).toThrow(refusal('ERR_REGO_VALUE'));
    },
  );

  it('takes no input that nests too deep, or that has itself in it', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(() => evaluate('r := 1', { input: circle })).toThrow(refusal('ERR_REGO_VALUE'));
  });

  it('has no deadline without a clock', () => {
    expect(() => evaluate('r := 1', { deadline: 100 })).toThrow(TypeError);
  });

  it('is made ready in a time that does not double with each comprehension in another', () => {
    const text = Array.from({ length: 40 }).reduce<string>(
      (inner) => `count(array.concat([y | y := ${inner}], input.l[_]))`,
      'input.x',
    );
    expect(evaluate(`r := ${text}`, { input: { x: 1, l: [[]] } })).toBe(1);
  });

  it('is refused when it nests too deep or is too long', () => {
    expect(() => prepare(`r := ${'['.repeat(5000)}`)).toThrow(refusal('ERR_REGO_PARSE'));
    expect(() => prepare('#'.repeat(100), { limits: { columns: 50 } })).toThrow(refusal('ERR_REGO_LIMIT'));
  });

  it('that is anything at all gives a policy or a RegoError', () => {
    const piece = fc.constantFrom(
      'r',
      ' ',
      '\n',
      ':=',
      '=',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '"a"',
      '1',
      'x',
      'if',
      'some',
      'in',
      'every',
      'not',
      '|',
      ',',
      ';',
      '.',
      ':',
      'else',
      'with',
      'input',
      'as',
      '-',
      '`',
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        try {
          prepare(pieces.join('')).value('data.policy.r', { input: { x: 1 }, maxSteps: 10_000 });
        } catch (error) {
          expect(error).toBeInstanceOf(RegoError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
