import { describe, expect, it } from 'vitest';
import { formatPolicy } from '../src/format/index.js';

const format = (text: string): string => formatPolicy(`package p\n\n${text}`).slice('package p\n\n'.length);

describe('formatPolicy', () => {
  it.each([
    // What braces and brackets would turn into something else keeps its parentheses.
    ['x := (a | b)[_]', 'x := (a | b)[_]\n'],
    ['x := {(a | b)}', 'x := {(a | b)}\n'],
    ['x := [(a | b), c]', 'x := [(a | b), c]\n'],
    ['x := {k: (a | b) | some k in c}', 'x := {k: (a | b) | some k in c}\n'],
    ['x if {\n(a | b)\nc }', 'x if {\n\t(a | b)\n\tc\n}\n'],
    ['x if {{1}}', 'x if {\n\t{1}\n}\n'],
    // Values that are implied are not written, and those that are not, are.
    ['p.a if true', 'p["a"] := true\n'],
    ['x if { true }', 'x := true\n'],
    ['x := true if y', 'x if y\n'],
    ['f(_) := true', 'f(_) := true\n'],
    [
      'x if {\nfalse\n} else := 2 if {\ntrue\n} else := 3',
      'x if {\n\tfalse\n} else := 2 if {\n\ttrue\n} else := 3\n',
    ],
    ['x := "ok" if y\nelse := "no"', 'x := "ok" if y\n\nelse := "no"\n'],
    // Names of two parts have brackets unless another has more.
    ['a.b := 1', 'a["b"] := 1\n'],
    ['a.b := 1\na.b.c := 1', 'a.b := 1\na.b.c := 1\n'],
    ['x := y["if"].z["a"]', 'x := y["if"].z.a\n'],
    // Rules that stand together stay so, unless one is long.
    ['a := 1\nb := 2\ndefault c := 3', 'a := 1\nb := 2\n\ndefault c := 3\n'],
    // `with` stays on its line, and goes further in on a line of its own.
    [
      'x if {\ny with input.a as 1\n with input.b as 2\n}',
      'x if {\n\ty with input.a as 1\n\t\twith input.b as 2\n}\n',
    ],
    ['x if y with input["a b"] as 1', 'x if y with input["a b"] as 1\n'],
    // Templates.
    ['x := $"{  1 } {"a"} {input.a + 1}"', 'x := $"1 a {input.a + 1}"\n'],
    // Sets hold each value once.
    ['x := {1, 2, 1.0}', 'x := {1, 2}\n'],
    ['x := -y', 'x := 0 - y\n'],
    ['x if { y; z } { z }', 'x if {\n\ty\n\tz\n}\n\nx if z\n'],
    [
      'x := 1 if { y } else := 2 if {z\n} else := 3 if { w }',
      'x := 1 if y\n\nelse := 2 if z\n\nelse := 3 if w\n',
    ],
    ['x if (1 in y) != z', 'x if (1 in y) != z\n'],
    ['x if a - (b - c) == d', 'x if a - (b - c) == d\n'],
    ['x := [-a | b]', 'x := [(0 - a) | b]\n'],
    ['x if { some _, y; y }', 'x if {\n\tsome _, y\n\ty\n}\n'],
    // Comments stay where they are.
    ['x if {\ny # why\n# at the end\n}', 'x if {\n\ty # why\n\t# at the end\n}\n'],
    ['x := {\n  # kept as it is\n  "a": 1,\n}', 'x := {\n  # kept as it is\n  "a": 1,\n}\n'],
  ])('%j', (text, wanted) => {
    expect(format(text)).toBe(wanted);
    expect(format(wanted)).toBe(wanted);
  });

  it.each([
    ['{ a := 1; a > 0 } and input.y', '{ a := 1; a > 0 } and input.y'],
    ['{ input.a and { input.b or input.c } }  or true', '{ input.a and { input.b or input.c } } or true'],
    ['(input.a or input.b) and input.c', '(input.a or input.b) and input.c'],
    ['(input.a and input.b) or input.c', 'input.a and input.b or input.c'],
    ['(q with input.x as 1) and input.y', '(q with input.x as 1) and input.y'],
    ['not (input.a or input.b)', 'not (input.a or input.b)'],
    ['not { input.a;  input.b }', 'not { input.a; input.b }'],
    ['input.a and\ninput.b and input.c', 'input.a and\n\t\tinput.b and input.c'],
  ])('with the keywords of v2: %j', (line, wanted) => {
    const head = 'package p\n\nimport rego.v2\n\n';
    const formatted = formatPolicy(`${head}x if {\n\t${line}\n\ttrue\n}\n`);
    expect(formatted).toBe(`${head}x if {\n\t${wanted}\n\ttrue\n}\n`);
    expect(formatPolicy(formatted)).toBe(formatted);
  });

  it('writes no import that `rego.v2` makes idle', () => {
    const text = 'package p\n\nimport future.keywords.and\nimport rego.v1\nimport rego.v2\n\nx := 1\n';
    expect(formatPolicy(text)).toBe('package p\n\nimport rego.v2\n\nx := 1\n');
  });

  it('keeps brackets around keywords in names', () => {
    const text = 'package p["if"]\n\nimport data["as"] as b\n\nx := b.if\n';
    expect(formatPolicy(text)).toBe(text);
  });
});
