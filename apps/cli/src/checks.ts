import type { Check } from '@sealwright/slsa';
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
