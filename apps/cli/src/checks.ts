import type { Check, SignerIdentity } from '@sealwright/slsa';
import { CommandError, EXIT_FAILURE } from './failure.js';
import { printable } from './printable.js';

/**
 * Checks as lines for a person: what came of each, what was wanted and what was there.
 *
 * @param checks - of a verdict
 */
export function checkLines(checks: readonly Check[]): string {
  const width = Math.max(0, ...checks.map(({ code }) => code.length));
  return checks
    .map(({ code, status, expected, actual, pointer, message }) => {
      const found =
        actual === undefined ? [] : [status === 'pass' ? short(actual) : `found ${short(actual)}`];
      const said = [
        ...(status === 'fail' && message !== undefined ? [message] : []),
        ...(status === 'fail' && expected !== undefined ? [`expected ${short(expected)}`] : []),
        ...(status === 'skip' ? ['not asked for'] : []),
        ...found,
        ...(pointer === undefined ? [] : [`at ${pointer}`]),
      ].join(', ');
      return `${printable(`  ${status}  ${code.padEnd(width)}  ${said}`.trimEnd())}\n`;
    })
    .join('');
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/**
 * The error for a verdict that is not good enough.
 *
 * @param file - what was judged
 * @param checks - of the verdict
 */
export function refusal(file: string, checks: readonly Check[]): CommandError {
  const failed = new Set(checks.filter(({ status }) => status === 'fail').map(({ code }) => code));
  const hint = failed.has('SLSA_UNTRUSTED_BUILDER') ? HINT : '';
  const message = `${file}: not accepted: ${[...failed].join(', ')}${hint}`;
  return new CommandError(message, 'ERR_CLI_NOT_ACCEPTED', EXIT_FAILURE);
}

/**
 * A signer in one line.
 *
 * @param signer - of a verdict
 */
export function signerName(signer: SignerIdentity | undefined): string {
  if (signer === undefined) return 'nobody';
  return signer.kind === 'key' ? `key ${signer.identity}` : `${signer.san} (${signer.issuer})`;
}

const HINT =
  '; with --key, --builder-id says which builder the key speaks for; with certificates, see --trust';
