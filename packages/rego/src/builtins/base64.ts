import { decodeBase64url } from '@sealwright/bytes';
import { BuiltinFault } from './builtin.js';

/**
 * Base64 as Go reads it: ends of lines are overlooked, and bits past the last byte may be anything.
 *
 * @param given - the text
 * @param isUrl - whether it has the alphabet of URLs, where padding may be left out
 */
export function decodeLeniently(given: string, isUrl: boolean): Uint8Array {
  const text = given.replaceAll(/[\r\n]/g, '');
  const digits = text.replace(/={1,2}$/, '');
  const wrong = digits.search(isUrl ? /[^A-Za-z0-9_-]/ : /[^A-Za-z0-9+/]/);
  const isPadded = text.length % 4 === 0;
  const fits = isUrl ? digits.length === text.length || isPadded : isPadded;
  if (wrong >= 0 || !fits || digits.length % 4 === 1)
    throw new BuiltinFault(`illegal base64 data at input byte ${wrong >= 0 ? wrong : digits.length}`);
  const last = digits.length % 4;
  const plain = digits.replaceAll('+', '-').replaceAll('/', '_');
  return decodeBase64url(last === 0 ? plain : plain.slice(0, -1) + withoutRest(plain.slice(-1), last), {
    padding: 'optional',
  });
}

/** The last digit without the bits that no byte takes. */
function withoutRest(digit: string, last: number): string {
  const kept = last === 2 ? 0b110000 : 0b111100;
  return DIGITS.charAt(DIGITS.indexOf(digit) & kept);
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
