import { decodeHex } from '@sealwright/bytes';
import { print } from '../command.js';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';

/** One demand of a policy and whether it is met. */
export interface EvidenceCheck {
  /** What was looked at. */
  readonly name: string;
  /** Whether it is as it should be. */
  readonly ok: boolean;
  /** What was demanded. */
  readonly expected: string;
  /** What was found. */
  readonly actual: string;
}

/**
 * Appraise. What is malformed in a policy is a mistake on the command line.
 *
 * @param act - appraises
 */
export function appraise<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError(`the policy: ${error.message}`, 'ERR_CLI_POLICY');
    throw error;
  }
}

/** A verdict over evidence; what else it says is printed as it is. */
export interface EvidenceVerdict {
  /** Whether every check is met. */
  readonly ok: boolean;
  /** Names of those that are not. */
  readonly failures: readonly string[];
  /** All of them. */
  readonly checks: readonly EvidenceCheck[];
}

/**
 * Print a verdict.
 *
 * @param io - the world
 * @param file - what was judged
 * @param verdict - over it
 * @param json - whether as JSON
 * @throws {@link CommandError} for one that is negative.
 */
export function printVerdict(
  io: Io,
  file: string,
  verdict: EvidenceVerdict,
  json: boolean | undefined,
): void {
  print(io, json, verdict, checkText(verdict.checks));
  if (verdict.ok) return;
  const message = `${file}: not accepted: ${verdict.failures.join(', ')}`;
  throw new CommandError(message, 'ERR_CLI_NOT_ACCEPTED', EXIT_FAILURE);
}

/**
 * Checks as lines for a person.
 *
 * @param checks - of a verdict
 */
function checkText(checks: readonly EvidenceCheck[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, ok, expected, actual }) => {
      const said = ok ? actual : `expected ${expected}, found ${actual}`;
      return `  ${ok ? 'pass' : 'fail'}  ${name.padEnd(width)}  ${printable(said)}\n`;
    })
    .join('');
}

/**
 * Hex of a flag, of any length.
 *
 * @param flag - its name
 * @param text - as given
 */
export function hexOf(flag: string, text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new CommandError(`${flag} is bytes in hexadecimal`);
  return decodeHex(text);
}
