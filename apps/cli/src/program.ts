import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { EXIT_CODES, VERIFY_EXIT_CODES } from './command.js';
import { COMMANDS, type Entry } from './commands.js';
import { plainBooleans, twoDashes } from './cosign-flags.js';
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE, type Failure, failureOf } from './failure.js';
import { GovernedIo } from './global-flags.js';
import type { Io } from './io.js';
import { tellingWaits } from './network.js';
import { printable } from './printable.js';

/**
 * The program, with the code of no more commands than a command line needs: a start is quick however many there are. A line that
 * begins with a command gets that one alone.
 *
 * @param io - the world
 * @param words - of the command line; without them, all code is read
 */
export async function program(io: Io, words?: readonly string[]): Promise<Command> {
  const root = new Command('sealwright')
    .description('Seals signing keys, hands them to key brokers, and verifies what is signed with them.')
    .version(manifest.version)
    .addHelpText('after', `\n${BOOLEANS}\n\n${EXIT_CODES} Of verify… also:\n${VERIFY_EXIT_CODES}`);
  const first = COMMANDS.find(
    ({ name, alias }) => words?.[0] === name || (alias !== undefined && words?.[0] === alias),
  );
  for (const entry of first === undefined ? COMMANDS : [first]) {
    const isCalled = words === undefined || words.some((word) => word === entry.name || word === entry.alias);
    root.addCommand(isCalled ? await read(entry, io) : listed(entry));
  }
  for (const each of allOf(root)) {
    each.exitOverride().configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: () => undefined,
      getOutHelpWidth: () => io.columns() ?? HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      // There are no colours here. To look for them would make the streams of the process.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      stripColor: (text) => text,
    });
  }
  return root;
}

async function read(entry: Entry, io: Io): Promise<Command> {
  const [first, ...more] = (await entry.load()).map((make) => make(io));
  if (entry.isGroup !== true && first !== undefined && more.length === 0) return first;
  const group = listed(entry);
  for (const each of [first, ...more]) if (each !== undefined) group.addCommand(each);
  return group;
}

function listed(entry: Entry): Command {
  const command = new Command(entry.name).description(entry.summary);
  return entry.alias === undefined ? command : command.alias(entry.alias);
}

/**
 * A command and all below it.
 *
 * @param root - the command
 */
export function allOf(root: Command): readonly Command[] {
  return [root, ...root.commands.flatMap(allOf)];
}

/**
 * Run the program.
 *
 * @param args - what follows its name
 * @param io - the world
 * @returns the exit code
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let words = args;
  let verifies = false;
  try {
    const governed = new GovernedIo(tellingWaits(io));
    const called = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
    const root = await program(governed.io, called);
    const commands = allOf(root);
    governed.govern(commands);
    words = plainBooleans(twoDashes(flagsLast(called, root), commands), commands);
    root.hook('preAction', (_root, action) => {
      verifies = action.name().startsWith('verify');
    });
    await governed.run(() => root.parseAsync(words, { from: 'user' }));
    return EXIT_OK;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_OK;
      const refused = error.code === 'commander.unknownCommand' ? REFUSED.get(words[0] ?? '') : undefined;
      const message =
        refused ??
        (error.code === 'commander.help' ? 'which command?' : error.message.replace(/^error: /, ''));
      return fail(words, io, {
        code: 'ERR_CLI_USAGE',
        message: `${message}; try --help`,
        exitCode: EXIT_USAGE,
      });
    }
    return fail(words, io, withoutVerdict(await failureOf(error), verifies));
  }
}

/** rekor-cli takes flags of its commands before their names as well: they are put behind. */
function flagsLast(args: readonly string[], root: Command): readonly string[] {
  const [first, ...rest] = args;
  if (first !== 'rekor' || rest[0]?.startsWith('-') !== true) return args;
  const names = root.commands.find((group) => group.name() === first)?.commands.map((each) => each.name());
  const at = rest.findIndex((word) => names?.includes(word) === true);
  return at < 0 ? args : [first, ...rest.slice(at, at + 1), ...rest.slice(0, at), ...rest.slice(at + 1)];
}

/** What says why nothing was verified means nothing of a command that verifies nothing. */
function withoutVerdict(failure: Failure, verifies: boolean): Failure {
  return verifies || failure.exitCode <= EXIT_USAGE ? failure : { ...failure, exitCode: EXIT_FAILURE };
}

function fail(words: readonly string[], io: Io, failure: Failure): number {
  const { code, exitCode } = failure;
  const message = printable(
    failure.message
      .split('\n')
      .map((line) => line.trim())
      .join(' '),
  );
  io.err(
    words.includes('--json') ? `${JSON.stringify({ error: { code, message } })}\n` : `Error: ${message}\n`,
  );
  return exitCode;
}

const BOOLEANS =
  'Every command takes --timeout, --verbose and --output-file. Flags without a value also take =true and =false;\n--no-… is the same as --…=false.';

/** Commands of cosign that are no commands of ours. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['debug', 'debug is not supported: identity tokens are looked for in the order that `sign --help` tells'],
  ['piv-tool', 'piv-tool is not supported: keys in hardware are not reached from here'],
  ['pkcs11-tool', 'pkcs11-tool is not supported: keys in hardware are not reached from here'],
]);

/** Where nobody says how wide it is shown. */
const HELP_WIDTH = 80;
