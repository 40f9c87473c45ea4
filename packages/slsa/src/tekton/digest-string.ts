import { SlsaError } from '../errors.js';
import { trimSpace } from './white-space.js';

/** A digest taken apart. */
export interface DigestString {
  /** Lower case. */
  readonly algorithm: string;
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

/**
 * Read a digest of a type hint: `<algorithm>:<hex>`, blanks around each half, the algorithm in any letter case.
 *
 * @param text - as a task reported it
 * @throws {@link SlsaError} `ERR_SLSA_DIGEST`.
 */
export function parseDigestString(text: string): DigestString {
  const halves = text.split(':', 3);
  if (halves.length !== 2) throw refuse('a digest is an algorithm and its hex, with one colon between them');
  const [algorithm, hex] = [trimSpace(halves[0] ?? '').toLowerCase(), trimSpace(halves[1] ?? '')];
  const digits = DIGITS.get(algorithm);
  if (digits === undefined) throw refuse('the algorithm of a digest is sha1, sha256, sha384 or sha512');
  if (hex.length !== digits || !HEX.test(hex))
    throw refuse(`a ${algorithm} digest has ${digits} lower-case digits`);
  return { algorithm, hex };
}

/** The same, `undefined` where it is refused. */
export function digestStringOrNone(text: string): DigestString | undefined {
  try {
    return parseDigestString(text);
  } catch (error) {
    if (error instanceof SlsaError) return undefined;
    throw error;
  }
}

function refuse(message: string): SlsaError {
  return new SlsaError('ERR_SLSA_DIGEST', message);
}

const HEX = /^[0-9a-f]*$/;
const DIGITS: ReadonlyMap<string, number> = new Map([
  ['sha1', 40],
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);
