import { parseArgs } from 'node:util';
import { UsageError } from './exit.js';

/** One flag of a service. */
export interface FlagDefinition {
  /** `string` takes a value, `boolean` takes none. */
  readonly type: 'string' | 'boolean';
  /** A single letter for it. */
  readonly short?: string;
  /** May be given more than once; the value is then a list. */
  readonly multiple?: boolean;
  /** Name of the value in the help, such as `FILE`. */
  readonly value?: string;
  /** What it does, for the help. */
  readonly help: string;
}

/** Around the table of flags in the help. */
export interface HelpText {
  /** Such as `sealwright-kbs [flags]`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  /** Command lines with a word on each. */
  readonly examples: readonly string[];
}

/** The values of flags; `undefined` where a flag was not given. */
export type Flags<D extends Readonly<Record<string, FlagDefinition>>> = {
  readonly [Name in keyof D]:
    | (D[Name]['type'] extends 'boolean'
        ? boolean
        : D[Name] extends { multiple: true }
          ? readonly string[]
          : string)
    | undefined;
};

/**
 * Read the flags of a service.
 *
 * @param args - what follows the program's name
 * @param definitions - the flags; `--help` comes by itself
 * @param help - around the table of flags
 * @returns the values, or the text of the help when it was asked for
 * @throws {@link UsageError} on an unknown flag, a missing value or a stray word.
 */
export function parseFlags<const D extends Readonly<Record<string, FlagDefinition>>>(
  args: readonly string[],
  definitions: D,
  help: HelpText,
): Flags<D> | string {
  const options = Object.fromEntries(
    Object.entries(definitions).map(([name, { type, short, multiple }]) => [
      name,
      { type, multiple: multiple ?? false, ...(short === undefined ? {} : { short }) },
    ]),
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
    });
    return values['help'] === true ? helpText(definitions, help) : (values as Flags<D>); // parseArgs checked the types
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'these flags cannot be read', { cause });
  }
}

function helpText(definitions: Readonly<Record<string, FlagDefinition>>, help: HelpText): string {
  const all = {
    ...definitions,
    help: { type: 'boolean', short: 'h', help: 'show this help' } satisfies FlagDefinition,
  };
  const rows = Object.entries<FlagDefinition>(all).map(([name, flag]): [string, string] => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    return [`  ${short}--${name}${flag.type === 'string' ? ` ${flag.value ?? 'VALUE'}` : ''}`, flag.help];
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const table = rows.map(([left, right]) => left.padEnd(width) + right);
  const examples = help.examples.map((line) => `  ${line}`);
  return `${help.summary}\n\nUsage: ${help.usage}\n\nFlags:\n${table.join('\n')}\n\nExamples:\n${examples.join('\n')}\n`;
}
