import type { JsonValue } from './value.js';

/**
 * Read a short text that `JSON.stringify` would write of what `JSON.parse` reads in it, as programs send it to each other. Such a
 * text names no member twice and has no integer that a double cannot hold; to ask that of the platform is faster than any scan.
 *
 * @param text - anything
 * @param maxDepth - cap on nesting
 * @returns `undefined` for every other text, and where the arrays and objects are more than the levels that they may have: a scan
 *   must say what it is
 */
export function parseRoundTrip(text: string, maxDepth: number): JsonValue | undefined {
  // What has escapes or blanks is seldom written the same again.
  if (text.length > LONGEST || text.includes('\\') || text.includes('": ')) return undefined;
  if (countOf('[', text, maxDepth) + countOf('{', text, maxDepth) > maxDepth) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue; // what JSON.parse gives is JSON
    const written = JSON.stringify(value);
    return text === written || text === `${written}\n` ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How often a character stands in a text, in strings too; there is no need to count further than one more than so many. */
function countOf(character: string, text: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0 && count <= most; at = text.indexOf(character, at + 1))
    count += 1;
  return count;
}

/** Characters; a text that is written otherwise was read in vain. */
const LONGEST = 4096;
