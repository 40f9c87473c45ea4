import { describe, expect, it } from 'vitest';
import { checkPolicy, type CheckOptions } from '../src/check/index.js';
import { FUNCTIONS } from '../src/functions/index.js';

function check(lines: string, options: CheckOptions = {}): readonly string[] {
  const text = lines.startsWith('package') ? lines : `package p\n\n${lines}\n`;
  return checkPolicy([{ file: 'p.rego', text }], { functions: FUNCTIONS, ...options }).map(
    ({ code, message }) => `${code} ${message}`,
  );
}

describe('checkPolicy', () => {
  it.each([
    'r if lower(input.a) == "a"',
    'r if count({1} | {2}) == 2',
    'r contains x if some x in input\nq if r["a"]',
    'r[k] := v if some k, v in {"a": 1}\nq := r.a + 1',
    'f(x) := y if y := concat(",", x)\nq := f(["a"])',
    'r if { x := json.unmarshal(input); x.a.b[_] == 1 }',
    'r := x if [x, _] = [1, "a"]\nq := r + 1',
    'q if input.a == 1 with input.a as {"b": 1}',
    'q if r == "other" with data.p.s as "other"\nr := s\ns := 1',
    'q if f(1) == 2 with f as g\nf(x) := x + 1\ng(x) := x + 2',
    'q if "a" in "text"',
    'default r := 1\nr := 2 if input.a',
    'q := $"{input.a} and {lower("B")}"',
    'q if data.other.anything.x > 1',
    'r.a.b := 1\nr.a.c := 2\nq := r.a.c + 1',
  ])('finds nothing wrong in %j', (lines) => {
    expect(check(lines, { pedantic: true })).toEqual([]);
  });

  it.each([
    ['r if lower(1) == "a"', /ERR_REGO_TYPE p.rego:3:6: lower takes string, not number/],
    ['r if lower(count(input)) == "a"', /lower takes string, not number/],
    ['r := concat(",", [1 | true])', /concat takes any<array\[string\], set\[string\]>, not array\[number\]/],
    ['r if count("a") == "1"', /number is never equal to string/],
    ['r if { x := split("a", ","); x[0] == 1 }', /string is never equal to number/],
    ['r if "a" in {1, 2}', /string is never among number/],
    ['r if { some x in [1]; x == "a" }', /never equal/],
    ['r if { x := {"a": 1}; x.b == 1 }', /there is no "b" in object<a: number>/],
    ['r if { x := [1]; x.b == 1 }', /there is no "b" in array<number>/],
    ['r if { x := 1; x[0] == 1 }', /there is nothing in number/],
    ['r := 1\nq := r.a', /there is nothing in number/],
    ['r contains 1\nq := lower(r)', /lower takes string, not set\[number\]/],
    ['f(x) := lower(x)\nq := f(1)', /data.p.f takes string, not number/],
    ['f(x) := x\nq := f + 1', /data.p.f is a function/],
    ['q if input.x with lower as array.concat', /cannot be replaced by/],
    ['q if { y := [lower(z) | some z in [1]]; y }', /lower takes string, not number/],
    ['q if input.a with r9 as 1', /with replaces input, data or a function, not r9/],
    ['q := nothing(1)', /ERR_REGO_REFERENCE .* there is no function nothing/],
    ['q := lower("a", "b", "c")', /lower takes 1 arguments, not 3/],
    ['q if some x', /x is declared, and not used/],
    ['q if r\nr if q', /ERR_REGO_RECURSION .* data.p.q -> data.p.r -> data.p.q/],
    ['q := 1\nq contains 1', /ERR_REGO_CONFLICT .* of different kinds/],
    ['f(x) := x\nf(x, y) := [x, y]', /of different kinds/],
    ['q := 1\nq.a := 2', /data.p.q conflicts with data.p.q.a, in line 4/],
    ['default q := 1\ndefault q := 2', /p.rego:4:1: data.p.q has more than one default/],
  ])('finds in %j what never fits', (lines, message) => {
    const [first, ...others] = check(lines);
    expect(first).toMatch(message);
    expect(others).toEqual([]);
  });

  it('finds a rule where a package is', () => {
    const modules = [
      { file: 'a.rego', text: 'package a\nb := 1' },
      { file: 'b.rego', text: 'package a.b\nc := 1' },
    ];
    expect(checkPolicy(modules).map(({ code }) => code)).toEqual(['ERR_REGO_CONFLICT']);
  });

  it.each([
    ['package p\nimport data.a\nq := 1', /the import a is not used/],
    ['q if { x := 1 }', /x is assigned, and not used/],
    ['f(x, _) := 1', /the parameter x is not used/],
  ])('tells of what is not used in %j when it is asked to', (lines, message) => {
    expect(check(lines)).toEqual([]);
    expect(check(lines, { pedantic: true })).toEqual([expect.stringMatching(message)]);
  });

  it('tells of functions that are deprecated in v0 when it is asked to', () => {
    const lines = 'q { any([true]) }';
    expect(check(lines, { version: 'v0' })).toEqual([]);
    expect(check(lines, { version: 'v0', pedantic: true })).toEqual([
      expect.stringMatching(/any is deprecated/),
    ]);
    expect(check('q if any([true])')).toEqual([expect.stringMatching(/any is deprecated/)]);
  });

  it('knows nothing of functions of the host', () => {
    const functions = { ask: { arity: 1, call: () => null } };
    expect(check('q if lower(ask(1)) == ask("a")', { functions })).toEqual([]);
  });

  it('takes types that grow without end for any', () => {
    const lines = Array.from({ length: 60 }, (_line, index) => `x${index + 1} := [x${index}, x${index}]`);
    expect(check(`q if {\nx0 := 1\n${lines.join('\n')}\nx60 == x59 }`)).toEqual([]);
  });
});
