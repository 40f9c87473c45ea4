import { checkPolicy } from '@sealwright/rego/check';
import { type Command, Option } from 'commander';
import { command } from '../command.js';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printableLines } from '../printable.js';
import { jsonText } from '../policy/json-text.js';
import { functionsOf, load } from '../policy/load.js';

interface CheckFlags {
  readonly format?: 'pretty' | 'json';
  readonly json?: boolean;
  readonly maxErrors: string;
  readonly strict?: boolean;
  readonly v0Compatible?: boolean;
  readonly compat: 'opa' | 'regorus';
  readonly ignore: readonly string[];
}

const many = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `policy check`: what is wrong before anything is evaluated. */
export function policyCheck(io: Io): Command {
  return command(
    'check <path...>',
    'Find mistakes in policies without evaluating them, as `opa check` does.',
    ['sealwright policy check policies/', 'sealwright policy check --strict policy.rego --json'],
  )
    .addOption(
      new Option('-f, --format <format>', 'of the mistakes (default: pretty)').choices(['pretty', 'json']),
    )
    .option('-m, --max-errors <number>', 'tell of no more mistakes', '10')
    .option('-S, --strict', 'imports that are not used are mistakes')
    .option('--v0-compatible', 'modules that do not say are of Rego v0')
    .addOption(
      new Option('--compat <engine>', 'whose functions, where engines differ')
        .choices(['opa', 'regorus'])
        .default('opa'),
    )
    .option('--ignore <pattern>', 'names of files and folders not to read; may be given again', many, [])
    .action(async (paths: readonly string[], flags: CheckFlags) => check(io, paths, flags));
}

async function check(io: Io, paths: readonly string[], flags: CheckFlags): Promise<void> {
  const most = Number(flags.maxErrors);
  if (!Number.isInteger(most) || most < 1) throw new CommandError('--max-errors is a whole number');
  const { modules } = await load(io, paths, flags.ignore);
  const options = {
    version: flags.v0Compatible === true ? ('v0' as const) : ('v1' as const),
    compat: flags.compat,
    functions: await functionsOf(io, undefined),
  };
  const errors = checkPolicy(modules, { ...options, pedantic: flags.strict === true });
  const shown = errors.slice(0, most);
  if (flags.json === true || flags.format === 'json') {
    const told = shown.map(({ code, message, place }) => ({ code, message, location: place }));
    io.out(`${jsonText({ errors: told }, 2)}\n`);
  } else for (const { message, code } of shown) io.err(printableLines(`${message} (${code})\n`));
  if (errors.length > 0) {
    const many_ = errors.length === 1 ? '1 mistake' : `${errors.length} mistakes`;
    throw new CommandError(many_, 'ERR_CLI_CHECK', EXIT_FAILURE);
  }
}
