import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { cueJudge } from '../src/cue/cue-judge.js';
import { cueModule } from '../src/cue/cue-module.js';
import type { ProgramOutcome, ProgramRun } from '../src/io.js';
import { runProgram } from '../src/run-program.js';
import { testIo } from './test-io.js';

const failure = (message: string) =>
  expect.objectContaining({ code: 'ERR_CLI_CUE', exitCode: 1, message: expect.stringContaining(message) });
const itself = (status: number, stdout: string, stderr = ''): ProgramOutcome => ({
  ended: 'itself',
  status,
  stdout,
  stderr,
});
const NEW = 'cue version v0.16.1\n\nCUE language version v0.16.0\n\nGo version go1.26\n';
const OLD = 'cue version v0.11.0\n\ngo version go1.23\n      -buildmode exe\ncue.lang.version v0.11.0\n';

/** A `cue` that answers as it is told. */
function cue(version: ProgramOutcome, verdict: ProgramOutcome, vetted: ProgramOutcome = itself(1, '')) {
  const runs: ProgramRun[] = [];
  const run = async (each: ProgramRun): Promise<ProgramOutcome> => {
    runs.push(each);
    if (each.args[0] === 'version') return version;
    return each.args[0] === 'export' ? verdict : vetted;
  };
  return { io: { ...testIo(), run }, runs };
}

describe('cueJudge', () => {
  const policies = [{ file: 'level.cue', text: 'predicate: level: 3\n' }];

  it('believes nothing but the one answer', async () => {
    const yes = cue(itself(0, NEW), itself(0, 'true\n'));
    const judge = await cueJudge(yes.io);
    expect(await judge(policies, '{"predicate":{"level":3}}')).toEqual({ unifies: true, reason: '' });
    expect(yes.runs[1]).toMatchObject({ program: 'cue', env: { CUE_REGISTRY: 'none' } });
    expect(yes.runs[1]?.files['cue.mod/module.cue']).toContain('"v0.16.0"');
    for (const [status, stdout] of [
      [0, ''],
      [0, 'false\n'],
      [0, 'true\ntrue\n'],
      [0, '"true"\n'],
      [1, 'true\n'],
      [2, 'true\n'],
      [127, ''],
    ] as const) {
      const other = await cueJudge(cue(itself(0, NEW), itself(status, stdout)).io);
      expect(await other(policies, '{}')).toEqual({
        unifies: false,
        reason: 'cue did not say that it unifies',
      });
    }
  });

  it('says why, with the names of the files that the user gave', async () => {
    const stderr =
      'predicate.level: invalid value 1 (out of bound >2):\n    ./policy/1.cue:1:35\n    ./document.json:1:9\n\u001b[2J';
    const { io } = cue(itself(0, OLD), itself(1, '', 'verdict: …'), itself(1, '', stderr));
    expect(await (await cueJudge(io))(policies, '{}')).toEqual({
      unifies: false,
      reason: 'predicate.level: invalid value 1 (out of bound >2): level.cue:1 ?[2J',
    });
    const silent = cue(itself(0, OLD), itself(1, '', 'import failed: ./policy/1.cue:2:3'), itself(0, ''));
    expect((await (await cueJudge(silent.io))(policies, '{}')).reason).toBe('import failed: level.cue:2:3');
  });

  it('tells what to install where cue is missing or too old', async () => {
    for (const version of [
      itself(0, 'cue version v0.10.1\n\ncue.lang.version v0.10.1\n'),
      itself(0, 'cue version unknown\n'),
      itself(1, ''),
    ])
      await expect(cueJudge(cue(version, itself(0, 'true\n')).io)).rejects.toThrow(failure('v0.11'));
    await expect(cueJudge(testIo())).rejects.toThrow(
      failure('install v0.11 or newer from https://cuelang.org'),
    );
    const early = cue(itself(0, 'CUE language version v0.17.0-alpha.1\n'), itself(0, 'true\n'));
    expect(await (await cueJudge(early.io))(policies, '{}')).toMatchObject({ unifies: true });
    expect(early.runs[1]?.files['cue.mod/module.cue']).toContain('"v0.17.0-alpha.1"');
    const future = await cueJudge(cue(itself(0, 'CUE language version v1.0.0\n'), itself(0, 'true\n')).io);
    expect(await future(policies, '{}')).toMatchObject({ unifies: true });
  });

  it('refuses where cue takes or writes too much', async () => {
    for (const [ended, message] of [
      ['time', 'seconds'],
      ['output', 'bytes'],
      ['missing', 'install'],
    ] as const) {
      const judge = await cueJudge(cue(itself(0, NEW), { ended }).io);
      await expect(judge(policies, '{}')).rejects.toThrow(failure(message));
    }
  });
});

describe('cueModule', () => {
  const packaged = (...texts: string[]): unknown[] => {
    const policies = texts.map((text, index) => ({ file: `${index}.cue`, text }));
    const files = cueModule(policies, '{}', 'v0.16.0');
    return texts.map((_, index) => files[`policy/${index + 1}.cue`]);
  };

  it.each([
    ['a: 1', 'package policy, a: 1'],
    ['', '\npackage policy, '],
    ['package x\na: 1', 'package policy\na: 1'],
    ['package _\na: 1', 'package policy\na: 1'],
    ['package größe\r\na: 1', 'package policy\r\na: 1'],
    ['package x, a: 1', 'package policy, a: 1'],
    ['// package y\n\n  package x\n', '// package y\n\n  package policy\n'],
    ['// package y', '// package y\npackage policy, '],
    ['package: x', 'package policy, package: x'],
    ['package  : x', 'package policy, package  : x'],
    ['import "list"\na: list.Max', 'package policy, import "list"\na: list.Max'],
    ['@experiment(aliasv2)\npackage x\n', '@experiment(aliasv2)\npackage policy\n'],
    ['@experiment(aliasv2,try)\na: 1', '@experiment(aliasv2,try)\npackage policy, a: 1'],
    ['\uFEFFa: 1', '\uFEFFpackage policy, a: 1'],
  ])('puts %j into the package', (text, expected) => {
    expect(packaged(text)).toEqual([expected]);
  });

  it.each([
    '@if(prod)\npackage x',
    '@ignore()\na: 1',
    '@extern(embed)\npackage x',
    '@experiment(a)@if(b)\nx: 1',
  ])('refuses %j, which may leave the policy out', (text) => {
    expect(() => packaged(text)).toThrow(failure('@experiment'));
  });

  it('makes one package of all policies, and refuses those of several', () => {
    expect(packaged('package a\nx: 1', 'x: 1', 'package _', 'package a')).toHaveLength(4);
    expect(() => packaged('package a', 'package b')).toThrow(failure('different packages: a, b'));
  });

  it('carries the document as one string', () => {
    const document = '{"a":"\\"\\\\(x)\\n\u2028\u007f"}';
    const { 'judge.cue': judge = '' } = cueModule([{ file: 'a.cue', text: '' }], document, 'v0.16.0');
    expect(judge.split('\n')).toHaveLength(5);
    expect(judge).toContain(`json.Validate(${JSON.stringify(document)}, policy)`);
  });
});

describe('runProgram', () => {
  const node = (script: string, more: Partial<ProgramRun> = {}): ProgramRun => ({
    program: 'node',
    args: ['-e', script],
    files: {},
    env: {},
    milliseconds: 20_000,
    maxBytes: 1000,
    ...more,
  });
  const left = async (): Promise<readonly string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('sealwright-run-'));

  it('runs a program in a folder of its own, with an environment of its own', async () => {
    const before = await left();
    const script =
      "const fs = require('fs'); process.stdout.write(fs.readFileSync('a/b.txt', 'utf8') + (process.env.HOME === process.cwd()) + process.env.X + process.env.COSIGN_PASSWORD); process.stderr.write('e'); process.exit(3)";
    process.env['COSIGN_PASSWORD'] ??= 'secret';
    expect(await runProgram(node(script, { files: { 'a/b.txt': 'text ' }, env: { X: ' x ' } }))).toEqual(
      itself(3, 'text true x undefined', 'e'),
    );
    expect(await left()).toEqual(before);
  });

  it('ends a program that takes or writes too much', async () => {
    expect(await runProgram(node('setInterval(() => {}, 1000)', { milliseconds: 200 }))).toEqual({
      ended: 'time',
    });
    expect(await runProgram(node("process.stdout.write('x'.repeat(5000))"))).toEqual({ ended: 'output' });
  });

  it('does not wait for input, and says where there is no program', async () => {
    expect(await runProgram(node("process.stdin.on('data', () => {}).on('end', () => {})"))).toEqual(
      itself(0, ''),
    );
    expect(await runProgram({ ...node(''), program: 'no-such-program' })).toEqual({ ended: 'missing' });
  });
});
