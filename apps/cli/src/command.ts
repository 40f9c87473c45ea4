import { Command } from 'commander';
import type { Io } from './io.js';

/**
 * Make a command with `--json`, and examples at the end of its help.
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
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}\n`);
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
 * Two columns.
 *
 * @param rows - names and values
 */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
