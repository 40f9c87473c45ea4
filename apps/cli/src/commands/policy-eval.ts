import { decodeUtf8 } from '@sealwright/bytes';
import {
  explanationText,
  type ModuleSource,
  parseJsonText,
  preparePolicy,
  type PrepareOptions,
  type Solution,
  toJson,
  type Value,
} from '@sealwright/rego';
import { Coverage } from '@sealwright/rego/coverage';
import { type Command, Option } from 'commander';
import { command } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { functionsOf, load, readDocument } from '../policy/load.js';
import { duration, many, refuse } from '../policy/opa-flags.js';
import { jsonText } from '../policy/json-text.js';

const NOT_HERE = [
  '-p, --partial',
  '-u, --unknowns <path>',
  '--nondeterminstic-builtins',
  '--disable-inlining <path>',
  '--shallow-inlining',
  '-O, --optimize <level>',
  '-e, --entrypoint <path>',
  '-s, --schema <path>',
  '-t, --target <name>',
  '--capabilities <file>',
  '--import <path>',
  '--instrument',
  '--metrics',
  '--profile',
  '--show-builtin-errors',
] as const;

type Format = 'json' | 'values' | 'bindings' | 'pretty' | 'source' | 'raw' | 'discard';

interface EvalFlags {
  readonly data: readonly string[];
  readonly bundle: readonly string[];
  readonly stdin?: boolean;
  readonly strict?: boolean;
  readonly input?: string;
  readonly stdinInput?: boolean;
  readonly referenceValues?: string;
  readonly package?: string;
  readonly format?: Format;
  readonly json?: boolean;
  readonly fail?: boolean;
  readonly failDefined?: boolean;
  readonly strictBuiltinErrors?: boolean;
  readonly explain?: 'off' | 'fails' | 'full' | 'notes';
  readonly coverage?: boolean;
  readonly v0Compatible?: boolean;
  readonly compat: 'opa' | 'regorus';
  readonly maxSteps: string;
  readonly timeout?: string;
  readonly ignore: readonly string[];
}

/** `policy eval`: the answer to a query. */
export function policyEval(io: Io): Command {
  const made = command('eval [query]', 'Evaluate a query against policies and data, as `opa eval` does.', [
    'sealwright policy eval -d policy.rego -i input.json data.policy.allow',
    'sealwright policy eval -d policy.rego -i claims.json --explain fails data.policy.allow',
    "sealwright policy eval '1 + 2' --format raw",
    'sealwright policy eval -d default_cpu.rego -i claims.json --compat regorus --reference-values rv.json data.policy',
  ])
    .option('-d, --data <path>', 'a policy, a document, or a folder of them; may be given again', many, [])
    .option(
      '-b, --bundle <folder>',
      'a folder of policies, and of documents called data.json or data.yaml',
      many,
      [],
    )
    .option('--stdin', 'read the query from standard input')
    .option('-i, --input <file>', 'the document input, JSON or YAML')
    .option('-I, --stdin-input', 'read the document input from standard input')
    .option('--reference-values <file>', 'what query_reference_value answers from')
    .option('--package <name>', 'the package that names of the query belong to')
    .addOption(
      new Option('-f, --format <format>', 'of the answer (default: json)').choices([
        'json',
        'values',
        'bindings',
        'pretty',
        'source',
        'raw',
        'discard',
      ]),
    )
    .option('--fail', 'exit with 1 when the answer is undefined or empty')
    .option('--fail-defined', 'exit with 1 when it is not')
    .option('-S, --strict', 'what is not used in a policy is a mistake')
    .option('--strict-builtin-errors', 'a fault of a built-in function ends the evaluation')
    .addOption(
      new Option('--explain <what>', 'why: the clauses that were tried and where each ended').choices([
        'off',
        'fails',
        'full',
        'notes',
      ]),
    )
    .option('--coverage', 'which lines were run')
    .option('--v0-compatible', 'modules that do not say are of Rego v0')
    .addOption(
      new Option('--compat <engine>', 'whose answers, where engines differ')
        .choices(['opa', 'regorus'])
        .default('opa'),
    )
    .option('--max-steps <number>', 'end after so many steps', '10000000')
    .option('--timeout <duration>', 'end after so long, such as 500ms or 5s')
    .option('--ignore <pattern>', 'names of files and folders not to read; may be given again', many, [])
    .action(async (query: string | undefined, flags: EvalFlags) =>
      evaluate(io, await queryOf(io, query, flags), flags),
    );
  return refuse(made, NOT_HERE);
}

async function queryOf(io: Io, query: string | undefined, flags: EvalFlags): Promise<string> {
  if (flags.stdin === true && flags.stdinInput === true)
    throw new CommandError('standard input holds the query or the input, not both');
  if (flags.stdin === true) return decodeUtf8(await io.readFile('-')).trim();
  if (query === undefined) throw new CommandError("missing required argument 'query'");
  return query;
}

async function evaluate(io: Io, query: string, flags: EvalFlags): Promise<void> {
  const { modules, data } = await load(io, flags.data, flags.ignore, flags.bundle);
  const version = flags.v0Compatible === true ? 'v0' : 'v1';
  const functions = await functionsOf(io, flags.referenceValues);
  if (flags.strict === true) await mustBeSound(modules, { version, compat: flags.compat, functions });
  const policy = preparePolicy(modules, {
    version,
    data,
    compat: flags.compat,
    functions,
  });
  const input = await inputOf(io, flags);
  const coverage = flags.coverage === true ? new Coverage() : undefined;
  const options = {
    strict: flags.strictBuiltinErrors === true || flags.compat === 'regorus',
    maxSteps: positive('--max-steps', flags.maxSteps),
    now: io.now(),
    random: Math.random,
    print: (line: string) => io.err(`${line}\n`),
    trace: (line: string) => io.err(`${line}\n`),
    ...(input === undefined ? {} : { input }),
    ...(coverage === undefined ? {} : { coverage }),
    ...(flags.timeout === undefined
      ? {}
      : { deadline: io.now() + duration('--timeout', flags.timeout), clock: io.now }),
  };
  const text = flags.package === undefined ? query : inPackage(query, flags.package);
  const solutions = policy.query(text, options);
  if (flags.explain !== undefined && flags.explain !== 'off')
    io.err(explanationText(policy.explain(text, options)));
  io.out(answerText(query, solutions, flags, coverage));
  const isDefined = solutions.length > 0;
  if (flags.fail === true && !isDefined)
    throw new CommandError('the answer is undefined', 'ERR_CLI_UNDEFINED', EXIT_FAILURE);
  if (flags.failDefined === true && isDefined)
    throw new CommandError('the answer is defined', 'ERR_CLI_DEFINED', EXIT_FAILURE);
}

/** The first mistake of strict modules. */
async function mustBeSound(
  modules: readonly ModuleSource[],
  options: Omit<PrepareOptions, 'data'>,
): Promise<void> {
  const { checkPolicy } = await import('@sealwright/rego/check');
  const [first] = checkPolicy(modules, { ...options, pedantic: true });
  if (first !== undefined) throw first;
}

async function inputOf(io: Io, flags: EvalFlags): Promise<Value | undefined> {
  if (flags.stdinInput === true) {
    const text = decodeUtf8(await io.readFile('-'));
    return about('standard input', () => parseJsonText(text));
  }
  return flags.input === undefined ? undefined : readDocument(io, flags.input);
}

function positive(flag: string, text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text))
    throw new CommandError(`${flag} is a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}

/** Names that stand alone are those of rules of a package. */
function inPackage(query: string, name: string): string {
  return /^[A-Za-z_]\w*(?:[.[].*)?$/.test(query) && !/^(?:data|input)\b/.test(query)
    ? `data.${name}.${query}`
    : query;
}

function answerText(
  query: string,
  solutions: readonly Solution[],
  flags: EvalFlags,
  coverage: Coverage | undefined,
): string {
  const format: Format = flags.json === true ? 'json' : (flags.format ?? 'json');
  const bindings = (solution: Solution): object =>
    Object.fromEntries(Object.entries(solution.bindings).map(([name, value]) => [name, toJson(value)]));
  switch (format) {
    case 'raw':
      return solutions
        .map(
          ({ values }) =>
            `${values.map((value) => (typeof value === 'string' ? value : jsonText(value))).join(' ')}\n`,
        )
        .join('');
    case 'values':
      return solutions.map(({ values }) => `${jsonText(values)}\n`).join('');
    case 'bindings':
      return solutions.map((each) => `${jsonText(each.bindings)}\n`).join('');
    case 'pretty':
      return prettyText(solutions);
    case 'source':
      throw new CommandError('--format source is of partial evaluation, which is not supported');
    case 'json':
    case 'discard':
  }
  const result = solutions.map((each) => ({
    expressions: each.values.map((value, index) => ({
      value: toJson(value),
      text: index === 0 && each.values.length === 1 ? query : undefined,
      location: each.values.length === 1 ? { row: 1, col: 1 } : undefined,
    })),
    ...(Object.keys(each.bindings).length > 0 ? { bindings: bindings(each) } : {}),
  }));
  const report =
    coverage === undefined ? {} : { coverage: { files: coverage.files(), coverage: coverage.coverage } };
  const shown =
    format === 'discard' && result.length > 0 ? { result: 'discarded' } : result.length > 0 ? { result } : {};
  return `${jsonText({ ...shown, ...report }, 2)}\n`;
}

function prettyText(solutions: readonly Solution[]): string {
  const [first] = solutions;
  if (first === undefined) return 'undefined\n';
  const [value] = first.values;
  if (
    solutions.length === 1 &&
    first.values.length === 1 &&
    value !== undefined &&
    Object.keys(first.bindings).length === 0
  )
    return `${jsonText(value, 2)}\n`;
  const names = Object.keys(first.bindings);
  const rows = solutions.map((each) =>
    names.length > 0
      ? names.map((name) => jsonText(each.bindings[name] ?? null))
      : each.values.map((item) => jsonText(item)),
  );
  const heads = names.length > 0 ? names : (rows[0] ?? []).map((_cell, index) => `expression ${index + 1}`);
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell, index) => ` ${cell.padEnd(widths[index] ?? 0)} `).join('|')}|\n`;
  return `${rule}${line(heads)}${rule}${rows.map(line).join('')}${rule}`;
}
