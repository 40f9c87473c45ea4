import { Command } from 'commander';
import type { Io } from './io.js';
import { printable } from './printable.js';

/** What exit codes mean, of every command. */
export const EXIT_CODES = 'Exit codes: 0 done; 1 failed or refused; 2 the command line makes no sense.';

/** Where the flags are told that every command has. */
const EVERYWHERE = '--timeout, --verbose and --output-file: see sealwright --help.';

/** What they mean besides, of commands that verify. */
export const VERIFY_EXIT_CODES =
  'as cosign, 10 no signature, 11 no such image, 12 no signature that fits, 13 no certificate with it.';

/**
 * Make a command with `--json`; its help ends with examples and exit codes.
 *
 * @param name - with its arguments, such as `digest <file>`
 * @param summary - one sentence
 * @param examples - command lines
 */
export function command(name: string, summary: string, examples: readonly string[]): Command {
  const [word = '', ...words] = name.split(' ');
  const made = new Command(word);
  if (words.length > 0) made.arguments(words.join(' '));
  return made
    .description(summary)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}\n\n${EVERYWHERE}\n${EXIT_CODES}`,
    );
}

/**
 * Print a result: as JSON, or as text.
 *
 * @param io - the world
 * @param asJson - which
 * @param value - the result
 * @param text - the same for a person
 */
export function print(io: Io, asJson: boolean | undefined, value: object, text: string): void {
  io.out(asJson === true ? `${JSON.stringify(value, null, 2)}\n` : text);
}

/**
 * Tell what was done: as JSON on standard output, or a person, who is not in the way of scripts.
 *
 * @param io - the world
 * @param asJson - which
 * @param value - the result
 * @param text - the same for a person
 */
export function printDone(io: Io, asJson: boolean | undefined, value: object, text: string): void {
  if (asJson === true) print(io, true, value, '');
  else io.err(text);
}

/**
 * Two columns. No value can look like another row.
 *
 * @param rows - names and values
 */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${printable(name).padEnd(width)}  ${printable(value)}\n`).join('');
}
