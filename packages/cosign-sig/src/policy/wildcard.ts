/**
 * Patterns of names, matched in time that grows with the product of the lengths at worst.
 *
 * @module
 */
import { CosignError } from '../errors.js';

/**
 * Kyverno's wildcards: `*` is any run of characters, `?` any one of them, over the whole text.
 *
 * @param pattern - at most 4096 characters
 * @param text - at most 4096 characters
 * @throws {@link CosignError} `ERR_COSIGN_LIMIT`.
 */
export function matchWildcard(pattern: string, text: string): boolean {
  const tokens = Array.from(bounded(pattern), (character): PatternToken => {
    if (character === '*') return ANY;
    return character === '?' ? ONE : tokenOf(character);
  });
  return matchTokens(tokens, bounded(text));
}

/** A code point that must be there, or one of the places below. */
export type PatternToken = number;
/** Any run of characters. */
export const ANY: PatternToken = -1;
/** Any run of characters but slashes. */
export const ANY_IN_COMPONENT: PatternToken = -2;
/** Any one character. */
const ONE: PatternToken = -3;

/** The token of a character. */
export function tokenOf(character: string): PatternToken {
  return character.codePointAt(0) ?? 0;
}

/** Whether the whole text fits: which prefixes of the pattern fit so far is kept, so that nothing is tried twice. */
export function matchTokens(pattern: readonly PatternToken[], text: string): boolean {
  const tokens = Int32Array.from(pattern);
  let reached = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  reached[0] = 1;
  let end = skipRuns(tokens, reached, 0); // the last that is reached; what stands behind it is old
  for (const character of text) {
    const token = tokenOf(character);
    let last = -1;
    next.fill(0, 0, end + 2);
    for (let index = 0; index <= end; index += 1) {
      if (reached[index] === 0) continue;
      const wanted = tokens[index];
      const stays = wanted === ANY || (wanted === ANY_IN_COMPONENT && token !== SLASH);
      if (!stays && wanted !== ONE && wanted !== token) continue;
      last = stays ? index : index + 1;
      next[last] = 1;
    }
    if (last < 0) return false;
    end = skipRuns(tokens, next, last);
    [reached, next] = [next, reached];
  }
  return end === tokens.length;
}

/** A run may be empty: what is reached behind it; the last of it. */
function skipRuns(tokens: Int32Array, reached: Uint8Array, last: number): number {
  let end = last;
  for (let index = 0; index <= end; index += 1) {
    const token = tokens[index];
    if (reached[index] === 0 || (token !== ANY && token !== ANY_IN_COMPONENT)) continue;
    reached[index + 1] = 1;
    end = Math.max(end, index + 1);
  }
  return end;
}

/** What a text may not be longer than to be matched. */
export function bounded(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  throw new CosignError('ERR_COSIGN_LIMIT', `a name or pattern has at most ${MAX_TEXT} characters`);
}

const SLASH = tokenOf('/');
const MAX_TEXT = 4096;
