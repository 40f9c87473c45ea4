import { describe, expect, it } from 'vitest';
import { preparePolicy, RegoError, toJson } from '../src/index.js';

describe('the syntax of policies', () => {
  it.each<readonly [string, unknown]>([
    // A minus before a name takes it from 0.
    ['x := 3\nr := -x + 1', -2],
    ['r := -count([1, 2])', -2],
    ['r := [-1, - 1, -.5, .5]', [-1, -1, -0.5, 0.5]],
    // A bar begins the body of a comprehension, unless a comma shows that it does not.
    ['a := {1}\nr := {{x} | x := 2}', [[2]]],
    ['a := {1}\nb := {2}\nr := [a | b, 3]', [[1, 2], 3]],
    ['a := {1}\nr := [[a | [a | a, 1], 2], 3]', undefined],
    ['r := {"a": x | x := 2}', { a: 2 }],
    ['a := {1}\nr := {"a": a | a, "b": 1}', { a: [1], b: 1 }],
    // After `if` braces are a body, unless they can only be a value.
    ['r if {1 == 1}', true],
    ['r if {"a": 1}', true],
    ['r if {x | x := 1} == {1}', true],
    // One clause may have several bodies.
    ['r := 1 if { input.x } { true }', 1],
    ['r contains 1 if { false } { true }', [1]],
    // Items may have a comma before them.
    ['r := [, 1, 2,]', [1, 2]],
    // Keywords are imported in any mixture.
    ['import rego.v1\nimport future.keywords.in\nr if 1 in [1]', true],
    ['r := 1\nimport data.other\n', 1],
    ['default r\n', true],
    // Text without escapes is taken as it is, halves of characters are not.
    ['r := "a\tb"', 'a\tb'],
    ['r := "\\ud83d"', '\ufffd'],
    ['r2 := 1\nx٣ := 2\nr := x٣', 2],
    ['p [x] := 1 if x := "a"\nr := p', { a: 1 }],
    ['if.a := 1\nr if if.a == 1', true],
    ['r if { some (x in [1]); x == 1 }', true],
    ['f() := 3\nr := f', 3],
    ['r := 1e400 > 1e399', true],
  ])('%j gives %j', (text, value) => {
    expect(evaluate(text)).toEqual(value);
  });

  it.each([
    'r if not some x',
    'r if not every x in [1] { x }',
    'r if { true; }',
    'r if { some x with input as 1 }',
    'r else := 1',
    'r := 1 else := 2',
    'r if { false } else := 1 else := 2',
    'r if { false } else := 1 if {1} == {1}',
    'r contains 1 if { true } else := 1',
    'r[x] if { x := 1 } else := 1',
    'f()',
    'r := "".b',
    'r := null.b',
    'r := [true.x]',
    'r := - -1',
    'r := 01',
    'r := 1.',
    'r := 1e99999',
    'r := "\\x"',
    'r := [,]',
    'contains := 1',
    'default f(x, x) := 1',
    'default f([x]) := 1',
    'import data.a as if',
    'import data.if',
    'import data.a\nimport data.b.a',
    'import rego.v1 as x',
    'import future.keywords.none',
    'import rego.v3',
    'r if some x + 1 in [1]; x\nevery 1 in [1] { true }',
  ])('%j is refused', (text) => {
    expect(() => evaluate(text)).toThrow(RegoError);
  });

  it.each(['[a|', '{a|', '{1:a|', '[a|b,[', 'x|[a|'])(
    'reads %s in itself without end in a moment',
    (open) => {
      const nested = `${open.repeat(120)}a${']'.repeat(120)}`;
      expect(() => evaluate(`r := ${nested}`)).toThrow(RegoError);
      expect(() => evaluate(`r := ${open.repeat(5000)}`)).toThrow(RegoError);
    },
  );

  it('reads unions that are nested as deep as terms may be once', () => {
    const depth = 60;
    expect(
      evaluate(`a := {1}\nr := count(${'[a | '.repeat(depth)}a${', 1]'.repeat(depth)})`),
    ).toBeUndefined();
  });
});

function evaluate(text: string): unknown {
  const policy = preparePolicy([{ file: 'policy.rego', text: `package policy\n${text}` }]);
  const value = policy.value('data.policy.r', { input: {}, strict: false });
  return value === undefined ? undefined : toJson(value);
}
