import { checkPolicy } from '@sealwright/rego/check';
import { type Command, Option } from 'commander';
import { command } from '../command.js';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printableLines } from '../printable.js';
import { jsonText } from '../policy/json-text.js';
import { functionsOf, load } from '../policy/load.js';
import { many, refuse } from '../policy/opa-flags.js';

interface CheckFlags {
  readonly format?: 'pretty' | 'json';
  readonly json?: boolean;
  readonly maxErrors: string;
  readonly bundle?: boolean;
  readonly strict?: boolean;
  readonly v0V1?: boolean;
  readonly v0Compatible?: boolean;
  readonly compat: 'opa' | 'regorus';
  readonly ignore: readonly string[];
}

/** `policy check`: what is wrong before anything is evaluated. */
export function policyCheck(io: Io): Command {
  const made = command(
    'check <path...>',
    'Find mistakes in policies without evaluating them, as `opa check` does.',
    ['sealwright policy check policies/', 'sealwright policy check --strict policy.rego --json'],
  )
    .addOption(
      new Option('-f, --format <format>', 'of the mistakes (default: pretty)').choices(['pretty', 'json']),
    )
    .option('-m, --max-errors <number>', 'tell of no more mistakes', '10')
    .option(
      '-S, --strict',
      'what is not used is a mistake: imports, variables, parameters; functions that are deprecated',
    )
    .option('-b, --bundle', 'the paths are folders of bundles')
    .option('--v0-v1', 'modules must be sound in Rego v0 and v1')
    .option('--v0-compatible', 'modules that do not say are of Rego v0')
    .addOption(
      new Option('--compat <engine>', 'whose functions, where engines differ')
        .choices(['opa', 'regorus'])
        .default('opa'),
    )
    .option('--ignore <pattern>', 'names of files and folders not to read; may be given again', many, [])
    .action(async (paths: readonly string[], flags: CheckFlags) => check(io, paths, flags));
  return refuse(made, ['-s, --schema <path>', '--capabilities <file>']);
}

async function check(io: Io, paths: readonly string[], flags: CheckFlags): Promise<void> {
  const most = Number(flags.maxErrors);
  if (!Number.isInteger(most) || most < 1) throw new CommandError('--max-errors is a whole number');
  const { modules } = await (flags.bundle === true
    ? load(io, [], flags.ignore, paths)
    : load(io, paths, flags.ignore));
  const functions = await functionsOf(io, undefined);
  const versions =
    flags.v0V1 === true ? (['v0', 'v1'] as const) : ([flags.v0Compatible === true ? 'v0' : 'v1'] as const);
  const errors =
    versions
      .map((version) =>
        checkPolicy(modules, { version, compat: flags.compat, functions, pedantic: flags.strict === true }),
      )
      .find((each) => each.length > 0) ?? [];
  const shown = errors.slice(0, most);
  if (flags.json === true || flags.format === 'json') {
    const told = shown.map(({ code, message, place }) => ({ code, message, location: place }));
    io.out(`${jsonText({ errors: told }, 2)}\n`);
  } else for (const { message, code } of shown) io.err(printableLines(`${message} (${code})\n`));
  if (errors.length > 0) {
    const mistakes = errors.length === 1 ? '1 mistake' : `${errors.length} mistakes`;
    throw new CommandError(mistakes, 'ERR_CLI_CHECK', EXIT_FAILURE);
  }
}
