/** Whether a character, by its code point, is one of those that a place takes. */
export type Test = (code: number) => boolean;

/** A step of a compiled pattern. */
export type Instruction =
  | { readonly op: 'test'; readonly test: Test }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly holds: (before: number, after: number) => boolean }
  | { readonly op: 'match' };

/** Whether a character is one of words: letters, digits and the underscore, of ASCII. */
export function isWord(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}

/** Whether a character is a digit of ASCII. */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
