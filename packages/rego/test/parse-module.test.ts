import { describe, expect, it } from 'vitest';
import { preparePolicy, RegoError, toJson } from '../src/index.js';
import { PARSE_MODULE } from '../src/parse-module/index.js';

const policy = preparePolicy([], { functions: PARSE_MODULE });

function treeOf(text: string, strict = false): unknown {
  const value = policy.value('rego.parse_module("m.rego", input)', { input: text, strict });
  return value === undefined ? undefined : toJson(value);
}

/** The first rule of a module that has only it. */
function ruleOf(text: string): unknown {
  const value = policy.value('rego.parse_module("m.rego", input).rules[0]', {
    input: `package a\n\n${text}`,
  });
  return value === undefined ? undefined : toJson(value);
}

const variable = (value: string): unknown => ({ type: 'var', value });
const string = (value: string): unknown => ({ type: 'string', value });
const number = (value: number): unknown => ({ type: 'number', value });
const reference = (name: string, ...names: string[]): unknown => ({
  type: 'ref',
  value: [variable(name), ...names.map(string)],
});
const yes = { type: 'boolean', value: true };
const generated = [{ generated: true, index: 0, terms: yes }];
const named = (name: string): Record<string, unknown> => ({ name, ref: [variable(name)] });
const assigned = (value: unknown): unknown => ({
  head: { ...named('p'), assign: true, value },
  body: generated,
});
const ifBody = (...body: unknown[]): unknown => ({ head: { ...named('p'), value: yes }, body });

describe('rego.parse_module', () => {
  it('gives package, imports and comments', () => {
    expect(
      treeOf(
        'package a["b c"]\n\nimport rego.v1\nimport data.x as y\nimport input.z\n\n\t# \u00fc\u{1f600}\n',
      ),
    ).toEqual({
      package: { path: [variable('data'), string('a'), string('b c')] },
      imports: [
        { path: reference('rego', 'v1') },
        { path: reference('data', 'x'), alias: 'y' },
        { path: reference('input', 'z') },
      ],
      comments: [{ Text: 'IMO88J+YgA==', Location: { file: 'm.rego', row: 7, col: 2 } }],
    });
    expect(treeOf('package a')).toEqual({ package: { path: [variable('data'), string('a')] } });
  });

  it.each([
    ['default p := false', { default: true, ...Object(assigned({ type: 'boolean', value: false })) }],
    ['p = 1', { head: { ...named('p'), value: number(1) }, body: generated }],
    ['p contains 3', { head: { ...named('p'), key: number(3) }, body: generated }],
    [
      'p.q := 1',
      {
        head: {
          name: 'p',
          ref: [variable('p'), string('q')],
          key: string('q'),
          assign: true,
          value: number(1),
        },
        body: generated,
      },
    ],
    [
      'p.q := 1 if input',
      {
        head: { name: 'p', ref: [variable('p'), string('q')], assign: true, value: number(1) },
        body: [{ index: 0, terms: reference('input') }],
      },
    ],
    [
      'p[x] if x',
      {
        head: { ref: [variable('p'), variable('x')], key: variable('x'), value: yes },
        body: [{ index: 0, terms: variable('x') }],
      },
    ],
    [
      'p.q[x].r = 1 if x',
      {
        head: { ref: [variable('p'), string('q'), variable('x'), string('r')], value: number(1) },
        body: [{ index: 0, terms: variable('x') }],
      },
    ],
    [
      'p(x, _) := x',
      {
        head: { ...Object(assigned(variable('x'))).head, args: [variable('x'), variable('$0')] },
        body: generated,
      },
    ],
    [
      'p(_) if false else = 2',
      {
        head: { ...named('p'), args: [variable('$0')], value: yes },
        body: [{ index: 0, terms: { type: 'boolean', value: false } }],
        else: { head: { ...named('p'), args: [variable('$1')], value: number(2) }, body: generated },
      },
    ],
  ])('gives the rule %s', (text, rule) => {
    expect(ruleOf(text)).toEqual(rule);
  });

  it.each([
    ['null', { type: 'null', value: {} }],
    ['-1.5', number(-1.5)],
    ['data', reference('data')],
    ['input.x[_].y', { type: 'ref', value: [variable('input'), string('x'), variable('$0'), string('y')] }],
    ['[1, "a"]', { type: 'array', value: [number(1), string('a')] }],
    [
      '{x, "a", 2, 1, 2, [0], f(1)}',
      {
        type: 'set',
        value: [
          number(1),
          number(2),
          string('a'),
          variable('x'),
          { type: 'array', value: [number(0)] },
          { type: 'call', value: [reference('f'), number(1)] },
        ],
      },
    ],
    [
      '{"b": 1, "a": 2}',
      {
        type: 'object',
        value: [
          [string('a'), number(2)],
          [string('b'), number(1)],
        ],
      },
    ],
    ['1 + x', { type: 'call', value: [reference('plus'), number(1), variable('x')] }],
    ['a.b(1)', { type: 'call', value: [reference('a', 'b'), number(1)] }],
    [
      '[x | x = 1]',
      {
        type: 'arraycomprehension',
        value: {
          term: variable('x'),
          body: [{ index: 0, terms: [reference('eq'), variable('x'), number(1)] }],
        },
      },
    ],
    [
      '{1: x | x}',
      {
        type: 'objectcomprehension',
        value: { key: number(1), value: variable('x'), body: [{ index: 0, terms: variable('x') }] },
      },
    ],
    [
      '$"a{x}{1}"',
      {
        type: 'templatestring',
        value: { multi_line: false, parts: [string('a'), { index: 0, terms: variable('x') }, number(1)] },
      },
    ],
    ['$``', { type: 'templatestring', value: { multi_line: true, parts: null } }],
  ])('gives the term %s', (text, term) => {
    expect(ruleOf(`p := ${text}`)).toEqual(assigned(term));
  });

  it.each([
    ['x := 1', { terms: [reference('assign'), variable('x'), number(1)] }],
    ['x == 1', { terms: [reference('equal'), variable('x'), number(1)] }],
    ['not x', { terms: variable('x'), negated: true }],
    ['some x, _', { terms: { symbols: [variable('x'), variable('$0')] } }],
    [
      'some x in y',
      {
        terms: {
          symbols: [
            { type: 'call', value: [reference('internal', 'member_2'), variable('x'), variable('y')] },
          ],
        },
      },
    ],
    ['1, x in y', { terms: [reference('internal', 'member_3'), number(1), variable('x'), variable('y')] }],
    [
      'every x in y { x }',
      {
        terms: {
          key: null,
          value: variable('x'),
          domain: variable('y'),
          body: [{ index: 0, terms: variable('x') }],
        },
      },
    ],
    [
      'x with input.a as 1 with f as g',
      {
        terms: variable('x'),
        with: [
          { target: reference('input', 'a'), value: number(1) },
          { target: variable('f'), value: variable('g') },
        ],
      },
    ],
  ])('gives the line %s', (text, line) => {
    expect(ruleOf(`p if { ${text} }`)).toEqual(ifBody({ index: 0, ...line }));
  });

  it('gives lines of the keywords and, or and not', () => {
    const imports = 'import future.keywords.and\nimport future.keywords.or\nimport future.keywords.not\n';
    const x = [{ index: 0, terms: variable('x') }];
    expect(ruleOf(`${imports}p if x or {x}`)).toEqual(
      ifBody({ index: 0, terms: { type: 'or', lhs: x, rhs: x, explicit_rhs: true } }),
    );
    expect(ruleOf(`${imports}p if not {x}`)).toEqual(
      ifBody({ index: 0, terms: { type: 'not', body: x, explicit_body: true } }),
    );
  });

  it('gives a negated line as a body by the keyword not', () => {
    const body = [{ index: 0, terms: variable('x') }];
    expect(ruleOf('import future.keywords.not\np if not x')).toEqual(
      ifBody({ index: 0, terms: { type: 'not', body, explicit_body: false } }),
    );
  });

  it('fails for what is no module', () => {
    for (const text of ['', 'package a.', 'package a\np {', 'package a\np { true }', '# only a comment']) {
      expect(treeOf(text)).toBeUndefined();
      expect(() => treeOf(text, true)).toThrow(RegoError);
    }
    expect(() => treeOf('package a.', true)).toThrow(
      'm.rego:1: rego_parse_error: unexpected eof token: expected ident',
    );
    expect(() => treeOf(`package a\np := ${'['.repeat(5000)}`, true)).toThrow('rego_parse_error');
  });

  it('takes steps for long modules', () => {
    const input = `package a\n# ${'x'.repeat(10_000)}`;
    expect(() => policy.value('rego.parse_module("m.rego", input)', { input, maxSteps: 100 })).toThrow(
      RegoError,
    );
  });
});
