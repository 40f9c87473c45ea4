import {
  type Explanation,
  explanationText,
  type Place,
  type Policy,
  preparePolicy,
  RegoError,
  RegoObject,
  type Value,
} from '@sealwright/rego';
import { Coverage } from '@sealwright/rego/coverage';
import { compileRegex } from '@sealwright/rego/regex';
import { type Command, Option } from 'commander';
import { command } from '../command.js';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printableLines } from '../printable.js';
import { jsonText } from '../policy/json-text.js';
import { functionsOf, load } from '../policy/load.js';
import { duration, many, refuse } from '../policy/opa-flags.js';

interface TestFlags {
  readonly verbose?: boolean;
  readonly run?: string;
  readonly coverage?: boolean;
  readonly threshold?: string;
  readonly format?: 'pretty' | 'json';
  readonly json?: boolean;
  readonly explain: 'fails' | 'full' | 'off';
  readonly bundle?: boolean;
  readonly count: string;
  readonly timeout: string;
  readonly failOnEmpty?: boolean;
  readonly exitZeroOnSkipped?: boolean;
  readonly v0Compatible?: boolean;
  readonly compat: 'opa' | 'regorus';
  readonly referenceValues?: string;
  readonly ignore: readonly string[];
}

/** What became of one test. */
interface TestResult {
  readonly package: string;
  readonly name: string;
  readonly location: Place;
  readonly outcome: 'pass' | 'fail' | 'error' | 'skip';
  readonly error?: string;
  readonly output: readonly string[];
  readonly explanation?: Explanation;
}

/** `policy test`: run the rules whose names begin with `test_`. */
export function policyTest(io: Io): Command {
  const made = command(
    'test <path...>',
    'Run the tests of policies, as `opa test` does: rules whose names begin with test_.',
    [
      'sealwright policy test policies/',
      'sealwright policy test -v --run "allow" policy.rego policy_test.rego',
      'sealwright policy test --coverage --threshold 90 policies/',
    ],
  )
    .option('-v, --verbose', 'tell of every test, with what it printed')
    .option('-r, --run <pattern>', 'only tests whose names have this regular expression (RE2)')
    .option('-c, --coverage', 'which lines the tests run')
    .option('--threshold <percent>', 'exit with 1 when fewer lines are covered')
    .addOption(
      new Option('-f, --format <format>', 'of the report (default: pretty)').choices(['pretty', 'json']),
    )
    .addOption(
      new Option('--explain <what>', 'where tests that fail ended')
        .choices(['fails', 'full', 'off'])
        .default('fails'),
    )
    .option(
      '-b, --bundle',
      'the paths are folders of bundles, of whose documents only data.json and data.yaml are read',
    )
    .option('--count <number>', 'run each test so often', '1')
    .option('--timeout <duration>', 'end a test after so long', '5s')
    .option('-p, --parallel <number>', 'taken, and without effect: tests run one after the other')
    .option('-m, --max-errors <number>', 'taken, and without effect: the first mistake ends the run')
    .option('--var-values', 'taken, and without effect: values are always shown')
    .option('--fail-on-empty', 'exit with 1 when there is no test')
    .option('-z, --exit-zero-on-skipped', 'tests whose names begin with todo_test_ are no failure')
    .option('--v0-compatible', 'modules that do not say are of Rego v0')
    .addOption(
      new Option('--compat <engine>', 'whose answers, where engines differ')
        .choices(['opa', 'regorus'])
        .default('opa'),
    )
    .option('--reference-values <file>', 'what query_reference_value answers from')
    .option('--ignore <pattern>', 'names of files and folders not to read; may be given again', many, [])
    .action(async (paths: readonly string[], flags: TestFlags) => test(io, paths, flags));
  return refuse(made, NOT_HERE);
}

const NOT_HERE = [
  '-s, --schema <path>',
  '-t, --target <name>',
  '--capabilities <file>',
  '--bench',
  '-w, --watch',
] as const;

async function test(io: Io, paths: readonly string[], flags: TestFlags): Promise<void> {
  const { modules, data } = await (flags.bundle === true
    ? load(io, [], flags.ignore, paths)
    : load(io, paths, flags.ignore));
  const count = Number(flags.count);
  if (!Number.isInteger(count) || count < 1) throw new CommandError('--count is a whole number');
  const policy = preparePolicy(modules, {
    version: flags.v0Compatible === true ? 'v0' : 'v1',
    data,
    compat: flags.compat,
    functions: await functionsOf(io, flags.referenceValues),
  });
  const wanted = flags.run === undefined ? undefined : compileRegex(flags.run);
  const coverage = flags.coverage === true || flags.threshold !== undefined ? new Coverage() : undefined;
  const results = policy.rules
    .map(({ name, place }) => ({ name, place, last: name.slice(name.lastIndexOf('.') + 1) }))
    .filter(({ last }) => /^(?:todo_)?test_/.test(last))
    .filter(({ name }) => wanted === undefined || wanted.match(name, 0) !== undefined)
    .map(({ name, place, last }) => {
      let result = runTest(io, policy, name, last, place, flags, coverage);
      for (let run = 1; run < count && result.outcome === 'pass'; run += 1)
        result = runTest(io, policy, name, last, place, flags, coverage);
      return result;
    });
  const asJson = flags.json === true || flags.format === 'json';
  io.out(asJson ? jsonReport(results, coverage, flags) : report(results, coverage, flags));
  const failed = results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error').length;
  const skipped = results.filter(({ outcome }) => outcome === 'skip').length;
  const fail = (message: string, code: string): never => {
    throw new CommandError(message, code, EXIT_FAILURE);
  };
  if (failed > 0) fail(`${failed} of ${results.length} tests failed`, 'ERR_CLI_TEST');
  if (skipped > 0 && flags.exitZeroOnSkipped !== true)
    fail(`${skipped} tests are skipped`, 'ERR_CLI_SKIPPED');
  if (results.length === 0 && flags.failOnEmpty === true) fail('there is no test', 'ERR_CLI_EMPTY');
  const threshold = Number(flags.threshold ?? 0);
  if (Number.isNaN(threshold) || threshold < 0 || threshold > 100)
    throw new CommandError('--threshold is a percentage');
  if (coverage !== undefined && coverage.coverage < threshold)
    fail(`the tests cover ${coverage.coverage} %, less than ${threshold} %`, 'ERR_CLI_COVERAGE');
}

function runTest(
  io: Io,
  policy: Policy,
  name: string,
  last: string,
  location: Place,
  flags: TestFlags,
  coverage: Coverage | undefined,
): TestResult {
  const output: string[] = [];
  const result = { package: name.slice(0, -last.length - 1), name: last, location, output };
  if (last.startsWith('todo_')) return { ...result, outcome: 'skip' };
  const options = {
    strict: false,
    now: io.now(),
    random: Math.random,
    print: (line: string) => output.push(line),
    clock: io.now,
    deadline: io.now() + duration('--timeout', flags.timeout),
  };
  try {
    const value = policy.value(name, { ...options, ...(coverage === undefined ? {} : { coverage }) });
    if (isPassed(value)) return { ...result, outcome: 'pass' };
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return { ...result, outcome: 'error', error: error.message };
  }
  if (flags.explain === 'off') return { ...result, outcome: 'fail' };
  return {
    ...result,
    outcome: 'fail',
    explanation: policy.explain(name, { ...options, print: () => undefined }),
  };
}

/** Of a test with cases every one must be true. */
function isPassed(value: Value | undefined): boolean {
  if (value instanceof RegoObject)
    return value.size > 0 && value.entries().every(([, each]) => isPassed(each));
  return value === true;
}

function report(results: readonly TestResult[], coverage: Coverage | undefined, flags: TestFlags): string {
  const shown = results.filter(({ outcome }) => outcome !== 'pass' || flags.verbose === true);
  const files = [...new Set(shown.map(({ location }) => location.file))];
  const parts = files.map((file) => {
    const lines = shown
      .filter(({ location }) => location.file === file)
      .flatMap((each) => [
        `${each.package}.${each.name}: ${WORDS[each.outcome]}`,
        ...(each.error === undefined ? [] : [`  ${each.error}`]),
        ...each.output.map((line) => `  ${line}`),
        ...(each.explanation === undefined
          ? []
          : explanationText(each.explanation)
              .trimEnd()
              .split('\n')
              .map((line) => `  ${line}`)),
      ]);
    return `${file}:\n${lines.join('\n')}\n`;
  });
  const counts = (['pass', 'fail', 'error', 'skip'] as const)
    .map((outcome) => [WORDS[outcome], results.filter((each) => each.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${word}: ${count}/${results.length}\n`);
  const rule = parts.length === 0 ? '' : `${'-'.repeat(80)}\n`;
  const covered = coverage === undefined ? '' : coverageText(coverage);
  return printableLines(`${parts.join('\n')}${rule}${counts.join('')}${covered}`);
}

function coverageText(coverage: Coverage): string {
  const files = Object.entries(coverage.files()).map(([file, each]) => {
    const missing = each.notCovered.length === 0 ? '' : `, not lines ${each.notCovered.join(', ')}`;
    return `  ${file}: ${each.coverage} %${missing}\n`;
  });
  return `coverage: ${coverage.coverage} %\n${files.join('')}`;
}

function jsonReport(
  results: readonly TestResult[],
  coverage: Coverage | undefined,
  flags: TestFlags,
): string {
  const tests = results.map(({ outcome, explanation, ...each }) => ({
    ...each,
    [outcome]: true,
    ...(explanation === undefined || flags.explain === 'off' ? {} : { explanation }),
  }));
  const covered =
    coverage === undefined ? {} : { coverage: { files: coverage.files(), coverage: coverage.coverage } };
  return `${jsonText({ tests, ...covered }, 2)}\n`;
}

const WORDS = { pass: 'PASS', fail: 'FAIL', error: 'ERROR', skip: 'SKIPPED' } as const;
