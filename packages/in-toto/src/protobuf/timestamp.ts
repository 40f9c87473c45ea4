/**
 * `google.protobuf.Timestamp`: `seconds` int64 = 1 since 1970, `nanos` int32 = 2, 0 to 999 999 999.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { InTotoError } from '../errors.js';
import { isTimestamp } from '../timestamp.js';
import { Message } from './message.js';
import { WireWriter } from './wire.js';

/** Write a timestamp of JSON; `undefined` for text that is none, or has more than nine fraction digits. */
export function timestampBytes(text: string): Bytes | undefined {
  const [, fraction = ''] = text.slice(0, -1).split('.');
  if (!isTimestamp(text) || fraction.length > 9) return undefined;
  const seconds = Date.parse(`${text.slice(0, 19)}Z`) / 1000;
  const nanos = Number(fraction.padEnd(9, '0'));
  const writer = new WireWriter();
  if (seconds !== 0) writer.varint(1, seconds);
  if (nanos !== 0) writer.varint(2, nanos);
  return writer.finish();
}

/** Read a timestamp as JSON has it: with no, 3, 6 or 9 fraction digits. */
export function timestampText(bytes: Uint8Array): string {
  const message = new Message(bytes, TIMESTAMP);
  const seconds = BigInt.asIntN(64, message.varint('seconds') ?? 0n);
  const nanos = BigInt.asIntN(64, message.varint('nanos') ?? 0n);
  if (seconds < FIRST || seconds > LAST || nanos < 0n || nanos > 999_999_999n)
    throw new InTotoError('PREDICATE_BAD_TIMESTAMP', 'a timestamp is of years 1 to 9999');
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanos).padStart(9, '0').replace(TRAILING_GROUPS, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
}

const FIRST = BigInt(Date.parse('0001-01-01T00:00:00Z') / 1000);
const LAST = BigInt(Date.parse('9999-12-31T23:59:59Z') / 1000);
const TRAILING_GROUPS = /(?:000){1,3}$/;
const TIMESTAMP = {
  names: { 1: 'seconds', 2: 'nanos' },
  varints: new Set(['seconds', 'nanos']),
  layer: 'INTOTO',
} as const;
