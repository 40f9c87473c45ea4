import type { JsonObject, JsonValue } from '@sealwright/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appraiseKyvernoPolicy,
  type Authority,
  CosignError,
  parseKyvernoPolicy,
} from '../src/policy/index.js';
import { evaluate } from '../src/policy/jmespath/evaluate.js';
import { parseExpression } from '../src/policy/jmespath/parse.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const regExp = (pattern: string) => {
  const compiled = new RegExp(pattern, 'u');
  return { pattern, test: (text: string) => compiled.test(text) };
};
const context = () => ({ now: NOW, regExp, left: 1_000_000 });
const search = (expression: string, value: JsonValue): JsonValue =>
  evaluate(parseExpression(expression), value, context());

const DOCUMENT: JsonObject = {
  a: { b: { c: 1 }, 'd e': 'x' },
  list: [3, 1, 2],
  words: ['b', 'a'],
  people: [
    { name: 'ann', age: 30, tags: ['x', 'y'] },
    { name: 'bob', age: 20, tags: ['y'] },
    { name: 'cid', tags: [] },
  ],
  text: 'some text',
  empty: '',
  nested: [[1, 2], [3], 4],
};

describe('JMESPath', () => {
  it.each<[string, JsonValue]>([
    ['a.b.c', 1],
    ['a."d e"', 'x'],
    ['a.missing.c', null],
    ['list[0]', 3],
    ['list[-1]', 2],
    ['list[9]', null],
    ['list[1:]', [1, 2]],
    ['list[::-1]', [2, 1, 3]],
    ['list[:-1]', [3, 1]],
    ['list[5:1:-1]', [2]],
    ['people[*].name', ['ann', 'bob', 'cid']],
    ['people[*].age', [30, 20]],
    ['people[*].tags[0]', ['x', 'y']],
    ['people[].tags[]', ['x', 'y', 'y']],
    ['nested[]', [1, 2, 3, 4]],
    ['people[?age > `25`].name', ['ann']],
    ["people[?name == 'bob'] | [0].age", 20],
    ["people[?contains(tags, 'y') && age < `25`].name | [0]", 'bob'],
    ['people[?!age].name', ['cid']],
    ['a.*.c', [1]],
    ['*.b', [{ c: 1 }]],
    ['people[0].[name, age]', ['ann', 30]],
    ['people[0].{n: name, "a b": age}', { n: 'ann', 'a b': 30 }],
    ['[a.b.c, text]', [1, 'some text']],
    ['{x: text}', { x: 'some text' }],
    ["missing || 'else'", 'else'],
    ['a.b.c && text', 'some text'],
    ['!empty', true],
    ['(missing || a).b.c', 1],
    ['`{"k": [1, null]}`.k[0]', 1],
    ['`"text"`', 'text'],
    ["'it\\'s'", "it's"],
    ['@.a.b.c', 1],
    ['list == `[3, 1, 2]`', true],
    ['text < `1`', null],
    ['sort(list)', [1, 2, 3]],
    ['sort_by(people[?age], &age)[0].name', 'bob'],
    ['max_by(people[?age], &age).name', 'ann'],
    ['min(list)', 1],
    ['max(words)', 'b'],
    ['map(&name, people)', ['ann', 'bob', 'cid']],
    ['length(people)', 3],
    ['length(text)', 9],
    ['keys(a)', ['b', 'd e']],
    ['values(a.b)', [1]],
    ["join('-', words)", 'b-a'],
    ['reverse(words)', ['a', 'b']],
    ['sum(list)', 6],
    ['avg(list)', 2],
    ['avg(`[]`)', null],
    ['merge(a.b, `{"d": 2}`)', { c: 1, d: 2 }],
    ["not_null(missing, 'x')", 'x'],
    ['to_array(text)', ['some text']],
    ["to_number('1.5')", 1.5],
    ["to_number('x')", null],
    ['to_string(a.b)', '{"c":1}'],
    ['type(list)', 'array'],
    ["starts_with(text, 'some') && ends_with(text, 'text')", true],
    ["to_upper(text) | split(@, ' ')", ['SOME', 'TEXT']],
    ["trim('xxaxx', 'x')", 'a'],
    ["replace_all(text, ' ', '$&')", 'some$&text'],
    ["regex_match('^so.e', text)", true],
    ["pattern_match('some*', text)", true],
    ["semver_compare('1.4.2', '>=1.2.0 <2.0.0')", true],
    ["semver_compare('2.0.0-rc.1', '>=2.0.0 || 1.0.0')", false],
    ["semver_compare('1.4.2', '1.x')", true],
    ["semver_compare('1.4.2', '1.4.x')", true],
    ["semver_compare('1.4.2', '>1.4.x')", false],
    ["semver_compare('1.5.0', '>1.4.x')", true],
    ["semver_compare('1.4.2', '>=1.4.x <2.x')", true],
    ["semver_compare('2.0.0', '<=1.x')", false],
    ["semver_compare('1.4.2', '!1.x')", false],
    ["contains('a1', `1`)", false],
    ['parse_json(\'{"a": 1}\').a', 1],
    ["base64_decode('YWI=')", 'ab'],
    ["lookup(a, 'd e')", 'x'],
    ["time_since('', '2026-01-14T12:00:00Z', '')", '24h0m0s'],
    ["time_since('', '2026-01-15T11:59:58.5Z', '')", '1.5s'],
    ["time_diff('2026-01-15T12:00:00Z', '2026-01-15T11:00:00Z')", '-1h0m0s'],
    ["time_after(time_now_utc(), '2026-01-01T00:00:00Z')", true],
    ['add(`1`, `2`)', 3],
    ['__proto__', null],
    ['a.constructor', null],
  ])('%s', (expression, expected) => {
    expect(search(expression, DOCUMENT)).toEqual(expected);
  });

  it.each([
    '',
    'a.',
    'a[',
    'a b',
    '.a',
    'a[?b',
    '"a',
    "'a",
    '`{`',
    '`text`',
    '[]]',
    'f(',
    'f(a,)',
    '{a}',
    '[a b]',
    'a.[0]',
    '#',
    'list[1:2:3:4]',
    '('.repeat(200),
  ])('refuses %j', (expression) => {
    expect(() => parseExpression(expression)).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_POLICY' }));
  });

  it.each([
    'unknown(a)',
    'length(`1`)',
    'length()',
    'sort(people)',
    "join(',', list)",
    'divide(`1`, `0`)',
    "time_since('', 'yesterday', '')",
    "time_since('2006', '2026-01-14T12:00:00Z', '')",
    'list[::0]',
    'sum(`[]`)',
    'modulo(`1.5`, `1`)',
    "replace_all('a', 'b', `1`)",
    "pattern_match('a', list)",
    "time_diff('', '2026-01-14T12:00:00Z', '2026-01-14T12:00:00Z')",
    "time_between('2026-01-14T12:00:00Z', '2026-01-15T12:00:00Z', 'never')",
    "parse_json('{')",
    "base64_decode('?')",
    'sort_by(people, &age)',
  ])('has no answer for %s', (expression) => {
    expect(() => search(expression, DOCUMENT)).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_NO_MATCH' }),
    );
  });

  it('takes a bounded number of steps', () => {
    const list = Array.from({ length: 2000 }, (_, index) => index);
    expect(() => search('list[?contains($, @)]'.replace('$', '`[1]`'), { list })).not.toThrow();
    const inner = `\`${JSON.stringify(list)}\``;
    expect(() => search(`list[?length(${inner}[?@ > \`0\`]) > \`0\`]`, { list })).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_LIMIT' }),
    );
    const doubling = Array.from({ length: 30 }, () => "replace_all(@, 'a', 'aa')").join(' | ');
    expect(() => search(doubling, 'a')).toThrow(CosignError);
  });
});

const authority =
  (predicate: JsonValue): Authority =>
  async ({ predicateType = '' }) => ({
    by: 'somebody',
    signatures: [{ digest: 'sha256:0', statement: { predicateType, predicate } }],
  });

const policyOf = (condition: object) =>
  parseKyvernoPolicy({
    kind: 'ClusterPolicy',
    metadata: { name: 'p' },
    spec: {
      validationFailureAction: 'Enforce',
      rules: [
        {
          name: 'r',
          verifyImages: [
            {
              imageReferences: ['*'],
              attestations: [
                {
                  type: 'https://example.com/p',
                  attestors: [{ entries: [{ keys: { kms: 'k' } }] }],
                  conditions: [condition],
                },
              ],
            },
          ],
        },
      ],
    } as unknown as JsonObject,
  });

async function judge(
  condition: object,
  predicate: JsonValue = PREDICATE,
  more = {},
): Promise<[boolean, string]> {
  const options = { now: NOW, regExp, ...more };
  const verdict = await appraiseKyvernoPolicy(policyOf(condition), 'a', authority(predicate), options);
  return [verdict.allowed, verdict.checks.at(-1)?.reason ?? ''];
}

const holds = async (key: JsonValue, operator: string, value: JsonValue): Promise<boolean> =>
  (await judge({ all: [{ key, operator, value }] }))[0];

const PREDICATE: JsonObject = {
  builder: { id: 'https://github.com/example/build' },
  metadata: { scanFinishedOn: '2026-01-15T10:00:00Z' },
  severities: ['LOW', 'MEDIUM'],
  count: 7,
  size: '512Mi',
  reproducible: true,
  star: '*',
  sneaky: '{{ secret }}',
  quote: "x') || ('y",
  secret: 'found',
  names: { a: 'b' },
  version: '1.10.0',
};

describe('conditions over attestations', () => {
  it.each<[JsonValue, string, JsonValue, boolean]>([
    ['{{ builder.id }}', 'Equals', 'https://github.com/example/build', true],
    ['{{ builder.id }}', 'equals', 'https://github.com/*', true],
    ['{{ builder.id }}', 'NotEquals', 'https://github.com/*', false],
    ['{{ count }}', 'Equals', 7, true],
    ['{{ count }}', 'Equals', '7', true],
    ['{{ count }}', 'Equals', '7x', false],
    ['{{ reproducible }}', 'Equals', true, true],
    ['{{ reproducible }}', 'Equals', 'true', false],
    ['{{ severities }}', 'Equals', ['LOW', 'MEDIUM'], true],
    ['{{ size }}', 'Equals', '0.5Gi', true],
    ['{{ size }}', 'GreaterThan', '500M', true],
    ['{{ size }}', 'LessThan', '1Gi', true],
    ['{{ count }}', 'GreaterThanOrEquals', 7, true],
    ['{{ count }}', 'LessThanOrEquals', '6.5', false],
    ['{{ version }}', 'GreaterThan', '1.9.3', true],
    ['{{ severities }}', 'AnyIn', ['LOW', 'CRITICAL'], true],
    ['{{ severities }}', 'AllIn', ['LOW', 'CRITICAL'], false],
    ['{{ severities }}', 'AllIn', ['L*', 'M*'], true],
    ['{{ severities }}', 'AllIn', '["LOW","MEDIUM"]', true],
    ['{{ severities }}', 'AnyNotIn', ['LOW', 'MEDIUM'], false],
    ['{{ severities }}', 'AnyNotIn', ['LOW'], true],
    ['{{ severities }}', 'AllNotIn', ['CRITICAL', 'HIGH'], true],
    ['{{ severities }}', 'AllNotIn', ['CRITICAL', 'LOW'], false],
    ['{{ severities }}', 'NotIn', ['LOW'], true],
    ['{{ severities }}', 'NotIn', ['LOW', 'MEDIUM'], false],
    ['{{ severities }}', 'In', ['L*', 'M*'], false],
    ['{{ severities }}', 'In', ['LOW', 'MEDIUM', 'HIGH'], true],
    ['{{ severities }}', 'In', 'LOW', false],
    ['{{ severities }}', 'NotIn', 'LOW', false],
    ['{{ severities }}', 'NotIn', '["LOW"]', true],
    ['{{ severities }}', 'In', ['LOW', 'MEDIUM', 1], false],
    [['LOW'], 'NotIn', 'LOW', true],
    [['LOW'], 'AnyNotIn', 'LOW', false],
    [['LOW', 1], 'NotIn', ['HIGH'], false],
    // what is no set holds nothing, and excludes nothing
    ['a', 'NotIn', 'b', false],
    ['a', 'AllNotIn', 5, false],
    ['a', 'AnyNotIn', true, false],
    ['a', 'AllNotIn', '{"b":1}', false],
    ['a', 'AllNotIn', '[1]', false],
    ['a', 'AllNotIn', 'null', true],
    ['a', 'AllNotIn', 'b', true],
    [1, 'AnyIn', 1, false],
    [[1], 'AnyIn', 1, true],
    [['a'], 'AnyNotIn', true, true],
    [['a'], 'AllNotIn', true, false],
    [[], 'AllIn', ['a'], true],
    [[], 'AnyIn', ['a'], false],
    [[], 'NotIn', ['a'], false],
    ['["a"]', 'AllIn', '["a"]', true],
    ['90m', 'AnyIn', '1h-2h', true],
    ['3h', 'AllNotIn', '1h-2h', true],
    [['5', '50'], 'AllIn', '5-10', false],
    [['5', '50'], 'AnyNotIn', '5-10', true],
    [['x'], 'AnyNotIn', '5-10', false],
    [['x'], 'AnyNotIn', '-5-10', true],
    ['5-10', 'AnyIn', '5-10', true],
    // quantities, durations and numbers are compared with their own kind
    ['1Gi', 'NotEquals', 'x', false],
    ['1Gi', 'NotEquals', '', true],
    ['1Gi', 'NotEquals', '1Mi', true],
    [5, 'Equals', '5.0', false],
    [5.5, 'Equals', '5.50', true],
    [5, 'NotEquals', 5.5, false],
    [5, 'NotEquals', '5.0', true],
    ['5', 'LessThan', '1h', true],
    ['0', 'DurationLessThan', '1s', true],
    [1.9, 'DurationLessThanOrEquals', '1s', true],
    ['1e3', 'GreaterThan', 999, true],
    // an expression may have no value, a name may not
    ["{{ missing || '' }}", 'NotEquals', 'x', true],
    ['{{ missing || missing }}', 'NotEquals', 'x', false],
    ['x', 'NotEquals', '{{ missing || missing }}', true],
    ['x{{ missing || missing }}', 'NotEquals', 'x', false],
    ['{{ secret }}', 'In', ['lost', 'found'], true],
    ['{{ count }}', 'AnyIn', '5-10', true],
    ['{{ count }}', 'AnyNotIn', '5-10', false],
    ['LOW', 'AnyIn', '{{ severities }}', true],
    ['L*', 'AnyIn', '{{ severities }}', true],
    ["{{ time_since('', '{{ metadata.scanFinishedOn }}', '') }}", 'LessThanOrEquals', '24h', true],
    ["{{ time_since('', metadata.scanFinishedOn, '') }}", 'DurationGreaterThan', '2h', false],
    ["{{ time_since('', metadata.scanFinishedOn, '') }}", 'DurationGreaterThanOrEquals', 7200, true],
    ['3600', 'DurationLessThan', '1h', false],
    [3600, 'DurationLessThanOrEquals', '1h', true],
    ['60m', 'Equals', '1h', true],
    ["{{ regex_match('^https://github', '{{ builder.id }}') }}", 'Equals', true, true],
    ['id: {{ builder.id }}, {{ count }}', 'Equals', 'id: https://github.com/example/build, 7', true],
    ['{{ names.{{ `"a"` }} }}', 'Equals', 'b', true],
    ['\\{{ count }}', 'Equals', '\\{{ count }}', true],
    // nothing that was attested is a pattern, a variable or part of an expression
    ['{{ star }}', 'AnyIn', ['anything'], false],
    ['{{ star }}', 'Equals', 'anything', false],
    ['anything', 'Equals', '{{ star }}', false],
    ['{{ sneaky }}', 'Equals', 'found', false],
    ['{{ sneaky }}', 'Equals', '\\{{ secret }}', true],
    ["{{ contains('{{ quote }}', 'y') && to_string('{{ quote }}') }}", 'Equals', "x') || ('y", true],
    // nothing is no value
    ['{{ missing }}', 'Equals', '*', false],
    ['{{ missing }}', 'NotEquals', 'x', false],
    ['{{ missing }}', 'AllNotIn', ['x'], false],
    [null, 'NotEquals', 'x', false],
    ['{{ names }}', 'AnyIn', ['x'], false],
    ['{{ names }}', 'AllNotIn', ['x'], false],
    [[{}], 'AllNotIn', ['x'], false],
    ['x', 'GreaterThan', 1, false],
  ])('%j %s %j: %s', async (key, operator, value, expected) => {
    expect(await holds(key, operator, value)).toBe(expected);
  });

  it('hold for each group: all of all, and one of any', async () => {
    const yes = { key: '{{ count }}', operator: 'Equals', value: 7 };
    const no = { ...yes, value: 8, message: 'not eight' };
    expect(await judge({ any: [no, yes], all: [yes] })).toEqual([true, 'they hold for each attestation']);
    expect(await judge({ any: [no, no] })).toEqual([false, 'not eight; not eight']);
    expect(await judge({ any: [yes], all: [no] })).toEqual([false, 'not eight']);
    expect((await judge({ all: [yes] }, []))[1]).toBe('the predicate is no object');
    const unknown = { ...yes, key: '{{ missing }}' };
    expect((await judge({ any: [yes, unknown] }))[1]).toContain('names nothing that is there');
  });

  it('ask for what is given besides, which no predicate can stand in for', async () => {
    const variables = { request: { operation: 'CREATE' } };
    const condition = { all: [{ key: '{{ request.operation }}', operator: 'Equals', value: 'CREATE' }] };
    expect((await judge(condition, { request: { operation: 'x' } }, { variables }))[0]).toBe(true);
    const timed = { all: [{ key: '{{ time_now_utc() }}', operator: 'Equals', value: '*' }] };
    expect((await judge(timed, {}, { now: undefined }))[1]).toContain('nobody says what time it is');
    const matching = { all: [{ key: "{{ regex_match('a', 'a') }}", operator: 'Equals', value: true }] };
    expect((await judge(matching, {}, { regExp: undefined }))[1]).toContain('regular expressions');
  });

  it.each([
    [{}, ''],
    [{ all: {} }, '/all'],
    [{ all: [{ key: 'a', operator: 'Like', value: 'b' }] }, '/all/0/operator'],
    [{ all: [{ key: '{{ a', operator: 'Equals' }] }, '/all/0/key'],
    [{ all: [{ key: '{{ a b }}', operator: 'Equals' }] }, '/all/0/key'],
    [{ all: [{ key: 'a', operator: 'Equals', value: ['{{ }}'] }] }, '/all/0/value/0'],
    [{ all: [{ key: 'a', operator: 'Equals', more: 1 }] }, '/all/0/more'],
    [{ some: [] }, ''],
  ])('refuses %j', (condition, below) => {
    const pointer = `/spec/rules/0/verifyImages/0/attestations/0/conditions/0${below}`;
    expect(() => policyOf(condition)).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_POLICY', pointer }),
    );
  });

  it('of any text are a verdict or a CosignError, over any predicate', async () => {
    const parts = [
      '{{',
      '}}',
      "'",
      '"',
      '`',
      'a',
      '.',
      '[',
      ']',
      '[?',
      '*',
      '(',
      ')',
      '|',
      '&',
      ' ',
      '1',
      '@',
      '\\',
      'length',
      ',',
    ];
    const text = fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((all) => all.join(''));
    const operator = fc.constantFrom('Equals', 'AnyIn', 'AllNotIn', 'LessThan', 'DurationLessThan');
    const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }));
    await fc.assert(
      fc.asyncProperty(
        text,
        operator,
        value,
        fc.jsonValue({ maxDepth: 3 }),
        async (key, by, against, predicate) => {
          try {
            await judge({ all: [{ key, operator: by, value: against }] }, predicate as JsonValue);
          } catch (error) {
            expect(error).toBeInstanceOf(CosignError);
          }
        },
      ),
      { numRuns: 10_000, seed: 11 },
    );
  }, 60_000);

  it('costs a bounded number of steps, over all attestations and whatever patterns', async () => {
    const pattern = `${'*a'.repeat(2047)}b`;
    const texts = Array.from({ length: 100 }, () => 'a'.repeat(4096));
    const exhausted = expect.stringContaining('conditions take more than');
    const patterned = { key: '{{ texts }}', operator: 'AnyIn', value: [pattern] };
    expect(await judge({ all: [patterned] }, { texts })).toEqual([false, exhausted]);
    const called = { key: `{{ texts[?pattern_match('${pattern}', @)] }}`, operator: 'Equals', value: 'x' };
    expect(await judge({ all: [called] }, { texts })).toEqual([false, exhausted]);
    const sorted = { key: '{{ length(sort(list)) }}', operator: 'Equals', value: 50_000 };
    const predicate = { list: Array.from({ length: 50_000 }, (_, index) => index) };
    const answers: Authority = async (request) => {
      const { by, signatures } = await authority(predicate)(request);
      return { by, signatures: Array.from({ length: 100 }, () => signatures).flat() };
    };
    const verdict = await appraiseKyvernoPolicy(policyOf({ all: [sorted] }), 'a', answers, { now: NOW });
    expect(verdict.allowed).toBe(false);
    expect(verdict.checks.at(-1)?.reason).toEqual(exhausted);
    expect(await judge({ all: [sorted] }, predicate)).toEqual([true, 'they hold for each attestation']);
  });
});
