import { describe, expect, it } from 'vitest';
import { runIn, testIo, textOf } from './test-io.js';

const POLICY = `package policy

default allow := false

allow if {
	input.tee == "snp"
	input.measurement in data.measurements
}
`;
const TESTS = `package policy_test

import data.policy

test_allow if policy.allow with input as {"tee": "snp", "measurement": "ab"} with data.measurements as ["ab"]

test_refuse if not policy.allow with input as {"tee": "sample"}
`;
const files = {
  'p/policy.rego': POLICY,
  'p/policy_test.rego': TESTS,
  'p/measurements/data.json': '["ab12"]',
  'in.json': '{"tee": "snp", "measurement": "ab12", "n": 12345678901234567890}',
  'in.yaml': 'tee: snp\nmeasurement: cd\n',
};

describe('policy eval', () => {
  it('answers as opa eval does', async () => {
    const io = testIo(files);
    const ran = await runIn(io, 'policy', 'eval', '-d', 'p', '-i', 'in.json', 'data.policy.allow');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({
      result: [{ expressions: [{ value: true, text: 'data.policy.allow', location: { row: 1, col: 1 } }] }],
    });
  });

  it.each([
    [['--format', 'raw', 'data.policy.allow'], 'true\n'],
    [['--format', 'values', 'data.policy.allow; input.tee'], '[true,"snp"]\n'],
    [['--format', 'bindings', 'x := input.tee'], '{"x":"snp"}\n'],
    [['--format', 'pretty', 'data.none'], 'undefined\n'],
    [['--format', 'pretty', '{"a": {1}}'], '{\n  "a": [\n    1\n  ]\n}\n'],
    [['--format', 'pretty', 'some x in [1, 2]'], '+---+\n| x |\n+---+\n| 1 |\n| 2 |\n+---+\n'],
    [['--format', 'raw', 'input.n + 1'], '12345678901234567891\n'],
    [['--format', 'raw', '1 / 3'], '0.33333333333333333334\n'],
    [['--format', 'raw', '--compat', 'regorus', '1 / 3'], '0.3333333333333333\n'],
    [['--format', 'raw', '--package', 'policy', 'allow'], 'true\n'],
    [['data.none'], '{}\n'],
  ])('prints %j', async (args, stdout) => {
    expect(await runIn(testIo(files), 'policy', 'eval', '-d', 'p', '-i', 'in.json', ...args)).toMatchObject({
      exitCode: 0,
      stdout,
    });
  });

  it('says why', async () => {
    const ran = await runIn(
      testIo(files),
      'policy',
      'eval',
      '-d',
      'p',
      '-i',
      'in.yaml',
      '--explain',
      'fails',
      'data.policy.allow',
    );
    expect(ran.stderr).toContain('line 7: input.measurement in data.measurements  was false\n');
    expect(ran.stderr).toContain('input.measurement is "cd"\n');
  });

  it.each([
    [['--fail', 'data.none'], 1, 'undefined'],
    [['--fail-defined', '1'], 1, 'defined'],
    [['data.policy.allow +'], 1, 'query:1:20'],
    [['--strict-builtin-errors', '1 / 0'], 1, 'divide by zero'],
    [['--max-steps', '10', 'count([x | some x in numbers.range(1, 100)])'], 1, 'more steps than allowed'],
    [['--max-steps', 'x', '1'], 2, '--max-steps'],
    [['-d', 'none', '1'], 1, 'none: there is no such file'],
    [[], 2, "missing required argument 'query'"],
  ])('ends %j with %i', async (args, exitCode, message) => {
    expect(await runIn(testIo(files), 'policy', 'eval', '-d', 'p', ...args)).toMatchObject({
      exitCode,
      stderr: expect.stringContaining(message),
    });
  });

  it('tells what was covered', async () => {
    const ran = await runIn(
      testIo(files),
      'policy',
      'eval',
      '-d',
      'p',
      '-i',
      'in.json',
      '--coverage',
      'data.policy.allow',
    );
    expect(JSON.parse(ran.stdout)).toMatchObject({
      coverage: { files: { 'p/policy.rego': { notCovered: [3] } } },
    });
  });
});

describe('policy test', () => {
  it('passes', async () => {
    expect(await runIn(testIo(files), 'policy', 'test', 'p')).toMatchObject({
      exitCode: 0,
      stdout: 'PASS: 2/2\n',
    });
  });

  it('tells where a test that fails ended', async () => {
    const io = testIo({
      ...files,
      'p/bad_test.rego': 'package bad_test\n\ntest_x if {\n\tprint("hello")\n\t1 == 2\n}\n',
    });
    const ran = await runIn(io, 'policy', 'test', 'p', '--run', 'bad');
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('1 of 1 tests failed') });
    expect(ran.stdout).toContain('data.bad_test.test_x: FAIL\n  hello\n');
    expect(ran.stdout).toContain('line 5: 1 == 2  was false');
    const json = await runIn(io, 'policy', 'test', 'p', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      tests: expect.arrayContaining([expect.objectContaining({ name: 'test_x', fail: true })]),
    });
  });

  it('measures coverage', async () => {
    const ran = await runIn(testIo(files), 'policy', 'test', 'p', '--coverage');
    expect(ran.stdout).toContain('p/policy.rego: 100 %\n');
    const low = await runIn(testIo(files), 'policy', 'test', 'p', '--run', 'refuse', '--threshold', '90');
    expect(low).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('less than 90 %') });
  });

  it('fails where there is none, when asked to', async () => {
    expect(await runIn(testIo(files), 'policy', 'test', 'p/policy.rego', '--fail-on-empty')).toMatchObject({
      exitCode: 1,
    });
    expect(await runIn(testIo(files), 'policy', 'test', 'p/policy.rego')).toMatchObject({ exitCode: 0 });
  });
});

describe('policy check', () => {
  it('is silent when nothing is wrong', async () => {
    expect(await runIn(testIo(files), 'policy', 'check', 'p')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('finds every mistake', async () => {
    const io = testIo({
      'a.rego':
        'package a\n\nimport data.unused\n\nx if y\n\nz := none(1)\n\nf := count(1, 2, 3)\n\np := q\n\nq := p\n',
      'b.rego': 'package b\n\nx if {\n',
    });
    const ran = await runIn(io, 'policy', 'check', 'a.rego', 'b.rego', '--strict', '--json');
    expect(ran.exitCode).toBe(1);
    const { errors } = JSON.parse(ran.stdout) as {
      errors: { code: string; location: { file: string; line: number } }[];
    };
    expect(errors.map(({ code, location }) => [code, location.file, location.line])).toEqual([
      ['ERR_REGO_PARSE', 'b.rego', 4],
      ['ERR_REGO_REFERENCE', 'a.rego', 3],
      ['ERR_REGO_UNSAFE', 'a.rego', 5],
      ['ERR_REGO_REFERENCE', 'a.rego', 7],
      ['ERR_REGO_REFERENCE', 'a.rego', 9],
      ['ERR_REGO_RECURSION', 'a.rego', 11],
    ]);
  });
});

describe('policy fmt', () => {
  const untidy = 'package   a\nx:=1\ny if{x==1;true}\n';
  const tidy = 'package a\n\nx := 1\n\ny if {\n\tx == 1\n\ttrue\n}\n';

  it('prints, lists, shows and writes', async () => {
    const io = testIo({ 'a.rego': untidy, 'b.rego': tidy });
    expect((await runIn(io, 'policy', 'fmt', 'a.rego')).stdout).toBe(tidy);
    expect((await runIn(io, 'policy', 'fmt', '-l', 'a.rego', 'b.rego')).stdout).toBe('a.rego\n');
    expect((await runIn(io, 'policy', 'fmt', '-d', 'a.rego')).stdout).toContain('-x:=1\n');
    expect(await runIn(io, 'policy', 'fmt', '--fail', '-l', 'a.rego')).toMatchObject({ exitCode: 1 });
    expect((await runIn(io, 'policy', 'fmt', '-w', 'a.rego')).stdout).toBe('');
    expect(textOf(io, 'a.rego')).toBe(tidy);
    expect(await runIn(io, 'policy', 'fmt', '--fail', '-l', 'a.rego', 'b.rego')).toMatchObject({
      exitCode: 0,
      stdout: '',
    });
  });

  it('refuses what is no policy', async () => {
    const ran = await runIn(testIo({ 'a.rego': 'package' }), 'policy', 'fmt', 'a.rego');
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('a.rego:1:8') });
  });
});

describe('flags that opa has', () => {
  const bundle = {
    'b/policy.rego': 'package b\n\nok if data.roles.data == 1\n',
    'b/roles/data.json': '{"data": 1}',
    'b/roles/other.json': '{"other": 2}',
  };

  it('--bundle reads policies, and documents of one name only', async () => {
    const evaluate = (flag: string): ReturnType<typeof runIn> =>
      runIn(testIo(bundle), 'policy', 'eval', flag, 'b', '--format', 'raw', 'data.roles');
    expect(await evaluate('-b')).toMatchObject({ stdout: '{"data":1}\n' });
    expect(await evaluate('-d')).toMatchObject({ stdout: '{"data":1,"other":2}\n' });
    const packed = await runIn(testIo({ 'b.tar.gz': '' }), 'policy', 'eval', '-b', 'b.tar.gz', '1');
    expect(packed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('unpack') });
  });

  it('--stdin reads the query', async () => {
    const io = testIo({ '-': '1 + 2\n' });
    expect(await runIn(io, 'policy', 'eval', '--stdin', '-f', 'raw')).toMatchObject({ stdout: '3\n' });
    expect(await runIn(testIo({}), 'policy', 'eval')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("missing required argument 'query'"),
    });
  });

  it('--strict refuses what is not used', async () => {
    const unused = { 'p.rego': 'package p\n\nimport data.a\n\nok := true\n' };
    const evaluate = (...flags: readonly string[]): ReturnType<typeof runIn> =>
      runIn(testIo(unused), 'policy', 'eval', '-d', 'p.rego', '-f', 'raw', ...flags, 'data.p.ok');
    expect(await evaluate()).toMatchObject({ exitCode: 0, stdout: 'true\n' });
    expect(await evaluate('--strict')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('the import a is not used'),
    });
  });

  it.each([['5s'], ['500ms'], ['1m30s'], ['1000']])('--timeout takes %s', async (timeout) => {
    expect(await runIn(testIo({}), 'policy', 'eval', '--timeout', timeout, '-f', 'raw', '1')).toMatchObject({
      exitCode: 0,
      stdout: '1\n',
    });
  });

  it.each([['5'.repeat(13)], ['0'], ['s'], ['5 s'], ['5x']])('--timeout refuses %s', async (timeout) => {
    expect(await runIn(testIo({}), 'policy', 'eval', '--timeout', timeout, '1')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--timeout is a duration'),
    });
  });

  it.each([
    [['eval', '--partial', '1'], '--partial is not supported: policies are evaluated as a whole'],
    [['eval', '-u', 'input', '1'], '--unknowns is not supported'],
    [['eval', '-s', 'schema.json', '1'], '--schema is not supported'],
    [['eval', '-f', 'source', '1'], 'partial evaluation'],
    [['test', '--bench', 'p'], '--bench is not supported'],
    [['check', '--capabilities', 'x', 'p'], '--capabilities is not supported'],
    [['fmt', '--v0-v1', 'p'], '--v0-v1 is not supported'],
  ])('%j is refused by name', async (args, message) => {
    expect(await runIn(testIo(files), 'policy', ...args)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('test takes --count, --bundle and --timeout', async () => {
    const flags = ['--count', '3', '--timeout', '1m', '--var-values', '-p', '2', '-m', '5'];
    const tested = { ...bundle, 'b/policy_test.rego': 'package b_test\n\ntest_ok if data.b.ok\n' };
    expect(await runIn(testIo(tested), 'policy', 'test', '-b', ...flags, 'b')).toMatchObject({
      exitCode: 0,
      stdout: 'PASS: 1/1\n',
    });
  });

  it('check tells of types, and of two versions of Rego', async () => {
    const check = (text: string, ...flags: readonly string[]): ReturnType<typeof runIn> =>
      runIn(testIo({ 'p.rego': `package p\n\n${text}\n` }), 'policy', 'check', ...flags, 'p.rego');
    expect(await check('ok if lower(1) == "a"')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('p.rego:3:7: lower takes string, not number (ERR_REGO_TYPE)'),
    });
    expect(await check('ok if input.a')).toMatchObject({ exitCode: 0 });
    expect(await check('ok if input.a', '--v0-v1')).toMatchObject({ exitCode: 1 });
    expect(await check('import rego.v1\n\nok if input.a', '--v0-v1')).toMatchObject({ exitCode: 0 });
  });

  it('fmt leaves out imports that v1 does not need', async () => {
    const text = 'package p\n\nimport rego.v1\n\nok := 1\n';
    const fmt = (...flags: readonly string[]): ReturnType<typeof runIn> =>
      runIn(testIo({ 'p.rego': text }), 'policy', 'fmt', ...flags, 'p.rego');
    expect(await fmt()).toMatchObject({ stdout: text });
    expect(await fmt('--drop-v0-imports')).toMatchObject({ stdout: 'package p\n\nok := 1\n' });
  });
});
