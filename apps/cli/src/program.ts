import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { EXIT_CODES, VERIFY_EXIT_CODES } from './command.js';
import { initdataDigest, initdataEncode, initdataInspect } from './commands/initdata.js';
import {
  deleteResource,
  getResource,
  getResourcePolicy,
  setResource,
  setResourcePolicy,
} from './commands/kbs.js';
import { importKeyPair, keygen } from './commands/keygen.js';
import { seal } from './commands/seal.js';
import { secretKeygen } from './commands/secret-keygen.js';
import { attest, sign } from './commands/sign.js';
import { unseal } from './commands/unseal.js';
import { verify } from './commands/verify.js';
import { verifyAttestation, verifyBlobAttestationCommand } from './commands/verify-attestation.js';
import { plainBooleans } from './cosign-flags.js';
import { EXIT_OK, EXIT_USAGE, failureOf } from './failure.js';
import type { Io } from './io.js';
import { tellingWaits } from './network.js';
import { printable } from './printable.js';

/**
 * All commands.
 *
 * @param io - the world
 */
export function program(io: Io): Command {
  const root = new Command('sealwright')
    .description('Seals signing keys, hands them to key brokers, and verifies what is signed with them.')
    .version(manifest.version)
    .addHelpText('after', `\n${EXIT_CODES} Of verify… also:\n${VERIFY_EXIT_CODES}`);
  const group = (name: string, summary: string, commands: readonly Command[]): Command => {
    const parent = new Command(name).description(summary);
    for (const each of commands) parent.addCommand(each);
    return parent;
  };
  const commands = [
    keygen(io),
    importKeyPair(io),
    group('secret', 'Keys of sealed secrets.', [secretKeygen(io)]),
    seal(io),
    unseal(io),
    group('initdata', 'Init-data of confidential guests.', [
      initdataEncode(io),
      initdataDigest(io),
      initdataInspect(io),
    ]),
    group('kbs', 'Secrets and policies of a key broker.', [
      setResource(io),
      getResource(io),
      deleteResource(io),
      setResourcePolicy(io),
      getResourcePolicy(io),
    ]),
    sign(io),
    attest(io),
    verify(io),
    verifyAttestation(io),
    verifyBlobAttestationCommand(io),
  ];
  for (const each of commands) root.addCommand(each);
  for (const each of allOf(root)) {
    each.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined });
  }
  return root;
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
  const words = plainBooleans(args);
  try {
    await program(tellingWaits(io)).parseAsync(words, { from: 'user' });
    return EXIT_OK;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_OK;
      const message =
        error.code === 'commander.help' ? 'which command?' : error.message.replace(/^error: /, '');
      return fail(words, io, {
        code: 'ERR_CLI_USAGE',
        message: `${message}; try --help`,
        exitCode: EXIT_USAGE,
      });
    }
    return fail(words, io, failureOf(error));
  }
}

function fail(words: readonly string[], io: Io, failure: ReturnType<typeof failureOf>): number {
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
