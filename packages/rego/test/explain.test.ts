import { describe, expect, it } from 'vitest';
import { Coverage } from '../src/coverage.js';
import { explanationText, preparePolicy, toJson } from '../src/index.js';

const text = `package policy

default allow := false

allow if {
  input.tee == "snp"
  some m in data.measurements
  m == input.measurement
  every x in input.list { x > 1 }
  not banned
}

banned if input.user in {"eve"}

next(x) := y if { y := x + 1; y > 3 }

other := next(input.n)
`;
const policy = preparePolicy([{ file: 'policy.rego', text }], { data: { measurements: ['ab', 'cd'] } });
const failureOf = (input: object) =>
  policy.explain('data.policy.allow', { input }).rules[0]?.clauses[0]?.failure;

describe('an explanation', () => {
  it.each([
    [{ tee: 'x' }, 6, 'input.tee == "snp"', 'false', { 'input.tee': 'x' }],
    [{}, 6, 'input.tee == "snp"', 'undefined', { 'input.tee': undefined }],
    [
      { tee: 'snp', measurement: 'zz' },
      8,
      'm == input.measurement',
      'false',
      { m: 'ab', 'input.measurement': 'zz' },
    ],
    [
      { tee: 'snp', measurement: 'cd' },
      9,
      'every x in input.list { x > 1 }',
      'false',
      { 'input.list': undefined },
    ],
    [
      { tee: 'snp', measurement: 'cd', list: [2], user: 'eve' },
      10,
      'not banned',
      'negated',
      { banned: true },
    ],
  ])('of %j names line %i', (input, line, written, reason, saw) => {
    const failure = failureOf(input);
    expect(failure).toMatchObject({ text: written, reason, place: { file: 'policy.rego', line } });
    expect(Object.fromEntries((failure?.saw ?? []).map((each) => [each.text, each.value]))).toEqual(saw);
  });

  it('says how often a line was tried, and what failed within it', () => {
    expect(failureOf({ tee: 'snp', measurement: 'zz' })?.tries).toBe(2);
    expect(failureOf({ tee: 'snp', measurement: 'cd', list: [2, 1] })?.inner).toMatchObject({
      text: 'x > 1',
      saw: [{ text: 'x', value: 1 }],
    });
  });

  it('tells of the rules that a clause asked for, and what functions were called with', () => {
    const { rules, failure } = policy.explain('data.policy.other', { input: { n: 1 } });
    expect(failure).toMatchObject({ reason: 'undefined' });
    const [inner] = rules[0]?.clauses[0]?.rules ?? [];
    expect(inner).toMatchObject({ name: 'data.policy.next', args: [1], value: undefined });
    expect(inner?.clauses[0]?.failure).toMatchObject({ text: 'y > 3', saw: [{ text: 'y', value: 2 }] });
  });

  it('gives the same value as without', () => {
    for (const input of [{}, { tee: 'snp', measurement: 'cd', list: [2] }]) {
      const { value, rules } = policy.explain('data.policy.allow', { input });
      expect(value).toBe(policy.value('data.policy.allow', { input }));
      expect(rules[0]?.isDefault).toBe(value === false);
    }
  });

  it('is text for people', () => {
    const written = explanationText(policy.explain('data.policy.allow', { input: { tee: 'x' } }));
    expect(written).toBe(
      [
        'data.policy.allow is false',
        '  data.policy.allow is false, by default',
        '    - policy.rego:5  allow if { …',
        '      line 6: input.tee == "snp"  was false',
        '        input.tee is "x"',
        '    + policy.rego:3  default allow := false',
        '',
      ].join('\n'),
    );
  });

  it('ends at its budget', () => {
    const input = { tee: 'snp', list: Array.from({ length: 1000 }, () => 2), measurement: 'cd' };
    expect(() => policy.explain('data.policy.allow', { input, maxSteps: 100 })).toThrow(
      expect.objectContaining({ code: 'ERR_REGO_LIMIT' }),
    );
  });
});

describe('coverage', () => {
  it('adds up over evaluations', () => {
    const coverage = new Coverage();
    policy.value('data.policy.allow', { input: { tee: 'x' }, coverage });
    expect(coverage.files()['policy.rego']).toMatchObject({ covered: [3, 6], coverage: 20 });
    const input = { tee: 'snp', measurement: 'cd', list: [2], n: 3 };
    expect(toJson(policy.value('data.policy', { input, coverage }) ?? null)).toEqual({
      allow: true,
      other: 4,
    });
    expect(coverage.files()['policy.rego']?.notCovered).toEqual([]);
    expect(coverage.coverage).toBe(100);
  });
});
