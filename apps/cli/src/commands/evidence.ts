import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { drawn, type Picture } from '../evidence/picture.js';
import { RECOGNISERS } from '../evidence/recognisers.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { timeOf } from '../time.js';

/** What `inspect` can be told. */
export interface InspectFlags {
  readonly at?: string;
  readonly leaf?: string;
  readonly collateral?: string;
  readonly json?: boolean;
}

/** `evidence inspect`: what evidence of a TEE says, whoever made it. */
export function evidenceInspect(io: Io): Command {
  return inspectCommand(
    'inspect <file>',
    'Show what evidence of a TEE says, who vouches for it, and whether that is good enough.',
    [
      'sealwright evidence inspect report.bin --leaf vcek.der',
      'sealwright evidence inspect quote.bin --collateral collateral.json',
      'sealwright evidence inspect --json evidence.json',
    ],
  )
    .option('--collateral <file>', 'what Intel says of the platform of a TDX quote: flat JSON')
    .action(async (file: string, options: InspectFlags) => {
      await inspect(
        io,
        file,
        options,
        RECOGNISERS.map(({ name }) => name),
      );
    });
}

/**
 * A command that shows evidence.
 *
 * @param name - with its arguments
 * @param summary - one sentence
 * @param examples - command lines
 */
export function inspectCommand(name: string, summary: string, examples: readonly string[]): Command {
  return command(name, summary, examples)
    .option('--leaf <file>', 'the certificate that signed, when it did not come with the evidence')
    .option('--at <time>', 'decide for this time, such as 2026-06-01T00:00:00Z; now unless given')
    .addHelpText('after', 'Nothing is fetched. 0 says that it could be read, not that it is good enough.');
}

/**
 * Show evidence.
 *
 * @param io - the world
 * @param file - where it is
 * @param options - of the command
 * @param names - of the recognisers to ask
 */
export async function inspect(
  io: Io,
  file: string,
  options: InspectFlags,
  names: readonly string[],
): Promise<void> {
  const bytes = await io.readFile(file);
  const circumstances = {
    at: timeOf(io, options.at),
    ...(options.leaf === undefined ? {} : { leaf: await io.readFile(options.leaf) }),
    ...(options.collateral === undefined ? {} : { collateral: await io.readFile(options.collateral) }),
  };
  const document = documentOf(bytes);
  const found = RECOGNISERS.find((each) => names.includes(each.name) && each.matches(bytes, document));
  if (found === undefined)
    throw new CommandError(`${file}: none of: ${names.join('; ')}`, 'ERR_CLI_EVIDENCE', EXIT_FAILURE);
  const picture = await about(file, () => found.picture(bytes, circumstances));
  print(io, options.json, asDocument(found.name, picture), drawn(picture));
}

function asDocument(kind: string, { title, fields, chain, bindings, findings }: Picture): object {
  return {
    kind,
    title,
    fields: Object.fromEntries(fields),
    chain,
    bindings: Object.fromEntries(bindings),
    checks: findings.map(({ ok, name, text }) => ({ name, ok: ok ?? null, text })),
    good: findings.every(({ ok }) => ok !== false),
  };
}

function documentOf(bytes: Uint8Array): JsonObject | undefined {
  if (bytes.find((byte) => byte > 0x20) !== 0x7b) return undefined;
  try {
    const document = parseJson(bytes, { maxDepth: 16 });
    return isJsonObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}
