import { type Command, Option } from 'commander';
import { CommandError } from '../failure.js';

/** Take the same option again and again. */
export function many(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/**
 * Options of `opa` that a command does not have: named, so that a script is told why, and not that they are unknown.
 *
 * @param command - whose
 * @param flags - as commander reads them
 */
export function refuse(command: Command, flags: readonly (keyof typeof REFUSED)[]): Command {
  for (const flag of flags)
    command.addOption(
      new Option(flag, REFUSED[flag]).hideHelp().argParser(() => {
        throw notHere(flag);
      }),
    );
  command.hook('preAction', (_this, actual) => {
    const set = flags.find((flag) => actual.getOptionValue(new Option(flag).attributeName()) === true);
    if (set !== undefined) throw notHere(set);
  });
  return command;
}

function notHere(flag: keyof typeof REFUSED): CommandError {
  return new CommandError(`${new Option(flag).long ?? flag} is not supported: ${REFUSED[flag]}`);
}

/**
 * A duration, as Go writes it, in milliseconds; a number alone is in milliseconds.
 *
 * @param flag - the option's name, for the message
 * @param text - such as `500ms`, `1.5s` or `1m30s`
 */
export function duration(flag: string, text: string): number {
  const parts = [...text.matchAll(/(\d{1,9}(?:\.\d{1,9})?)(ms|us|s|m|h)/g)];
  const isWhole = parts.map(([part]) => part).join('') === text && parts.length > 0;
  const milliseconds = isWhole
    ? parts.reduce((sum, [, count = '0', unit = 'ms']) => sum + Number(count) * (UNITS[unit] ?? 1), 0)
    : /^\d{1,12}$/.test(text)
      ? Number(text)
      : 0;
  if (milliseconds <= 0)
    throw new CommandError(`${flag} is a duration such as 500ms or 5s, not ${JSON.stringify(text)}`);
  return milliseconds;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** With the reason. */
const REFUSED = {
  '-p, --partial': 'policies are evaluated as a whole, never in part',
  '-u, --unknowns <path>': 'policies are evaluated as a whole, never in part',
  '--nondeterminstic-builtins': 'policies are evaluated as a whole, never in part',
  '--disable-inlining <path>': 'policies are evaluated as a whole, never in part',
  '--shallow-inlining': 'policies are evaluated as a whole, never in part',
  '-O, --optimize <level>': 'policies are compiled in one way',
  '-e, --entrypoint <path>': 'policies are compiled in one way',
  '-s, --schema <path>':
    'types of documents are not read from JSON Schema; use json.match_schema in a policy',
  '-t, --target <name>': 'policies are evaluated in this process',
  '--capabilities <file>': 'the built-in functions are those of this version',
  '--import <path>': 'write the whole path in the query',
  '--instrument': 'evaluations are not measured',
  '--metrics': 'evaluations are not measured',
  '--profile': 'evaluations are not measured',
  '--show-builtin-errors': 'use --strict-builtin-errors, which ends at the first',
  '--bench': 'evaluations are not measured',
  '-w, --watch': 'run it again',
  '--v0-v1': 'format for one version of Rego at a time',
} as const;
