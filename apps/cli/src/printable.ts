/**
 * One line for a terminal: what would move the cursor, break the line or turn the direction of writing becomes `?`.
 *
 * @param text - from wherever
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}

/**
 * Lines for a terminal; line ends and tabs stay.
 *
 * @param text - from wherever
 */
export function printableLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (character) => (character === '\n' || character === '\t' ? character : '?'));
}

const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
