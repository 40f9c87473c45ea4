import { SlsaError } from '../errors.js';

/**
 * A time of a run in UTC, with the digits behind the second that it has. `undefined` when it is empty.
 *
 * @param text - RFC 3339
 * @param group - digits behind the second come in groups of so many; without, none that is a trailing zero
 * @throws {@link SlsaError} `ERR_SLSA_RUN`.
 */
export function utcTime(text: string, group?: number): string | undefined {
  if (text === '') return undefined;
  const [, second = '', digits = '', zone = ''] = RFC3339.exec(text) ?? [];
  const time = Date.parse(second + zone);
  if (Number.isNaN(time) || !isReal(second)) throw new SlsaError('ERR_SLSA_RUN', 'expected a time');
  let fraction = digits.slice(0, 9).replace(/0{1,9}$/, '');
  if (group !== undefined) fraction = fraction.padEnd(Math.ceil(fraction.length / group) * group, '0');
  return `${new Date(time).toISOString().slice(0, 19)}${fraction === '' ? '' : '.'}${fraction}Z`;
}

/** A thirtieth of February would be moved to March, and an hour 24 to the next day. */
function isReal(second: string): boolean {
  return new Date(`${second}Z`).toISOString().startsWith(second);
}

const RFC3339 =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})$/;
