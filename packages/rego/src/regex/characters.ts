/** Whether a character, by its code point, is one of those that a place takes. */
export type Test = (code: number) => boolean;

/** Whether a character is one of words: letters, digits and the underscore, of ASCII. */
export function isWord(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}

/** Whether a character is a digit of ASCII. */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The same letter in the other case. */
export function otherCases(code: number): readonly number[] {
  const character = String.fromCodePoint(code);
  return [character.toLowerCase(), character.toUpperCase()]
    .filter((each) => Array.from(each).length === 1)
    .map((each) => each.codePointAt(0) ?? code);
}

/** Whether a character is white space of `\\s`. */
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b);
}

const isUpper: Test = (code) => code >= 0x41 && code <= 0x5a;
const isLower: Test = (code) => code >= 0x61 && code <= 0x7a;
const isGraph: Test = (code) => code > 0x20 && code < 0x7f;
/** The classes that have a name in brackets. */
export const POSIX: Readonly<Record<string, Test>> = {
  alnum: (code) => isDigit(code) || isUpper(code) || isLower(code),
  alpha: (code) => isUpper(code) || isLower(code),
  ascii: (code) => code < 0x80,
  blank: (code) => code === 0x20 || code === 0x09,
  cntrl: (code) => code < 0x20 || code === 0x7f,
  digit: isDigit,
  graph: isGraph,
  lower: isLower,
  print: (code) => isGraph(code) || code === 0x20,
  punct: (code) => isGraph(code) && !isDigit(code) && !isUpper(code) && !isLower(code),
  space: (code) => isSpace(code) || code === 0x0b,
  upper: isUpper,
  word: isWord,
  xdigit: (code) => isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66),
};
